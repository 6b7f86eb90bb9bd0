:: autovenv cmd 1 0.1.0
:: What the macros over cd, chdir, pushd, popd and drive letters run: the command itself first, its words as they were
:: typed, then hook.bat. No hook where the command failed. && and || of the typed line look at what ran last here,
:: so after a failure that is a command that fails: batch files give them no other answer without CALL.
@set "_av_code=%errorlevel%"
:: Wine 10: popd leaves the drive's own folder (=C:) as it was, and an endlocal would go back to it.
@cd . 2>nul
@set "_av_verb=%~1"
@set "_av_more="
:: With cmd /v:on, !! is nothing. The typed line has had its !...! put in already, and must not have it again.
@set "_av_on="
@if "!!"=="" set "_av_on=1"
:: cmd reads a line of a batch file once more: what a ^ protected when it was typed would be taken for a command here.
:: One name is given in quotes then, which is the same; more than one word is refused. Only for /f can look at the words
:: without running any of them: where quotes inside a word leave an & bare, cmd takes the line for an error, and ends.
:words
@setlocal DisableDelayedExpansion
@for %%V in (words how bang last) do @set "_av_%%V="
@for /f "eol=| delims=" %%A in (".%~2 %~3 %~4 %~5 %~6 %~7 %~8 %~9.") do @set "_av_words=%%A"
@for /f "eol=| tokens=2 delims=!" %%A in (".%~2 %~3 %~4 %~5 %~6 %~7 %~8 %~9.") do @if not "%%A"=="" set "_av_bang=1"
@setlocal EnableDelayedExpansion
@for /f "eol=| tokens=2 delims=^&|<>" %%A in ("!_av_words!") do @if not "%%A"=="" set "_av_how=odd"
@set "_av_text=!_av_words:"=!"
@if defined _av_how if not "!_av_text!"=="!_av_words!" set "_av_how=refused"
@if defined _av_how if defined _av_more set "_av_how=refused"
@if not defined _av_more if "!_av_words!"==".       ." set "_av_how=alone"
@if "!_av_words:~-2!"==" ." set "_av_last=1"
@endlocal & endlocal & set "_av_how=%_av_how%" & set "_av_last=%_av_last%" & if "%_av_bang%"=="1" set "_av_bang=1"
@if defined _av_how goto known
:: A batch file can name nine words; those behind them come forward.
@if not defined _av_last for /l %%N in (1,1,8) do @shift /1
@if not defined _av_last set "_av_more=1" & goto words
:known
@if "%_av_how%"=="refused" goto refused
@if /i "%_av_verb%"=="popd" goto plain
@if "%_av_verb:~1%"==":" goto plain
@if defined _av_on if defined _av_bang setlocal DisableDelayedExpansion & set "_av_apart=1"
@if "%_av_how%"=="alone" goto alone
@if "%_av_how%"=="odd" goto odd
@%*
@if errorlevel 1 goto failed
@goto went
:: Wine 10: `cd` with a blank behind it is an error.
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
:: The end of a setlocal takes the folder back. What pushd keeps outlasts it, and no name has to be written out again.
@if defined _av_apart pushd . & endlocal & popd & cd .
@for %%V in (verb more on how bang last code) do @set "_av_%%V="
@"%~dp0hook.bat" cd

:: popd and drive letters take no names, and leave the error level as it was.
:plain
@if defined _av_how %1 || goto failed
@if not defined _av_how %* || goto failed
:: Wine 10, popd: as above.
@cd .
@for %%V in (verb more on how bang last) do @set "_av_%%V="
@"%~dp0hook.bat" kept %_av_code%

:refused
@>&2 echo autovenv: I cannot pass on a name with ^^ before one of its letters, or only half in quotes; type all of it in quotes
:failed
@if defined _av_apart endlocal
@for %%V in (verb more on how bang last code) do @set "_av_%%V="
@cd "%~dp0go.bat" 2>nul
