# autovenv hook 1 0.1.0
#
# What hook.ps1 reads when there is something to do; the protocol, and the same sections in the other shells: shims/README.md.
# Windows PowerShell 5.1 and PowerShell 7: the syntax and the .NET calls below are those that both have. A call of a function
# costs as much as eight of .NET (16 us, 7.6), so that what every prompt and cd needs is in few of them.
#
# Forms that recur, and what each prevents:
#   $global:X                     a function or script that calls cd may have an X of its own
#   [System.IO.File]::Exists(x)   a cmdlet has to be found and bound at ten times the price, takes [ ] for a pattern, can be
#                                 an alias or function of the person's, and has defaults in $PSDefaultParameterValues
#   [System.X], not [X]           a name that is not full is sought in a sorted list of all names, which is made for it
#   [string]::Equals(...)         -eq takes letters for the same that are not, and passes over some (5.1, and 7 with ICU)
#   [System.Environment]::Get...  $env:X asks a provider: four times as slow (7.6)
#   [NullString]::Value           PowerShell hands $null to .NET as '', which 7.5 sets where older ones delete
#   Module\Verb-Noun              the same alias or function, where only a cmdlet will do
#   $null = ...                   what is left over on a line would be printed, or be part of the prompt

# Only where a person sits at a console: no remote session, no job, no runspace of another program, nothing piped in.
if (($Host.Name -cne 'ConsoleHost' -and $Host.Name -cne 'Visual Studio Code Host') -or [System.Console]::IsInputRedirected) { return }
foreach ($_AUTOVENV_WORD in [System.Environment]::GetCommandLineArgs()) {
    if ($_AUTOVENV_WORD -like '[-/]noni*' -or $_AUTOVENV_WORD -like '--noni*') { return }
}
# An installation that was cut short, say: do without.
if ($global:_AUTOVENV_VERSION -cne '1 0.1.0') {
    $function:__autovenv_load = $null # the profile, read again, begins anew
    [System.Console]::Error.WriteLine('autovenv: hook-main.ps1 is of another version than hook.ps1; run: autovenv install-hook')
    return
}

# ---- state ----------------------------------------------------------------------------------------

# Variables are not inherited. Without our functions, this process has not read this file before.
$global:_AUTOVENV_THEMED = ''
if (-not $function:__autovenv_hook) {
    # A theme has defined the prompt anew while it drew the first: as in __autovenv_label_check.
    if (-not [object]::ReferenceEquals($global:_AUTOVENV_DREW, $function:prompt)) { $global:_AUTOVENV_THEMED = '1' }
    $global:_AUTOVENV_SEP = [System.IO.Path]::DirectorySeparatorChar
    $global:_AUTOVENV_WINDOWS = $_AUTOVENV_SEP -eq '\'
    # The case rules of the platform. Elsewhere a spelling that is not known yet gets the hint.
    $global:_AUTOVENV_CASE = [System.StringComparison]::Ordinal
    if ($_AUTOVENV_WINDOWS) { $global:_AUTOVENV_CASE = [System.StringComparison]::OrdinalIgnoreCase }
    $global:_AUTOVENV_TRUST = $_AUTOVENV_HOME + $_AUTOVENV_SEP + 'trust'
    $global:_AUTOVENV_DRESSED = $global:_AUTOVENV_PROJECT = $global:_AUTOVENV_BIN = $global:_AUTOVENV_OLD_HOME = ''
    $global:_AUTOVENV_OFF = $global:_AUTOVENV_OPTED_OUT = $global:_AUTOVENV_LABELLED = ''
    $global:_AUTOVENV_ABSENT = $global:_AUTOVENV_GONE_BIN = $global:_AUTOVENV_HERE = $global:_AUTOVENV_PWD = ''
    $global:_AUTOVENV_CWD = $global:_AUTOVENV_MIRROR = $global:_AUTOVENV_FOUND = $global:_AUTOVENV_PLACE = ''
    $global:_AUTOVENV_WORD = $global:_AUTOVENV_CONDA = $global:_AUTOVENV_FIT = $global:_AUTOVENV_FILE = $global:_AUTOVENV_DRAWN = ''
    $global:_AUTOVENV_COUNT = $global:_AUTOVENV_GONE_COUNT = $global:_AUTOVENV_LENGTH = $global:_AUTOVENV_DEPTH = 0
    $global:_AUTOVENV_RUN = -1
    $global:_AUTOVENV_STATUS = $true
    $global:_AUTOVENV_DRAWS = $false
    $global:_AUTOVENV_LISTENER = $null
    $global:_AUTOVENV_PROMPTS = @()
    $global:_AUTOVENV_MARKER = @('', '', '', '', '')
    $global:_AUTOVENV_HINTED = [System.Collections.Generic.HashSet[string]]::new()
    $global:_AUTOVENV_TRIED = [System.Collections.Generic.HashSet[string]]::new()
    $global:_AUTOVENV_SEEN = [string]$env:VIRTUAL_ENV
    # The conda environment that was there when an outer shell activated ours.
    if ($env:_AUTOVENV_ACTIVE) { $global:_AUTOVENV_CONDA = [string]$env:CONDA_PREFIX }
}
if ($null -eq $global:_AUTOVENV_AT) { $global:_AUTOVENV_AT = -1 } # no line yet: hook.ps1 has no number, for its price
$global:_AUTOVENV_IDLE = ''
$global:_AUTOVENV_HOOK = 'powershell:1'

# ---- say ------------------------------------------------------------------------------------------

# Print one fixed line for the person. No text from a project is ever part of it.
function global:__autovenv_say([string]$text) {
    if ($global:_AUTOVENV_DRAWN -ceq 'script') { __autovenv_over }
    [System.Console]::Error.WriteLine('autovenv: ' + $text)
}

# Print what was decided, for AUTOVENV_TRACE: action, reason, VIRTUAL_ENV before.
function global:__autovenv_trace([string]$action, [string]$reason, [string]$from) {
    $to = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    $words = foreach ($path in @($from, $to)) {
        if ($path -ceq '') { '-' } else { [regex]::Replace($path, '[^!-~]', { param($letter) '\u{0:x4}' -f [int][char]$letter.Value }) }
    }
    if ($global:_AUTOVENV_DRAWN -ceq 'script') { __autovenv_over }
    [System.Console]::Error.WriteLine(('autovenv: trace action={0} reason={1} from={2} to={3}' -f $action, $reason, $words[0], $words[1]))
}

# An activate script's prompt has drawn its label and called ours: speak over the label, which is then drawn again.
function global:__autovenv_over {
    $Host.UI.Write([string][char]13)
    $global:_AUTOVENV_DRAWN = 'over'
}

# ---- find -----------------------------------------------------------------------------------------

# Go up the mirror of the current folder; the deepest marker becomes _AUTOVENV_FOUND. No folder of the real tree
# is touched, but below one that was named with `allow --under`.
function global:__autovenv_find {
    $global:_AUTOVENV_FOUND = ''
    $global:_AUTOVENV_PLACE = ''
    $cwd = $global:_AUTOVENV_CWD
    if ($cwd.Length -eq 0) { return }
    $mirror = $global:_AUTOVENV_MIRROR
    if ([System.IO.File]::Exists($global:_AUTOVENV_TRUST + $global:_AUTOVENV_SEP + '.autovenv-any-under')) {
        __autovenv_find_under
        return
    }
    $top = $global:_AUTOVENV_TRUST.Length
    while ($mirror.Length -gt $top) {
        if ([System.IO.File]::Exists($mirror + $global:_AUTOVENV_SEP + '.autovenv-allow')) {
            $place = $cwd.Substring(0, $mirror.Length - $top) # on Windows the mirror has a letter less, and a separator more
            # A venv in $HOME counts in exactly that folder.
            if ($place.Length -eq $cwd.Length -or -not [string]::Equals($place, $HOME, $global:_AUTOVENV_CASE)) {
                __autovenv_read $place
                return
            }
        }
        $mirror = $mirror.Substring(0, $mirror.LastIndexOf($global:_AUTOVENV_SEP))
    }
}

# The same where venvs below a folder named with `allow --under` count too.
function global:__autovenv_find_under {
    $sep = $global:_AUTOVENV_SEP
    $cwd = $global:_AUTOVENV_CWD
    $mirror = $global:_AUTOVENV_MIRROR
    $before = $mirror.Length - $cwd.Length
    $at = $before
    $hit = ''
    $new = ''
    $under = $false
    $mirrored = $true
    while ($at -lt $mirror.Length) {
        $at = $mirror.IndexOf($sep, $at + 1)
        if ($at -lt 0) { $at = $mirror.Length }
        $folder = $mirror.Substring(0, $at)
        $place = $cwd.Substring(0, $at - $before)
        if ($mirrored) {
            if (-not [System.IO.Directory]::Exists($folder)) {
                if (-not $under) { break }
                $mirrored = $false
            } elseif ([System.IO.File]::Exists($folder + $sep + '.autovenv-allow') -and
                ($at -eq $mirror.Length -or -not [string]::Equals($place, $HOME, $global:_AUTOVENV_CASE))) {
                $hit = $place # a venv in $HOME counts in exactly that folder
                $new = ''
            }
        }
        if ($under -and -not [string]::Equals($hit, $place) -and [System.IO.File]::Exists($place + $sep + '.venv' + $sep + 'pyvenv.cfg')) {
            $new = $place
        }
        if ($mirrored -and [System.IO.File]::Exists($folder + $sep + '.autovenv-under')) { $under = $true }
    }
    if ($new.Length -gt 0 -and (__autovenv_new $new)) { $hit = $new }
    if ($hit.Length -gt 0) { __autovenv_read $hit }
}

# The mirror folder of a place. On Windows C:\Users is trust\C\Users, which is longer by as many letters as elsewhere.
function global:__autovenv_mirror([string]$place) {
    if ($global:_AUTOVENV_WINDOWS) { $global:_AUTOVENV_TRUST + '\' + $place.Remove(1, 1) } else { $global:_AUTOVENV_TRUST + $place }
}

# Accept the marker of a place if it says so itself; anything odd means "not allowed". That the file is the person's own
# follows from its folder, which only they can write to.
function global:__autovenv_read([string]$place) {
    # It is the mirror of the current folder, or above it. (A venv that was judged just now may be neither.)
    $global:_AUTOVENV_FILE = $global:_AUTOVENV_MIRROR
    if ($place.Length -lt $global:_AUTOVENV_CWD.Length) {
        $global:_AUTOVENV_FILE = $global:_AUTOVENV_MIRROR.Substring(0, $global:_AUTOVENV_TRUST.Length + $place.Length)
    }
    $global:_AUTOVENV_FILE += $global:_AUTOVENV_SEP + '.autovenv-allow'
    $lines = [System.IO.File]::ReadAllText($global:_AUTOVENV_FILE).Split([char]10)
    if ($lines.Length -ge 5 -and [string]::Equals($lines[0], 'autovenv 1') -and
        [string]::Equals($lines[1], $place, $global:_AUTOVENV_CASE) -and $lines[2].Length -gt 0 -and $lines[3].Length -gt 0) {
        $global:_AUTOVENV_MARKER = $lines
        $global:_AUTOVENV_PLACE = $place
        $global:_AUTOVENV_FOUND = $lines[2]
    }
}

# A venv below a folder named with `allow --under` has no marker: have it judged once.
function global:__autovenv_new([string]$place) {
    $sep = $global:_AUTOVENV_SEP
    $mirror = __autovenv_mirror $place
    if ($global:_AUTOVENV_TRIED.Contains($place) -or [System.IO.File]::Exists($mirror + $sep + '.autovenv-deny')) { return $false }
    $bin = 'bin'
    if ($global:_AUTOVENV_WINDOWS) { $bin = 'Scripts' }
    $venv = $place + $sep + '.venv' + $sep
    if ([System.IO.File]::Exists($mirror + $sep + '.autovenv-refused') -and
        (__autovenv_twins $mirror ($venv + 'pyvenv.cfg') ($venv + $bin))) { return $false }
    $null = $global:_AUTOVENV_TRIED.Add($place)
    $null = $global:_AUTOVENV_HINTED.Add($place)
    (__autovenv_verify @('--under', $place)) -eq 0
}

# ---- state of what was found ----------------------------------------------------------------------

# Are the files $cfg and $bin as old as their twins in $mirror say? .NET reads ticks of 100 ns, of all alike; to it
# a missing file is from the year 1601, so a missing lower twin has to be looked for.
function global:__autovenv_twins([string]$mirror, [string]$cfg, [string]$bin) {
    $twin = $mirror + $global:_AUTOVENV_SEP + '.autovenv-'
    if (-not [System.IO.File]::Exists($cfg) -or -not [System.IO.Directory]::Exists($bin) -or
        -not [System.IO.File]::Exists($twin + 'cfg-lo') -or -not [System.IO.File]::Exists($twin + 'bin-lo')) { return $false }
    $time = [System.IO.File]::GetLastWriteTimeUtc($cfg).Ticks
    if ([System.IO.File]::GetLastWriteTimeUtc($twin + 'cfg-lo').Ticks -gt $time -or
        [System.IO.File]::GetLastWriteTimeUtc($twin + 'cfg-hi').Ticks -lt $time) { return $false }
    $time = [System.IO.File]::GetLastWriteTimeUtc($bin).Ticks
    [System.IO.File]::GetLastWriteTimeUtc($twin + 'bin-lo').Ticks -le $time -and
    [System.IO.File]::GetLastWriteTimeUtc($twin + 'bin-hi').Ticks -ge $time
}

# Is the environment that was found fit for use? If not, _AUTOVENV_WORD says why. What was fit stays so in this shell
# while its times are those that were read before it was looked at (_AUTOVENV_FIT).
function global:__autovenv_fit {
    $global:_AUTOVENV_WORD = ''
    $cfg = $global:_AUTOVENV_FOUND + $global:_AUTOVENV_SEP + 'pyvenv.cfg'
    if (-not [System.IO.File]::Exists($cfg)) {
        $global:_AUTOVENV_WORD = 'venv-missing'
        return $false
    }
    $now = $global:_AUTOVENV_FOUND + '/' + [System.IO.File]::GetLastWriteTimeUtc($cfg).Ticks + '/' +
    [System.IO.File]::GetLastWriteTimeUtc($global:_AUTOVENV_MARKER[3]).Ticks
    if ([string]::Equals($now, $global:_AUTOVENV_FIT)) { return $true }
    $global:_AUTOVENV_FIT = ''
    $mirror = __autovenv_mirror $global:_AUTOVENV_PLACE
    if (-not (__autovenv_twins $mirror $cfg $global:_AUTOVENV_MARKER[3])) {
        if ((__autovenv_verify @('--place', $global:_AUTOVENV_PLACE)) -eq 0) {
            __autovenv_read $global:_AUTOVENV_PLACE
        } else {
            __autovenv_word $mirror
        }
    } elseif ([System.IO.File]::Exists($mirror + $global:_AUTOVENV_SEP + '.autovenv-refused')) {
        __autovenv_word $mirror
    }
    if ($global:_AUTOVENV_WORD.Length -gt 0) { return $false }
    $global:_AUTOVENV_FIT = $now
    return $true
}

# The reason word that verify left in a mirror folder.
function global:__autovenv_word([string]$mirror) {
    $file = $mirror + $global:_AUTOVENV_SEP + '.autovenv-refused'
    if ([System.IO.File]::Exists($file)) { $global:_AUTOVENV_WORD = [System.IO.File]::ReadAllText($file).Split([char]10)[0] }
    if ($global:_AUTOVENV_WORD.Length -eq 0) { $global:_AUTOVENV_WORD = 'refused' }
}

# Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project. By .NET, not
# as a command: that would set $LASTEXITCODE, and 5.1 does not quote what it hands over. Returns the exit status.
function global:__autovenv_verify([string[]]$words, [System.Collections.IDictionary]$variables = @{}) {
    $file = $global:_AUTOVENV_HOME + $global:_AUTOVENV_SEP + 'cli'
    $program = ''
    if ([System.IO.File]::Exists($file)) { $program = [System.IO.File]::ReadAllText($file).Split([char]10)[0].TrimEnd([char]13) }
    if (-not [System.IO.File]::Exists($program)) {
        if ($global:_AUTOVENV_TRIED.Add('program')) {
            __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
        }
        return 1
    }
    $start = [System.Diagnostics.ProcessStartInfo]::new($program)
    # ArgumentList is not in 5.1: each word in quotes, by the rules of C programs on Windows, which .NET keeps elsewhere too.
    $every = @('verify', '--home', $global:_AUTOVENV_HOME, '--shell', 'powershell') + $words
    $start.Arguments = [string]::Join(' ', @(foreach ($word in $every) {
                '"' + [regex]::Replace([regex]::Replace($word, '(\\*)"', '$1$1\"'), '(\\+)$', '$1$1') + '"'
            }))
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.WorkingDirectory = $global:_AUTOVENV_HOME # not a project, which Windows would search for programs
    $start.EnvironmentVariables['PYTHONHOME'] = ''
    $start.EnvironmentVariables['PYTHONPATH'] = ''
    foreach ($name in $variables.Keys) { $start.EnvironmentVariables[$name] = $variables[$name] }
    if ($global:_AUTOVENV_DRAWN -ceq 'script') { __autovenv_over } # it may have something to say
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $null = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    $process.ExitCode
}

# ---- consent --------------------------------------------------------------------------------------

# Did the person just make .venv here, or activate one by hand? Ask the program, with the line that ran.
function global:__autovenv_consent {
    $cwd = $global:_AUTOVENV_CWD
    if ($cwd.Length -eq 0) { return }
    $sep = $global:_AUTOVENV_SEP
    $active = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    $made = $false
    $activated = ''
    if (-not [string]::Equals($global:_AUTOVENV_PLACE, $cwd)) {
        $cfg = $cwd + $sep + '.venv' + $sep + 'pyvenv.cfg'
        $refused = $global:_AUTOVENV_MIRROR + $sep + '.autovenv-refused'
        if (__autovenv_link ($cwd + $sep + '.venv')) {
            $made = $false
        } elseif ([string]::Equals($global:_AUTOVENV_ABSENT, $cwd)) {
            $made = [System.IO.File]::Exists($cfg)
        } elseif ([System.IO.File]::Exists($refused)) {
            # One that was refused here, and has been made again since.
            $made = [System.IO.File]::Exists($cfg) -and
            [System.IO.File]::GetLastWriteTimeUtc($cfg) -gt [System.IO.File]::GetLastWriteTimeUtc($refused)
        }
    }
    if ($active.EndsWith($sep + '.venv', $global:_AUTOVENV_CASE) -and -not [string]::Equals($active, $global:_AUTOVENV_SEEN) -and
        -not [string]::Equals($active, [string][System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE')) -and
        -not [string]::Equals($active, $global:_AUTOVENV_FOUND) -and -not $global:_AUTOVENV_TRIED.Contains($active)) {
        $activated = $active
    }
    if (-not $made -and $activated.Length -eq 0) { return }
    $variables = @{ '_AUTOVENV_LINE' = ''; '_AUTOVENV_ALIASES' = ''; '_AUTOVENV_SINCE' = ''; '_AUTOVENV_STATUS' = '1' }
    if ($global:_AUTOVENV_STATUS) { $variables['_AUTOVENV_STATUS'] = '0' }
    $entries = @(__autovenv_recorded)
    if ($entries.Count -gt 0) {
        $variables['_AUTOVENV_LINE'] = [string]::Join([string][char]10, @(foreach ($entry in $entries) { $entry.CommandLine }))
        $since = $entries[0].StartExecutionTime.ToUniversalTime().Ticks - 621355968000000000 # 1970
        $variables['_AUTOVENV_SINCE'] = '' + [long][System.Math]::Floor($since / 10000000)
        $aliases = $ExecutionContext.SessionState.InvokeProvider.ChildItem.Get('Alias:', $false)
        $variables['_AUTOVENV_ALIASES'] = [string]::Join('', @(foreach ($alias in $aliases) {
                    $alias.Name + '=' + $alias.Definition + [char]0x1e
                }))
    }
    $words = @('--line', $cwd)
    if ($activated.Length -gt 0) { $words += @('--activated', $activated) }
    $code = __autovenv_verify $words $variables
    if ($code -eq 0) {
        __autovenv_find
    } elseif ($code -ne 3) {
        $null = $global:_AUTOVENV_HINTED.Add($cwd) # it has said so itself
    } elseif ($activated.Length -gt 0) {
        $null = $global:_AUTOVENV_TRIED.Add($activated)
    }
}

# The entries of the session's history for all lines that ran since the last prompt, which noted the number of the first
# (PSReadLine's own history has no part in it). None at all if one is missing, as after Clear-History.
function global:__autovenv_recorded {
    $first = $global:_AUTOVENV_AT
    $count = $global:_AUTOVENV_RUN - $first
    if ($first -lt 1 -or $count -lt 1 -or $count -gt 100) { return }
    $entries = @(Microsoft.PowerShell.Core\Get-History -Id ([long[]]@($first..($first + $count - 1))) -ErrorAction Ignore)
    if ($entries.Count -eq $count) { $entries }
}

# Is it a link? One is looked at, not followed: it may lead to another machine. Not asked on Windows, where a cloud
# folder's files look like links, and 5.1 has no word for where they lead: verify will tell.
function global:__autovenv_link([string]$path) {
    -not $global:_AUTOVENV_WINDOWS -and $null -ne [System.IO.FileInfo]::new($path).LinkTarget
}

# An unknown .venv here: say so, once per folder and shell.
function global:__autovenv_hint {
    $cwd = $global:_AUTOVENV_CWD
    if ([string]::Equals($global:_AUTOVENV_PLACE, $cwd) -or $global:_AUTOVENV_OFF -or $global:_AUTOVENV_HINTED.Contains($cwd) -or
        [System.Environment]::GetEnvironmentVariable('AUTOVENV_DISABLE') -or [System.Environment]::GetEnvironmentVariable('AUTOVENV_QUIET') -or
        [string]::Equals([System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV'),
            $cwd + $global:_AUTOVENV_SEP + '.venv', $global:_AUTOVENV_CASE)) { return }
    $null = $global:_AUTOVENV_HINTED.Add($cwd)
    if (-not [System.IO.File]::Exists($global:_AUTOVENV_MIRROR + $global:_AUTOVENV_SEP + '.autovenv-deny')) {
        __autovenv_say 'this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow'
    }
}

# ---- prompt label ---------------------------------------------------------------------------------

# Does a prompt function name something in its text?
function global:__autovenv_names([scriptblock]$prompt, [string]$name) {
    $prompt.ToString().IndexOf($name, [System.StringComparison]::OrdinalIgnoreCase) -ge 0
}

# Draw the label, unless an activate script's prompt has.
function global:__autovenv_label_draw {
    $label = $global:_AUTOVENV_LABELLED
    if ($global:_AUTOVENV_DRAWN -ceq 'over' -and $label.Length -eq 0) {
        $label = '(' + $ExecutionContext.SessionState.PSVariable.GetValue('global:_PYTHON_VENV_PROMPT_PREFIX') + ') '
    }
    if ($global:_AUTOVENV_DRAWN -cne 'script') { $Host.UI.Write($label) }
    $global:_AUTOVENV_DRAWN = ''
}

# Lines have run, and no prompt of ours was drawn after the one before: somebody has defined the prompt anew. Be called
# again, but leave the drawing to it; `autovenv doctor` tells. (Windows PowerShell 5.1 tells nobody of a change of
# directory, so there it takes an `autovenv` command.)
function global:__autovenv_label_check {
    $prompt = $function:prompt
    if ($prompt -and $prompt.ToString().Contains('__autovenv_prompt')) { return }
    $global:_AUTOVENV_THEMED = '1'
    $global:_AUTOVENV_LABELLED = ''
    __autovenv_install
}

# ---- PATH -----------------------------------------------------------------------------------------

# How often a folder stands on PATH.
function global:__autovenv_path_count([string]$folder) {
    $count = 0
    foreach ($entry in ([string][System.Environment]::GetEnvironmentVariable('PATH')).Split([System.IO.Path]::PathSeparator)) {
        if ([string]::Equals($entry, $folder, $global:_AUTOVENV_CASE)) { $count++ }
    }
    $count
}

# Remove the leftmost entries of a folder until so many remain. Nothing else of PATH changes.
function global:__autovenv_path_trim([string]$folder, [int]$remain) {
    $excess = (__autovenv_path_count $folder) - $remain
    if ($excess -le 0) { return }
    $kept = [System.Collections.Generic.List[string]]::new()
    foreach ($entry in [System.Environment]::GetEnvironmentVariable('PATH').Split([System.IO.Path]::PathSeparator)) {
        if ($excess -gt 0 -and [string]::Equals($entry, $folder, $global:_AUTOVENV_CASE)) { $excess-- } else { $kept.Add($entry) }
    }
    [System.Environment]::SetEnvironmentVariable('PATH', [string]::Join([string][System.IO.Path]::PathSeparator, $kept.ToArray()))
}

# ---- activate, adopt, deactivate ------------------------------------------------------------------

# Make what was found active, and define deactivate. $taken: is it active already (see __autovenv_adopt)?
function global:__autovenv_activate([string]$taken) {
    $bin = $global:_AUTOVENV_MARKER[3]
    if ($taken.Length -eq 0) {
        $path = [string][System.Environment]::GetEnvironmentVariable('PATH')
        $global:_AUTOVENV_COUNT = 0
        if ($path.IndexOf($bin, $global:_AUTOVENV_CASE) -ge 0) { $global:_AUTOVENV_COUNT = __autovenv_path_count $bin }
        $global:_AUTOVENV_CONDA = [string][System.Environment]::GetEnvironmentVariable('CONDA_PREFIX')
        if ($path.Length -gt 0) { $path = [System.IO.Path]::PathSeparator + $path }
        [System.Environment]::SetEnvironmentVariable('PATH', $bin + $path)
    }
    $global:_AUTOVENV_DRESSED = $global:_AUTOVENV_FOUND
    $global:_AUTOVENV_PROJECT = $global:_AUTOVENV_PLACE
    $global:_AUTOVENV_BIN = $bin
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV', $global:_AUTOVENV_FOUND)
    [System.Environment]::SetEnvironmentVariable('_AUTOVENV_ACTIVE', $global:_AUTOVENV_FOUND)
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV_PROMPT', $global:_AUTOVENV_MARKER[4])
    $old = [System.Environment]::GetEnvironmentVariable('PYTHONHOME')
    if ($old) {
        $global:_AUTOVENV_OLD_HOME = $old
        [System.Environment]::SetEnvironmentVariable('PYTHONHOME', [NullString]::Value)
    }
    # Show `(label) ` before the prompt, unless the person or a theme does without it. Our own prompt function draws it.
    $global:_AUTOVENV_LABELLED = ''
    if (-not ($global:_AUTOVENV_THEMED -or $global:_AUTOVENV_DRAWS -or
            [System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV_DISABLE_PROMPT') -or
            [System.Environment]::GetEnvironmentVariable('STARSHIP_SHELL') -or [System.Environment]::GetEnvironmentVariable('POSH_THEME'))) {
        $global:_AUTOVENV_LABELLED = '(' + $global:_AUTOVENV_MARKER[4] + ') '
    }
    # As activate scripts define it. -NonDestructive is how they clear the way for themselves.
    function global:deactivate([switch]$NonDestructive) {
        __autovenv_left $NonDestructive.IsPresent
    }
}

# Take over one that is active already: inherited, or activated by a script or by hand.
function global:__autovenv_adopt {
    $bin = $global:_AUTOVENV_MARKER[3]
    $active = [System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    if (-not [string]::Equals($active, $global:_AUTOVENV_FOUND)) {
        __autovenv_path_trim ($active + $bin.Substring($bin.LastIndexOf($global:_AUTOVENV_SEP))) 0 # the same, spelled otherwise
    }
    $count = __autovenv_path_count $bin
    if ($global:_AUTOVENV_DRESSED.Length -eq 0) { # else it was ours before, and the number of then still holds
        $global:_AUTOVENV_COUNT = 0
        if ($count -gt 0 -and (__autovenv_scripted)) { $global:_AUTOVENV_COUNT = $count - 1 }
        $global:_AUTOVENV_CONDA = [string][System.Environment]::GetEnvironmentVariable('CONDA_PREFIX')
    }
    $path = [string][System.Environment]::GetEnvironmentVariable('PATH')
    if ($count -gt $global:_AUTOVENV_COUNT + 1 -or
        -not ($path + [System.IO.Path]::PathSeparator).StartsWith($bin + [System.IO.Path]::PathSeparator, $global:_AUTOVENV_CASE)) {
        __autovenv_path_trim $bin $global:_AUTOVENV_COUNT
        $path = [string][System.Environment]::GetEnvironmentVariable('PATH')
        if ($path.Length -gt 0) { $path = [System.IO.Path]::PathSeparator + $path }
        [System.Environment]::SetEnvironmentVariable('PATH', $bin + $path)
    }
    # What an activate script saved becomes ours. Not its PATH: that is a snapshot, and would lose edits.
    $prompt = $function:_OLD_VIRTUAL_PROMPT
    $last = $global:_AUTOVENV_PROMPTS.Count - 1
    if ($prompt) {
        if (__autovenv_names $function:prompt '_OLD_VIRTUAL_PROMPT') {
            ${function:global:prompt} = $prompt # it draws its label around our prompt, at this one for the last time
            $function:_OLD_VIRTUAL_PROMPT = $null
        } elseif (__autovenv_names $global:_AUTOVENV_PROMPTS[$last] '_OLD_VIRTUAL_PROMPT') {
            $global:_AUTOVENV_PROMPTS[$last] = $prompt # we were loaded after it
            $global:_AUTOVENV_DRAWS = __autovenv_names $prompt 'VIRTUAL_ENV'
            $function:_OLD_VIRTUAL_PROMPT = $null
        }
    }
    if ($global:_AUTOVENV_OLD_HOME.Length -eq 0) {
        $global:_AUTOVENV_OLD_HOME = [string][System.Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PYTHONHOME') +
        [string]$ExecutionContext.SessionState.PSVariable.GetValue('global:_OLD_VIRTUAL_PYTHONHOME')
    }
    [System.Environment]::SetEnvironmentVariable('_OLD_VIRTUAL_PATH', [NullString]::Value)
    [System.Environment]::SetEnvironmentVariable('_OLD_VIRTUAL_PYTHONHOME', [NullString]::Value)
    # The first is read-only. The others are virtualenv's, which would stumble over them at its next activation.
    Microsoft.PowerShell.Utility\Remove-Variable -Name '_PYTHON_VENV_PROMPT_PREFIX', '_OLD_VIRTUAL_PATH', '_OLD_VIRTUAL_PYTHONHOME',
    '_OLD_VIRTUAL_PYDOC', '_OLD_PKG_CONFIG_PATH', '_OLD_VIRTUAL_TCL_LIBRARY', '_OLD_VIRTUAL_TK_LIBRARY' `
        -Scope Global -Force -ErrorAction Ignore
    $global:_AUTOVENV_OPTED_OUT = ''
    __autovenv_activate 'taken'
}

# Has an activate script been at work? Python's saves PATH in the environment, virtualenv's in a variable.
function global:__autovenv_scripted {
    [System.Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH') -or
    $ExecutionContext.SessionState.PSVariable.GetValue('global:_OLD_VIRTUAL_PATH')
}

# Left by hand: stay out of this project.
function global:__autovenv_left([bool]$nondestructive) {
    $global:_AUTOVENV_OPTED_OUT = $global:_AUTOVENV_PROJECT
    __autovenv_deactivate $nondestructive
    if ($nondestructive) { $global:_AUTOVENV_OPTED_OUT = '' }
}

# Take away what we set, and no more: PATH loses our entries, never its later edits.
function global:__autovenv_deactivate([bool]$nondestructive) {
    $bin = $global:_AUTOVENV_BIN
    if ($bin.Length -eq 0) { # inherited, and never adopted
        $bin = [string][System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE') + $global:_AUTOVENV_SEP + 'bin'
        if ($global:_AUTOVENV_WINDOWS) { $bin = [string][System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE') + '\Scripts' }
    }
    $global:_AUTOVENV_GONE_BIN = $bin
    $global:_AUTOVENV_GONE_COUNT = $global:_AUTOVENV_COUNT
    # The usual case, one entry and in front, is one cut; any other is counted out.
    $path = [string][System.Environment]::GetEnvironmentVariable('PATH')
    $rest = $path.Substring([System.Math]::Min($bin.Length + 1, $path.Length))
    if ($global:_AUTOVENV_COUNT -eq 0 -and $rest.Length -gt 0 -and $rest.IndexOf($bin, $global:_AUTOVENV_CASE) -lt 0 -and
        $path.StartsWith($bin + [System.IO.Path]::PathSeparator, $global:_AUTOVENV_CASE)) {
        [System.Environment]::SetEnvironmentVariable('PATH', $rest)
    } else {
        __autovenv_path_trim $bin $global:_AUTOVENV_COUNT
    }
    $global:_AUTOVENV_LABELLED = ''
    if ($global:_AUTOVENV_OLD_HOME.Length -gt 0) { [System.Environment]::SetEnvironmentVariable('PYTHONHOME', $global:_AUTOVENV_OLD_HOME) }
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV', [NullString]::Value)
    [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV_PROMPT', [NullString]::Value)
    [System.Environment]::SetEnvironmentVariable('_AUTOVENV_ACTIVE', [NullString]::Value)
    if ($global:_AUTOVENV_DRESSED.Length -gt 0 -and -not $nondestructive) { $function:deactivate = $null }
    $global:_AUTOVENV_DRESSED = ''
    $global:_AUTOVENV_PROJECT = ''
    $global:_AUTOVENV_BIN = ''
    $global:_AUTOVENV_COUNT = 0
    $global:_AUTOVENV_OLD_HOME = ''
}

# Before deciding: was ours left, or pushed aside, by other hands than ours?
function global:__autovenv_notice {
    $active = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    if ($global:_AUTOVENV_DRESSED.Length -gt 0 -and $active.Length -eq 0) {
        $global:_AUTOVENV_OPTED_OUT = $global:_AUTOVENV_PROJECT
        __autovenv_deactivate $false
    } elseif ($global:_AUTOVENV_DRESSED.Length -gt 0 -and -not [string]::Equals($active, $global:_AUTOVENV_DRESSED)) {
        $label = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV_PROMPT')
        # The deactivate that is defined now is not ours, and will put back what its script saved.
        if ($global:_AUTOVENV_OLD_HOME.Length -gt 0) {
            [System.Environment]::SetEnvironmentVariable('_OLD_VIRTUAL_PYTHONHOME', $global:_AUTOVENV_OLD_HOME)
            $global:_AUTOVENV_OLD_HOME = ''
        }
        __autovenv_deactivate $true
        [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV', $active)
        if ($label.Length -gt 0) { [System.Environment]::SetEnvironmentVariable('VIRTUAL_ENV_PROMPT', $label) }
    }
    if ($global:_AUTOVENV_GONE_BIN.Length -gt 0 -and -not [System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')) {
        __autovenv_path_trim $global:_AUTOVENV_GONE_BIN $global:_AUTOVENV_GONE_COUNT # a snapshot of PATH was put back (direnv)
    }
    if ($global:_AUTOVENV_OPTED_OUT.Length -gt 0 -and -not ($global:_AUTOVENV_CWD + $global:_AUTOVENV_SEP).StartsWith(
            $global:_AUTOVENV_OPTED_OUT + $global:_AUTOVENV_SEP, $global:_AUTOVENV_CASE)) { $global:_AUTOVENV_OPTED_OUT = '' }
}

# ---- decide ---------------------------------------------------------------------------------------

# The table of shims/README.md: the first row that fits, its number behind it.
function global:__autovenv_decide {
    $active = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    $found = $global:_AUTOVENV_FOUND
    $same = $active.Length -gt 0 -and $found.Length -gt 0 -and
    ([string]::Equals($active, $found, $global:_AUTOVENV_CASE) -or (__autovenv_same $active $found))
    $ours = $active.Length -gt 0 -and [string]::Equals($active, [System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE'))
    $dressed = $ours -and $same -and [string]::Equals($active, $global:_AUTOVENV_DRESSED) -and
    (__autovenv_path_count $global:_AUTOVENV_BIN) -gt 0 -and -not (__autovenv_scripted)
    $prefix = [string][System.Environment]::GetEnvironmentVariable('CONDA_PREFIX')
    $conda = $prefix.Length -gt 0 -and -not [string]::Equals([System.Environment]::GetEnvironmentVariable('CONDA_DEFAULT_ENV'), 'base') -and
    -not [string]::Equals($prefix, $global:_AUTOVENV_CONDA)
    $action = 'keep'

    if ($global:_AUTOVENV_OFF -or [System.Environment]::GetEnvironmentVariable('AUTOVENV_DISABLE')) {
        $reason = 'off'
        if ($ours) { $action = 'deactivate' } # 1, else 2
    } elseif ($conda) {
        $reason = 'manual'
        if ($ours) {
            $action = 'deactivate' # 3, else 4
            $global:_AUTOVENV_OPTED_OUT = $global:_AUTOVENV_PROJECT
            if ($global:_AUTOVENV_PROJECT.Length -eq 0) { $global:_AUTOVENV_OPTED_OUT = $global:_AUTOVENV_PLACE }
        }
    } elseif ($same -and -not $dressed -and (__autovenv_fit)) {
        $action = 'adopt' # 5
        $reason = 'adopted'
    } elseif ($active.Length -gt 0 -and -not $ours) {
        $reason = 'manual' # 6
    } elseif ($found.Length -eq 0) {
        $reason = 'no-project' # 8
        if ($ours) { $action = 'deactivate'; $reason = 'left-project' } # 7
    } elseif (-not (__autovenv_fit)) {
        $reason = $global:_AUTOVENV_WORD
        if ($ours) { $action = 'deactivate' } # 9, else 10
    } elseif ($same) {
        $reason = 'already-active' # 11
    } elseif ([string]::Equals($global:_AUTOVENV_OPTED_OUT, $global:_AUTOVENV_PLACE)) {
        $reason = 'opted-out'
        if ($ours) { $action = 'deactivate' } # 12, else 13
    } elseif ($ours) {
        $action = 'switch' # 14
        $reason = 'other-project'
    } else {
        $action = 'activate' # 15
        $reason = 'entered-project'
    }

    switch ($action) {
        'activate' { __autovenv_activate '' }
        'adopt' { __autovenv_adopt }
        'switch' { __autovenv_deactivate $false; __autovenv_activate '' }
        'deactivate' { __autovenv_deactivate $false }
    }
    if ([System.Environment]::GetEnvironmentVariable('AUTOVENV_TRACE')) { __autovenv_trace $action $reason $active }
}

# Are two paths that are spelled otherwise the same folder? Off Windows by the numbers that the system gives it.
function global:__autovenv_same([string]$one, [string]$other) {
    if ($global:_AUTOVENV_WINDOWS) { return $false }
    $stats = @(Microsoft.PowerShell.Management\Get-Item -LiteralPath $one, $other -Force -ErrorAction Ignore)
    $stats.Count -eq 2 -and $stats[0].UnixStat.Inode -eq $stats[1].UnixStat.Inode -and
    $stats[0].UnixStat.DeviceId -eq $stats[1].UnixStat.DeviceId
}

# ---- hook -----------------------------------------------------------------------------------------

# Bring this shell in step with its folder. $when: prompt, or cd (at once, inside a line).
function global:__autovenv_hook([string]$when) {
    $here = $ExecutionContext.SessionState.Path.CurrentLocation
    $path = $here.Path
    if (-not [string]::Equals($path, $global:_AUTOVENV_HERE)) {
        if ($when -ceq 'prompt' -and $global:_AUTOVENV_AT -ge 0) { __autovenv_listen } # somebody has taken our place at the event
        $global:_AUTOVENV_HERE = $path
        # _AUTOVENV_CWD is the current folder as the mirror spells it, or '' where no project can be: in Env:, HKCU: and
        # other drives that are no folders, on the network (nothing there is touched), at the top, and where PATH cannot
        # hold the name. A name that is no UTF-8 reaches PowerShell with U+FFFD in it, so two may look like one.
        $cwd = $path
        # ProviderPath costs four times as much as all the rest (7.6): only where a drive is not what its name says.
        if ($cwd[0] -cne '/' -or $global:_AUTOVENV_WINDOWS) {
            $cwd = ''
            if ([string]::Equals($here.Provider.Name, 'FileSystem')) { $cwd = $here.ProviderPath }
        }
        $cwd = $cwd.TrimEnd($global:_AUTOVENV_SEP)
        $colon = $cwd.LastIndexOf(':')
        if ($cwd.IndexOf([char]0xfffd) -ge 0 -or ($colon -ge 0 -and -not $global:_AUTOVENV_WINDOWS) -or
            ($global:_AUTOVENV_WINDOWS -and ($colon -ne 1 -or $cwd.Length -lt 3))) { $cwd = '' }
        $global:_AUTOVENV_CWD = $cwd
        $global:_AUTOVENV_MIRROR = ''
        if ($cwd.Length -gt 0) {
            $global:_AUTOVENV_MIRROR = $global:_AUTOVENV_TRUST + $cwd
            if ($global:_AUTOVENV_WINDOWS) { $global:_AUTOVENV_MIRROR = __autovenv_mirror $cwd }
        }
    }
    $cwd = $global:_AUTOVENV_CWD
    $active = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    # Each call below is left out where it would do nothing: a call is what costs most.
    if (-not [string]::Equals($active, $global:_AUTOVENV_DRESSED) -or $global:_AUTOVENV_OPTED_OUT.Length -gt 0 -or
        ($global:_AUTOVENV_GONE_BIN.Length -gt 0 -and $active.Length -eq 0 -and
            ([string][System.Environment]::GetEnvironmentVariable('PATH')).Length -ne $global:_AUTOVENV_LENGTH)) {
        __autovenv_notice
    }
    if (-not [string]::Equals($cwd, $global:_AUTOVENV_PWD)) { __autovenv_find }
    if ($when -ceq 'prompt' -and ($global:_AUTOVENV_ABSENT.Length -gt 0 -or -not [string]::Equals($active, $global:_AUTOVENV_SEEN) -or
            [System.IO.File]::Exists($global:_AUTOVENV_MIRROR + $global:_AUTOVENV_SEP + '.autovenv-refused'))) {
        __autovenv_consent
    }
    if ($global:_AUTOVENV_FOUND.Length -gt 0 -or [System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV') -or
        [System.Environment]::GetEnvironmentVariable('AUTOVENV_TRACE')) {
        __autovenv_decide
    }

    # Note what the next prompt compares with.
    $active = [string][System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
    $search = [string][System.Environment]::GetEnvironmentVariable('PATH')
    $global:_AUTOVENV_PWD = $cwd
    $global:_AUTOVENV_LENGTH = $search.Length
    $global:_AUTOVENV_ABSENT = ''
    $global:_AUTOVENV_IDLE = ''
    if ($when -ceq 'prompt') { $global:_AUTOVENV_SEEN = $active }
    if ($cwd.Length -gt 0 -and -not [string]::Equals($global:_AUTOVENV_PLACE, $cwd)) {
        $venv = $cwd + $global:_AUTOVENV_SEP + '.venv'
        if (-not $global:_AUTOVENV_WINDOWS -and $null -ne [System.IO.FileInfo]::new($venv).LinkTarget) {
            # a link (see __autovenv_link) is neither absent nor worth a hint
        } elseif (-not [System.IO.File]::Exists($venv + $global:_AUTOVENV_SEP + 'pyvenv.cfg')) {
            $global:_AUTOVENV_ABSENT = $cwd
        } elseif ($when -ceq 'prompt') {
            __autovenv_hint # a cd inside a line is no time to talk
        }
    }
    # Nothing found and nothing active, or what was found is active and ours: all else that counts would change these.
    if ([string]::Equals($active, $global:_AUTOVENV_DRESSED) -and [string]::Equals($active, $global:_AUTOVENV_FOUND) -and
        ($global:_AUTOVENV_ABSENT.Length -gt 0 -or
            ($global:_AUTOVENV_FOUND.Length -gt 0 -and [string]::Equals($global:_AUTOVENV_PLACE, $cwd)))) {
        # The same as in __autovenv_prompt, where it is compared.
        $global:_AUTOVENV_IDLE = $path + '|' + $active + '|' + $search + '|' +
        [System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE') + '|' + [System.Environment]::GetEnvironmentVariable('CONDA_PREFIX') + '|' +
        [System.Environment]::GetEnvironmentVariable('AUTOVENV_DISABLE') + '|' +
        [System.Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH') + '|'
        if ($global:_AUTOVENV_FOUND.Length -gt 0) { $global:_AUTOVENV_IDLE += $global:_AUTOVENV_FIT }
    }
}

# Before each prompt. $ok: the person's $?; $number: that of the line that will be typed at it. If all that is compared is
# as it was, there is nothing to do.
function global:__autovenv_prompt([bool]$ok, [long]$number) {
    try {
        $idle = $ExecutionContext.SessionState.Path.CurrentLocation.Path + '|' + [System.Environment]::GetEnvironmentVariable('VIRTUAL_ENV') + '|' +
        [System.Environment]::GetEnvironmentVariable('PATH') + '|' +
        [System.Environment]::GetEnvironmentVariable('_AUTOVENV_ACTIVE') + '|' + [System.Environment]::GetEnvironmentVariable('CONDA_PREFIX') + '|' +
        [System.Environment]::GetEnvironmentVariable('AUTOVENV_DISABLE') + '|' +
        [System.Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH') + '|'
        if ($global:_AUTOVENV_FOUND.Length -gt 0) {
            # Its times, as __autovenv_fit noted them. To .NET a missing file has one too, of the year 1601.
            $idle += $global:_AUTOVENV_FOUND + '/' +
            [System.IO.File]::GetLastWriteTimeUtc($global:_AUTOVENV_FOUND + $global:_AUTOVENV_SEP + 'pyvenv.cfg').Ticks + '/' +
            [System.IO.File]::GetLastWriteTimeUtc($global:_AUTOVENV_MARKER[3]).Ticks
            if (-not [System.IO.File]::Exists($global:_AUTOVENV_FILE)) {
                $global:_AUTOVENV_PWD = '' # denied in another terminal: look again
                $global:_AUTOVENV_IDLE = ''
            }
        }
        if (-not [string]::Equals($idle, $global:_AUTOVENV_IDLE) -or [System.Environment]::GetEnvironmentVariable('AUTOVENV_TRACE') -or
            ($global:_AUTOVENV_ABSENT.Length -gt 0 -and
                ((-not $global:_AUTOVENV_WINDOWS -and $null -ne [System.IO.FileInfo]::new($global:_AUTOVENV_ABSENT + '/.venv').LinkTarget) -or
                    [System.IO.File]::Exists($global:_AUTOVENV_ABSENT + '/.venv/pyvenv.cfg')))) {
            $global:_AUTOVENV_RUN = $number
            $global:_AUTOVENV_STATUS = $ok
            if ($function:_OLD_VIRTUAL_PROMPT -and (__autovenv_names $function:prompt '_OLD_VIRTUAL_PROMPT')) {
                $global:_AUTOVENV_DRAWN = 'script'
            }
            __autovenv_hook 'prompt'
        }
        $global:_AUTOVENV_AT = $number
    } catch {
        __autovenv_forgive $_
    }
}

# Something of ours failed. It must not show among the person's errors.
function global:__autovenv_forgive($record) {
    if ($global:Error.Count -gt 0 -and [object]::ReferenceEquals($global:Error[0].Exception, $record.Exception)) {
        $global:Error.RemoveAt(0)
    }
    $global:_AUTOVENV_IDLE = ''
    if ([System.Environment]::GetEnvironmentVariable('AUTOVENV_TRACE')) {
        __autovenv_trace 'error' ('line-' + $record.InvocationInfo.ScriptLineNumber) ''
    }
}

# ---- command --------------------------------------------------------------------------------------

# The program, told what only this shell knows; `on` and `off` are this shell's own. The status is in $LASTEXITCODE; $?
# is that of a function, which only one with named parameters could set, and that would take away -v from other programs.
function global:autovenv {
    $words = $args
    if ($MyInvocation.HistoryId -gt $global:_AUTOVENV_AT) { __autovenv_label_check }
    if ($words.Count -eq 1 -and @('on', 'off') -ccontains $words[0]) {
        $global:_AUTOVENV_OPTED_OUT = ''
        $global:_AUTOVENV_OFF = ''
        if ($words[0] -ceq 'off') { $global:_AUTOVENV_OFF = '1' }
        try {
            __autovenv_install
            __autovenv_hook 'cd'
        } catch {
            __autovenv_forgive $_
        }
        $global:LASTEXITCODE = 0
        return
    }
    $file = $global:_AUTOVENV_HOME + $global:_AUTOVENV_SEP + 'cli'
    $program = ''
    if ([System.IO.File]::Exists($file)) { $program = [System.IO.File]::ReadAllText($file).Split([char]10)[0].TrimEnd([char]13) }
    if (-not [System.IO.File]::Exists($program)) {
        __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
        $global:LASTEXITCODE = 1
        return
    }
    $prompt = ''
    if ($global:_AUTOVENV_THEMED) { $prompt = 'anew' }
    $facts = @(
        'shell=powershell', ('version=' + $PSVersionTable.PSVersion), ('hook=' + $global:_AUTOVENV_HOOK.Split(':')[1]),
        ('home=' + $global:_AUTOVENV_HOME),
        ('prompt=' + $prompt), ('off=' + $global:_AUTOVENV_OFF),
        ('dressed=' + $global:_AUTOVENV_DRESSED), ('opted_out=' + $global:_AUTOVENV_OPTED_OUT)
    )
    if ($words.Count -gt 0 -and @('which', 'where') -ccontains $words[0]) {
        $name = 'python'
        for ($at = 1; $at -lt $words.Count; $at++) { # a slice beyond the end is an error in strict mode
            # The habit of `where python.exe`.
            $word = [string]$words[$at]
            if ($word -and -not $word.StartsWith('-')) { $name = [regex]::Replace($word, '\.exe$', '') }
        }
        $facts += 'name=' + $name
        $facts += __autovenv_alias $name
    }
    $folder = [System.Environment]::GetEnvironmentVariable('PWD')
    if (-not $global:_AUTOVENV_WINDOWS) { # as other shells do: how the person spells the folder
        [System.Environment]::SetEnvironmentVariable('PWD', $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath)
    }
    [System.Environment]::SetEnvironmentVariable('_AUTOVENV_FACTS', [string]::Join([string][char]0x1e, $facts))
    try {
        & $program @words
    } finally {
        [System.Environment]::SetEnvironmentVariable('_AUTOVENV_FACTS', [NullString]::Value)
        [System.Environment]::SetEnvironmentVariable('PWD', [NullString]::Value)
        if ($folder) { [System.Environment]::SetEnvironmentVariable('PWD', $folder) }
        $global:_AUTOVENV_PWD = '' # markers may have changed: look again at the next prompt
        $global:_AUTOVENV_IDLE = ''
    }
}

# What this shell takes a name for before it looks on PATH, in its order. No module is searched or loaded for it.
function global:__autovenv_alias([string]$name) {
    $PSModuleAutoLoadingPreference = 'None'
    $name = [System.Management.Automation.WildcardPattern]::Escape($name)
    $kinds = ''
    foreach ($type in @('Alias', 'Function', 'Cmdlet')) {
        $found = @(Microsoft.PowerShell.Core\Get-Command -Name $name -CommandType $type -ErrorAction Ignore)
        if ($found.Count -eq 0 -or $null -eq $found[0]) { continue }
        $kinds += ' ' + $type.ToLowerInvariant()
        if ($type -ceq 'Alias') { 'alias=' + $found[0].Definition.Substring(0, [System.Math]::Min(4096, $found[0].Definition.Length)) }
    }
    'kind=' + $kinds.TrimStart()
}

# The first Tab after `autovenv`: the completions register themselves when their file is read.
function global:__autovenv_complete($word, $ast, $position) {
    . ($global:_AUTOVENV_HOME + '/completions/autovenv.ps1')
    __autovenv_completion $word $ast $position
}

# ---- install --------------------------------------------------------------------------------------

# Put our prompt around whatever draws it, unless it is there. PowerShell calls the outermost; there may be more of ours
# further in, with other people's between, so each asks how deep it is to find what it stands around.
function global:__autovenv_install {
    __autovenv_listen
    $prompt = $function:prompt
    if ($prompt -and $prompt.ToString().Contains('__autovenv_prompt')) { return }
    if (-not $prompt) { $prompt = { '> ' } }
    $global:_AUTOVENV_PROMPTS += $prompt
    $global:_AUTOVENV_DRAWS = __autovenv_names $prompt 'VIRTUAL_ENV'
    function global:prompt {
        $_AUTOVENV_OK = $? # first, as any statement changes it
        $_AUTOVENV_DEEP = $global:_AUTOVENV_DEPTH
        if ($_AUTOVENV_DEEP -eq 0) {
            __autovenv_prompt $_AUTOVENV_OK $MyInvocation.HistoryId
            if ($global:_AUTOVENV_LABELLED -or $global:_AUTOVENV_DRAWN) { __autovenv_label_draw }
        }
        $global:_AUTOVENV_DEPTH = $_AUTOVENV_DEEP + 1
        try {
            $_AUTOVENV_INNER = $global:_AUTOVENV_PROMPTS[-1]
            if ($_AUTOVENV_DEEP -gt 0) {
                $_AUTOVENV_INNER = $global:_AUTOVENV_PROMPTS[[System.Math]::Max(0, $global:_AUTOVENV_PROMPTS.Count - 1 - $_AUTOVENV_DEEP)]
            }
            # Themes show a failure by $?: it is false again if the statement before has failed. This adds nothing to $Error.
            if (-not $_AUTOVENV_OK) { Microsoft.PowerShell.Utility\Write-Error -Message '' -ErrorAction Ignore }
            & $_AUTOVENV_INNER
        } finally {
            $global:_AUTOVENV_DEPTH = $_AUTOVENV_DEEP
        }
    }
}

# Be told of each change of directory, together with whoever else is. Windows PowerShell 5.1 has no such event: there the
# prompt alone sees it.
function global:__autovenv_listen {
    if ($PSVersionTable.PSVersion.Major -lt 7) { return }
    $command = $ExecutionContext.SessionState.InvokeCommand
    $others = $command.LocationChangedAction
    if ($others -and @($others.GetInvocationList()) -contains $global:_AUTOVENV_LISTENER) { return }
    if (-not $global:_AUTOVENV_LISTENER) {
        $global:_AUTOVENV_LISTENER = [System.EventHandler[System.Management.Automation.LocationChangedEventArgs]] {
            try {
                if ($MyInvocation.HistoryId -gt $global:_AUTOVENV_AT) { __autovenv_label_check }
                __autovenv_hook 'cd'
            } catch {
                __autovenv_forgive $_
            }
        }
    }
    $command.LocationChangedAction = [System.Delegate]::Combine($others, $global:_AUTOVENV_LISTENER)
}

# At the first prompt what is put in place here is called next. Later, the line that is about to run has to be seen by it.
try {
    __autovenv_install
    if ($global:_AUTOVENV_AT -ge 0) { __autovenv_hook 'cd' }
} catch {
    __autovenv_forgive $_
}
Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName 'autovenv' -ScriptBlock {
    __autovenv_complete $args[0] $args[1] $args[2]
}
