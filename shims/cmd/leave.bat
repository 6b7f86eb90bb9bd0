:: autovenv cmd 1 0.1.0
:: What the macro deactivate runs. One that is not ours has a deactivate.bat of its own on PATH.
@if not defined _AUTOVENV_DRESSED goto other
@if not "%VIRTUAL_ENV%"=="%_AUTOVENV_DRESSED%" goto other
@"%~dp0hook.bat" leave
:other
@if "%~1"=="" (call deactivate.bat) else call deactivate.bat %*
@"%~dp0hook.bat" after
