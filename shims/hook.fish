# autovenv hook 1 0.1.0
#
# Entering a project's folder makes its .venv active in this fish, leaving makes it inactive.
# Sourced from ~/.config/fish/conf.d/autovenv.fish; the protocol, and the same sections in the other shells: shims/README.md.
# fish 3.6 or newer.
#
# Forms that recur, and what each prevents:
#   builtin x            a function called x must not run in its place. Not needed for what fish reserves: set, test, string,
#                        read, status, return, argparse (seen on 3.6)
#   string match -rq     with named groups it sets variables. A command substitution would do too, at ten times the price
#   (?<_AUTOVENV_X>…)    sets the global X, because one exists by then (else the group's variable would be local)
#   read -z, then match  `read --line a b c` reads byte by byte (3.6: six times as slow)
#   set -eg, set -gx     a variable of the function that calls cd must not be taken for the shell's own
#   "$X|$Y" in test      a value alone could read as an operator of test, and an empty one as nothing
#   set last in a function  leaves $status as it was, and so the answer of the function to the line before it

status is-interactive
and string match -rq '^(3\.([6-9]|[1-9][0-9])|[4-9]|[1-9][0-9])' -- "$version"
or exit # the rest of this file, not the shell; `return` would be an error before 3.4

# ---- state ----------------------------------------------------------------------------------------

# Functions are not inherited: without ours, whatever the environment says about them is hearsay.
if not builtin functions -q __autovenv_hook
    set -gu _AUTOVENV_HOME (status dirname)
    string match -q '/*' -- $_AUTOVENV_HOME
    or set -gu _AUTOVENV_HOME $PWD/$_AUTOVENV_HOME
    set -gu _AUTOVENV_HOME (builtin path normalize -- $_AUTOVENV_HOME)
    set -gu _AUTOVENV_TRUST $_AUTOVENV_HOME/trust
    # Lists, for fewer statements: FOUND and the parsed MARKER hold venv, project, bin, label; DRESSED venv, project, bin, and
    # how often bin was on PATH before (the venv is '' once it was left); PWD the folder, and what else is known of it (see
    # __autovenv_look); KNOWN the folders where nothing was found in this epoch, and MARKER, from its fifth on, those that it
    # was found above; LINE from where IDLE is looked at (9: only its first), then status, milliseconds, text; CHECK, NEAR and
    # ABSENT arguments of test; IDLE see the prompt.
    for name in DRESSED FOUND MARKER CHECK NEAR KNOWN PWD HINTED TRIED PLAIN OLD_HOME
        set -gu _AUTOVENV_$name
    end
    for name in OFF OPTED_OUT THEMED LABELLED WORD CONDA IDLE EPOCH
        set -gu _AUTOVENV_$name ''
    end
    set -gu _AUTOVENV_N 0
    set -gu _AUTOVENV_UNDER $_AUTOVENV_TRUST/.autovenv-any-under
    set -gu _AUTOVENV_TOP /.
    set -gu _AUTOVENV_ABSENT -o ! -L .venv -a -f .venv/pyvenv.cfg
    set -gu _AUTOVENV_LINE 2
    # Up to five folders above a path, the first being at its top; and what lies below the fifth, if there is another.
    set -gu _AUTOVENV_ABOVE '^(?=(?<__av1>/[^/]+)/)(?=(?<__av2>/[^/]+/[^/]+)/)?(?=(?<__av3>(/[^/]+){3})/)?(?=(?<__av4>(/[^/]+){4})/)?((?<__av5>(/[^/]+){5}(?=/))(?<__av_rest>/[^/]+/(?s:.*))?)?'
    set -gu _AUTOVENV_SEEN "$VIRTUAL_ENV"
    # The conda environment that was there when an outer shell activated ours.
    test -z "$_AUTOVENV_ACTIVE"
    or set -gu _AUTOVENV_CONDA "$CONDA_PREFIX"
end
set -gu _AUTOVENV_HOOK fish:1

# ---- say ------------------------------------------------------------------------------------------

# Print one fixed line for the person. No text from a project is ever part of it.
function __autovenv_say
    builtin printf 'autovenv: %s\n' $argv[1] >&2
end

# Print what is about to be done, for AUTOVENV_TRACE: action, reason.
function __autovenv_trace
    test -n "$AUTOVENV_TRACE"
    or return
    set -l to "$VIRTUAL_ENV"
    switch $argv[1]
        case deactivate
            set to ''
        case activate adopt switch
            set to $_AUTOVENV_FOUND[1]
    end
    set -l names (string escape -- "$VIRTUAL_ENV" "$to" | string replace -r "^''\$" -)
    builtin printf 'autovenv: trace action=%s reason=%s from=%s to=%s\n' $argv[1] $argv[2] $names >&2
end

# ---- find -----------------------------------------------------------------------------------------

# Look in the mirror for a marker of the folders above $PWD, which has none itself (that was looked for before); the deepest
# becomes _AUTOVENV_FOUND. No folder of the real tree is touched. What comes of it is remembered for this epoch, which
# whoever calls this has looked at.
function __autovenv_find
    set -g _AUTOVENV_FOUND
    # Where the mirror has not even the first folder there is nothing: that takes a third of what follows, and less where that
    # folder was asked about before. (Only if its name means nothing to a pattern.)
    string match -q -- "$_AUTOVENV_TOP/*" $PWD
    or string match -rq '^(?<_AUTOVENV_TOP>/[\w.-]+)/' -- $PWD
    or set -g _AUTOVENV_TOP /.
    if not test -d $_AUTOVENV_TRUST$_AUTOVENV_TOP -o -f "$_AUTOVENV_UNDER"
        set -g _AUTOVENV_KNOWN $PWD $_AUTOVENV_KNOWN[..9] # ten: a longer list takes as long as looking
        return
    end
    string match -rq $_AUTOVENV_ABOVE -- $PWD
    or return
    # Most often there is none. A group that matched nothing is an empty list, and so is every word that it is part of.
    set -q __av_rest[1]
    or builtin path is -f $_AUTOVENV_UNDER $_AUTOVENV_TRUST$__av1/.autovenv-allow \
        $_AUTOVENV_TRUST$__av2/.autovenv-allow $_AUTOVENV_TRUST$__av3/.autovenv-allow $_AUTOVENV_TRUST$__av4/.autovenv-allow \
        $_AUTOVENV_TRUST$__av5/.autovenv-allow
    or set -g _AUTOVENV_KNOWN $PWD $_AUTOVENV_KNOWN[..9]
    or return
    if test -f $_AUTOVENV_TRUST/.autovenv-any-under
        __autovenv_find_under
        return
    end
    set -l top ''
    set -l hit
    while set -q top # `true` would be looked for among the functions
        for place in $top$__av5 $top$__av4 $top$__av3 $top$__av2 $top$__av1
            test -f $_AUTOVENV_TRUST$place/.autovenv-allow -a "$place" != "$HOME" # a venv in $HOME counts there only
            and set hit $place
            and break
        end
        set -q __av_rest[1]
        and test -d $_AUTOVENV_TRUST$top$__av5
        or break
        set top $top$__av5
        string match -rq $_AUTOVENV_ABOVE -- $__av_rest
        and test -d $_AUTOVENV_TRUST$top$__av1
        or break
    end
    set -q hit[1]
    and not test -f $_AUTOVENV_TRUST$PWD/.autovenv-allow # one right here that is not fit hides those above
    and test -O $_AUTOVENV_TRUST$hit/.autovenv-allow
    and __autovenv_read $hit
    # Not remembered where the one in $HOME may have been passed over, as $HOME may change.
    if not test -f $_AUTOVENV_TRUST$HOME/.autovenv-allow
        if set -q _AUTOVENV_FOUND[1]
            set -g _AUTOVENV_MARKER $_AUTOVENV_FOUND $PWD $_AUTOVENV_MARKER[5..13]
        else if not set -q hit[1]
            set -g _AUTOVENV_KNOWN $PWD $_AUTOVENV_KNOWN[..9]
        end
    end
end

# While the file of this epoch stands, no marker changes, and what was found may be remembered. It does not stand: forget,
# and begin the next, if there is one. Without one each folder is looked up each time.
function __autovenv_epoch
    set -l number
    test -f $_AUTOVENV_TRUST/.autovenv-epoch
    and read -z number <$_AUTOVENV_TRUST/.autovenv-epoch
    set -l epoch ''
    string match -rq '^(?<number>[0-9]+)\n' -- "$number"
    and test -f $_AUTOVENV_TRUST/.autovenv-epoch-$number -a ! -f $_AUTOVENV_TRUST/.autovenv-any-under
    and set epoch $_AUTOVENV_TRUST/.autovenv-epoch-$number
    test "$epoch" = "$_AUTOVENV_EPOCH"
    and return
    set -g _AUTOVENV_EPOCH $epoch
    set -g _AUTOVENV_MARKER
    set -g _AUTOVENV_KNOWN
    # In an epoch there is no `allow --under`, and no need to look.
    set -g _AUTOVENV_UNDER
    test -n "$epoch"
    or set _AUTOVENV_UNDER $_AUTOVENV_TRUST/.autovenv-any-under
end

# The same where a folder was named with `allow --under`: below it, a new .venv is looked for along $PWD.
function __autovenv_find_under
    set -l place ''
    set -l rest $PWD
    set -l hit
    set -l under
    set -l new
    set -l part
    while string match -rq '^(?<part>/[^/]+)(?<rest>/(?s:.*))?$' -- "$rest"
        set place $place$part
        if test -f $_AUTOVENV_TRUST$place/.autovenv-allow
            if test "$place" != "$HOME" -o "$place" = "$PWD"
                set hit $place
                set new
            end
        else if not set -q under[1]
            and not test -d $_AUTOVENV_TRUST$place
            break
        end
        set -q under[1]
        and test "$place" != "$hit" -a -f $place/.venv/pyvenv.cfg
        and set new $place
        test -f $_AUTOVENV_TRUST$place/.autovenv-under
        and set under 1
    end
    set -q new[1]
    and __autovenv_new $new
    and set hit $new
    set -q hit[1]
    and test -O $_AUTOVENV_TRUST$hit/.autovenv-allow
    and __autovenv_read $hit
end

# Accept the marker of place $argv[1], which is there and ours, if it says so itself; anything odd means "not allowed".
# What was made of its text stays as long as the epoch. Without one it stays too: if the text is another one since, its twins
# are those of another environment. The names begin with __av, so that they need not be made local: a person has none of them.
function __autovenv_read
    if test "$argv[1]" != "$_AUTOVENV_MARKER[2]"
        read -zl __av_text <$_AUTOVENV_TRUST$argv[1]/.autovenv-allow
        string match -rq '^autovenv 1\n(?<__av_place>[^\n]+)\n(?<__av_venv>/[^\n]*)\n(?<__av_bin>/[^\n]*)\n(?<__av_label>[^\n]*)' -- "$__av_text"
        or set -g _AUTOVENV_MARKER # `set` keeps the status
        or set -g _AUTOVENV_FOUND
        or return
        __autovenv_twins $_AUTOVENV_TRUST$argv[1] $__av_venv/pyvenv.cfg $__av_bin
        if test "$__av_place|$__av_venv|$__av_bin|$_AUTOVENV_CHECK[3]" = "$argv[1]|$argv[1]/.venv|$argv[1]/.venv/bin|-nt"
            # The same by short names, for who has just come to the folder that they are in: that takes a fifth less.
            set -g _AUTOVENV_NEAR $_AUTOVENV_CHECK[2 3] .venv/pyvenv.cfg -o .venv/pyvenv.cfg $_AUTOVENV_CHECK[7..11] \
                .venv/bin -o .venv/bin $_AUTOVENV_CHECK[15..19]
        else
            test "$__av_place" = $argv[1]
            or set -g _AUTOVENV_MARKER
            or set -g _AUTOVENV_FOUND
            or return
            set -g _AUTOVENV_NEAR $_AUTOVENV_CHECK[2..-1]
        end
        set -g _AUTOVENV_MARKER $__av_venv $__av_place $__av_bin "$__av_label"
    end
    set -g _AUTOVENV_FOUND $_AUTOVENV_MARKER[1..4]
end

# A venv at $argv[1], below a folder named with `allow --under`, has no marker: have it judged once.
function __autovenv_new
    set -l mirror $_AUTOVENV_TRUST$argv[1]
    if builtin contains -- $argv[1] $_AUTOVENV_TRIED
        or test -f $mirror/.autovenv-deny
        return 1
    end
    __autovenv_twins $mirror $argv[1]/.venv/pyvenv.cfg $argv[1]/.venv/bin
    set -g _AUTOVENV_MARKER # _AUTOVENV_CHECK is this one's now
    test -f $mirror/.autovenv-refused
    and not test $_AUTOVENV_CHECK[2..-4]
    and return 1
    set -ga _AUTOVENV_TRIED $argv[1]
    set -ga _AUTOVENV_HINTED $argv[1]
    __autovenv_verify --under $argv[1]
end

# ---- state of what was found ----------------------------------------------------------------------

# Set _AUTOVENV_CHECK to what, behind its -o, makes `test` true if the files $argv[2] and $argv[3] are not as old as their twins in $argv[1]
# say, or if they were refused. To fish a missing file is older than any other: each -nt finds out a missing file or upper
# twin by itself, and whether there are lower ones is looked at here.
function __autovenv_twins
    set -g _AUTOVENV_CHECK -o $argv[1]/.autovenv-cfg-lo -nt $argv[2] -o $argv[2] -nt $argv[1]/.autovenv-cfg-hi \
        -o $argv[1]/.autovenv-bin-lo -nt $argv[3] -o $argv[3] -nt $argv[1]/.autovenv-bin-hi -o -f $argv[1]/.autovenv-refused
    if not test -f $argv[1]/.autovenv-cfg-lo -a -f $argv[1]/.autovenv-bin-lo -a -f $argv[2] -a -d $argv[3]
        set -p _AUTOVENV_CHECK -o -n missing
    end
end

# Is the environment that was found fit for use? If not, _AUTOVENV_WORD says why.
function __autovenv_fit
    test $_AUTOVENV_CHECK[2..-1]
    or return 0
    set -l mirror $_AUTOVENV_TRUST$_AUTOVENV_FOUND[2]
    if not test $_AUTOVENV_CHECK[2..-4] # all but the last: refused, and no change since
        __autovenv_word $mirror
    else if not test -f $_AUTOVENV_FOUND[1]/pyvenv.cfg
        set -g _AUTOVENV_WORD venv-missing
    else if __autovenv_verify --place $_AUTOVENV_FOUND[2]
        set -g _AUTOVENV_MARKER
        test -O $mirror/.autovenv-allow
        and __autovenv_read $_AUTOVENV_FOUND[2]
        return
    else
        __autovenv_word $mirror
    end
    return 1
end

# The reason word that verify left in mirror folder $argv[1].
function __autovenv_word
    set -l text
    test -f $argv[1]/.autovenv-refused
    and read -z text <$argv[1]/.autovenv-refused
    string match -rq '^(?<_AUTOVENV_WORD>[^\n]+)' -- "$text"
    or set -g _AUTOVENV_WORD refused
end

# Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project.
function __autovenv_verify
    set -l text
    set -l program
    test -f $_AUTOVENV_HOME/cli
    and read -z text <$_AUTOVENV_HOME/cli
    string match -rq '^(?<program>/[^\n]*)' -- "$text"
    if not test -x "$program"
        builtin contains program $_AUTOVENV_TRIED
        or __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
        set -ga _AUTOVENV_TRIED program
        return 1
    end
    set -lx PYTHONHOME ''
    set -lx PYTHONPATH ''
    command $program verify --home $_AUTOVENV_HOME --shell fish $argv </dev/null >/dev/null
end

# ---- consent --------------------------------------------------------------------------------------

# Did the person just make .venv here, or activate one by hand? Ask the program, with the line that ran.
function __autovenv_consent
    set -l made
    set -l activated
    test "$_AUTOVENV_PWD" = "$PWD  _AUTOVENV_ABSENT" -a "$_AUTOVENV_FOUND[2]" != "$PWD" -a ! -L .venv -a -f .venv/pyvenv.cfg
    and set made 1
    # One that was refused here, and has been made again since.
    test "$_AUTOVENV_FOUND[2]" != "$PWD" -a -f $_AUTOVENV_TRUST$PWD/.autovenv-refused -a ! -L .venv -a .venv/pyvenv.cfg -nt $_AUTOVENV_TRUST$PWD/.autovenv-refused
    and set made 1
    if test "|$VIRTUAL_ENV" != "|$_AUTOVENV_SEEN" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_ACTIVE" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_FOUND[1]"
        string match -q '*/.venv' -- $VIRTUAL_ENV
        and not builtin contains -- $VIRTUAL_ENV $_AUTOVENV_TRIED
        and set activated $VIRTUAL_ENV
    end
    set -q made[1]
    or set -q activated[1]
    or return
    set -l ran $_AUTOVENV_LINE
    set -lx _AUTOVENV_LINE ''
    set -lx _AUTOVENV_ALIASES ''
    set -lx _AUTOVENV_STATUS "$ran[2]"
    set -lx _AUTOVENV_SINCE ''
    if __autovenv_recorded "$ran[4]"
        set _AUTOVENV_LINE $ran[4]
        for name in (string match -ra '[^\s;&|()<>]+' -- $ran[4])
            set -l body (__autovenv_alias $name)
            and set _AUTOVENV_ALIASES $_AUTOVENV_ALIASES$name=$body\x1e
        end
        # There is no clock, but `path` knows how old a file is.
        set -l now (builtin path mtime -- $_AUTOVENV_HOME) + (builtin path mtime --relative -- $_AUTOVENV_HOME)
        set _AUTOVENV_SINCE (builtin math --scale 0 "$now - 1 - $ran[3] / 1000")
    end
    set -l words --line $PWD
    set -q activated[1]
    and set -a words --activated $activated
    __autovenv_verify $words
    switch $status
        case 0
            set -g _AUTOVENV_MARKER # there is a new one, and with it a new epoch
            __autovenv_epoch
            test -O $_AUTOVENV_TRUST$PWD/.autovenv-allow
            and __autovenv_read $PWD
            or __autovenv_find
        case 3
            set -ga _AUTOVENV_TRIED $activated
        case '*'
            set -ga _AUTOVENV_HINTED $PWD # it has said so itself
    end
end

# Do we have the line that just ran, and is $argv[1] one that the history may have?
function __autovenv_recorded
    string match -rq '^\S' -- $argv[1]
    and not set -q fish_private_mode[1]
    or return
    builtin functions -q fish_should_add_to_history # a person's own, in fish 4
    or return 0
    fish_should_add_to_history $argv[1] >/dev/null
end

# Print what function $argv[1] stands for, if it is one that `alias` makes: a single line that ends in $argv.
function __autovenv_alias
    builtin functions -q -- $argv[1]
    or return
    set -l text (builtin functions --no-details -- $argv[1] | string match -rg '^\s*(\S.*?)[\s;]*$')
    set -l body
    test (builtin count $text) -eq 3
    and string match -rq '^(?<body>.+) \$argv$' -- $text[2]
    and builtin printf '%s\n' $body
end

# An unknown .venv here: say so, once per folder and shell.
function __autovenv_hint
    test "$_AUTOVENV_FOUND[2]" != "$PWD" -a "|$VIRTUAL_ENV" != "|$PWD/.venv" -a -z "$_AUTOVENV_OFF$AUTOVENV_DISABLE$AUTOVENV_QUIET"
    and not builtin contains -- $PWD $_AUTOVENV_HINTED
    or return
    set -ga _AUTOVENV_HINTED $PWD
    test -f $_AUTOVENV_TRUST$PWD/.autovenv-deny
    or __autovenv_say 'this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow'
end

# ---- prompt label ---------------------------------------------------------------------------------

# The label was taken away, but our prompt has not heard it: is it in use under another name?
function __autovenv_label_off
    if __autovenv_label_check fish_prompt
        builtin functions -e fish_prompt
        builtin functions -c __autovenv_old_prompt fish_prompt
    else if builtin functions -q _old_fish_prompt
        and __autovenv_label_check _old_fish_prompt
        # An activate script wrapped ours: then it is in there.
        builtin functions -e _old_fish_prompt
        builtin functions -c __autovenv_old_prompt _old_fish_prompt
    else
        set -g _AUTOVENV_THEMED 1
    end
    builtin functions -e __autovenv_old_prompt
end

# Is function $argv[1] a copy of our wrapper? If not, a theme has drawn the prompt anew: leave it to it.
function __autovenv_label_check
    set -l text (builtin functions $argv[1])
    string match -q '*__autovenv_old_prompt*' -- $text
end

# ---- PATH -----------------------------------------------------------------------------------------

# _AUTOVENV_N = how often folder $argv[1] stands on PATH.
function __autovenv_path_count
    set -l hits
    for entry in $PATH
        test "$entry" = $argv[1]
        and set -a hits $entry
    end
    set -g _AUTOVENV_N (builtin count $hits)
end

# Remove the leftmost entries of folder $argv[1] until $argv[2] remain. Nothing else of PATH changes.
function __autovenv_path_trim
    __autovenv_path_count $argv[1]
    while test $_AUTOVENV_N -gt $argv[2]
        set -eg PATH[(builtin contains -i -- $argv[1] $PATH)]
        __autovenv_path_count $argv[1]
    end
end

# ---- activate, adopt, deactivate ------------------------------------------------------------------

# Make what was found active.
function __autovenv_activate
    set -g _AUTOVENV_N 0
    builtin contains -- $_AUTOVENV_FOUND[3] $PATH
    and __autovenv_path_count $_AUTOVENV_FOUND[3]
    set -gx PATH $_AUTOVENV_FOUND[3] $PATH
    __autovenv_dress $_AUTOVENV_N
end

# Take over one that is active already: inherited, or activated by a script or by hand.
function __autovenv_adopt
    test "$VIRTUAL_ENV" = "$_AUTOVENV_FOUND[1]"
    or __autovenv_path_trim $VIRTUAL_ENV/bin 0 # the same, spelled otherwise
    __autovenv_path_count $_AUTOVENV_FOUND[3]
    set -l number 0
    if test -n "$_AUTOVENV_DRESSED[1]" # it was ours before, and the number of then still holds
        set number $_AUTOVENV_DRESSED[4]
    else
        set -q _OLD_VIRTUAL_PATH
        and test $_AUTOVENV_N -gt 0
        and set number (builtin math $_AUTOVENV_N - 1)
        set -g _AUTOVENV_CONDA "$CONDA_PREFIX"
    end
    if test "$PATH[1]" != "$_AUTOVENV_FOUND[3]" -o $_AUTOVENV_N -gt (builtin math $number + 1)
        __autovenv_path_trim $_AUTOVENV_FOUND[3] $number
        set -gx PATH $_AUTOVENV_FOUND[3] $PATH
    end
    # What an activate script saved becomes ours. Not its PATH: that is a snapshot, and would lose edits.
    if builtin functions -q _old_fish_prompt
        set -l text (builtin functions fish_prompt)
        if string match -q '*_old_fish_prompt*' -- $text
            builtin functions -e fish_prompt
            builtin functions -c _old_fish_prompt fish_prompt
        end
        builtin functions -e _old_fish_prompt
    end
    set -q _AUTOVENV_OLD_HOME[1]
    or set -g _AUTOVENV_OLD_HOME $_OLD_VIRTUAL_PYTHONHOME
    set -eg _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_FISH_PROMPT_OVERRIDE
    set -g _AUTOVENV_OPTED_OUT ''
    __autovenv_dress $number
end

# Set what an active environment has, define deactivate, show the label. $argv[1]: how often its folder was on PATH before.
function __autovenv_dress
    set -gx VIRTUAL_ENV $_AUTOVENV_FOUND[1]
    set -gx VIRTUAL_ENV_PROMPT $_AUTOVENV_FOUND[4]
    set -gx _AUTOVENV_ACTIVE $_AUTOVENV_FOUND[1]
    set -g _AUTOVENV_DRESSED $_AUTOVENV_FOUND[1..3] $argv[1]
    if set -q PYTHONHOME[1]
        set -g _AUTOVENV_OLD_HOME $PYTHONHOME
        set -eg PYTHONHOME
    end
    # As activate scripts define it. `nondestructive` is how they clear the way for themselves.
    function deactivate --description 'Leave the virtual environment'
        set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_DRESSED[2]
        __autovenv_deactivate $argv
        test "$argv[1]" != nondestructive
        or set -g _AUTOVENV_OPTED_OUT ''
    end
    set -g _AUTOVENV_IDLE "$VIRTUAL_ENV|$PWD|$PATH$AUTOVENV_TRACE$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3] _AUTOVENV_CHECK
    # Show `(label) ` before the prompt, unless the person or a theme does without it.
    switch "$VIRTUAL_ENV_DISABLE_PROMPT$_AUTOVENV_THEMED$_AUTOVENV_LABELLED|$_AUTOVENV_PLAIN"
        case '|1' # the prompt is known to leave the label to us
        case '|*'
            builtin functions -q fish_prompt
            and set -l text (builtin functions fish_prompt)
            and not string match -rq VIRTUAL_ENV -- $text
            or return
            set -g _AUTOVENV_PLAIN 1 # until a line may have changed it
            builtin functions -e __autovenv_old_prompt
        case '*'
            test -z "$_AUTOVENV_LABELLED"
            or set -g _AUTOVENV_LABELLED "($_AUTOVENV_FOUND[4]) "
            return
    end
    builtin functions -c fish_prompt __autovenv_old_prompt
    set -g _AUTOVENV_LABELLED "($_AUTOVENV_FOUND[4]) "
    # A switch leaves $status and $pipestatus as they are, a printf does not: where they are not what printf makes them,
    # the old prompt goes first. fish itself joins lines like that. Once the label is taken away, it gives the old one back:
    # it hears that only while it is the prompt, and not, say, a theme's that has come since.
    function fish_prompt --on-variable _AUTOVENV_LABELLED
        switch "$argv[1]$_AUTOVENV_LABELLED|$status $pipestatus"
            case '(*|0 0'
                builtin echo -n $_AUTOVENV_LABELLED # never an option: it begins with (
                __autovenv_old_prompt $argv
            case 'VARIABLE|*'
                builtin functions -e fish_prompt
                builtin functions -c __autovenv_old_prompt fish_prompt
                builtin functions -e __autovenv_old_prompt
            case '(*'
                set -l lines (__autovenv_old_prompt $argv)
                string join -- \n "$_AUTOVENV_LABELLED$lines[1]" $lines[2..-1]
        end
    end
end

# Take away what we set, and no more: PATH loses our entries, never its later edits. With `pushed` as
# $argv[1], another environment is active already: what is that one's stays.
function __autovenv_deactivate
    if test "$_AUTOVENV_DRESSED[4]|$PATH[1]" = "0|$_AUTOVENV_DRESSED[3]" # nearly always
        set -eg PATH[1]
    else if test -z "$_AUTOVENV_DRESSED[1]"
        set -g _AUTOVENV_DRESSED '' '' $_AUTOVENV_ACTIVE/bin 0 # inherited, and never adopted
    end
    builtin contains -- $_AUTOVENV_DRESSED[3] $PATH
    and __autovenv_path_trim $_AUTOVENV_DRESSED[3..4]
    set -g _AUTOVENV_LABELLED ''
    builtin functions -q __autovenv_old_prompt
    and __autovenv_label_off
    switch "$argv[1]|$_AUTOVENV_DRESSED[1]"
        case 'pushed|*'
            set -eg _AUTOVENV_ACTIVE
            set -q _AUTOVENV_OLD_HOME[1]
            and set -gx _OLD_VIRTUAL_PYTHONHOME $_AUTOVENV_OLD_HOME # for its own deactivate to put back
            and set _AUTOVENV_OLD_HOME
            set _AUTOVENV_DRESSED[1] ''
            return
        case 'nondestructive|*' '*|'
        case '*'
            builtin functions -e deactivate
    end
    set -eg VIRTUAL_ENV VIRTUAL_ENV_PROMPT _AUTOVENV_ACTIVE
    set -q _AUTOVENV_OLD_HOME[1]
    and set -gx PYTHONHOME $_AUTOVENV_OLD_HOME
    and set _AUTOVENV_OLD_HOME
    set _AUTOVENV_DRESSED[1] ''
end

# Before deciding: was ours left, or pushed aside, by other hands than ours?
function __autovenv_notice
    if test -n "$_AUTOVENV_DRESSED[1]" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_DRESSED[1]"
        if test -z "$VIRTUAL_ENV"
            set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_DRESSED[2]
            __autovenv_deactivate
        else
            __autovenv_deactivate pushed
        end
    end
    test -z "$_AUTOVENV_OPTED_OUT"
    or test (string sub --length (string length -- $_AUTOVENV_OPTED_OUT/) -- $PWD/) = $_AUTOVENV_OPTED_OUT/
    or set -g _AUTOVENV_OPTED_OUT ''
end

# ---- decide ---------------------------------------------------------------------------------------

# The table of shims/README.md: the first row that fits, its number behind it. Each row that can be idle says so: see the
# prompt.
function __autovenv_decide
    if test "$_AUTOVENV_OFF$AUTOVENV_DISABLE$VIRTUAL_ENV|$CONDA_PREFIX" = "|$_AUTOVENV_CONDA"
        builtin contains -- "$_AUTOVENV_DRESSED[3]" $PATH
        and __autovenv_path_trim $_AUTOVENV_DRESSED[3..4] # a snapshot of PATH was put back (direnv)
        if not set -q _AUTOVENV_FOUND[1]
            set -q AUTOVENV_TRACE
            and __autovenv_trace keep no-project # 8
            set -g _AUTOVENV_IDLE "|$PWD|$PATH$AUTOVENV_TRACE$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3]
        else if test $_AUTOVENV_CHECK[2..-1]
            and not __autovenv_fit
            __autovenv_trace keep $_AUTOVENV_WORD # 10
            set -g _AUTOVENV_IDLE ''
        else if test "$_AUTOVENV_OPTED_OUT" = "$_AUTOVENV_FOUND[2]"
            __autovenv_trace keep opted-out # 13
            set -g _AUTOVENV_IDLE ''
        else
            __autovenv_trace activate entered-project # 15
            __autovenv_activate
        end
    else if test "$_AUTOVENV_OFF$AUTOVENV_DISABLE|$CONDA_PREFIX|$VIRTUAL_ENV|$_AUTOVENV_FOUND[1]" = "|$_AUTOVENV_CONDA|$_AUTOVENV_ACTIVE|"
        __autovenv_trace deactivate left-project # 7
        __autovenv_deactivate
        set -g _AUTOVENV_IDLE "|$PWD|$PATH$AUTOVENV_TRACE$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3]
    else
        set -g _AUTOVENV_IDLE ''
        set -l verdict keep
        set -l ours
        test -n "$VIRTUAL_ENV" -a "|$VIRTUAL_ENV" = "|$_AUTOVENV_ACTIVE"
        and set ours 1
        if test -n "$_AUTOVENV_OFF$AUTOVENV_DISABLE"
            set verdict[2] off # 2
            set -q ours[1]
            and set verdict[1] deactivate # 1
        else if test -n "$CONDA_PREFIX" -a "|$CONDA_DEFAULT_ENV" != '|base' -a "|$CONDA_PREFIX" != "|$_AUTOVENV_CONDA"
            set verdict[2] manual # 4
            if set -q ours[1]
                set verdict[1] deactivate # 3
                set -g _AUTOVENV_OPTED_OUT "$_AUTOVENV_DRESSED[2]"
                test -n "$_AUTOVENV_DRESSED[1]"
                or set -g _AUTOVENV_OPTED_OUT "$_AUTOVENV_FOUND[2]"
            end
        else if test "|$CONDA_PREFIX" != "|$_AUTOVENV_CONDA"
            set -g _AUTOVENV_CONDA "$CONDA_PREFIX" # base or none: as if it had always been there
            __autovenv_decide
            return
        else
            set -l same
            set -l dressed
            if set -q _AUTOVENV_FOUND[1]
                test "$VIRTUAL_ENV" = "$_AUTOVENV_FOUND[1]"
                or test "$VIRTUAL_ENV" -ef "$_AUTOVENV_FOUND[1]"
                and set same 1
                set -q ours[1]
                and test "$VIRTUAL_ENV" = "$_AUTOVENV_DRESSED[1]"
                and not set -q _OLD_VIRTUAL_PATH
                and builtin contains -- $_AUTOVENV_DRESSED[3] $PATH
                and set dressed 1
            end
            if set -q same[1]
                and not set -q dressed[1]
                and __autovenv_fit
                set verdict adopt adopted # 5
            else if not set -q ours[1]
                set verdict[2] manual # 6
            else if not __autovenv_fit
                set verdict deactivate $_AUTOVENV_WORD # 9
            else if set -q same[1]
                set verdict[2] already-active # 11
                test "$_AUTOVENV_FOUND[1]|$_AUTOVENV_DRESSED[1]" = "$VIRTUAL_ENV|$VIRTUAL_ENV"
                and set -g _AUTOVENV_IDLE "$VIRTUAL_ENV|$PWD|$PATH$AUTOVENV_TRACE$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3] _AUTOVENV_CHECK
            else if test "$_AUTOVENV_OPTED_OUT" = "$_AUTOVENV_FOUND[2]"
                set verdict deactivate opted-out # 12
            else
                set verdict switch other-project # 14
            end
        end
        set -q AUTOVENV_TRACE
        and __autovenv_trace $verdict
        switch $verdict[1]
            case adopt
                __autovenv_adopt
            case deactivate
                __autovenv_deactivate
            case switch
                __autovenv_deactivate
                __autovenv_activate
        end
    end
end

# ---- hook -----------------------------------------------------------------------------------------

# Bring this shell in step with its folder. $argv[1]: prompt, or nothing when it is to be at once, inside a line.
function __autovenv_hook
    test "$_AUTOVENV_DRESSED[1]|$_AUTOVENV_OPTED_OUT" = "$VIRTUAL_ENV|"
    or __autovenv_notice
    if test "$PWD" != "$_AUTOVENV_PWD[1]"
        test -f $_AUTOVENV_EPOCH
        or __autovenv_epoch
        test -O $_AUTOVENV_TRUST$PWD/.autovenv-allow
        and __autovenv_read $PWD # a marker right here is the deepest
        or __autovenv_find
    end
    set -q argv[1]
    and __autovenv_consent
    if test "$_AUTOVENV_FOUND[2]" = "$PWD"
        set -g _AUTOVENV_PWD $PWD
    else if test "$_AUTOVENV_PWD" != "$PWD cold"
        or not string match -rq '(^|[;&|\n]) *cd( [^;&|()\n]*)?$' -- "$_AUTOVENV_LINE[4]" # then the cd has looked
        __autovenv_look
    end
    __autovenv_decide
    # A cd inside a line is no time to talk: its prompt is.
    set -q argv[1]
    and test "$_AUTOVENV_PWD" = "$PWD cold"
    and set -g _AUTOVENV_PWD $PWD
    and __autovenv_hint
end

# Look at the .venv of a folder that has no marker. _AUTOVENV_PWD is the folder, and behind it if it has no .venv the name of
# the words that watch for one, or else a word that keeps its prompts from being idle.
function __autovenv_look
    if test -L .venv # is not followed
        set -g _AUTOVENV_PWD $PWD link
    else if not test -f .venv/pyvenv.cfg
        set -g _AUTOVENV_PWD $PWD '' _AUTOVENV_ABSENT
    else
        set -g _AUTOVENV_PWD $PWD cold
    end
end

# Before a prompt that is not idle.
function __autovenv_busy
    # From the first prompt on: not while config.fish is still being read. At each change of directory, by whatever
    # command. Also in a command substitution: there, too, a cd is one of this shell.
    function __autovenv_chpwd --on-variable PWD
        # What is exported to the one command or function that calls cd is not the shell's.
        set -el PATH VIRTUAL_ENV PYTHONHOME CONDA_PREFIX
        # The rows that nearly every change of directory comes to, in the fewest steps: into a project, out, and about in
        # either. What was found here in this epoch needs no look. A switch with a plain pattern takes half the time of a test.
        if not test -f $_AUTOVENV_EPOCH
            __autovenv_epoch
            test -O $_AUTOVENV_TRUST$PWD/.autovenv-allow
            and __autovenv_read $PWD
            or __autovenv_find
        else if builtin contains -- $PWD $_AUTOVENV_MARKER[2 5..14]
            set -g _AUTOVENV_FOUND $_AUTOVENV_MARKER[1..4]
        else if builtin contains -- $PWD $_AUTOVENV_KNOWN
            set -g _AUTOVENV_FOUND
        else if test -O $_AUTOVENV_TRUST$PWD/.autovenv-allow # a marker right here is the deepest
            __autovenv_read $PWD
        else
            __autovenv_find
        end
        if not set -q _AUTOVENV_FOUND[1]
            if test -L .venv # as __autovenv_look
                set -g _AUTOVENV_PWD $PWD link
            else if not test -f .venv/pyvenv.cfg
                set -g _AUTOVENV_PWD $PWD '' _AUTOVENV_ABSENT
            else
                set -g _AUTOVENV_PWD $PWD cold
            end
            switch "$VIRTUAL_ENV"
                case ''
                    if test "$_AUTOVENV_OFF$AUTOVENV_DISABLE$AUTOVENV_TRACE$_AUTOVENV_OPTED_OUT$_AUTOVENV_DRESSED[1]|$CONDA_PREFIX" = "|$_AUTOVENV_CONDA"
                        and not builtin contains -- "$_AUTOVENV_DRESSED[3]" $PATH
                        set -g _AUTOVENV_IDLE "|$PWD|$PATH$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3]
                        return
                    end
                case '*'
                    if test "$_AUTOVENV_OFF$AUTOVENV_DISABLE$AUTOVENV_TRACE$_AUTOVENV_OPTED_OUT|$CONDA_PREFIX|$VIRTUAL_ENV" = "|$_AUTOVENV_CONDA|$_AUTOVENV_DRESSED[1]"
                        __autovenv_deactivate
                        set -g _AUTOVENV_IDLE "|$PWD|$PATH$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3]
                        return
                    end
            end
            # If IDLE fits the folder of before, then nothing was active there, no switch has been set since, and PATH, which
            # had nothing of ours left on it, is the same.
        else if test "$VIRTUAL_ENV$_AUTOVENV_OPTED_OUT:$_AUTOVENV_FOUND[2]||$_AUTOVENV_PWD[1]|$PATH$_AUTOVENV_PWD[2]" = ":$PWD|$_AUTOVENV_IDLE[1]"
            and not test $_AUTOVENV_NEAR
            and not builtin contains -- $_AUTOVENV_FOUND[3] $PATH
            set -g _AUTOVENV_PWD $PWD
            set -gx PATH $_AUTOVENV_FOUND[3] $PATH
            __autovenv_dress 0
            return
        else if test "$_AUTOVENV_FOUND[2]" = "$PWD"
            set -g _AUTOVENV_PWD $PWD
        else
            __autovenv_look
        end
        if test "$_AUTOVENV_OFF$AUTOVENV_DISABLE$AUTOVENV_TRACE$_AUTOVENV_OPTED_OUT|$CONDA_PREFIX|$VIRTUAL_ENV|$VIRTUAL_ENV|$_AUTOVENV_FOUND[1]" = "|$_AUTOVENV_CONDA|$_AUTOVENV_ACTIVE|$_AUTOVENV_DRESSED[1]|$VIRTUAL_ENV"
            and set -q _AUTOVENV_FOUND[1]
            and not test $_AUTOVENV_CHECK[2..-1]
            and builtin contains -- $_AUTOVENV_DRESSED[3] $PATH
            and not set -q _OLD_VIRTUAL_PATH
            set -g _AUTOVENV_IDLE "$VIRTUAL_ENV|$PWD|$PATH$_AUTOVENV_PWD[2]" $_AUTOVENV_PWD[3] _AUTOVENV_CHECK
            return
        end
        __autovenv_notice
        __autovenv_decide
    end
    __autovenv_hook prompt
    set -g _AUTOVENV_SEEN "$VIRTUAL_ENV"
end

# Before each prompt; nearly always only its test. _AUTOVENV_IDLE is what stands behind `!=`, '' after anything that this test
# does not see, and then the names of what else is tested (a name is quicker to set than the words); only its first word if
# the line was a cd, which has looked at the rest just now.
function __autovenv_prompt --on-event fish_prompt
    test "$VIRTUAL_ENV|$PWD|$PATH" != $_AUTOVENV_IDLE[1] $$_AUTOVENV_IDLE[$_AUTOVENV_LINE[1]..-1]
    and __autovenv_busy
    set -g _AUTOVENV_LINE 2
end

# A switch was set or lifted: no prompt is idle before it was heeded. With HOME changes where its own
# venv counts: what was found is forgotten.
function __autovenv_wake --on-variable AUTOVENV_TRACE --on-variable AUTOVENV_DISABLE --on-variable CONDA_PREFIX --on-variable CONDA_DEFAULT_ENV --on-variable HOME
    set -g _AUTOVENV_IDLE ''
    set -g _AUTOVENV_MARKER
    set -g _AUTOVENV_KNOWN
end

# After a line: keep its status, milliseconds, and text; of a successful cd alone, only that it was one. An event keeps the
# person's $status and $pipestatus by itself. A switch takes a third of the time of a regular expression.
function __autovenv_postexec --on-event fish_postexec
    switch "$status $argv"
        case '*;*' '*&*' '*|*' '*(*' '*'\n'*'
            set -g _AUTOVENV_LINE 2 $status $CMD_DURATION $argv
            set -g _AUTOVENV_PLAIN
        case '0 cd' '0 cd *'
            set -g _AUTOVENV_LINE 9 0 0 cd
        case '*'
            set -g _AUTOVENV_LINE 2 $status $CMD_DURATION $argv
            set -g _AUTOVENV_PLAIN
    end
end

# fish (seen on 3.6) counts the lines before a call or a block from the start of its source each time: at the end of this file
# that takes as long as six statements. So what runs at every change of directory is read again, each function as a source of
# its own: at the first one, as this would make start-up a third longer.
function __autovenv_quicken --on-variable PWD
    builtin functions -e __autovenv_quicken
    for name in read find look dress deactivate chpwd busy
        builtin functions --no-details __autovenv_$name | builtin source
    end
    builtin functions -q __autovenv_chpwd
    and __autovenv_chpwd # a handler made anew hears only the next event
end
# Now, as it keeps its place among those who hear of the line.
builtin functions --no-details __autovenv_postexec | builtin source

# ---- command --------------------------------------------------------------------------------------

# The program, told what only this shell knows; `on` and `off` are this shell's own.
function __autovenv_command
    if test "$argv" = on -o "$argv" = off
        set -g _AUTOVENV_OFF ''
        set -g _AUTOVENV_OPTED_OUT ''
        test "$argv" = on
        or set -g _AUTOVENV_OFF 1
        __autovenv_hook
        return 0
    end
    set -lx _AUTOVENV_FACTS shell=fish\x1eversion=$version\x1ehook=(string replace fish: '' -- $_AUTOVENV_HOOK)\x1ehome=$_AUTOVENV_HOME
    set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1eoff=$_AUTOVENV_OFF\x1edressed="$_AUTOVENV_DRESSED[1]"\x1eopted_out=$_AUTOVENV_OPTED_OUT
    if test "$argv[1]" = which -o "$argv[1]" = where
        # Without .exe: the habit of `where python.exe`.
        set -l name (string match -v -- '-*' python $argv[2..-1] | string replace -r '\.exe$' '')[-1]
        set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ename=$name
        set -l alias (__autovenv_alias $name)
        if test -n "$alias"
            set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ekind=alias\x1ealias=(string sub --length 4096 -- $alias)
        else if builtin functions -q -- $name
            set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ekind=function
        else if builtin --query -- $name
            set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ekind=builtin
        end
    end
    set -l text
    set -l program
    test -f $_AUTOVENV_HOME/cli
    and read -z text <$_AUTOVENV_HOME/cli
    string match -rq '^(?<program>/[^\n]*)' -- "$text"
    if not test -x "$program"
        __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
        return 1
    end
    command $program $argv
    set -l code $status
    set -g _AUTOVENV_PWD # markers may have changed: look again at the next prompt
    set -g _AUTOVENV_MARKER
    set -g _AUTOVENV_IDLE ''
    return $code
end

function autovenv --description 'Switch the virtual environments of projects on and off'
    __autovenv_command $argv
end
