# autovenv hook 1 0.1.0
#
# Entering a project's folder makes its .venv active in this PowerShell, leaving makes it inactive.
# Dot-sourced from the profile.ps1 of the user. This is what a start needs; the hook itself, with the sections that the
# other shells have too, is hook-main.ps1 beside it. That is read at the first prompt if an environment may matter there,
# else with the first command after it (PSReadLine counts): what runs for the first time is slow in PowerShell, about a
# millisecond for each kind of operation. So below they are few and of few kinds: -f for +, -like for -eq, no try. And a
# type in brackets that has no short name, as [string] has, takes 13 ms once, wherever it stands: all names of all
# assemblies are sorted for it. [type]::GetType looks in one of them, .NET's core. (All seen on 7.6.)
# For Windows PowerShell 5.1 and PowerShell 7. The forms that recur, and what each prevents: see hook-main.ps1.

# No method calls and no .NET types outside full language mode: stay off, silently.
if ($ExecutionContext.SessionState.LanguageMode -notlike 'FullLanguage') { return }

$global:_AUTOVENV_AGAIN = $function:__autovenv_load -is [scriptblock]
$global:_AUTOVENV_HOME = $PSScriptRoot
$global:_AUTOVENV_VERSION = '1 0.1.0'

# Read the hook itself.
function global:__autovenv_load {
    $file = '{0}/hook-main.ps1' -f $global:_AUTOVENV_HOME
    $item = $ExecutionContext.SessionState.InvokeProvider.Item # no time counts here, but types in brackets would
    if ($item.Exists($file, $true, $true)) {
        . $file
    } else {
        $function:__autovenv_load = $null # the profile, read again, begins anew
        if (-not $item.Exists('{0}/hook.ps1' -f $global:_AUTOVENV_HOME, $true, $true)) { return } # uninstalled meanwhile
        $Host.UI.WriteErrorLine('autovenv: hook-main.ps1 is gone from beside hook.ps1; run: autovenv install-hook')
    }
}

# Variables are not inherited. With our functions, this process has read this file before, and perhaps the hook.
if ($function:__autovenv_hook -is [scriptblock]) { __autovenv_load }
if ($global:_AUTOVENV_AGAIN) { return }
$global:_AUTOVENV_AT = -1
$global:_AUTOVENV_ASKED = $false
$global:_AUTOVENV_DELEGATE = [type]::GetType('System.Delegate')

# Before a command is looked up. Nothing is put in place before the first prompt is: a shell that never shows one is not a
# person's, and by then all profiles have been read, so that a theme in a later one has drawn its prompt. If nothing of
# ours can matter at that prompt, it goes by as it is.
$global:_AUTOVENV_WAITING = {
    if (-not $global:_AUTOVENV_ASKED) {
        if ($_.CommandName -notlike 'prompt') { return }
        $global:_AUTOVENV_ASKED = $true
        $global:_AUTOVENV_DREW = $function:prompt
        $file = [type]::GetType('System.IO.File')
        $info = [type]::GetType('System.IO.FileInfo')
        $name = [type]::GetType('System.IO.Path')
        $trust = '{0}/trust' -f $global:_AUTOVENV_HOME
        $cwd = '{0}' -f $PWD
        $at = ''
        if ($cwd -like '/*') { $at = '{0}{1}' -f $trust, $cwd }
        if ($cwd -like '?:\*') { $at = '{0}/{1}' -f $trust, $cwd.Remove(1, 1) }
        # The types are elsewhere in the first versions of 7.
        if (('{0}{1}' -f $env:VIRTUAL_ENV, $env:AUTOVENV_TRACE) -like '' -and $at -notlike '' -and $info -is [type] -and
            -not $file::Exists('{0}/.autovenv-any-under' -f $trust)) {
            while ($at.Length -gt $trust.Length -and -not $file::Exists('{0}/.autovenv-allow' -f $at)) {
                $at = $name::GetDirectoryName($at)
            }
            # A link is looked at, not followed: it may lead to another machine.
            if (-not ($at.Length -gt $trust.Length) -and
                (($cwd -like '/*' -and $info::new('{0}/.venv' -f $cwd).LinkTarget -is [string]) -or
                    -not $file::Exists('{0}/.venv/pyvenv.cfg' -f $cwd))) { return }
        }
    } else {
        $global:_AUTOVENV_AT = $MyInvocation.HistoryId # of the line that is about to run
    }
    # No longer: the name on the next line is looked up too.
    $command = $ExecutionContext.SessionState.InvokeCommand
    $command.PreCommandLookupAction = $global:_AUTOVENV_DELEGATE::Remove($command.PreCommandLookupAction, $global:_AUTOVENV_WAITING)
    __autovenv_load
}
$global:_AUTOVENV_OTHERS = $ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction
$ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction = $global:_AUTOVENV_WAITING
$global:_AUTOVENV_WAITING = $ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction # the same, as a delegate
if ($global:_AUTOVENV_OTHERS) {
    $ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction = $global:_AUTOVENV_DELEGATE::Combine(
        $global:_AUTOVENV_OTHERS, $global:_AUTOVENV_WAITING)
}
