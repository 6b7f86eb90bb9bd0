# autovenv hook 1 0.1.0
#
# Entering a project's folder makes its .venv active in this PowerShell, leaving makes it inactive.
# Dot-sourced from the profile.ps1 of the user. This is what a start needs; the hook itself, with the sections that the
# other shells have too, is hook-main.ps1 beside it. That is read at the first prompt if an environment may matter there,
# else with the first command after it (PSReadLine counts): what runs for the first time is slow in PowerShell, about a
# millisecond for each kind of operation, property or method. So below they are few and of few kinds: -f for +, -like for
# -eq, -as for the call of a method, no number, no try. And a type in brackets has its full name, as it is sought in one
# assembly then, not by a sorted list of all names of all assemblies; [object], which has no such name, takes 5 ms. (All seen on 7.6.)
# For Windows PowerShell 5.1 and PowerShell 7. The forms that recur, and what each prevents: see hook-main.ps1.

# No method calls and no .NET types outside full language mode: stay off, silently.
if ($ExecutionContext.SessionState.LanguageMode -notlike 'FullLanguage') { return }

$global:_AUTOVENV_AGAIN = $function:__autovenv_load -is [scriptblock]
$global:_AUTOVENV_HOME = $PSScriptRoot
$global:_AUTOVENV_VERSION = '1 0.1.0'

# Read the hook itself. (A function is compiled when it is called first, so no start pays for what is in here.)
function global:__autovenv_load {
    # The event no longer: the name on the next line is looked up too.
    $command = $ExecutionContext.InvokeCommand
    $command.PreCommandLookupAction = [System.Delegate]::Remove($command.PreCommandLookupAction, $global:_AUTOVENV_WAITING)
    $file = '{0}/hook-main.ps1' -f $global:_AUTOVENV_HOME
    if ([System.IO.File]::Exists($file)) {
        . $file
    } else {
        $function:__autovenv_load = $null # the profile, read again, begins anew
        if (-not [System.IO.File]::Exists(('{0}/hook.ps1' -f $global:_AUTOVENV_HOME))) { return } # uninstalled meanwhile
        $Host.UI.WriteErrorLine('autovenv: hook-main.ps1 is gone from beside hook.ps1; run: autovenv install-hook')
    }
}

# Where a place on a drive of Windows has its mirror. (In line, the call would be paid for everywhere, as would a number.)
function global:__autovenv_drive {
    $global:_AUTOVENV_MIRROR = '/{0}' -f $global:_AUTOVENV_MIRROR.Replace(':', '')
}

# Wait together with whoever waits for commands already.
function global:__autovenv_others {
    $global:_AUTOVENV_COMMAND.PreCommandLookupAction = [System.Delegate]::Combine(
        $global:_AUTOVENV_OTHERS, $global:_AUTOVENV_WAITING)
}

# Variables are not inherited. With our functions, this process has read this file before, and perhaps the hook.
if ($global:_AUTOVENV_AGAIN) {
    if ($function:__autovenv_hook -is [scriptblock]) { __autovenv_load }
    return
}
$global:_AUTOVENV_AT = $null # hook-main.ps1 makes it a number
$global:_AUTOVENV_ASKED = $false

# Before a command is looked up. Nothing is put in place before the first prompt is: a shell that never shows one is not a
# person's, and by then all profiles have been read, so that a theme in a later one has drawn its prompt. If nothing of
# ours can matter at that prompt, it goes by as it is.
$global:_AUTOVENV_WAITING = {
    $name = $_.CommandName
    if ($name -like '__autovenv_*') { return } # the calls below, of which the last takes this off the event
    if ($global:_AUTOVENV_ASKED) {
        $global:_AUTOVENV_AT = $MyInvocation.HistoryId # of the line that is about to run
    } else {
        if ($name -notlike 'prompt') { return }
        $global:_AUTOVENV_ASKED = $true
        $global:_AUTOVENV_DREW = $function:prompt
        $cwd = $at = '{0}' -f $PWD
        $trust = '{0}/trust' -f $global:_AUTOVENV_HOME
        # To 5.1 a path that is too long is no file: $null, as for what has no answer here.
        $file = '{0}/.autovenv-any-under' -f $trust -as [System.IO.FileInfo]
        if (('{0}{1}' -f $env:VIRTUAL_ENV, $env:AUTOVENV_TRACE) -like '' -and ($cwd -like '/*' -or $cwd -like '?:\*') -and
            $file -is [System.IO.FileInfo] -and -not $file.Exists) {
            while ($at -like '?*') {
                $global:_AUTOVENV_MIRROR = $at
                if ($at -notlike '/*') { __autovenv_drive }
                $file = '{0}{1}/.autovenv-allow' -f $trust, $global:_AUTOVENV_MIRROR -as [System.IO.FileInfo]
                if ($file -isnot [System.IO.FileInfo]) { break }
                if ($file.Exists) { break }
                $at = '{0}' -f ($at -as [System.IO.FileInfo]).DirectoryName # '' above the topmost
            }
            if ($at -like '') {
                # A link is looked at, not followed: it may lead to another machine.
                $file = '{0}/.venv' -f $cwd -as [System.IO.FileInfo]
                if ($cwd -like '/*' -and $file.LinkTarget -is [string]) { return }
                $file = '{0}/.venv/pyvenv.cfg' -f $cwd -as [System.IO.FileInfo]
                if (-not $file.Exists) { return }
            }
        }
    }
    __autovenv_load
}
$global:_AUTOVENV_COMMAND = $ExecutionContext.InvokeCommand
$global:_AUTOVENV_OTHERS = $global:_AUTOVENV_COMMAND.PreCommandLookupAction
$global:_AUTOVENV_COMMAND.PreCommandLookupAction = $global:_AUTOVENV_WAITING
$global:_AUTOVENV_WAITING = $global:_AUTOVENV_COMMAND.PreCommandLookupAction # the same, as a delegate
if ('{0}' -f $global:_AUTOVENV_OTHERS -notlike '') { __autovenv_others }
