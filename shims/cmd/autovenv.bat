:: autovenv cmd 1 0.1.0
:: What the macro autovenv runs: the program, told what only this shell knows; `on` and `off` are this shell's own.
@for %%V in (code name program odd count) do @set "_av_%%V="
:: As in go.bat: cmd reads these words once more, so those that hold & and its like are looked at first, by for /f alone.
@setlocal DisableDelayedExpansion
@for /f "eol=| tokens=2 delims=^&|<>" %%A in (".%~1 %~2 %~3 %~4 %~5 %~6 %~7 %~8 %~9.") do @if not "%%A"=="" set "_av_odd=1"
@endlocal & set "_av_odd=%_av_odd%"
@if defined _av_odd goto facts
@if /i "%~1"=="on" if "%~2"=="" set "_AUTOVENV_OFF=" & set "_AUTOVENV_OPTED_OUT=" & goto switched
@if /i "%~1"=="off" if "%~2"=="" set "_AUTOVENV_OFF=1" & set "_AUTOVENV_OPTED_OUT=" & goto switched
@if /i "%~1"=="which" set "_av_name=%~2"
@if /i "%~1"=="where" set "_av_name=%~2"
@if defined _av_name if "%_av_name:~0,1%"=="-" set "_av_name=%~3"
@if /i "%~1"=="which" if not defined _av_name set "_av_name=python"
@if /i "%~1"=="where" if not defined _av_name set "_av_name=python"
:facts
@if exist "%~dp0program" for /f "usebackq delims=" %%L in ("%~dp0program") do @set "_av_program=%%L"
@if not defined _av_program goto lost
@if not "%_av_program:~1,2%"==":\" set "_av_program=%~dp0%_av_program%"
@if not exist "%_av_program%" goto lost
@set "_AUTOVENV_FACTS=shell=cmdversion=hook=1home=%~dp0..off=%_AUTOVENV_OFF%dressed=%_AUTOVENV_DRESSED%opted_out=%_AUTOVENV_OPTED_OUT%name=%_av_name%"
@if defined _av_odd goto odd
@"%_av_program%" %*
:ran
@set "_AUTOVENV_FACTS="
@for %%V in (name program odd) do @set "_av_%%V="
@"%~dp0hook.bat" after
:: Each word in quotes. What is put in as !x! is not read again.
:odd
@setlocal DisableDelayedExpansion
@set "_av_count=0"
:word
@set "_av_word="
@for /f "eol=| delims=" %%A in (".%~1") do @set "_av_word=%%A"
@if "%_av_word%"=="." goto words
@set /a "_av_count+=1"
@for /f "eol=| delims=" %%A in (".%~1") do @set "_av_word_%_av_count%=%%A"
@shift /1
@goto word
:words
@setlocal EnableDelayedExpansion
@set "_av_text="
@for /l %%N in (1,1,%_av_count%) do @call :add %%N
@"!_av_program!" !_av_text!
@endlocal & endlocal
@goto ran
:: Wine 10 takes no %%N in !x_%%N:~1!.
:add
@set "_av_word=!_av_word_%1:~1!"
@if "!_av_word:~-1!"=="\" set "_av_word=!_av_word!\"
@set "_av_text=!_av_text! "!_av_word!""
@exit /b
:switched
@ver >nul
@"%~dp0hook.bat" after
:lost
@>&2 echo autovenv: the autovenv program is not where it was; install it again: py install.py
@cd "%~dp0go.bat" 2>nul
