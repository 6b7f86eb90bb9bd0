-- autovenv hook 1 0.1.0
--
-- Entering a project's folder makes its .venv active in this cmd, leaving makes it inactive; for Clink 1.2.31 or newer.
-- Clink loads it from its own script folder. It sees every change of folder, before each prompt: with it, the macros of
-- ..\cmd are not needed, and hook.bat keeps still. The same sections and rows as the other hooks: shims\README.md.
--
-- It starts no process but `autovenv verify`. Times are Clink's, in whole seconds.

if not (clink and clink.onbeginedit and clink.onendedit and clink.onfilterinput and os.globfiles) then
    return
end

-- ---- state ----------------------------------------------------------------------------------------

local home = (os.getenv("LOCALAPPDATA") or "") .. "\\autovenv"
local active, project, bin, count, label = nil, nil, nil, 0, nil
local dressed, old_home, off, opted_out = nil, nil, false, nil
local gone_bin, gone_count, conda = nil, 0, os.getenv("_AUTOVENV_ACTIVE") and os.getenv("CONDA_PREFIX") or nil
local seen, absent, at, line = os.getenv("VIRTUAL_ENV"), nil, nil, nil
local hinted, tried = {}, {}
local found, place, mirror, marker = nil, nil, nil, nil

local function get(name)
    local value = os.getenv(name)
    return value ~= "" and value or nil
end

local function same_path(one, other)
    return one ~= nil and other ~= nil and one:lower() == other:lower()
end

-- ---- say ------------------------------------------------------------------------------------------

-- Print one fixed line for the person. No text from a project is ever part of it.
local function say(text)
    io.stderr:write("autovenv: " .. text .. "\n")
end

-- Print what was decided, for AUTOVENV_TRACE.
local function trace(action, reason, from)
    say(string.format("trace action=%s reason=%s from=%s to=%s", action, reason, from or "-", get("VIRTUAL_ENV") or "-"))
end

-- ---- find -----------------------------------------------------------------------------------------

-- The lines of a small file of ours, nil if it is none.
local function lines_of(path)
    if not os.isfile(path) then
        return nil
    end
    local file = io.open(path, "rb")
    if not file then
        return nil
    end
    local text = file:read(262144) or ""
    file:close()
    local lines = {}
    for each in (text .. "\n"):gmatch("(.-)\n") do
        lines[#lines + 1] = (each:gsub("\r$", ""))
    end
    return lines
end

-- Accept the marker of folder `path` if it says so itself; anything odd means "not allowed".
local function read(path, below)
    local lines = lines_of(below .. "\\.autovenv-allow")
    if lines and lines[1] == "autovenv 1" and same_path(lines[2], path) and lines[5] and lines[5] ~= "" then
        place, mirror, marker, found = path, below, lines, lines[3]
        return true
    end
    return false
end

-- Descend the mirror of the current folder; the deepest marker becomes `found`. No folder of the real tree is touched,
-- but below one that was named with `allow --under`. Folders of other machines are never looked up.
local function find(cwd, verify)
    found, place, mirror, marker = nil, nil, nil, nil
    local drive, rest = cwd:match("^(%a):\\(.*)$")
    if not drive then
        return
    end
    local path, below, under, new, hit = drive:upper() .. ":", home .. "\\trust\\" .. drive:upper(), false, nil, nil
    local there = true
    local names = {}
    for name in rest:gmatch("[^\\]+") do
        names[#names + 1] = name
    end
    for number, name in ipairs(names) do
        path, below = path .. "\\" .. name, below .. "\\" .. name
        there = there and os.isdir(below)
        if not there and not under then
            break
        end
        local allowed = there and os.isfile(below .. "\\.autovenv-allow")
        -- A venv in the home folder counts in exactly that folder.
        if allowed and (number == #names or not same_path(path, get("USERPROFILE"))) then
            hit, new = { path, below }, nil
        elseif under and not allowed and os.isfile(path .. "\\.venv\\pyvenv.cfg") then
            new = { path, below }
        end
        under = under or there and os.isfile(below .. "\\.autovenv-under")
    end
    if new and not tried[new[1]:lower()] and not os.isfile(new[2] .. "\\.autovenv-deny") then
        tried[new[1]:lower()], hinted[new[1]:lower()] = true, true
        if verify("--under", new[1]) == 0 then
            hit = new
        end
    end
    if hit then
        read(hit[1], hit[2])
    end
end

-- ---- state of what was found ----------------------------------------------------------------------

local function time_of(path)
    local files = os.globfiles(path, 2)
    return files and files[1] and files[1].mtime
end

-- Are pyvenv.cfg and the folder for PATH as old as their twins say?
local function unchanged()
    for name, path in pairs({ cfg = found .. "\\pyvenv.cfg", bin = marker[4] }) do
        local low = time_of(mirror .. "\\.autovenv-" .. name .. "-lo")
        local high = time_of(mirror .. "\\.autovenv-" .. name .. "-hi")
        local now = time_of(path)
        if not (low and high and now and low <= now and now <= high) then
            return false
        end
    end
    return os.isfile(found .. "\\pyvenv.cfg") and os.isdir(marker[4])
end

-- Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project.
local function verify(...)
    local named = lines_of(home .. "\\cmd\\program")
    local program = named and named[1] or ""
    if program:sub(2, 3) ~= ":\\" then
        program = home .. "\\cmd\\" .. program
    end
    if not os.isfile(program) then
        if not tried.program then
            say("the autovenv program is not where it was; install it again: py install.py")
        end
        tried.program = true
        return 1
    end
    local words = { '"' .. program .. '"', "verify", "--home", '"' .. home .. '"', "--shell", "clink" }
    for _, word in ipairs({ ... }) do
        words[#words + 1] = word:sub(1, 2) == "--" and word or '"' .. word .. '"'
    end
    local kept_home, kept_path = os.getenv("PYTHONHOME"), os.getenv("PYTHONPATH")
    os.setenv("PYTHONHOME", nil)
    os.setenv("PYTHONPATH", nil)
    -- cmd /c takes the first and the last quote of its line away.
    local _, _, code = os.execute('"' .. table.concat(words, " ") .. ' <nul >nul"')
    os.setenv("PYTHONHOME", kept_home)
    os.setenv("PYTHONPATH", kept_path)
    return code or 1
end

-- The reason why what was found is not fit for use, nil if it is.
local function unfit()
    if not os.isfile(found .. "\\pyvenv.cfg") then
        return "venv-missing"
    end
    local before = place
    if not unchanged() then
        if verify("--place", place) == 0 then
            return not read(before, mirror) and "refused" or nil
        end
    end
    local word = lines_of(mirror .. "\\.autovenv-refused")
    if word then
        return word[1] ~= "" and word[1] or "refused"
    end
    return not unchanged() and "refused" or nil
end

-- ---- consent --------------------------------------------------------------------------------------

-- Is .venv here a folder, and no link? A link is not followed: it could lead to another machine.
local function is_folder_here()
    local files = os.globfiles(".venv", true)
    local kind = files and files[1] and files[1].type or ""
    return kind:find("dir") ~= nil and kind:find("link") == nil and os.isfile(".venv\\pyvenv.cfg")
end

-- Did the person just make .venv here, or activate one by hand? Ask the program, with the line that ran.
local function consent(cwd)
    local made = is_folder_here() and (absent == cwd or os.isfile(home .. "\\trust\\" .. cwd:sub(1, 1) .. cwd:sub(3)
        .. "\\.autovenv-refused")) and not same_path(place, cwd)
    local now = get("VIRTUAL_ENV")
    local activated = now and now ~= seen and now ~= get("_AUTOVENV_ACTIVE") and not same_path(now, found)
        and now:lower():match("\\%.venv$") and not tried[now:lower()]
    if not (line and (made or activated)) then
        return
    end
    os.setenv("_AUTOVENV_LINE", line)
    os.setenv("_AUTOVENV_SINCE", tostring(at))
    os.setenv("_AUTOVENV_STATUS", tostring(os.geterrorlevel and os.geterrorlevel() or 1))
    local code
    if activated then
        code = verify("--line", cwd, "--activated", now)
    else
        code = verify("--line", cwd)
    end
    for _, name in ipairs({ "_AUTOVENV_LINE", "_AUTOVENV_SINCE", "_AUTOVENV_STATUS" }) do
        os.setenv(name, nil)
    end
    if code == 0 then
        find(cwd, verify)
    elseif code == 3 and activated then
        tried[now:lower()] = true
    elseif code ~= 3 then
        hinted[cwd:lower()] = true
    end
end

-- An unknown .venv here: say so, once per folder and shell.
local function hint(cwd)
    if same_path(place, cwd) or hinted[cwd:lower()] or off or get("AUTOVENV_DISABLE") or get("AUTOVENV_QUIET") then
        return
    end
    if not cwd:match("^%a:\\") or same_path(get("VIRTUAL_ENV"), cwd .. "\\.venv") or not is_folder_here() then
        return
    end
    hinted[cwd:lower()] = true
    if not os.isfile(home .. "\\trust\\" .. cwd:sub(1, 1) .. cwd:sub(3) .. "\\.autovenv-deny") then
        say("this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow")
    end
end

-- ---- prompt label ---------------------------------------------------------------------------------

-- Show `(label) ` before the prompt, unless the person or a theme does without it.
local filter = clink.promptfilter(90)
function filter:filter(prompt) -- luacheck: no unused
    if not label or get("VIRTUAL_ENV_DISABLE_PROMPT") or get("STARSHIP_SHELL") or get("POSH_THEME") then
        return nil
    end
    local text = "(" .. label .. ") "
    return prompt:find(text, 1, true) and prompt or text .. prompt
end

-- ---- PATH -----------------------------------------------------------------------------------------

-- How often folder `folder` stands on PATH, and where first.
local function path_count(folder)
    local path, number, from, first = ";" .. (os.getenv("PATH") or ""):lower() .. ";", 0, 1, nil
    while true do
        local start = path:find(";" .. folder:lower() .. ";", from, true)
        if not start then
            return number, first
        end
        number, first, from = number + 1, first or start, start + 1
    end
end

-- Remove the leftmost entries of `folder` until `keep` remain. Nothing else of PATH changes.
local function path_trim(folder, keep)
    local number, first = path_count(folder)
    while number > keep do
        local path = ";" .. os.getenv("PATH") .. ";"
        path = path:sub(1, first - 1) .. path:sub(first + #folder + 1)
        path = path:sub(2, -2)
        os.setenv("PATH", path ~= "" and path or nil)
        number, first = path_count(folder)
    end
end

-- ---- activate, adopt, deactivate ------------------------------------------------------------------

-- Set what an active environment has.
local function dress()
    active, project, bin, label = found, place, marker[4], marker[5]
    dressed = found
    os.setenv("VIRTUAL_ENV", found)
    os.setenv("_AUTOVENV_ACTIVE", found)
    os.setenv("VIRTUAL_ENV_PROMPT", marker[5])
    if get("PYTHONHOME") then
        old_home = get("PYTHONHOME")
        os.setenv("PYTHONHOME", nil)
    end
end

-- Make what was found active. cmd takes no PATH of more than 8191 characters.
local function activate()
    local path = os.getenv("PATH") or ""
    if #path > 7900 then
        if not tried.path then
            say("PATH has nearly 8191 characters, more than cmd can use; left off. Shorten it: autovenv status")
        end
        tried.path = true
        return "keep", "path-too-long"
    end
    count, conda = path_count(marker[4]), get("CONDA_PREFIX")
    os.setenv("PATH", path ~= "" and marker[4] .. ";" .. path or marker[4])
    dress()
end

-- Take over one that is active already: inherited, or activated by a script or by hand.
local function adopt()
    local number = path_count(marker[4])
    if not dressed then
        count = os.getenv("_OLD_VIRTUAL_PATH") and number > 0 and number - 1 or 0
        conda = get("CONDA_PREFIX")
    end
    local path = (os.getenv("PATH") or "") .. ";"
    if path:sub(1, #marker[4] + 1):lower() ~= marker[4]:lower() .. ";" or number > count + 1 then
        path_trim(marker[4], count)
        path = os.getenv("PATH") or ""
        os.setenv("PATH", path ~= "" and marker[4] .. ";" .. path or marker[4])
    end
    if os.getenv("_OLD_VIRTUAL_PROMPT") then
        os.setenv("PROMPT", os.getenv("_OLD_VIRTUAL_PROMPT"))
    end
    old_home = old_home or get("_OLD_VIRTUAL_PYTHONHOME")
    for _, name in ipairs({ "_OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PROMPT", "_OLD_VIRTUAL_PYTHONHOME" }) do
        os.setenv(name, nil)
    end
    opted_out = nil
    dress()
end

-- Take away what we set, and no more: PATH loses our entries, never its later edits.
local function deactivate()
    gone_bin = bin or (get("_AUTOVENV_ACTIVE") or get("VIRTUAL_ENV")) .. "\\Scripts"
    gone_count = count
    path_trim(gone_bin, gone_count)
    if old_home then
        os.setenv("PYTHONHOME", old_home)
    end
    for _, name in ipairs({ "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "_AUTOVENV_ACTIVE" }) do
        os.setenv(name, nil)
    end
    active, project, bin, count, label, dressed, old_home = nil, nil, nil, 0, nil, nil, nil
end

-- Left by hand: stay out of this project.
local function left()
    opted_out = project
    deactivate()
end

-- Before deciding: was ours left, or pushed aside, by other hands than ours?
local function notice(cwd)
    local now = get("VIRTUAL_ENV")
    if dressed and not now then
        left()
    elseif dressed and now ~= dressed then
        local text = get("VIRTUAL_ENV_PROMPT")
        if old_home then
            os.setenv("_OLD_VIRTUAL_PYTHONHOME", old_home)
            old_home = nil
        end
        deactivate()
        os.setenv("VIRTUAL_ENV", now)
        os.setenv("VIRTUAL_ENV_PROMPT", text)
    end
    if gone_bin and not get("VIRTUAL_ENV") then
        path_trim(gone_bin, gone_count)
    end
    if opted_out and (cwd .. "\\"):sub(1, #opted_out + 1):lower() ~= opted_out:lower() .. "\\" then
        opted_out = nil
    end
end

-- ---- decide ---------------------------------------------------------------------------------------

-- The table of shims\README.md: the first row that fits, its number behind it.
local function decide()
    local is = get("VIRTUAL_ENV")
    local same = same_path(is, found)
    local ours = is ~= nil and get("_AUTOVENV_ACTIVE") == is
    local clad = ours and dressed == is and path_count(bin) > 0 and not os.getenv("_OLD_VIRTUAL_PATH")
    local other = get("CONDA_PREFIX") and os.getenv("CONDA_DEFAULT_ENV") ~= "base" and get("CONDA_PREFIX") ~= conda
    local word, asked = nil, false
    local function fit()
        if not asked then
            word, asked = unfit(), true
        end
        return word == nil
    end

    local action, reason = "keep", nil
    if off or get("AUTOVENV_DISABLE") then
        action, reason = ours and "deactivate" or "keep", "off" -- 1, else 2
    elseif other then
        action, reason = ours and "deactivate" or "keep", "manual" -- 3, else 4
        opted_out = ours and (project or place) or opted_out
    elseif same and not clad and fit() then
        action, reason = "adopt", "adopted" -- 5
    elseif is and not ours then
        reason = "manual" -- 6
    elseif not found then
        action, reason = ours and "deactivate" or "keep", ours and "left-project" or "no-project" -- 7, else 8
    elseif not fit() then
        action, reason = ours and "deactivate" or "keep", word -- 9, else 10
    elseif same then
        reason = "already-active" -- 11
    elseif opted_out and same_path(opted_out, place) then
        action, reason = ours and "deactivate" or "keep", "opted-out" -- 12, else 13
    elseif ours then
        action, reason = "switch", "other-project" -- 14
    else
        action, reason = "activate", "entered-project" -- 15
    end

    if action == "deactivate" or action == "switch" then
        deactivate()
    end
    if action == "activate" or action == "switch" then
        local instead, why = activate()
        action, reason = instead or action, why or reason
    elseif action == "adopt" then
        adopt()
    end
    if get("AUTOVENV_TRACE") then
        trace(action, reason, is)
    end
end

-- ---- hook -----------------------------------------------------------------------------------------

-- Before each prompt: bring this shell in step with its folder.
local function hook()
    local cwd = os.getcwd()
    if #cwd > 3 then
        cwd = cwd:gsub("\\$", "")
    end
    os.setenv("_AUTOVENV_CLINK", "1")
    notice(cwd)
    find(cwd, verify)
    consent(cwd)
    if found or get("VIRTUAL_ENV") or get("AUTOVENV_TRACE") then
        decide()
    end
    hint(cwd)
    seen = get("VIRTUAL_ENV")
    absent = not os.isfile(".venv\\pyvenv.cfg") and cwd or nil
    at, line = os.time(), nil
end

-- A failure of ours must cost no prompt.
clink.onbeginedit(function()
    local done, why = pcall(hook)
    if not done and get("AUTOVENV_TRACE") then
        say(tostring(why))
    end
end)

clink.onendedit(function(text)
    line = text
end)

-- ---- command --------------------------------------------------------------------------------------

-- What only this shell can do: `deactivate` of ours, `autovenv on` and `autovenv off`.
clink.onfilterinput(function(text)
    local word = text:lower():gsub("^%s+", ""):gsub("%s+$", ""):gsub("%s+", " ")
    if word == "deactivate" and dressed and get("VIRTUAL_ENV") == dressed then
        left()
        return "", false
    elseif word == "autovenv on" or word == "autovenv off" then
        off, opted_out = word == "autovenv off", nil
        return "", false
    end
    return nil
end)

-- The words after `autovenv`.
if clink.argmatcher then
    clink.argmatcher("autovenv")
        :addarg("install-hook", "uninstall-hook", "allow", "deny", "projects", "which", "where", "status", "doctor", "exec", "on",
            "off", "hook")
        :addflags("--help", "--version")
end
