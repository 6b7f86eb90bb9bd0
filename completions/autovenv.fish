# autovenv completions for fish; written by tools/make_completions.py, do not edit

complete -c autovenv -f
complete -c autovenv -n __fish_use_subcommand -s V -l version -d 'Show the version and exit'
complete -c autovenv -n __fish_use_subcommand -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a install-hook -d 'Make new terminals switch environments'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -l all -d 'Every supported shell'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -l dry-run -d 'Show what would change, and change nothing'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -l yes -d 'Ask nothing'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -l no-autorun -d 'cmd: leave the registry alone'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from install-hook' -a 'bash zsh fish powershell'

complete -c autovenv -n __fish_use_subcommand -a uninstall-hook -d 'Give every file back as it was'
complete -c autovenv -n '__fish_seen_subcommand_from uninstall-hook' -l all -d 'Every supported shell'
complete -c autovenv -n '__fish_seen_subcommand_from uninstall-hook' -l keep-trust -d 'Keep the list of allowed projects'
complete -c autovenv -n '__fish_seen_subcommand_from uninstall-hook' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from uninstall-hook' -a 'bash zsh fish powershell'

complete -c autovenv -n __fish_use_subcommand -a allow -d 'Let the environment here switch on by itself'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -l venv -x -a '(__fish_complete_directories)' -d 'The environment, if it is elsewhere'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -l under -x -a '(__fish_complete_directories)' -d 'Any environment of mine below DIR'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -l any-owner -d 'Also if it belongs to another user'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -l command -x -a '(__fish_complete_command)' -d 'It may replace the command NAME'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from allow' -a '(__fish_complete_directories)'

complete -c autovenv -n __fish_use_subcommand -a deny -d 'Keep the environment here off, without a hint'
complete -c autovenv -n '__fish_seen_subcommand_from deny' -l under -x -a '(__fish_complete_directories)' -d 'Take back: allow --under DIR'
complete -c autovenv -n '__fish_seen_subcommand_from deny' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from deny' -a '(__fish_complete_directories)'

complete -c autovenv -n __fish_use_subcommand -a projects -d 'List the allowed projects'
complete -c autovenv -n '__fish_seen_subcommand_from projects' -l prune -d 'Forget those whose environment is gone'
complete -c autovenv -n '__fish_seen_subcommand_from projects' -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a which -d 'Say which python wins here, and why'
complete -c autovenv -n '__fish_seen_subcommand_from which' -l json -d 'Print everything as JSON'
complete -c autovenv -n '__fish_seen_subcommand_from which' -l explain -d 'Walk every rule of this shell, also in a pipe'
complete -c autovenv -n '__fish_seen_subcommand_from which' -l run -d 'Run the winner to ask it for its version'
complete -c autovenv -n '__fish_seen_subcommand_from which' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from which' -a '(__fish_complete_command)'

complete -c autovenv -n __fish_use_subcommand -a where -d 'List every python in the order this shell would take them'
complete -c autovenv -n '__fish_seen_subcommand_from where' -l json -d 'Print everything as JSON'
complete -c autovenv -n '__fish_seen_subcommand_from where' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from where' -a '(__fish_complete_command)'

complete -c autovenv -n __fish_use_subcommand -a status -d 'Say what holds in this shell and this folder'
complete -c autovenv -n '__fish_seen_subcommand_from status' -l json -d 'Print everything as JSON'
complete -c autovenv -n '__fish_seen_subcommand_from status' -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a doctor -d 'Check the whole installation'
complete -c autovenv -n '__fish_seen_subcommand_from doctor' -l json -d 'Print everything as JSON'
complete -c autovenv -n '__fish_seen_subcommand_from doctor' -l report -d 'Print what a bug report needs, without secrets'
complete -c autovenv -n '__fish_seen_subcommand_from doctor' -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a exec -d 'Run a command in this folder\'s environment'
complete -c autovenv -n '__fish_seen_subcommand_from exec' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from exec' -a '(__fish_complete_subcommand --fcs-skip=2)'

complete -c autovenv -n __fish_use_subcommand -a on -d 'Switch environments in this shell again'
complete -c autovenv -n '__fish_seen_subcommand_from on' -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a off -d 'Switch no environments in this shell'
complete -c autovenv -n '__fish_seen_subcommand_from off' -s h -l help -d 'Show this message and exit'

complete -c autovenv -n __fish_use_subcommand -a hook -d 'Print the line that loads the hook'
complete -c autovenv -n '__fish_seen_subcommand_from hook' -s h -l help -d 'Show this message and exit'
complete -c autovenv -n '__fish_seen_subcommand_from hook' -a 'bash zsh fish powershell'
