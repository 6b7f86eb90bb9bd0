:: autovenv cmd 1 0.1.0
:: Before a line that may make or activate an environment: note how it is now. hook.bat compares. No process, no change
:: of the error level.
@set "_AUTOVENV_SINCE=%TIME%"
@set "_AUTOVENV_ABSENT="
@if not exist ".venv\pyvenv.cfg" set "_AUTOVENV_ABSENT=%CD%"
@set "_AUTOVENV_SEEN=%VIRTUAL_ENV%"
