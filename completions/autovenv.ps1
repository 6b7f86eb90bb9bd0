# autovenv completions for PowerShell; written by tools/make_completions.py, do not edit
#
# The hook dot-sources this at the first Tab after `autovenv`. Windows PowerShell 5.1 or newer.

# Offer those of the names in $table that begin with $word; their values are shown as help.
function global:__autovenv_offer_words([string]$word, [Collections.IDictionary]$table) {
    foreach ($name in $table.Keys) {
        if ($name.StartsWith($word, [StringComparison]::OrdinalIgnoreCase)) {
            [Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $table[$name])
        }
    }
}

# What follows the command: the word so far, the kind, and how many arguments stand before it.
function global:__autovenv_offer_argument([string]$word, [string]$kind, [int]$count) {
    switch ($kind) {
        'shell' { __autovenv_offer_words $word ([ordered]@{ 'bash' = 'bash'; 'zsh' = 'zsh'; 'fish' = 'fish'; 'powershell' = 'powershell' }) }
        'folder' {
            foreach ($result in [Management.Automation.CompletionCompleters]::CompleteFilename($word)) {
                if ($result.ResultType -eq 'ProviderContainer') { $result }
            }
        }
        'command' { [Management.Automation.CompletionCompleters]::CompleteCommand($word) }
        'line' {
            if ($count -gt 0) { [Management.Automation.CompletionCompleters]::CompleteFilename($word) }
            else { [Management.Automation.CompletionCompleters]::CompleteCommand($word) }
        }
    }
}

# $word: the word so far; $ast: the whole command; $position: where the cursor is.
function global:__autovenv_completion([string]$word, $ast, [int]$position) {
    $names = [ordered]@{
        'install-hook' = 'Make new terminals switch environments'
        'uninstall-hook' = 'Give every file back as it was'
        'allow' = 'Let the environment here switch on by itself'
        'deny' = 'Keep the environment here off, without a hint'
        'projects' = 'List the allowed projects'
        'which' = 'Say which python wins here, and why'
        'where' = 'List every python in the order this shell would take them'
        'status' = 'Say what holds in this shell and this folder'
        'doctor' = 'Check the whole installation'
        'exec' = 'Run a command in this folder''s environment'
        'on' = 'Switch environments in this shell again'
        'off' = 'Switch no environments in this shell'
        'hook' = 'Print the line that loads the hook'
    }
    $kinds = @{
        'install-hook' = 'shell'
        'uninstall-hook' = 'shell'
        'allow' = 'folder'
        'deny' = 'folder'
        'projects' = ''
        'which' = 'command'
        'where' = 'command'
        'status' = ''
        'doctor' = ''
        'exec' = 'line'
        'on' = ''
        'off' = ''
        'hook' = 'shell'
    }
    $options = @{
        '' = [ordered]@{
            '-V' = 'Show the version and exit'
            '--version' = 'Show the version and exit'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'install-hook' = [ordered]@{
            '--all' = 'Every supported shell'
            '--dry-run' = 'Show what would change, and change nothing'
            '--yes' = 'Ask nothing'
            '--no-autorun' = 'cmd: leave the registry alone'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'uninstall-hook' = [ordered]@{
            '--all' = 'Every supported shell'
            '--keep-trust' = 'Keep the list of allowed projects'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'allow' = [ordered]@{
            '--venv' = 'The environment, if it is elsewhere'
            '--under' = 'Any environment of mine below DIR'
            '--any-owner' = 'Also if it belongs to another user'
            '--command' = 'It may replace the command NAME'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'deny' = [ordered]@{
            '--under' = 'Take back: allow --under DIR'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'projects' = [ordered]@{
            '--prune' = 'Forget those whose environment is gone'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'which' = [ordered]@{
            '--json' = 'Print everything as JSON'
            '--explain' = 'Walk every rule of this shell, also in a pipe'
            '--run' = 'Run the winner to ask it for its version'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'where' = [ordered]@{
            '--json' = 'Print everything as JSON'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'status' = [ordered]@{
            '--json' = 'Print everything as JSON'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'doctor' = [ordered]@{
            '--json' = 'Print everything as JSON'
            '--report' = 'Print what a bug report needs, without secrets'
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'exec' = [ordered]@{
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'on' = [ordered]@{
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'off' = [ordered]@{
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
        'hook' = [ordered]@{
            '-h' = 'Show this message and exit'
            '--help' = 'Show this message and exit'
        }
    }
    $values = @{
        'allow --venv' = 'folder'
        'allow --under' = 'folder'
        'allow --command' = 'command'
        'deny --under' = 'folder'
    }
    $before = @(
        foreach ($element in $ast.CommandElements) {
            if ($element.Extent.EndOffset -lt $position) { $element.Extent.Text }
        }
    )
    $command = ''
    $previous = ''
    $count = 0
    for ($at = 1; $at -lt $before.Count; $at++) {
        $previous = $before[$at]
        if ($previous.StartsWith('-')) { continue }
        if ($command) { $count++ } else { $command = $previous }
    }
    $kind = [string]$kinds[$command]
    if ($values.ContainsKey("$command $previous")) {
        __autovenv_offer_argument $word $values["$command $previous"] 0
    } elseif ($word.StartsWith('-') -and $kind -cne 'line' -and $options.ContainsKey($command)) {
        __autovenv_offer_words $word $options[$command]
    } elseif (-not $command) {
        __autovenv_offer_words $word $names
    } else {
        __autovenv_offer_argument $word $kind $count
    }
}

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName 'autovenv' -ScriptBlock {
    __autovenv_completion $args[0] $args[1] $args[2]
}
