:: autovenv hook 1 0.1.0
::
:: Bring this cmd in step with its folder: the same sections, rows and words as the other hooks, see shims\README.md.
:: %1: cd (a macro has changed the folder), kept (the same, where %2 is the error level to leave), line (a line has run),
:: after (the program has), leave (deactivate), start (a new cmd).
:: cmd of Windows 10 or newer, with its extensions on. It starts no process but `autovenv verify`.
::
:: Forms that recur, and what each prevents:
::   @ before each line     no `echo off` that could stay off, or not be given back
::   !x!                    what was put in is not read again, so no text in PATH or in a folder's name can be a command
::   set "x=y"              no blank at the end becomes part of the value, and no & ends it
::   ::                     rem would be looked at with its %...%
::   names with _av_        they last only as long as this file runs

:: ---- state ----------------------------------------------------------------------------------------

:: Clink's script sees each prompt, and needs no macros: autovenv.lua.
@if "%~1"=="start" set "_AUTOVENV_CLINK=" & set "_AUTOVENV_OFF="
@if defined _AUTOVENV_CLINK goto :eof

:: What came before must be there after: setlocal sets the error level to 0.
@set "_av_code=%errorlevel%"
@if not "%~2"=="" set "_av_code=%~2"
@set "_av_kind=%~1"
@set "_av_here=%~dp0"
@set "_av_local="
:: With cmd /v:on, !! is nothing. There every text is safe as !x! already, and nothing has to be carried out of a setlocal.
@if not "!!"=="" setlocal EnableExtensions EnableDelayedExpansion & set "_av_local=1"
:: A variable of somebody's called CD would hide the current folder.
@if defined _av_local set "CD="
@set "_av_now=!CD!"
@if not defined PROMPT set "PROMPT=$P$G" & set "_av_prompt_made=1"
@set "_av_env="

@if "!_av_kind!"=="start" call :reset
@if "!_av_kind!"=="leave" call :left
@call :notice
@call :find
@if "!_av_kind!"=="line" call :consent
@if not defined _av_found if not defined VIRTUAL_ENV if not defined AUTOVENV_TRACE goto decided
@call :decide
:decided
@call :hint
@if defined _av_prompt_made if "!PROMPT!"=="$P$G" set "_av_prompt_none=1"
:: No path has a quote in it. A text that others made up could end one of ours below, and be run.
@if "!_av_kind!!_av_env!"=="!_av_kind!" if not "!_av_kind!"=="start" goto carry
@for %%V in (_AUTOVENV_ACTIVE _AUTOVENV_OLD_HOME _AUTOVENV_CONDA PYTHONHOME _OLD_VIRTUAL_PROMPT _OLD_VIRTUAL_PYTHONHOME) do @if defined %%V call :plain %%V
:carry
@if not defined PATH set "PATH=;" & set "_av_path_none=1"
@if not defined _av_local goto leave
:: Carried out of the setlocal in one line, which is read as a whole before its endlocal. %x% in it are texts of ours, which
:: hold nothing that cmd reads; %%P and %%Q are put in when delayed expansion has ended, and are not read again.
@if not defined _av_env endlocal&set "_AUTOVENV_ACTIVE=%_AUTOVENV_ACTIVE%"&set "_AUTOVENV_DRESSED=%_AUTOVENV_DRESSED%"&set "_AUTOVENV_PROJECT=%_AUTOVENV_PROJECT%"&set "_AUTOVENV_BIN=%_AUTOVENV_BIN%"&set "_AUTOVENV_COUNT=%_AUTOVENV_COUNT%"&set "_AUTOVENV_LABEL=%_AUTOVENV_LABEL%"&set "_AUTOVENV_OLD_HOME=%_AUTOVENV_OLD_HOME%"&set "_AUTOVENV_OPTED_OUT=%_AUTOVENV_OPTED_OUT%"&set "_AUTOVENV_GONE_BIN=%_AUTOVENV_GONE_BIN%"&set "_AUTOVENV_GONE_COUNT=%_AUTOVENV_GONE_COUNT%"&set "_AUTOVENV_CONDA=%_AUTOVENV_CONDA%"&set "_AUTOVENV_HINTED=%_AUTOVENV_HINTED%"&set "_AUTOVENV_TRIED=%_AUTOVENV_TRIED%"&set "_av_path_none=%_av_path_none%"&set "_av_prompt_none=%_av_prompt_none%"&goto leave
@for /f "eol=| delims=" %%P in ("!PATH!") do @for /f "eol=| delims=" %%Q in ("!PROMPT!") do @endlocal&set "PATH=%%P"&set "PROMPT=%%Q"&set "PYTHONHOME=%PYTHONHOME%"&(if "%_av_env%"=="set" set "VIRTUAL_ENV=%_AUTOVENV_ACTIVE%"&set "VIRTUAL_ENV_PROMPT=%_av_label%"&set "_OLD_VIRTUAL_PATH="&set "_OLD_VIRTUAL_PROMPT="&set "_OLD_VIRTUAL_PYTHONHOME=")&(if "%_av_env%"=="clear" set "VIRTUAL_ENV="&set "VIRTUAL_ENV_PROMPT=")&(if "%_av_env%"=="path" set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT%"&set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%")&set "_AUTOVENV_ACTIVE=%_AUTOVENV_ACTIVE%"&set "_AUTOVENV_DRESSED=%_AUTOVENV_DRESSED%"&set "_AUTOVENV_PROJECT=%_AUTOVENV_PROJECT%"&set "_AUTOVENV_BIN=%_AUTOVENV_BIN%"&set "_AUTOVENV_COUNT=%_AUTOVENV_COUNT%"&set "_AUTOVENV_LABEL=%_AUTOVENV_LABEL%"&set "_AUTOVENV_OLD_HOME=%_AUTOVENV_OLD_HOME%"&set "_AUTOVENV_OPTED_OUT=%_AUTOVENV_OPTED_OUT%"&set "_AUTOVENV_GONE_BIN=%_AUTOVENV_GONE_BIN%"&set "_AUTOVENV_GONE_COUNT=%_AUTOVENV_GONE_COUNT%"&set "_AUTOVENV_CONDA=%_AUTOVENV_CONDA%"&set "_AUTOVENV_HINTED=%_AUTOVENV_HINTED%"&set "_AUTOVENV_TRIED=%_AUTOVENV_TRIED%"&set "_av_path_none=%_av_path_none%"&set "_av_prompt_none=%_av_prompt_none%"
:leave
@if defined _av_path_none set "PATH="
@if defined _av_prompt_none set "PROMPT="
@for %%V in (ABSENT SINCE SEEN) do @set "_AUTOVENV_%%V="
@for %%V in (here local now path_none prompt_none prompt_made env found place venv mirror project bin label scripts version dir keep rest tail text head n s hit new under same ours clad other is action reason word fit note seen made activated status line verdict passed hush length) do @set "_av_%%V="
:: A cd that went well sets the error level to 0; popd, a drive letter and a program leave it, or set their own.
:: && and || of the typed line look at the last command here, and all that follow succeed.
@if "%_av_kind%"=="cd" set "_av_code=0"
@set "_av_kind="
@if "%_av_code%"=="0" ver >nul
@if not "%_av_code%"=="0" call :code %_av_code%
@set "_av_code="
@goto :eof

:code
@exit /b %1

:: Empty variable %1 if there is a quote in it.
:plain
@set "_av_text=!%1:"=!"
@if not "!_av_text!"=="!%1!" set "%1="
@exit /b

:: A new cmd: what the variables say about functions of ours is the shell's that started it.
:reset
@for %%V in (DRESSED PROJECT BIN COUNT OLD_HOME OFF OPTED_OUT GONE_BIN GONE_COUNT HINTED TRIED LABEL) do @set "_AUTOVENV_%%V="
@if defined _AUTOVENV_ACTIVE call :ours
@set "_AUTOVENV_CONDA="
@if defined _AUTOVENV_ACTIVE set "_AUTOVENV_CONDA=!CONDA_PREFIX!"
@exit /b

:: No environment of ours has a name with one of these: then the variable is somebody else's work.
:ours
@call :plain _AUTOVENV_ACTIVE
@if not defined _AUTOVENV_ACTIVE exit /b
@setlocal DisableDelayedExpansion
@set "_av_new="
@for /f "eol=| tokens=2 delims=!&^|<>%%*?;=" %%A in (".%_AUTOVENV_ACTIVE%.") do @if not "%%A"=="" set "_av_new=1"
@endlocal & if "%_av_new%"=="1" set "_AUTOVENV_ACTIVE="
@exit /b

:: ---- say ------------------------------------------------------------------------------------------

:: Print what was decided, for AUTOVENV_TRACE.
:trace
@if not defined _av_is set "_av_is=-"
@set "_av_text=!VIRTUAL_ENV!"
@if not defined _av_text set "_av_text=-"
@>&2 echo autovenv: trace action=!_av_action! reason=!_av_reason! from=!_av_is! to=!_av_text!
@exit /b

:: ---- find -----------------------------------------------------------------------------------------

:: Descend the mirror of the current folder; the deepest marker becomes _av_found. No folder of the real tree is
:: touched, but below one that was named with `allow --under`. Folders of other machines are never looked up.
:find
@set "_av_found="
@set "_av_place="
:: A for variable loses its ! under delayed expansion. A name that holds one has no marker, so what comes out has none.
@setlocal DisableDelayedExpansion
@set "_r=%CD%"
@if not "%_r:~1,2%"==":\" endlocal & set "_av_hit=" & set "_av_new=" & exit /b
@set "_p=%_r:~0,1%"
@set "_r=%_r:~3%"
@set "_t=%_av_here%..\trust\"
@set "_hit="
@set "_new="
@set "_under="
:: Not with goto: cmd looks for a label from where it is to the end of the file, and only then above.
@for /l %%N in (1,1,130) do @if defined _r call :find_down
@endlocal & set "_av_hit=%_hit%" & set "_av_new=%_new%"
@if defined _av_new call :new
@if not defined _av_hit exit /b
@call :read
@exit /b

:: One name further down: _r is what is left of the path, "" at the end of it or of the mirror.
:find_down
@set "_h="
@for /f "eol=\ tokens=1* delims=\" %%A in ("%_r%") do @set "_h=%%A" & set "_r=%%B"
@if not defined _h set "_r=" & exit /b
@set "_p=%_p%\%_h%"
@if not exist "%_t%%_p%\" if not defined _under set "_r=" & exit /b
@if defined _under if exist "%_p:~0,1%:%_p:~1%\.venv\pyvenv.cfg" if not exist "%_t%%_p%\.autovenv-cmd" set "_new=%_p%"
@if not exist "%_t%%_p%\.autovenv-cmd" goto find_next
:: A venv in the home folder counts in exactly that folder.
@if defined _r if /i "%_p:~0,1%:%_p:~1%"=="%USERPROFILE%" goto find_next
@set "_hit=%_p%"
@set "_new="
:find_next
@if exist "%_t%%_p%\.autovenv-under" set "_under=1"
@exit /b

:: Take the marker at place _av_hit: version|environment|folder for PATH|label, all ASCII, so that every code page
:: reads the same. An environment inside the project is named from there; one elsewhere, by its whole path.
:read
@set "_av_version="
@set "_av_mirror=!_av_here!..\trust\!_av_hit!\"
@for /f "usebackq tokens=1-4 delims=|" %%A in ("!_av_mirror!.autovenv-cmd") do @set "_av_version=%%A" & set "_av_venv=%%B" & set "_av_scripts=%%C" & set "_av_label=%%D"
@if not "!_av_version!"=="1" exit /b
@set "_av_place=!_av_hit!"
@set "_av_project=!_av_hit:~0,1!:!_av_hit:~1!"
@set "_av_found=!_av_project!\!_av_venv!"
@if "!_av_venv:~1,2!"==":\" set "_av_found=!_av_venv!"
@set "_av_bin=!_av_found!\!_av_scripts!"
@exit /b

:: A venv at place _av_new, below a folder named with `allow --under`, has no marker: have it judged once.
:new
@set "_av_text=!_av_new:~0,1!:!_av_new:~1!"
@if exist "!_av_here!..\trust\!_av_new!\.autovenv-deny" exit /b
@if defined _AUTOVENV_TRIED if not "!_AUTOVENV_TRIED:;%_av_text%;=!"=="!_AUTOVENV_TRIED!" exit /b
@set "_AUTOVENV_TRIED=;!_av_text!;!_AUTOVENV_TRIED!"
@set "_AUTOVENV_HINTED=;!_av_text!;!_AUTOVENV_HINTED!"
@call :verify --under "!_av_text!"
@if not "!_av_verdict!"=="0" exit /b
@set "_av_hit=!_av_new!"
@set "_av_passed=!_av_new!"
@exit /b

:: ---- state of what was found ----------------------------------------------------------------------

:: What can be seen of the environment's age: times to the minute, and a size. cmd has no more without a process.
:seen
@set "_av_seen="
@for %%I in ("!_av_found!\pyvenv.cfg") do @set "_av_seen=%%~tI/%%~zI"
@for %%I in ("!_av_bin!") do @set "_av_seen=!_av_seen!/%%~tI"
@exit /b

:: Is it as it was when verify last passed? A note that was written in the very minute of a change proves nothing:
:: there may have been another one since. Then verify looks again.
:unchanged
@set "_av_fit="
@set "_av_note="
@if not exist "!_av_bin!\" exit /b
@if not exist "!_av_mirror!.autovenv-cmd-seen" exit /b
@for /f "usebackq delims=" %%L in ("!_av_mirror!.autovenv-cmd-seen") do @set "_av_note=%%L"
@if not "!_av_note!"=="!_av_seen!" exit /b
@for %%N in ("!_av_mirror!.autovenv-cmd-seen") do @for %%I in ("!_av_found!\pyvenv.cfg") do @if "%%~tN"=="%%~tI" exit /b
@for %%N in ("!_av_mirror!.autovenv-cmd-seen") do @for %%I in ("!_av_bin!") do @if "%%~tN"=="%%~tI" exit /b
@set "_av_fit=1"
@exit /b

:: Is the environment that was found fit for use? If not, _av_word says why.
:fit
@set "_av_word=venv-missing"
@if not exist "!_av_found!\pyvenv.cfg" exit /b
@set "_av_word="
@call :seen
:: verify has just passed it, in this very run.
@if "!_av_passed!"=="!_av_place!" goto fit_passed
@call :unchanged
@if defined _av_fit goto fit_noted
:: One that was refused, and looks the same: whatever verify says now has been said.
@if exist "!_av_mirror!.autovenv-refused" if "!_av_note!"=="!_av_seen!" set "_av_hush=1"
@call :verify --place "!_av_project!"
@if "!_av_verdict!"=="0" call :read
@if not "!_av_verdict!"=="0" if not exist "!_av_mirror!.autovenv-refused" set "_av_word=refused"
@set "_av_hush="
:fit_passed
@>"!_av_mirror!.autovenv-cmd-seen" echo !_av_seen!
:fit_noted
@if exist "!_av_mirror!.autovenv-refused" for /f "usebackq" %%W in ("!_av_mirror!.autovenv-refused") do @set "_av_word=%%W"
@exit /b

:: Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project.
:verify
@set "_av_verdict=1"
@set "_av_text="
@if exist "!_av_here!program" for /f "usebackq delims=" %%L in ("!_av_here!program") do @set "_av_text=%%L"
@if defined _av_text if not "!_av_text:~1,2!"==":\" set "_av_text=!_av_here!!_av_text!"
@if defined _av_text if exist "!_av_text!" goto verify_start
@if not defined _AUTOVENV_TRIED set "_AUTOVENV_TRIED=;"
@if "!_AUTOVENV_TRIED:;program;=!"=="!_AUTOVENV_TRIED!" >&2 echo autovenv: the autovenv program is not where it was; install it again: py install.py
@set "_AUTOVENV_TRIED=;program;!_AUTOVENV_TRIED!"
@exit /b
:verify_start
@setlocal
@set "PYTHONHOME="
@set "PYTHONPATH="
@if defined _av_hush ("!_av_text!" verify --home "!_av_here!.." --shell cmd %* <nul >nul 2>nul) else "!_av_text!" verify --home "!_av_here!.." --shell cmd %* <nul >nul
@endlocal
@if errorlevel 0 if not errorlevel 1 set "_av_verdict=0"
@if errorlevel 3 if not errorlevel 4 set "_av_verdict=3"
@exit /b

:: ---- consent --------------------------------------------------------------------------------------

:: Did the person just make .venv here, or activate one by hand? before.bat has noted how it was; the program takes
:: the line that ran from the console's own history.
:consent
@set "_av_made="
@set "_av_activated="
@if not exist ".venv\pyvenv.cfg" goto consent_activated
@for %%I in (".venv") do @set "_av_text=%%~aI"
@if not "!_av_text:l=!"=="!_av_text!" goto consent_activated
@if defined _AUTOVENV_ABSENT if "!_AUTOVENV_ABSENT!"=="!_av_now!" set "_av_made=1"
:: One that was refused here may have been made again since; the program compares the times.
@if exist "!_av_here!..\trust\!_av_now:~0,1!!_av_now:~2!\.autovenv-refused" set "_av_made=1"
@if defined _av_place if /i "!_av_project!"=="!_av_now!" set "_av_made="
:consent_activated
@if not defined VIRTUAL_ENV goto consent_ask
@if /i not "!VIRTUAL_ENV:~-6!"=="\.venv" goto consent_ask
@if "!VIRTUAL_ENV!"=="!_AUTOVENV_SEEN!" goto consent_ask
@if "!VIRTUAL_ENV!"=="!_AUTOVENV_ACTIVE!" goto consent_ask
@if /i "!VIRTUAL_ENV!"=="!_av_found!" goto consent_ask
@set "_av_activated=1"
:consent_ask
@if not defined _av_made if not defined _av_activated exit /b
@set "_AUTOVENV_STATUS=!_av_code!"
@set "_av_hit=!_av_now:~0,1!!_av_now:~2!"
@set "_av_found=!_av_now!\.venv"
@set "_av_bin=!_av_found!\Scripts"
@call :seen
@if defined _av_activated (call :verify --line "!_av_now!" --activated "!VIRTUAL_ENV!") else call :verify --line "!_av_now!"
@set "_AUTOVENV_STATUS="
@if "!_av_verdict!"=="0" if exist "!_av_here!..\trust\!_av_hit!\.autovenv-cmd" >"!_av_here!..\trust\!_av_hit!\.autovenv-cmd-seen" echo !_av_seen!
@if "!_av_verdict!"=="0" set "_av_passed=!_av_hit!"
@if not "!_av_verdict!"=="3" set "_AUTOVENV_HINTED=;!_av_now!;!_AUTOVENV_HINTED!"
@call :find
@exit /b

:: An unknown .venv here: say so, once per folder and shell. A link is not followed: it could lead to another machine.
:hint
@if "!_av_kind!"=="start" exit /b
@if "!_av_kind!"=="after" exit /b
@if not "!_av_now:~1,2!"==":\" exit /b
@if defined _av_place if /i "!_av_project!"=="!_av_now!" exit /b
@set "_av_text="
@if exist ".venv" for %%I in (".venv") do @set "_av_text=%%~aI"
@if not defined _av_text exit /b
@if not "!_av_text:l=!"=="!_av_text!" exit /b
@if not exist ".venv\pyvenv.cfg" exit /b
@if defined _AUTOVENV_OFF exit /b
@if defined AUTOVENV_DISABLE exit /b
@if defined AUTOVENV_QUIET exit /b
@if /i "!VIRTUAL_ENV!"=="!_av_now!\.venv" exit /b
@if defined _AUTOVENV_HINTED if not "!_AUTOVENV_HINTED:;%_av_now%;=!"=="!_AUTOVENV_HINTED!" exit /b
@if exist "!_av_here!..\trust\!_av_now:~0,1!!_av_now:~2!\.autovenv-deny" exit /b
@set "_AUTOVENV_HINTED=;!_av_now!;!_AUTOVENV_HINTED!"
@set "_AUTOVENV_HINTED=!_AUTOVENV_HINTED:~0,2000!"
@>&2 echo autovenv: this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow
@exit /b

:: ---- prompt label ---------------------------------------------------------------------------------

:: Show `(label) ` before the prompt, unless the person or a theme does without it.
:label_on
@set "_AUTOVENV_LABEL="
@if defined VIRTUAL_ENV_DISABLE_PROMPT exit /b
@if defined STARSHIP_SHELL exit /b
@if defined POSH_THEME exit /b
:: One that stands in front is ours, inherited with the prompt from the cmd that started this one.
@if "(!_av_label!) !PROMPT:*(%_av_label%) =!"=="!PROMPT!" set "_AUTOVENV_LABEL=!_av_label!"
@if not "!PROMPT:(%_av_label%) =!"=="!PROMPT!" exit /b
@set "_AUTOVENV_LABEL=!_av_label!"
@set "PROMPT=(!_av_label!) !PROMPT!"
@exit /b

:: Take the label away again.
:label_off
@if not defined _AUTOVENV_LABEL exit /b
@set "PROMPT=!PROMPT:(%_AUTOVENV_LABEL%) =!"
@if not defined PROMPT set "PROMPT=$P$G"
@set "_AUTOVENV_LABEL="
@exit /b

:: ---- PATH -----------------------------------------------------------------------------------------

:: _av_n = how often folder _av_dir stands on PATH.
:path_count
@set "_av_n=0"
@set "_av_rest=;!PATH!;"
@for /l %%N in (1,1,2000) do @if defined _av_rest set "_av_tail=!_av_rest:*;%_av_dir%;=!" & if "!_av_tail!"=="!_av_rest!" (set "_av_rest=") else set /a "_av_n+=1" & set "_av_rest=;!_av_tail!"
@exit /b

:: Remove the leftmost entries of folder _av_dir until _av_keep remain. Nothing else of PATH changes.
:path_trim
@if not defined _av_dir exit /b
@if not defined _av_keep set "_av_keep=0"
@call :path_count
@if !_av_n! leq !_av_keep! exit /b
@set "_av_env=!_av_env!"
@if not defined _av_env set "_av_env=path"
@set "_av_rest=;!PATH!;"
@set "_av_tail=!_av_rest:*;%_av_dir%;=!"
@if /i "!_av_rest!"==";!_av_dir!;!_av_tail!" goto path_trim_front
:: What stands before it is as long as the whole without the rest: nothing else takes a text apart unharmed. The | marks
:: the end, as Wine's cmd gives the last letter where cmd gives none.
@set "_av_text=;!_av_dir!;!_av_tail!"
@set "_av_s=!_av_rest!|"
@call :length
@set "_av_head=!_av_length!"
@set "_av_s=!_av_text!|"
@call :length
@set /a "_av_head-=_av_length"
@set "_av_text=!_av_rest:~0,%_av_head%!;!_av_tail!"
@set "PATH=!_av_text:~1,-1!"
@goto path_trim
:path_trim_front
@if defined _av_tail (set "PATH=!_av_tail:~0,-1!") else set "PATH="
@goto path_trim

:: _av_length = how many letters stand before the | that ends _av_s. Without a loop: Wine's cmd takes no %%N in !x:~%%N!.
:length
@set "_av_length=0"
@if not "!_av_s:~8192,1!"=="" if not "!_av_s:~8192,1!"=="|" set /a "_av_length+=8192" & set "_av_s=!_av_s:~8192!"
@if not "!_av_s:~4096,1!"=="" if not "!_av_s:~4096,1!"=="|" set /a "_av_length+=4096" & set "_av_s=!_av_s:~4096!"
@if not "!_av_s:~2048,1!"=="" if not "!_av_s:~2048,1!"=="|" set /a "_av_length+=2048" & set "_av_s=!_av_s:~2048!"
@if not "!_av_s:~1024,1!"=="" if not "!_av_s:~1024,1!"=="|" set /a "_av_length+=1024" & set "_av_s=!_av_s:~1024!"
@if not "!_av_s:~512,1!"=="" if not "!_av_s:~512,1!"=="|" set /a "_av_length+=512" & set "_av_s=!_av_s:~512!"
@if not "!_av_s:~256,1!"=="" if not "!_av_s:~256,1!"=="|" set /a "_av_length+=256" & set "_av_s=!_av_s:~256!"
@if not "!_av_s:~128,1!"=="" if not "!_av_s:~128,1!"=="|" set /a "_av_length+=128" & set "_av_s=!_av_s:~128!"
@if not "!_av_s:~64,1!"=="" if not "!_av_s:~64,1!"=="|" set /a "_av_length+=64" & set "_av_s=!_av_s:~64!"
@if not "!_av_s:~32,1!"=="" if not "!_av_s:~32,1!"=="|" set /a "_av_length+=32" & set "_av_s=!_av_s:~32!"
@if not "!_av_s:~16,1!"=="" if not "!_av_s:~16,1!"=="|" set /a "_av_length+=16" & set "_av_s=!_av_s:~16!"
@if not "!_av_s:~8,1!"=="" if not "!_av_s:~8,1!"=="|" set /a "_av_length+=8" & set "_av_s=!_av_s:~8!"
@if not "!_av_s:~4,1!"=="" if not "!_av_s:~4,1!"=="|" set /a "_av_length+=4" & set "_av_s=!_av_s:~4!"
@if not "!_av_s:~2,1!"=="" if not "!_av_s:~2,1!"=="|" set /a "_av_length+=2" & set "_av_s=!_av_s:~2!"
@if not "!_av_s:~1,1!"=="" if not "!_av_s:~1,1!"=="|" set /a "_av_length+=1" & set "_av_s=!_av_s:~1!"
@if not "!_av_s!"=="|" set /a "_av_length+=1"
@exit /b

:: ---- activate, adopt, deactivate ------------------------------------------------------------------

:: Make what was found active. cmd takes no PATH of more than 8191 characters: it would find nothing any more.
:activate
@set "_av_text=!PATH!|"
@if not "!_av_text:~7900,1!"=="" if not "!_av_text:~7900,1!"=="|" goto path_long
@set "_av_dir=!_av_bin!"
@call :path_count
@set "_AUTOVENV_COUNT=!_av_n!"
@set "_AUTOVENV_CONDA=!CONDA_PREFIX!"
@if defined PATH (set "PATH=!_av_bin!;!PATH!") else set "PATH=!_av_bin!"
@call :dress
@exit /b
:path_long
@set "_av_action=keep"
@set "_av_reason=path-too-long"
@if defined _AUTOVENV_TRIED if not "!_AUTOVENV_TRIED:;path;=!"=="!_AUTOVENV_TRIED!" exit /b
@set "_AUTOVENV_TRIED=;path;!_AUTOVENV_TRIED!"
@>&2 echo autovenv: PATH has nearly 8191 characters, more than cmd can use; left off. Shorten it: autovenv status
@exit /b

:: Take over one that is active already: inherited, or activated by a script or by hand.
:adopt
@set "_av_dir=!_av_bin!"
@call :path_count
@if defined _AUTOVENV_DRESSED goto adopt_path
@set "_AUTOVENV_COUNT=0"
@if defined _OLD_VIRTUAL_PATH if not "!_av_n!"=="0" set /a "_AUTOVENV_COUNT=_av_n-1"
@set "_AUTOVENV_CONDA=!CONDA_PREFIX!"
:adopt_path
@set "_av_rest=!PATH!;"
@set "_av_tail=!_av_rest:*%_av_bin%;=!"
@set /a "_av_head=_AUTOVENV_COUNT+1"
@if /i "!_av_rest!"=="!_av_bin!;!_av_tail!" if !_av_n! leq !_av_head! goto adopt_script
@set "_av_keep=!_AUTOVENV_COUNT!"
@call :path_trim
@if defined PATH (set "PATH=!_av_bin!;!PATH!") else set "PATH=!_av_bin!"
:adopt_script
:: What activate.bat saved becomes ours. Not its PATH: that is a snapshot, and would lose edits.
@if defined _OLD_VIRTUAL_PROMPT set "PROMPT=!_OLD_VIRTUAL_PROMPT!"
@if not defined _AUTOVENV_OLD_HOME set "_AUTOVENV_OLD_HOME=!_OLD_VIRTUAL_PYTHONHOME!"
@set "_OLD_VIRTUAL_PATH="
@set "_OLD_VIRTUAL_PROMPT="
@set "_OLD_VIRTUAL_PYTHONHOME="
@set "_AUTOVENV_OPTED_OUT="
@call :dress
@exit /b

:: Set what an active environment has. The macro deactivate is there already.
:dress
@set "_av_env=set"
@set "VIRTUAL_ENV=!_av_found!"
@set "_AUTOVENV_ACTIVE=!_av_found!"
@set "VIRTUAL_ENV_PROMPT=!_av_label!"
@set "_AUTOVENV_DRESSED=!_av_found!"
@set "_AUTOVENV_PROJECT=!_av_project!"
@set "_AUTOVENV_BIN=!_av_bin!"
@if defined PYTHONHOME set "_AUTOVENV_OLD_HOME=!PYTHONHOME!"
@set "PYTHONHOME="
@call :label_off
@call :label_on
@exit /b

:: Left by hand: stay out of this project.
:left
@set "_AUTOVENV_OPTED_OUT=!_AUTOVENV_PROJECT!"
@call :deactivate
@exit /b

:: Take away what we set, and no more: PATH loses our entries, never its later edits.
:deactivate
@set "_av_dir=!_AUTOVENV_BIN!"
@if not defined _av_dir if defined _AUTOVENV_ACTIVE set "_av_dir=!_AUTOVENV_ACTIVE!\Scripts"
@set "_av_keep=!_AUTOVENV_COUNT!"
@set "_AUTOVENV_GONE_BIN=!_av_dir!"
@set "_AUTOVENV_GONE_COUNT=!_av_keep!"
@call :path_trim
@call :label_off
@if defined _AUTOVENV_OLD_HOME set "PYTHONHOME=!_AUTOVENV_OLD_HOME!"
@set "_av_env=clear"
@for %%V in (VIRTUAL_ENV VIRTUAL_ENV_PROMPT _AUTOVENV_ACTIVE _AUTOVENV_DRESSED _AUTOVENV_PROJECT _AUTOVENV_BIN _AUTOVENV_COUNT _AUTOVENV_OLD_HOME) do @set "%%V="
@exit /b

:: Before deciding: was ours left, or pushed aside, by other hands than ours?
:notice
@if not defined _AUTOVENV_DRESSED goto notice_path
@if not defined VIRTUAL_ENV call :left & goto notice_path
@if "!VIRTUAL_ENV!"=="!_AUTOVENV_DRESSED!" goto notice_path
@set "_av_other=!VIRTUAL_ENV!"
@set "_av_text=!VIRTUAL_ENV_PROMPT!"
@if defined _AUTOVENV_OLD_HOME set "_OLD_VIRTUAL_PYTHONHOME=!_AUTOVENV_OLD_HOME!" & set "_AUTOVENV_OLD_HOME="
@if defined _AUTOVENV_LABEL if defined _OLD_VIRTUAL_PROMPT set "_OLD_VIRTUAL_PROMPT=!_OLD_VIRTUAL_PROMPT:(%_AUTOVENV_LABEL%) =!"
@call :deactivate
@set "_av_env=path"
@set "VIRTUAL_ENV=!_av_other!"
@set "VIRTUAL_ENV_PROMPT=!_av_text!"
:notice_path
@set "_av_rest=;!PATH!;"
@if defined _AUTOVENV_GONE_BIN if not defined VIRTUAL_ENV if not "!_av_rest:;%_AUTOVENV_GONE_BIN%;=!"=="!_av_rest!" set "_av_dir=!_AUTOVENV_GONE_BIN!" & set "_av_keep=!_AUTOVENV_GONE_COUNT!" & call :path_trim
@if not defined _AUTOVENV_OPTED_OUT exit /b
@set "_av_rest=!_av_now!\"
@set "_av_tail=!_av_rest:*%_AUTOVENV_OPTED_OUT%\=!"
@if /i not "!_AUTOVENV_OPTED_OUT!\!_av_tail!"=="!_av_rest!" set "_AUTOVENV_OPTED_OUT="
@exit /b

:: ---- decide ---------------------------------------------------------------------------------------

:: The table of shims\README.md: the first row that fits, its number behind it.
:decide
@set "_av_is=!VIRTUAL_ENV!"
@set "_av_same="
@set "_av_ours="
@set "_av_clad="
@set "_av_other="
@set "_av_action=keep"
@set "_av_reason="
@if not defined VIRTUAL_ENV goto decide_conda
@if defined _av_found if /i "!VIRTUAL_ENV!"=="!_av_found!" set "_av_same=1"
@if "!VIRTUAL_ENV!"=="!_AUTOVENV_ACTIVE!" set "_av_ours=1"
@set "_av_rest=;!PATH!;"
@if defined _av_ours if "!VIRTUAL_ENV!"=="!_AUTOVENV_DRESSED!" if not defined _OLD_VIRTUAL_PATH if not "!_av_rest:;%_AUTOVENV_BIN%;=!"=="!_av_rest!" set "_av_clad=1"
:decide_conda
@if defined CONDA_PREFIX if not "!CONDA_DEFAULT_ENV!"=="base" if not "!CONDA_PREFIX!"=="!_AUTOVENV_CONDA!" set "_av_other=1"

@if not defined _AUTOVENV_OFF if not defined AUTOVENV_DISABLE goto decide_3
@set "_av_reason=off"
@if defined _av_ours set "_av_action=deactivate" & rem 1, else 2
@goto act
:decide_3
@if not defined _av_other goto decide_5
@set "_av_reason=manual"
@if not defined _av_ours goto act & rem 4
@set "_av_action=deactivate" & rem 3
@set "_AUTOVENV_OPTED_OUT=!_AUTOVENV_PROJECT!"
@if not defined _AUTOVENV_OPTED_OUT set "_AUTOVENV_OPTED_OUT=!_av_project!"
@goto act
:decide_5
@set "_av_fit="
@set "_av_word="
@if defined _av_found call :fit
@if defined _av_found if not defined _av_word if defined _av_same if not defined _av_clad set "_av_action=adopt" & set "_av_reason=adopted" & rem 5
@if "!_av_action!"=="adopt" goto act
@if not defined VIRTUAL_ENV goto decide_7
@if defined _av_ours goto decide_7
@set "_av_reason=manual" & rem 6
@goto act
:decide_7
@if defined _av_found goto decide_9
@set "_av_reason=no-project" & rem 8
@if defined _av_ours set "_av_action=deactivate" & set "_av_reason=left-project" & rem 7
@goto act
:decide_9
@if not defined _av_word goto decide_11
@set "_av_reason=!_av_word!"
@if defined _av_ours set "_av_action=deactivate" & rem 9, else 10
@goto act
:decide_11
@if not defined _av_same goto decide_12
@set "_av_reason=already-active" & rem 11
@goto act
:decide_12
@if not defined _AUTOVENV_OPTED_OUT goto decide_14
@if /i not "!_AUTOVENV_OPTED_OUT!"=="!_av_project!" goto decide_14
@set "_av_reason=opted-out"
@if defined _av_ours set "_av_action=deactivate" & rem 12, else 13
@goto act
:decide_14
@set "_av_action=activate"
@set "_av_reason=entered-project" & rem 15
@if defined _av_ours set "_av_action=switch" & set "_av_reason=other-project" & rem 14
:act
@if "!_av_action!"=="deactivate" call :deactivate
@if "!_av_action!"=="switch" call :deactivate
@if "!_av_action!"=="switch" call :activate
@if "!_av_action!"=="activate" call :activate
@if "!_av_action!"=="adopt" call :adopt
@if defined AUTOVENV_TRACE call :trace
@exit /b
