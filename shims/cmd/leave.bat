:: autovenv cmd 1 0.1.0
:: What the macro deactivate runs. One that is not ours has a deactivate.bat of its own on PATH.
@if not defined _AUTOVENV_DRESSED goto other
@setlocal EnableDelayedExpansion
@if not "!VIRTUAL_ENV!"=="!_AUTOVENV_DRESSED!" endlocal & goto other
@endlocal
@"%~dp0hook.bat" leave
:other
@call deactivate.bat
@"%~dp0hook.bat" after
