:: autovenv cmd 1 0.1.0
:: Before a line that may make or activate an environment: note how it is now. hook.bat compares. No process, no change
:: of the error level.
@for %%V in (SINCE ABSENT SEEN) do @set "_AUTOVENV_%%V="
@setlocal EnableDelayedExpansion
:: A variable of somebody's called CD would hide the current folder.
@set "CD="
@if not defined VIRTUAL_ENV set "VIRTUAL_ENV=-"
@for /f "eol=| tokens=1-3 delims=|" %%A in ("!TIME!|!CD!|!VIRTUAL_ENV!") do @endlocal & set "_AUTOVENV_SINCE=%%A" & set "_AUTOVENV_ABSENT=%%B" & set "_AUTOVENV_SEEN=%%C"
@if exist ".venv\pyvenv.cfg" set "_AUTOVENV_ABSENT="
