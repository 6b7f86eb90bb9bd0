:: autovenv cmd 1 0.1.0
:: What the macros over cd, chdir, pushd, popd and drive letters run: the command itself first, its words as they were
:: typed, then hook.bat. No hook where the command failed. && and || of the typed line look at what ran last here,
:: so after a failure that is a command that fails: batch files give them no other answer without CALL.
@set "_av_verb=%~1"
@if /i "%_av_verb%"=="popd" goto plain
@if "%_av_verb:~1%"==":" goto plain
:: cmd reads a line of a batch file once more: what a ^ protected when it was typed would be taken for a command here.
:: One name is given in quotes then, which is the same; more than one word is refused.
@set "_av_words=%~2 %~3 %~4 %~5 %~6 %~7 %~8 %~9"
@set "_av_odd="
@for /f "eol=| tokens=2 delims=^&|<>" %%A in (".%_av_words%.") do @if not "%%A"=="" set "_av_odd=1"
@if "!!"=="" goto delayed
@if defined _av_odd goto odd
:: Wine 10: `cd` with a blank behind it is an error.
@if "%~2"=="" goto alone
@%*
@if errorlevel 1 goto failed
@goto went
:alone
@%1
@goto went
:odd
@if not "%~3"=="" goto odd_two
@%1 "%~2"
@if errorlevel 1 goto failed
@goto went
:odd_two
@if /i not "%~2"=="/d" goto refused
@if not "%~4"=="" goto refused
@%1 /d "%~3"
@if errorlevel 1 goto failed
:went
@set "_av_words="
@set "_av_odd="
@set "_av_verb="
@"%~dp0hook.bat" cd

:: popd and drive letters take no names, and leave the error level as it was.
:plain
@set "_av_verb="
@set "_av_code=%errorlevel%"
@%* || goto failed
:: Wine 10: popd leaves the drive's own folder (=C:) as it was, and the endlocal of hook.bat would go back to it.
@cd .
@"%~dp0hook.bat" kept %_av_code%

:: cmd /v:on: the typed line has had its !...! put in already, and must not have it again.
:delayed
@setlocal DisableDelayedExpansion
@set "_av_words=%~2 %~3 %~4 %~5 %~6 %~7 %~8 %~9"
@if "%~2"=="" endlocal & goto alone
@if "%_av_words:!=%"=="%_av_words%" endlocal & goto delayed_plain
@if defined _av_odd if not "%~3"=="" if /i not "%~2"=="/d" endlocal & goto refused
@set "_av_drive="
@if /i "%~2"=="/d" set "_av_drive=/d"
@if defined _av_odd (if defined _av_drive (cd /d "%~3") else cd "%~2") else if defined _av_drive (cd /d %3 %4 %5 %6 %7 %8 %9) else cd %2 %3 %4 %5 %6 %7 %8 %9
@if errorlevel 1 endlocal & goto failed
@set "_av_words=%CD%"
@set "_av_words=%_av_words:^=^^%"
@set "_av_words=%_av_words:!=^!%"
@endlocal & %1 %_av_drive% "%_av_words%"!
@if errorlevel 1 goto failed
@goto went
:delayed_plain
@if defined _av_odd goto odd
@%*
@if errorlevel 1 goto failed
@goto went

:refused
@>&2 echo autovenv: I cannot pass on a name with ^^ before one of its letters; type it in quotes
:failed
@set "_av_words="
@set "_av_odd="
@set "_av_verb="
@cd "%~dp0go.bat" 2>nul
