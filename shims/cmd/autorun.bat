:: autovenv cmd 1 0.1.0
:: What the AutoRun value of the registry, or cmd /k, runs in each new cmd. In one that a person types in, it loads the
:: macros and looks at the folder once; in any other (cmd /c, for /f, pipes, build tools) it does nothing, and starts
:: nothing. It prints nothing and leaves the error level 0. One process: doskey, and only where a person types.
@setlocal EnableExtensions EnableDelayedExpansion
@set "_av_line=!CMDCMDLINE!"
:: C:/windows/system32/cmd.exe has a /c in it as well.
@if defined _av_line set "_av_line=!_av_line:/cmd=-cmd!"
@if not defined _av_line goto person
:: The first of /c, /r and /k counts; /r is an old name of /c.
@set "_av_after_c=!_av_line:*/c=!"
@if "!_av_after_c!"=="!_av_line!" set "_av_after_c=!_av_line:*/r=!"
@if "!_av_after_c!"=="!_av_line!" goto person
@set "_av_after_k=!_av_line:*/k=!"
@if "!_av_after_k!"=="!_av_line!" goto nobody
@if not defined _av_after_k goto nobody
@set "_av_rest=!_av_after_k:*/c=!"
@if "!_av_rest!"=="!_av_after_k!" set "_av_rest=!_av_after_k:*/r=!"
@if not "!_av_rest!"=="!_av_after_c!" goto nobody
:person
@endlocal
@set "_AUTOVENV_CMD=%~dp0"
@if exist "%SystemRoot%\System32\doskey.exe" "%SystemRoot%\System32\doskey.exe" /macrofile="%~dp0macros.txt" >nul 2>nul
:: Not with CALL, which would double each ^ of the path, and read its %...% once more.
@"%~dp0hook.bat" start 0
:nobody
@endlocal
@exit /b 0
