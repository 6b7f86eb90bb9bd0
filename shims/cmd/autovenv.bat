:: autovenv cmd 1 0.1.0
:: What the macro autovenv runs: the program, told what only this shell knows; `on` and `off` are this shell's own.
@if /i "%~1"=="on" if "%~2"=="" set "_AUTOVENV_OFF=" & set "_AUTOVENV_OPTED_OUT=" & goto switched
@if /i "%~1"=="off" if "%~2"=="" set "_AUTOVENV_OFF=1" & set "_AUTOVENV_OPTED_OUT=" & goto switched
@set "_av_program="
@if exist "%~dp0program" for /f "usebackq delims=" %%L in ("%~dp0program") do @set "_av_program=%%L"
@if not defined _av_program goto lost
@if not "%_av_program:~1,2%"==":\" set "_av_program=%~dp0%_av_program%"
@if not exist "%_av_program%" goto lost
@set "_av_name=python"
@if not "%~2"=="" set "_av_name=%~2"
@set "_av_program=%_av_program%"
@set "_AUTOVENV_FACTS=shell=cmdversion=hook=1home=%~dp0..off=%_AUTOVENV_OFF%dressed=%_AUTOVENV_DRESSED%opted_out=%_AUTOVENV_OPTED_OUT%"
@if /i "%~1"=="which" set "_AUTOVENV_FACTS=%_AUTOVENV_FACTS%name=%_av_name%"
@if /i "%~1"=="where" set "_AUTOVENV_FACTS=%_AUTOVENV_FACTS%name=%_av_name%"
@set "_av_name="
@"%_av_program%" %*
@set "_AUTOVENV_FACTS="
@set "_av_program="
@"%~dp0hook.bat" after
:switched
@ver >nul
@"%~dp0hook.bat" after
:lost
@>&2 echo autovenv: the autovenv program is not where it was; install it again: py install.py
@cd "%~dp0go.bat" 2>nul
