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

status is-interactive
and string match -rq '^(3\.([6-9]|[1-9][0-9])|[4-9]|[1-9][0-9])' -- "$version"
or exit # the rest of this file, not the shell; `return` would be an error before 3.4

# ---- state ----------------------------------------------------------------------------------------

# Functions are not inherited: without ours, whatever the environment says about them is hearsay.
if not functions -q __autovenv_hook
    set -gu _AUTOVENV_HOME (status dirname)
    string match -q '/*' -- $_AUTOVENV_HOME
    or set -gu _AUTOVENV_HOME $PWD/$_AUTOVENV_HOME
    set -gu _AUTOVENV_HOME (builtin path normalize -- $_AUTOVENV_HOME)
    for name in DRESSED PROJECT BIN OLD_HOME OFF OPTED_OUT THEMED LABEL LABELLED ABSENT GONE_BIN IDLE PWD FOUND PLACE NEXT_BIN NEXT_LABEL WORD CONDA STARTED
        set -gu _AUTOVENV_$name ''
    end
    for name in LINE WATCH TWINS HINTED TRIED
        set -gu _AUTOVENV_$name
    end
    set -gu _AUTOVENV_COUNT 0
    set -gu _AUTOVENV_GONE_COUNT 0
    set -gu _AUTOVENV_N 0
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

# Print what was decided, for AUTOVENV_TRACE: action, reason, VIRTUAL_ENV before.
function __autovenv_trace
    set -l from -
    set -l to -
    test -z "$argv[3]"
    or set from (string escape -- $argv[3])
    test -z "$VIRTUAL_ENV"
    or set to (string escape -- "$VIRTUAL_ENV")
    builtin printf 'autovenv: trace action=%s reason=%s from=%s to=%s\n' $argv[1] $argv[2] $from $to >&2
end

# ---- find -----------------------------------------------------------------------------------------

# Descend the mirror of $PWD; the deepest marker becomes _AUTOVENV_FOUND. No folder of the real tree is
# touched, but below one that was named with `allow --under`.
function __autovenv_find
    set -l trust $_AUTOVENV_HOME/trust
    set -l place ''
    set -l hit
    set -l under
    set -l new
    set -l any
    set -l rest $PWD
    set -g _AUTOVENV_FOUND ''
    set -g _AUTOVENV_PLACE ''
    test -f $trust/.autovenv-any-under
    and set any 1
    # Eight components at a time; a group that matches nothing becomes an empty list, and the loop passes it by.
    while string match -rq '^(?<__av1>/[^/]+)(?<__av2>/[^/]+)?(?<__av3>/[^/]+)?(?<__av4>/[^/]+)?(?<__av5>/[^/]+)?(?<__av6>/[^/]+)?(?<__av7>/[^/]+)?(?<__av8>/[^/]+)?(?<__av_rest>/(?s:.*))?$' -- $rest
        set rest $__av_rest
        for part in $__av1 $__av2 $__av3 $__av4 $__av5 $__av6 $__av7 $__av8
            set place $place$part
            if test -f $trust$place/.autovenv-allow
                if test "$place" != "$HOME" -o "$place" = "$PWD"
                    set hit $place # a venv in $HOME counts in exactly that folder
                    set new
                end
            else if not test -d $trust$place
                if not set -q under[1]
                    set rest
                    break
                end
            end
            if set -q any[1]
                set -q under[1]
                and test "$place" != "$hit" -a -f $place/.venv/pyvenv.cfg
                and set new $place
                test -f $trust$place/.autovenv-under
                and set under 1
            end
        end
    end
    set -q new[1]
    and __autovenv_new $new
    and set hit $new
    set -q hit[1]
    and __autovenv_read $hit
end

# Accept the marker of place $argv[1] if it is ours and says so itself; anything odd means "not allowed".
function __autovenv_read
    set -l file $_AUTOVENV_HOME/trust$argv[1]/.autovenv-allow
    test -O $file
    or return
    read -lz text <$file
    string match -rq '^autovenv 1\n(?<_AUTOVENV_PLACE>[^\n]+)\n(?<_AUTOVENV_FOUND>/[^\n]*)\n(?<_AUTOVENV_NEXT_BIN>/[^\n]*)\n(?<_AUTOVENV_NEXT_LABEL>[^\n]*)' -- $text
    and test "$_AUTOVENV_PLACE" = $argv[1]
    and return
    set -g _AUTOVENV_PLACE ''
    set -g _AUTOVENV_FOUND ''
end

# A venv at $argv[1], below a folder named with `allow --under`, has no marker: have it judged once.
function __autovenv_new
    set -l mirror $_AUTOVENV_HOME/trust$argv[1]
    if builtin contains -- $argv[1] $_AUTOVENV_TRIED
        or test -f $mirror/.autovenv-deny
        return 1
    end
    if test -f $mirror/.autovenv-refused
        and __autovenv_twins $mirror $argv[1]/.venv/pyvenv.cfg $argv[1]/.venv/bin
        return 1
    end
    set -ga _AUTOVENV_TRIED $argv[1]
    set -ga _AUTOVENV_HINTED $argv[1]
    __autovenv_verify --under $argv[1]
end

# ---- state of what was found ----------------------------------------------------------------------

# Are the files $argv[2] and $argv[3] as old as their twins in $argv[1] say? -f first: to fish a missing
# file is older than any other.
function __autovenv_twins
    set -g _AUTOVENV_TWINS -f $argv[1]/.autovenv-cfg-lo -a -f $argv[1]/.autovenv-cfg-hi \
        -a -f $argv[1]/.autovenv-bin-lo -a -f $argv[1]/.autovenv-bin-hi \
        -a -f $argv[2] -a ! $argv[2] -ot $argv[1]/.autovenv-cfg-lo -a ! $argv[2] -nt $argv[1]/.autovenv-cfg-hi \
        -a -d $argv[3] -a ! $argv[3] -ot $argv[1]/.autovenv-bin-lo -a ! $argv[3] -nt $argv[1]/.autovenv-bin-hi
    test $_AUTOVENV_TWINS
end

# Is the environment that was found fit for use? If not, _AUTOVENV_WORD says why.
function __autovenv_fit
    set -l mirror $_AUTOVENV_HOME/trust$_AUTOVENV_PLACE
    set -g _AUTOVENV_WORD ''
    if __autovenv_twins $mirror $_AUTOVENV_FOUND/pyvenv.cfg $_AUTOVENV_NEXT_BIN
        test -f $mirror/.autovenv-refused
        or return 0
        __autovenv_word $mirror
    else if not test -f $_AUTOVENV_FOUND/pyvenv.cfg
        set -g _AUTOVENV_WORD venv-missing
    else if __autovenv_verify --place $_AUTOVENV_PLACE
        __autovenv_read $_AUTOVENV_PLACE
        set -g _AUTOVENV_TWINS # of a bin folder that may be another now
        return 0
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
    test "$_AUTOVENV_ABSENT" = "$PWD" -a "$_AUTOVENV_PLACE" != "$PWD" -a ! -L .venv -a -f .venv/pyvenv.cfg
    and set made 1
    if test "|$VIRTUAL_ENV" != "|$_AUTOVENV_SEEN" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_ACTIVE" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_FOUND"
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
    set -lx _AUTOVENV_STATUS "$ran[1]"
    set -lx _AUTOVENV_SINCE ''
    if __autovenv_recorded "$ran[3]"
        set _AUTOVENV_LINE $ran[3]
        for name in (string match -ra '[^\s;&|()<>]+' -- $ran[3])
            set -l body (__autovenv_alias $name)
            and set _AUTOVENV_ALIASES $_AUTOVENV_ALIASES$name=$body\x1e
        end
        # There is no clock, but `path` knows how old a file is.
        set -l now (builtin path mtime -- $_AUTOVENV_HOME) + (builtin path mtime --relative -- $_AUTOVENV_HOME)
        set _AUTOVENV_SINCE (builtin math --scale 0 "$now - 1 - $ran[2] / 1000")
    end
    set -l words --line $PWD
    set -q activated[1]
    and set -a words --activated $activated
    __autovenv_verify $words
    switch $status
        case 0
            __autovenv_find
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
    functions -q fish_should_add_to_history # a person's own, in fish 4
    or return 0
    fish_should_add_to_history $argv[1] >/dev/null
end

# Print what function $argv[1] stands for, if it is one that `alias` makes: a single line that ends in $argv.
function __autovenv_alias
    functions -q -- $argv[1]
    or return
    set -l text (functions --no-details -- $argv[1] | string match -rg '^\s*(\S.*?)[\s;]*$')
    set -l body
    test (builtin count $text) -eq 3
    and string match -rq '^(?<body>.+) \$argv$' -- $text[2]
    and builtin printf '%s\n' $body
end

# An unknown .venv here: say so, once per folder and shell.
function __autovenv_hint
    test "$_AUTOVENV_PLACE" != "$PWD" -a "|$VIRTUAL_ENV" != "|$PWD/.venv" -a -z "$_AUTOVENV_OFF$AUTOVENV_DISABLE$AUTOVENV_QUIET" -a ! -L .venv -a -f .venv/pyvenv.cfg
    and not builtin contains -- $PWD $_AUTOVENV_HINTED
    or return
    set -ga _AUTOVENV_HINTED $PWD
    test -f $_AUTOVENV_HOME/trust$PWD/.autovenv-deny
    or __autovenv_say 'this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow'
end

# ---- prompt label ---------------------------------------------------------------------------------

# Show `(label) ` before the prompt, unless the person or a theme does without it.
function __autovenv_label_on
    set -g _AUTOVENV_LABEL "($argv[1]) "
    test -z "$VIRTUAL_ENV_DISABLE_PROMPT$_AUTOVENV_THEMED$_AUTOVENV_LABELLED"
    and functions -q fish_prompt
    and not functions fish_prompt | string match -rq 'VIRTUAL_ENV|_old_fish_prompt'
    or return
    functions -e __autovenv_old_prompt
    functions -c fish_prompt __autovenv_old_prompt
    set -g _AUTOVENV_LABELLED 1
    function fish_prompt
        # Theirs first and kept, because printing would cost it $status and $pipestatus. fish itself joins lines like this.
        set -l lines (__autovenv_old_prompt $argv)
        string join -- \n "$_AUTOVENV_LABEL$lines[1]" $lines[2..-1]
    end
end

# Take the label away again, and give the prompt back if it is still ours.
function __autovenv_label_off
    set -g _AUTOVENV_LABEL ''
    test -n "$_AUTOVENV_LABELLED"
    or return
    if __autovenv_label_check fish_prompt
        functions -e fish_prompt
        functions -c __autovenv_old_prompt fish_prompt
    else if functions -q _old_fish_prompt
        and __autovenv_label_check _old_fish_prompt
        # An activate script wrapped ours: then it is in there.
        functions -e _old_fish_prompt
        functions -c __autovenv_old_prompt _old_fish_prompt
    else
        set -g _AUTOVENV_THEMED 1
    end
    set -g _AUTOVENV_LABELLED ''
end

# Is function $argv[1] our wrapper? If not, a theme has drawn the prompt anew: leave it to it.
function __autovenv_label_check
    functions $argv[1] | string match -q '*__autovenv_old_prompt*'
end

# ---- PATH -----------------------------------------------------------------------------------------

# _AUTOVENV_N = how often folder $argv[1] stands on PATH.
function __autovenv_path_count
    set -g _AUTOVENV_N 0
    builtin contains -- $argv[1] $PATH
    or return
    set -l hits
    for entry in $PATH
        test "$entry" = $argv[1]
        and set -a hits $entry
    end
    set -g _AUTOVENV_N (builtin count $hits)
end

# Remove the leftmost entries of folder $argv[1] until $argv[2] remain. Nothing else of PATH changes.
function __autovenv_path_trim
    while builtin contains -- $argv[1] $PATH
        # Nearly always it stands in front, and none is to remain.
        if test "$argv[2]" -ne 0
            __autovenv_path_count $argv[1]
            test $_AUTOVENV_N -gt $argv[2]
            or return
        end
        if test "$PATH[1]" = $argv[1]
            set -eg PATH[1]
        else
            set -eg PATH[(builtin contains -i -- $argv[1] $PATH)]
        end
    end
end

# ---- activate, adopt, deactivate ------------------------------------------------------------------

# Make what was found active.
function __autovenv_activate
    __autovenv_path_count $_AUTOVENV_NEXT_BIN
    set -g _AUTOVENV_COUNT $_AUTOVENV_N
    set -g _AUTOVENV_CONDA "$CONDA_PREFIX"
    set -gx PATH $_AUTOVENV_NEXT_BIN $PATH
    __autovenv_dress
end

# Take over one that is active already: inherited, or activated by a script or by hand.
function __autovenv_adopt
    __autovenv_path_count $_AUTOVENV_NEXT_BIN
    if test -n "$_AUTOVENV_DRESSED"
        # somebody put an old PATH back; our number still holds
    else if test -n "$_AUTOVENV_ACTIVE" -o "|$VIRTUAL_ENV" = "|$_AUTOVENV_SEEN" -o $_AUTOVENV_N -eq 0
        set -g _AUTOVENV_COUNT 0
    else
        set -g _AUTOVENV_COUNT (builtin math $_AUTOVENV_N - 1)
    end
    if test "|$PATH[1]" != "|$_AUTOVENV_NEXT_BIN"
        test $_AUTOVENV_N -eq 0
        or __autovenv_path_trim $_AUTOVENV_NEXT_BIN (builtin math $_AUTOVENV_N - 1)
        set -gx PATH $_AUTOVENV_NEXT_BIN $PATH
    end
    set -g _AUTOVENV_OPTED_OUT ''
    __autovenv_dress
end

# Set what an active environment has, and define deactivate.
function __autovenv_dress
    set -gx VIRTUAL_ENV $_AUTOVENV_FOUND
    set -gx VIRTUAL_ENV_PROMPT $_AUTOVENV_NEXT_LABEL
    set -gx _AUTOVENV_ACTIVE $_AUTOVENV_FOUND
    set -g _AUTOVENV_DRESSED $_AUTOVENV_FOUND
    set -g _AUTOVENV_PROJECT $_AUTOVENV_PLACE
    set -g _AUTOVENV_BIN $_AUTOVENV_NEXT_BIN
    if test -n "$PYTHONHOME"
        set -g _AUTOVENV_OLD_HOME $PYTHONHOME
        set -eg PYTHONHOME
    end
    __autovenv_label_on $_AUTOVENV_NEXT_LABEL
    # As activate scripts define it. `nondestructive` is how they clear the way for themselves.
    function deactivate --description 'Leave the virtual environment'
        set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_PROJECT
        __autovenv_deactivate $argv
        test "$argv[1]" != nondestructive
        or set -g _AUTOVENV_OPTED_OUT ''
    end
end

# Take away what we set, and no more: PATH loses our entries, never its later edits. With `pushed` as
# $argv[1], another environment is active already: what is that one's stays.
function __autovenv_deactivate
    set -l bin $_AUTOVENV_BIN
    test -n "$bin"
    or set bin $_AUTOVENV_ACTIVE/bin
    __autovenv_path_trim $bin $_AUTOVENV_COUNT
    set -g _AUTOVENV_GONE_BIN $bin
    set -g _AUTOVENV_GONE_COUNT $_AUTOVENV_COUNT
    __autovenv_label_off
    if test "$argv[1]" = pushed
        if test -n "$_AUTOVENV_OLD_HOME"
            set -gx _OLD_VIRTUAL_PYTHONHOME $_AUTOVENV_OLD_HOME # for its own deactivate to put back
        end
    else
        set -q _OLD_VIRTUAL_PATH
        and __autovenv_undo_script
        test -z "$_AUTOVENV_OLD_HOME"
        or set -gx PYTHONHOME $_AUTOVENV_OLD_HOME
        set -eg VIRTUAL_ENV VIRTUAL_ENV_PROMPT
        test -z "$_AUTOVENV_DRESSED" -o "$argv[1]" = nondestructive
        or functions -e deactivate
    end
    set -eg _AUTOVENV_ACTIVE
    set -g _AUTOVENV_DRESSED ''
    set -g _AUTOVENV_PROJECT ''
    set -g _AUTOVENV_BIN ''
    set -g _AUTOVENV_COUNT 0
    set -g _AUTOVENV_OLD_HOME ''
end

# Put back what an adopted activate script saved. Its PATH is a snapshot: putting it back would lose edits.
function __autovenv_undo_script
    if functions -q _old_fish_prompt
        if functions fish_prompt | string match -q '*_old_fish_prompt*'
            functions -e fish_prompt
            functions -c _old_fish_prompt fish_prompt
        end
        functions -e _old_fish_prompt
    end
    test -n "$_AUTOVENV_OLD_HOME"
    or set -g _AUTOVENV_OLD_HOME $_OLD_VIRTUAL_PYTHONHOME
    set -eg _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_FISH_PROMPT_OVERRIDE
end

# Before deciding: was ours left, or pushed aside, by other hands than ours?
function __autovenv_notice
    if test -n "$_AUTOVENV_DRESSED" -a "|$VIRTUAL_ENV" != "|$_AUTOVENV_DRESSED"
        if test -z "$VIRTUAL_ENV"
            set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_PROJECT
            __autovenv_deactivate
        else
            __autovenv_deactivate pushed
        end
    else if test -n "$_AUTOVENV_LABELLED"
        # An activate script of the same environment has put its own label before ours.
        set -q _OLD_FISH_PROMPT_OVERRIDE
        and functions -q _old_fish_prompt
        and set -g _AUTOVENV_LABEL ''
    end
    if test -n "$_AUTOVENV_GONE_BIN" -a -z "$VIRTUAL_ENV"
        __autovenv_path_trim $_AUTOVENV_GONE_BIN $_AUTOVENV_GONE_COUNT # a snapshot of PATH was put back (direnv)
    end
    test -z "$_AUTOVENV_OPTED_OUT"
    or test (string sub --length (string length -- $_AUTOVENV_OPTED_OUT/) -- $PWD/) = $_AUTOVENV_OPTED_OUT/
    or set -g _AUTOVENV_OPTED_OUT ''
end

# ---- decide ---------------------------------------------------------------------------------------

# The table of shims/README.md: the first row that fits, its number behind it.
function __autovenv_decide
    set -l active $VIRTUAL_ENV
    set -l action keep
    set -l reason
    set -l same
    set -l ours
    set -l dressed
    set -l conda
    if test -n "$active"
        if test "$active" = "$_AUTOVENV_FOUND"
            or test -n "$_AUTOVENV_FOUND" -a "$active" -ef "$_AUTOVENV_FOUND"
            set same 1
        end
        test "$active" = "$_AUTOVENV_ACTIVE"
        and set ours 1
        and test "$active" = "$_AUTOVENV_DRESSED"
        and builtin contains -- "$_AUTOVENV_BIN" $PATH
        and set dressed 1
    end
    test -n "$CONDA_PREFIX" -a "|$CONDA_DEFAULT_ENV" != '|base' -a "|$CONDA_PREFIX" != "|$_AUTOVENV_CONDA"
    and set conda 1

    if test -n "$_AUTOVENV_OFF$AUTOVENV_DISABLE"
        set reason off # 2
        set -q ours[1]
        and set action deactivate # 1
    else if set -q conda[1]
        set reason manual # 4
        if set -q ours[1] # 3
            set action deactivate
            set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_PROJECT
            test -n "$_AUTOVENV_PROJECT"
            or set -g _AUTOVENV_OPTED_OUT $_AUTOVENV_PLACE
        end
    else if set -q same[1]
        and not set -q dressed[1]
        and __autovenv_fit
        set action adopt # 5
        set reason adopted
    else if set -q active[1]
        and not set -q ours[1]
        set reason manual # 6
    else if test -z "$_AUTOVENV_FOUND"
        set reason no-project # 8
        if set -q ours[1] # 7
            set action deactivate
            set reason left-project
        end
    else if not __autovenv_fit
        set reason $_AUTOVENV_WORD # 10
        set -q ours[1]
        and set action deactivate # 9
    else if set -q same[1]
        set reason already-active # 11
    else if test "$_AUTOVENV_OPTED_OUT" = "$_AUTOVENV_PLACE"
        set reason opted-out # 13
        set -q ours[1]
        and set action deactivate # 12
    else if set -q ours[1]
        set action switch # 14
        set reason other-project
    else
        set action activate # 15
        set reason entered-project
    end

    switch $action
        case activate
            __autovenv_activate
        case adopt
            __autovenv_adopt
        case switch
            __autovenv_deactivate
            __autovenv_activate
        case deactivate
            __autovenv_deactivate
    end
    test -z "$AUTOVENV_TRACE"
    or __autovenv_trace $action $reason "$active"
end

# ---- hook -----------------------------------------------------------------------------------------

# Bring this shell in step with its folder. $argv[1]: prompt, or cd (at once, inside a line).
function __autovenv_hook
    __autovenv_notice
    test "$PWD" = "$_AUTOVENV_PWD"
    or __autovenv_find
    test $argv[1] = prompt
    and __autovenv_consent
    __autovenv_decide
    set -g _AUTOVENV_PWD $PWD
    set -g _AUTOVENV_SEEN "$VIRTUAL_ENV"
    set -g _AUTOVENV_ABSENT ''
    set -g _AUTOVENV_IDLE ''
    set -g _AUTOVENV_WATCH
    if test ! -L .venv -a ! -f .venv/pyvenv.cfg
        set -g _AUTOVENV_ABSENT $PWD
        set _AUTOVENV_WATCH -a ! -L .venv -a ! -f .venv/pyvenv.cfg
    else if test "$_AUTOVENV_PLACE" != "$PWD"
        __autovenv_hint
        return
    end
    # An idle prompt looks at these alone: nothing here and nothing active, or ours active and its twins.
    if test "$_AUTOVENV_FOUND|$VIRTUAL_ENV" != '|'
        test "|$_AUTOVENV_FOUND|$_AUTOVENV_FOUND" = "|$_AUTOVENV_DRESSED|$VIRTUAL_ENV"
        and set -q _AUTOVENV_TWINS[1]
        or return
        set -a _AUTOVENV_WATCH -a $_AUTOVENV_TWINS -a ! -f $_AUTOVENV_HOME/trust$_AUTOVENV_PLACE/.autovenv-refused
    end
    test -z "$AUTOVENV_TRACE"
    and set _AUTOVENV_IDLE "$AUTOVENV_TRACE|$_AUTOVENV_OFF$AUTOVENV_DISABLE|$CONDA_DEFAULT_ENV|$CONDA_PREFIX|$_AUTOVENV_ACTIVE|$VIRTUAL_ENV|$PWD|$PATH"
end

# Before each prompt; nearly always only the test in its first line.
function __autovenv_prompt --on-event fish_prompt
    if test "$AUTOVENV_TRACE|$_AUTOVENV_OFF$AUTOVENV_DISABLE|$CONDA_DEFAULT_ENV|$CONDA_PREFIX|$_AUTOVENV_ACTIVE|$VIRTUAL_ENV|$PWD|$PATH" = "$_AUTOVENV_IDLE" $_AUTOVENV_WATCH
        set -g _AUTOVENV_LINE
        return
    end
    set -g _AUTOVENV_STARTED 1
    __autovenv_hook prompt
    set -g _AUTOVENV_LINE
end

# At each change of directory, by whatever command. Also in a command substitution: there, too, a cd in fish is one of
# this shell. Not while config.fish is still being read.
function __autovenv_chpwd --on-variable PWD
    test -n "$_AUTOVENV_STARTED"
    or return
    # What is exported to the one command or function that calls cd is not the shell's.
    set -el PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME _AUTOVENV_ACTIVE CONDA_PREFIX CONDA_DEFAULT_ENV
    __autovenv_hook cd
end

# After a line: keep its status, milliseconds, and text, if the history may have it. An event keeps the person's
# $status and $pipestatus by itself.
function __autovenv_postexec --on-event fish_postexec
    set -g _AUTOVENV_LINE $status $CMD_DURATION $argv
end

# ---- command --------------------------------------------------------------------------------------

# The program, told what only this shell knows; `on` and `off` are this shell's own.
function __autovenv_command
    if test "$argv" = on -o "$argv" = off
        set -g _AUTOVENV_OFF ''
        set -g _AUTOVENV_OPTED_OUT ''
        test "$argv" = on
        or set -g _AUTOVENV_OFF 1
        __autovenv_chpwd
        return 0
    end
    set -lx _AUTOVENV_FACTS shell=fish\x1eversion=$version\x1ehook=(string replace fish: '' -- $_AUTOVENV_HOOK)\x1ehome=$_AUTOVENV_HOME
    set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1eoff=$_AUTOVENV_OFF\x1edressed=$_AUTOVENV_DRESSED\x1eopted_out=$_AUTOVENV_OPTED_OUT
    if test "$argv[1]" = which -o "$argv[1]" = where
        set -l name (string match -v -- '-*' python $argv[2..-1])[-1]
        set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ename=$name
        set -l alias (__autovenv_alias $name)
        if test -n "$alias"
            set _AUTOVENV_FACTS $_AUTOVENV_FACTS\x1ekind=alias\x1ealias=(string sub --length 4096 -- $alias)
        else if functions -q -- $name
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
    set -g _AUTOVENV_PWD '' # markers may have changed: look again at the next prompt
    set -g _AUTOVENV_IDLE ''
    return $code
end

function autovenv --description 'Switch the virtual environments of projects on and off'
    __autovenv_command $argv
end
