# autovenv hook 1 0.1.0
# shellcheck shell=bash
#
# Entering a project's folder makes its .venv active in this bash, leaving makes it inactive.
# Sourced from ~/.bashrc; the protocol, and the same sections in the other shells: shims/README.md.
# bash 3.2 or newer; environments that you make are seen from bash 4.4 on.
#
# Forms that recur, and what each prevents:
#   \builtin x         an alias or a function called x must not run in its place
#   { …; } 2>&-        `set -x` must show no line of ours (its trace goes to file descriptor 2)
#   { …; } 9>&2 2>…    the same where we have something to say: >&9 is then the person's stderr
#   local "x=y"        quoted whole: `set -k` would take x=y for an assignment to the environment
#   ${X-}              X may be unset under `set -u`
#   A || B             a failing test as a statement of its own would end the shell under `set -e`

[[ $- == *i* ]] || \builtin return 0
# No alias may rewrite the lines below while bash reads them.
\builtin shopt -q expand_aliases && _AUTOVENV_EXPAND=-s || _AUTOVENV_EXPAND=-u
\builtin shopt -u expand_aliases

# ---- state ----------------------------------------------------------------------------------------

# Functions are not inherited: without ours, whatever the environment says about them is hearsay.
if ! \builtin declare -F __autovenv_hook >/dev/null; then
  _AUTOVENV_HOME=${BASH_SOURCE[0]%/*}
  _AUTOVENV_TRUST=$_AUTOVENV_HOME/trust _AUTOVENV_ALLOW=/.autovenv-allow # as variables: bash reads a word's own letters slowly
  _AUTOVENV_EPOCH='' _AUTOVENV_MEMORY='' _AUTOVENV_LORE=''
  if [[ ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 42 ]]; then
    \builtin declare -gA _AUTOVENV_KNOWN _AUTOVENV_BINS _AUTOVENV_LABELS
    _AUTOVENV_KNOWN=() _AUTOVENV_BINS=() _AUTOVENV_LABELS=() _AUTOVENV_MEMORY=1
  fi
  _AUTOVENV_DRESSED='' _AUTOVENV_PROJECT='' _AUTOVENV_BIN='' _AUTOVENV_COUNT=0 _AUTOVENV_OLD_HOME='' _AUTOVENV_OUTER=''
  _AUTOVENV_OFF='' _AUTOVENV_OPTED_OUT='' _AUTOVENV_THEMED='' _AUTOVENV_LABEL='' _AUTOVENV_LABELLED=''
  _AUTOVENV_HINTED=: _AUTOVENV_TRIED=: _AUTOVENV_ABSENT='' _AUTOVENV_SEEN=${VIRTUAL_ENV-}
  _AUTOVENV_GONE_BIN='' _AUTOVENV_GONE_COUNT=0
  _AUTOVENV_H=-1 _AUTOVENV_T=0 _AUTOVENV_R=0 _AUTOVENV_CALM=- _AUTOVENV_NOTED='' _AUTOVENV_S=0 _AUTOVENV_LASTARG=''
  _AUTOVENV_LOOK=__autovenv_prompt _AUTOVENV_IDLE='' _AUTOVENV_BUSY='' _AUTOVENV_COLD='' _AUTOVENV_TO='' _AUTOVENV_FRESH='' _AUTOVENV_PWD='' _AUTOVENV_LENGTH=0
  _AUTOVENV_STILL='' _AUTOVENV_ASLEEP='' _AUTOVENV_NIL='' _AUTOVENV_VARS=''
  _AUTOVENV_FOUND='' _AUTOVENV_PLACE='' _AUTOVENV_FOUND_BIN='' _AUTOVENV_FOUND_LABEL='' _AUTOVENV_WORD=''
  _AUTOVENV_RELOADED='' _AUTOVENV_OLD=''
  [[ ${BASH_VERSINFO[0]} -ge 4 ]] || _AUTOVENV_OLD=1
  # The conda environment that was there when an outer shell activated ours.
  _AUTOVENV_CONDA=${_AUTOVENV_ACTIVE:+${CONDA_PREFIX-}}
else
  _AUTOVENV_RELOADED=1 _AUTOVENV_THEMED='' _AUTOVENV_LOOK=__autovenv_prompt _AUTOVENV_IDLE=''
fi
_AUTOVENV_HOOK=bash:1

# ---- say ------------------------------------------------------------------------------------------

# Print one fixed line for the person. No text from a project is ever part of it.
__autovenv_say() {
  \builtin printf 'autovenv: %s\n' "$1" >&9
}

# Print what was decided, for AUTOVENV_TRACE: action, reason, VIRTUAL_ENV before.
__autovenv_trace() {
  \builtin printf 'autovenv: trace action=%s reason=%s from=%q to=%q\n' \
    "$1" "$2" "${3:--}" "${VIRTUAL_ENV:--}" >&9
}

# ---- find -----------------------------------------------------------------------------------------

# Look $PWD up in the mirror; the deepest marker on its way becomes _AUTOVENV_FOUND. No folder of the real tree is
# touched, but below one that was named with `allow --under`.
__autovenv_find() {
  _AUTOVENV_FOUND='' _AUTOVENV_PLACE=''
  [[ -f $_AUTOVENV_EPOCH && ${#_AUTOVENV_KNOWN[@]} -lt 500 ]] || __autovenv_epoch
  if [[ -f $_AUTOVENV_TRUST$PWD$_AUTOVENV_ALLOW ]]; then
    __autovenv_read "$PWD" # none can lie deeper
  elif [[ -f $_AUTOVENV_TRUST/.autovenv-any-under ]]; then
    __autovenv_find_under
  else
    # Upwards: bash is ten times as quick to cut a path's last name off as its first.
    _AUTOVENV_HIT=${PWD%/*}
    # A venv in $HOME counts in exactly that folder.
    until [[ ! $_AUTOVENV_HIT || -f $_AUTOVENV_TRUST$_AUTOVENV_HIT$_AUTOVENV_ALLOW && $_AUTOVENV_HIT != "${HOME-}" ]]; do
      _AUTOVENV_HIT=${_AUTOVENV_HIT%/*}
    done
    [[ ! $_AUTOVENV_HIT ]] || __autovenv_read "$_AUTOVENV_HIT"
    [[ ! $_AUTOVENV_EPOCH ]] || __autovenv_note_way
  fi
}

# Begin to remember: before looking, take the name of the file that stands as long as no marker changes.
__autovenv_epoch() {
  _AUTOVENV_EPOCH='' _AUTOVENV_HIT=''
  [[ $_AUTOVENV_MEMORY && -f $_AUTOVENV_TRUST/.autovenv-epoch && ! -f $_AUTOVENV_TRUST/.autovenv-any-under ]] || \builtin return 0
  IFS= \builtin read -r _AUTOVENV_HIT <"$_AUTOVENV_TRUST/.autovenv-epoch" || \builtin :
  _AUTOVENV_EPOCH=$_AUTOVENV_TRUST/.autovenv-epoch-$_AUTOVENV_HIT _AUTOVENV_KNOWN=() _AUTOVENV_BINS=() _AUTOVENV_LABELS=()
}

# The same for a cd: what is remembered after it, if anything.
__autovenv_learn() {
  __autovenv_find
  _AUTOVENV_LORE=${_AUTOVENV_KNOWN[$PWD]-}
}

# The look-up where venvs below a folder named with `allow --under` count too.
__autovenv_find_under() {
  \builtin local "mirror=$_AUTOVENV_TRUST" "place=" "rest=${PWD#/}/" "hit=" "under=" "new=" "any="
  [[ ! -f $mirror/.autovenv-any-under ]] || any=1
  while [[ $rest == ?* ]]; do
    place+=/${rest%%/*} rest=${rest#*/}
    if [[ $mirror ]]; then
      mirror=$_AUTOVENV_TRUST$place
      if [[ ! -d $mirror ]]; then
        [[ $under ]] || \builtin break
        mirror=''
      elif [[ -f $mirror/.autovenv-allow && ($place != "${HOME-}" || ! $rest) ]]; then
        hit=$place new='' # a venv in $HOME counts in exactly that folder
      fi
    fi
    [[ ! $under || $hit == "$place" || ! -f $place/.venv/pyvenv.cfg ]] || new=$place
    [[ ! $any || ! $mirror || ! -f $mirror/.autovenv-under ]] || under=1
  done
  [[ ! $new ]] || ! __autovenv_new "$new" || hit=$new
  [[ ! $hit ]] || __autovenv_read "$hit"
}

# Remember what the way up led to: nothing, or a place that is remembered itself. But not where the one in $HOME was passed
# over, as $HOME may change.
__autovenv_note_way() {
  [[ ${PWD-} && ! -f $_AUTOVENV_TRUST${HOME-}$_AUTOVENV_ALLOW ]] || \builtin return 0
  if [[ ! $_AUTOVENV_HIT ]]; then
    _AUTOVENV_KNOWN[$PWD]=-
  elif [[ ${_AUTOVENV_KNOWN[$_AUTOVENV_HIT]-} ]]; then
    _AUTOVENV_KNOWN[$PWD]=+$_AUTOVENV_HIT
  fi
}

# Accept the marker of place $1 if it is ours and says so itself; anything odd means "not allowed".
__autovenv_read() {
  [[ -O $_AUTOVENV_TRUST$1$_AUTOVENV_ALLOW ]] || \builtin return 0
  if [[ ! $_AUTOVENV_OLD ]]; then
    \builtin mapfile -t -n 5 _AUTOVENV_MARKER <"$_AUTOVENV_TRUST$1$_AUTOVENV_ALLOW"
  else
    # LC_ALL=C: in UTF-8, bash's read swallows a newline after an incomplete sequence (mapfile does not).
    LC_ALL=C IFS=$'\n' \builtin read -r -d '' -a _AUTOVENV_MARKER <"$_AUTOVENV_TRUST$1$_AUTOVENV_ALLOW" || \builtin :
  fi
  if [[ ${_AUTOVENV_MARKER[0]-} == 'autovenv 1' && ${_AUTOVENV_MARKER[1]-} == "$1" &&
    ${_AUTOVENV_MARKER[2]-} == /* && ${_AUTOVENV_MARKER[3]-} == /* ]]; then
    _AUTOVENV_PLACE=$1 _AUTOVENV_FOUND=${_AUTOVENV_MARKER[2]} _AUTOVENV_FOUND_BIN=${_AUTOVENV_MARKER[3]} _AUTOVENV_FOUND_LABEL=${_AUTOVENV_MARKER[4]-}
    # Remembered is what has its twins and is not refused: no other comes and goes within an epoch.
    [[ ! $_AUTOVENV_EPOCH || ! -f $_AUTOVENV_TRUST$1/.autovenv-cfg-lo || ! -f $_AUTOVENV_TRUST$1/.autovenv-bin-lo || -f $_AUTOVENV_TRUST$1/.autovenv-refused ]] ||
      _AUTOVENV_KNOWN[$1]=$_AUTOVENV_FOUND _AUTOVENV_BINS[$1]=$_AUTOVENV_FOUND_BIN _AUTOVENV_LABELS[$1]=$_AUTOVENV_FOUND_LABEL
  fi
}

# A venv at $1, below a folder named with `allow --under`, has no marker: have it judged once.
__autovenv_new() {
  \builtin local "mirror=$_AUTOVENV_TRUST$1"
  [[ $_AUTOVENV_TRIED != *":$1:"* && ! -f $mirror/.autovenv-deny ]] || \builtin return 1
  if [[ -f $mirror/.autovenv-refused ]] && __autovenv_twins "$mirror/.autovenv-" "$1/.venv/pyvenv.cfg" "$1/.venv/bin"; then
    \builtin return 1
  fi
  _AUTOVENV_TRIED+=$1: _AUTOVENV_HINTED+=$1:
  __autovenv_verify --under "$1"
}

# ---- state of what was found ----------------------------------------------------------------------

# Are the files $2 and $3 as old as their twins say, whose names begin with $1?
# In bash `x -nt hi` is true if only hi is missing, and `x -ot lo` if only x is.
__autovenv_twins() {
  [[ -f $2 && -f ${1}cfg-lo && ! $2 -ot ${1}cfg-lo && ! $2 -nt ${1}cfg-hi &&
    -d $3 && -f ${1}bin-lo && ! $3 -ot ${1}bin-lo && ! $3 -nt ${1}bin-hi ]]
}

# Is the environment that was found fit for use? If not, _AUTOVENV_WORD says why.
__autovenv_fit() {
  _AUTOVENV_CFG=$_AUTOVENV_FOUND/pyvenv.cfg _AUTOVENV_TWIN=$_AUTOVENV_TRUST$_AUTOVENV_PLACE/.autovenv-
  # The same as __autovenv_twins, which this saves to call.
  [[ -f $_AUTOVENV_CFG && -f ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -ot ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -nt ${_AUTOVENV_TWIN}cfg-hi &&
    -d $_AUTOVENV_FOUND_BIN && -f ${_AUTOVENV_TWIN}bin-lo &&
    ! $_AUTOVENV_FOUND_BIN -ot ${_AUTOVENV_TWIN}bin-lo && ! $_AUTOVENV_FOUND_BIN -nt ${_AUTOVENV_TWIN}bin-hi &&
    ! -f ${_AUTOVENV_TWIN}refused ]] || __autovenv_unfit
}

# The twins do not fit, or it was refused: gone, to be judged once more, or the word of that refusal.
__autovenv_unfit() {
  _AUTOVENV_WORD=''
  if [[ ! -f $_AUTOVENV_FOUND/pyvenv.cfg ]]; then
    _AUTOVENV_WORD=venv-missing
  elif __autovenv_twins "$_AUTOVENV_TWIN" "$_AUTOVENV_FOUND/pyvenv.cfg" "$_AUTOVENV_FOUND_BIN" ||
    ! __autovenv_verify --place "$_AUTOVENV_PLACE"; then
    __autovenv_word "$_AUTOVENV_TRUST$_AUTOVENV_PLACE"
  else
    __autovenv_read "$_AUTOVENV_PLACE"
  fi
  [[ ! $_AUTOVENV_WORD ]]
}

# The reason word that verify left in mirror folder $1.
__autovenv_word() {
  [[ ! -f $1/.autovenv-refused ]] || \builtin read -r _AUTOVENV_WORD <"$1/.autovenv-refused" || \builtin :
  _AUTOVENV_WORD=${_AUTOVENV_WORD:-refused}
}

# Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project.
__autovenv_verify() {
  \builtin local "program="
  [[ ! -f $_AUTOVENV_HOME/cli ]] || LC_ALL=C IFS= \builtin read -r program <"$_AUTOVENV_HOME/cli" || \builtin :
  if [[ ! -x $program ]]; then
    [[ $_AUTOVENV_TRIED == *:program:* ]] || __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
    _AUTOVENV_TRIED+=program:
    \builtin return 1
  fi
  PYTHONHOME='' PYTHONPATH='' "$program" verify --home "$_AUTOVENV_HOME" --shell bash "$@" </dev/null >/dev/null 2>&9 9>&-
}

# ---- consent --------------------------------------------------------------------------------------

# Did the person just make .venv here, or activate one by hand? Ask the program, with the line that ran.
__autovenv_consent() {
  \builtin local "made=" "activated=" "line=" "aliases=" name "since=" "code=0" words
  [[ $_AUTOVENV_ABSENT != "$PWD" || -L .venv || ! -f .venv/pyvenv.cfg ]] || made=1
  # One that was refused here, and has been made again since.
  [[ ! -f $_AUTOVENV_TRUST$PWD/.autovenv-refused || -L .venv ||
    ! .venv/pyvenv.cfg -nt $_AUTOVENV_TRUST$PWD/.autovenv-refused ]] || made=1
  if [[ ${VIRTUAL_ENV-} == */.venv && $VIRTUAL_ENV != "$_AUTOVENV_SEEN" && $VIRTUAL_ENV != "${_AUTOVENV_ACTIVE-}" &&
    $VIRTUAL_ENV != "$_AUTOVENV_FOUND" && $_AUTOVENV_TRIED != *":$VIRTUAL_ENV:"* ]]; then
    activated=$VIRTUAL_ENV
  fi
  [[ $made && $_AUTOVENV_PLACE != "$PWD" || $activated ]] || \builtin return 0
  if __autovenv_recorded; then
    __autovenv_text
    for name in "${!BASH_ALIASES[@]}"; do
      aliases+=$name=${BASH_ALIASES[$name]}$'\x1e'
    done
    \builtin printf -v since '%(%s)T' -1
    since=$((since - (SECONDS - _AUTOVENV_T)))
  fi
  words=(--line "$PWD")
  [[ ! $activated ]] || words+=(--activated "$activated")
  _AUTOVENV_LINE=$line _AUTOVENV_ALIASES=$aliases _AUTOVENV_STATUS=$_AUTOVENV_S _AUTOVENV_SINCE=$since \
    __autovenv_verify "${words[@]}" || code=$?
  case $code in
    0) __autovenv_find ;;
    3) [[ ! $activated ]] || _AUTOVENV_TRIED+=$activated: ;;
    *) _AUTOVENV_HINTED+=$PWD: ;; # it has said so itself
  esac
}

# line = what was typed since the last prompt: the entries of the history before number _AUTOVENV_H.
__autovenv_text() {
  \builtin local count first number mark
  count=$_AUTOVENV_R first=$((_AUTOVENV_H - _AUTOVENV_R))
  # The one fork of this hook: bash hands the text of a history entry only to a pipe. (`fc -l` counts
  # otherwise inside PROMPT_COMMAND: it leaves out the newest entry.)
  line=$'\n'$(HISTTIMEFORMAT='' \builtin history "$count") || line=''
  for ((number = first; number < _AUTOVENV_H; number++)); do
    \builtin printf -v mark '\n%5d' "$number" # "  265  text", or "  265* text" if it was edited
    [[ $line == *"$mark"[\ *]\ * && ($number -gt $first || $line == "$mark"*) ]] || line=''
    line=${line%%"$mark"*}$'\n'${line#*"$mark"??}
  done
}

# Is every line since the last prompt in the history, one entry each? Only then are their words the person's: a
# line hidden by ignorespace adds no entry, one read in by `history -n` was there before the prompt. Several were
# pasted as one: bash runs PROMPT_COMMAND only after the last.
__autovenv_recorded() {
  [[ ${PS0-} == *"$_AUTOVENV_NOTE_PS0"* && $_AUTOVENV_H -gt 1 && $_AUTOVENV_R -gt 0 && $_AUTOVENV_R -lt 1000000 ]] &&
    [[ ${PS1-} == *"$_AUTOVENV_NOTE_PS1"* || ${PROMPT_COMMAND[${#PROMPT_COMMAND[@]} - 1]-} == "$_AUTOVENV_NOTE" ]]
}

# Put the notes into PS0 and PS1, once; take them away where bash expands nothing in a prompt and would show them.
__autovenv_notes_check() {
  if \builtin shopt -q promptvars; then
    [[ $_AUTOVENV_VARS != 1 && ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 44 && ${PS1+set} ]] || \builtin return 0
    # Not in an exported PS1: dash, which inherits it, would say "Bad substitution".
    [[ ${PS1-} == *"$_AUTOVENV_NOTE_PS1"* || ${PS1@a} == *x* ]] || PS1=$_AUTOVENV_NOTE_PS1$PS1
    [[ ${PS0-} == *"$_AUTOVENV_NOTE_PS0"* ]] || PS0=$_AUTOVENV_NOTE_PS0${PS0-}
    _AUTOVENV_VARS=1
  elif [[ $_AUTOVENV_VARS == 1 ]]; then
    PS0=${PS0/"$_AUTOVENV_NOTE_PS0"/} PS1=${PS1/"$_AUTOVENV_NOTE_PS1"/} _AUTOVENV_VARS=off
    [[ ! $_AUTOVENV_LABEL ]] || __autovenv_label_off && __autovenv_label_place "$_AUTOVENV_FOUND_LABEL"
  fi
}

# A theme that draws PS1 anew drops the note: take it at the end of PROMPT_COMMAND instead, if that is a list.
__autovenv_note() {
  \builtin local last i
  last=$((${#PROMPT_COMMAND[@]} - 1))
  [[ $last -gt 0 && ${PROMPT_COMMAND[last]-} != "$_AUTOVENV_NOTE" ]] || \builtin return 0
  for i in "${!PROMPT_COMMAND[@]}"; do
    [[ ${PROMPT_COMMAND[i]} != "$_AUTOVENV_NOTE" ]] || \builtin unset -v "PROMPT_COMMAND[i]"
  done
  PROMPT_COMMAND+=("$_AUTOVENV_NOTE")
}

# An unknown .venv here: say so, once per folder and shell.
__autovenv_hint() {
  [[ $_AUTOVENV_PLACE != "$PWD" && $_AUTOVENV_HINTED != *":$PWD:"* && ! $_AUTOVENV_OFF && ! ${AUTOVENV_DISABLE-} &&
    ! ${AUTOVENV_QUIET-} && ${VIRTUAL_ENV-} != "$PWD/.venv" ]] || \builtin return 0
  _AUTOVENV_HINTED+=$PWD:
  [[ -f $_AUTOVENV_TRUST$PWD/.autovenv-deny ]] ||
    __autovenv_say 'this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow'
}

# ---- prompt label ---------------------------------------------------------------------------------

# Show `(label) ` before the prompt, unless the person or a theme does without it.
__autovenv_label_on() {
  _AUTOVENV_LABEL=''
  [[ $_AUTOVENV_LABELLED != '('* ]] || __autovenv_label_off
  [[ ! ${VIRTUAL_ENV_DISABLE_PROMPT-} ]] || \builtin return 0
  [[ $_AUTOVENV_LABELLED && ${PS1-} == "$_AUTOVENV_LABELLED"* ]] || __autovenv_label_place "$1"
  [[ ! $_AUTOVENV_LABELLED ]] || _AUTOVENV_LABEL="($1) "
}

# _AUTOVENV_LABELLED = what stands for label $1 in the prompt, placed there if it is not yet.
__autovenv_label_place() {
  _AUTOVENV_LABELLED=''
  [[ ! ${VIRTUAL_ENV_DISABLE_PROMPT-}$_AUTOVENV_THEMED${STARSHIP_SHELL-}${POSH_THEME-} && ${PS1-} && $PS1 != *VIRTUAL_ENV* &&
    $PS1 != *"($1) "* ]] || \builtin return 0
  # By reference: the prompt never holds the text itself, and need not be written again when the text changes.
  _AUTOVENV_LABELLED='${_AUTOVENV_LABEL-}'
  \builtin shopt -q promptvars || _AUTOVENV_LABELLED="($1) "
  [[ $PS1 == *"$_AUTOVENV_LABELLED"* ]] || PS1=$_AUTOVENV_LABELLED$PS1
}

# Take a label away again that stands in the prompt itself.
__autovenv_label_off() {
  PS1=${PS1/"$_AUTOVENV_LABELLED"/} _AUTOVENV_LABELLED=''
}

# A label that is gone at the next prompt: a theme draws the prompt anew each time. Leave it to it. But once
# after the start-up file was read again, which sets the prompt anew too, it comes back.
__autovenv_label_check() {
  [[ $_AUTOVENV_LABELLED && ${PS1-} != *"$_AUTOVENV_LABELLED"* ]] || \builtin return 0
  _AUTOVENV_LABELLED=''
  [[ $_AUTOVENV_LABEL ]] || \builtin return 0
  [[ $_AUTOVENV_RELOADED ]] || _AUTOVENV_THEMED=1
  _AUTOVENV_LABEL=''
  __autovenv_label_on "$_AUTOVENV_FOUND_LABEL"
}

# ---- PATH -----------------------------------------------------------------------------------------

# _AUTOVENV_N = how often folder $1 stands on PATH.
__autovenv_path_count() {
  \builtin local "path=:${PATH-}:"
  _AUTOVENV_N=0
  while [[ $path == *":$1:"* ]]; do
    path=:${path#*":$1:"} _AUTOVENV_N=$((_AUTOVENV_N + 1))
  done
}

# Remove the leftmost entries of folder $1 until $2 remain. Nothing else of PATH changes.
__autovenv_path_trim() {
  \builtin local path
  __autovenv_path_count "$1"
  while [[ $_AUTOVENV_N -gt $2 ]]; do
    path=:$PATH:
    path=${path%%":$1:"*}:${path#*":$1:"}
    path=${path#:} PATH=${path%:} _AUTOVENV_N=$((_AUTOVENV_N - 1))
  done
}

# ---- activate, adopt, deactivate ------------------------------------------------------------------

# Make what was found active.
__autovenv_activate() {
  _AUTOVENV_N=0 _AUTOVENV_CONDA=${CONDA_PREFIX-} _AUTOVENV_OUTER=${PATH-}
  [[ :$_AUTOVENV_OUTER: != *":$_AUTOVENV_FOUND_BIN:"* ]] || __autovenv_path_count "$_AUTOVENV_FOUND_BIN"
  # bash forgets its hashed commands by itself when PATH is set.
  _AUTOVENV_COUNT=$_AUTOVENV_N PATH=$_AUTOVENV_FOUND_BIN${PATH:+:$PATH}
  __autovenv_dress
}

# Take over one that is active already: inherited, or activated by a script or by hand.
__autovenv_adopt() {
  \builtin local bin
  bin=$_AUTOVENV_FOUND_BIN _AUTOVENV_OUTER=''
  [[ $VIRTUAL_ENV == "$_AUTOVENV_FOUND" ]] || __autovenv_path_trim "$VIRTUAL_ENV/bin" 0 # the same, spelled otherwise
  __autovenv_path_count "$bin"
  if [[ ! $_AUTOVENV_DRESSED ]]; then # else it was ours before, and the number of then still holds
    _AUTOVENV_COUNT=0
    [[ ! ${_OLD_VIRTUAL_PATH+set} || $_AUTOVENV_N -eq 0 ]] || _AUTOVENV_COUNT=$((_AUTOVENV_N - 1))
    _AUTOVENV_CONDA=${CONDA_PREFIX-}
  fi
  if [[ $PATH != "$bin" && $PATH != "$bin":* || $_AUTOVENV_N -gt $((_AUTOVENV_COUNT + 1)) ]]; then
    __autovenv_path_trim "$bin" "$_AUTOVENV_COUNT"
    PATH=$bin${PATH:+:$PATH}
  fi
  # What an activate script saved becomes ours. Not its PATH: that is a snapshot, and would lose edits.
  if [[ ${_OLD_VIRTUAL_PS1+set} ]]; then
    [[ ${PS1-} != *"$_OLD_VIRTUAL_PS1" ]] || PS1=$_OLD_VIRTUAL_PS1
  fi
  _AUTOVENV_OLD_HOME=${_AUTOVENV_OLD_HOME:-${_OLD_VIRTUAL_PYTHONHOME-}}
  \builtin unset -v _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PS1 _OLD_VIRTUAL_PYTHONHOME
  _AUTOVENV_OPTED_OUT=''
  __autovenv_dress
}

# Set what an active environment has, and define deactivate.
__autovenv_dress() {
  VIRTUAL_ENV=$_AUTOVENV_FOUND _AUTOVENV_ACTIVE=$_AUTOVENV_FOUND VIRTUAL_ENV_PROMPT=$_AUTOVENV_FOUND_LABEL
  _AUTOVENV_DRESSED=$_AUTOVENV_FOUND _AUTOVENV_PROJECT=$_AUTOVENV_PLACE _AUTOVENV_BIN=$_AUTOVENV_FOUND_BIN
  \builtin export VIRTUAL_ENV _AUTOVENV_ACTIVE VIRTUAL_ENV_PROMPT PATH
  [[ ! ${PYTHONHOME-} ]] || __autovenv_home_off
  # shellcheck disable=SC2053 # what stands for the label has nothing of a pattern
  if [[ $_AUTOVENV_LABELLED == '$'* && ${PS1-} == $_AUTOVENV_LABELLED* && ! ${VIRTUAL_ENV_DISABLE_PROMPT-} ]]; then
    _AUTOVENV_LABEL="($_AUTOVENV_FOUND_LABEL) "
  else
    __autovenv_label_on "$_AUTOVENV_FOUND_LABEL"
  fi
  # As activate scripts define it. `nondestructive` is how they clear the way for themselves.
  deactivate() {
    { __autovenv_left "$@"; } 2>&-
  }
}

# Take PYTHONHOME away until the environment is left.
__autovenv_home_off() {
  _AUTOVENV_OLD_HOME=$PYTHONHOME
  \builtin unset -v PYTHONHOME
}

# Left by hand: stay out of this project.
__autovenv_left() {
  _AUTOVENV_OPTED_OUT=$_AUTOVENV_PROJECT
  __autovenv_deactivate "${1-}"
  [[ ${1-} != nondestructive ]] || _AUTOVENV_OPTED_OUT=''
}

# Take away what we set, and no more: PATH loses our entries, never its later edits.
__autovenv_deactivate() {
  _AUTOVENV_GONE_BIN=${_AUTOVENV_BIN:-${_AUTOVENV_ACTIVE:-${VIRTUAL_ENV-}}/bin} _AUTOVENV_GONE_COUNT=$_AUTOVENV_COUNT
  if [[ $_AUTOVENV_OUTER && $PATH == "$_AUTOVENV_GONE_BIN:$_AUTOVENV_OUTER" ]]; then
    PATH=$_AUTOVENV_OUTER # the usual case, no edits: what counting would leave, at once
  else
    __autovenv_path_trim "$_AUTOVENV_GONE_BIN" "$_AUTOVENV_GONE_COUNT"
  fi
  [[ $_AUTOVENV_LABELLED != '('* && ! $_AUTOVENV_OLD_HOME ]] || __autovenv_give_back
  \builtin unset -v VIRTUAL_ENV VIRTUAL_ENV_PROMPT _AUTOVENV_ACTIVE
  [[ ! $_AUTOVENV_DRESSED || ${1-} == nondestructive ]] || \builtin unset -f deactivate
  _AUTOVENV_DRESSED='' _AUTOVENV_PROJECT='' _AUTOVENV_BIN='' _AUTOVENV_COUNT=0 _AUTOVENV_OUTER='' _AUTOVENV_LABEL=''
}

# What is seldom to be put back: a label in the prompt's own text, and PYTHONHOME.
__autovenv_give_back() {
  [[ $_AUTOVENV_LABELLED != '('* ]] || __autovenv_label_off
  [[ ! $_AUTOVENV_OLD_HOME ]] || \builtin export "PYTHONHOME=$_AUTOVENV_OLD_HOME"
  _AUTOVENV_OLD_HOME=''
}

# From one project's environment to another's.
__autovenv_switch() {
  __autovenv_deactivate
  __autovenv_activate
}

# Before deciding: was ours left, or pushed aside, by other hands than ours?
__autovenv_notice() {
  \builtin local other other_label
  if [[ $_AUTOVENV_DRESSED && ! ${VIRTUAL_ENV-} ]]; then
    _AUTOVENV_OPTED_OUT=$_AUTOVENV_PROJECT
    __autovenv_deactivate
  elif [[ $_AUTOVENV_DRESSED && $VIRTUAL_ENV != "$_AUTOVENV_DRESSED" ]]; then
    other=$VIRTUAL_ENV
    _AUTOVENV_DRESSED='' # the deactivate that is defined now is not ours, and will put back what its script saved
    other_label=${VIRTUAL_ENV_PROMPT-}
    [[ ! $_AUTOVENV_OLD_HOME ]] || _OLD_VIRTUAL_PYTHONHOME=$_AUTOVENV_OLD_HOME _AUTOVENV_OLD_HOME=''
    [[ ! $_AUTOVENV_LABELLED || ! ${_OLD_VIRTUAL_PS1+set} ]] || _OLD_VIRTUAL_PS1=${_OLD_VIRTUAL_PS1/"$_AUTOVENV_LABELLED"/}
    __autovenv_deactivate
    \builtin export "VIRTUAL_ENV=$other"
    [[ ! $other_label ]] || \builtin export "VIRTUAL_ENV_PROMPT=$other_label"
  fi
  if [[ $_AUTOVENV_GONE_BIN && ! ${VIRTUAL_ENV-} ]]; then
    __autovenv_path_trim "$_AUTOVENV_GONE_BIN" "$_AUTOVENV_GONE_COUNT" # a snapshot of PATH was put back (direnv)
  fi
  [[ $PWD/ == "$_AUTOVENV_OPTED_OUT"/* ]] || _AUTOVENV_OPTED_OUT=''
}

# ---- decide ---------------------------------------------------------------------------------------

# The table of shims/README.md: the first row that fits, its number behind it. Here those where nothing is active, the
# others in two functions of their own: bash copies a function's body to call it.
__autovenv_decide() {
  _AUTOVENV_WAS=${VIRTUAL_ENV-} _AUTOVENV_ACTION=keep
  if [[ $_AUTOVENV_OFF${AUTOVENV_DISABLE-}${CONDA_PREFIX-} ]] && __autovenv_decide_aside; then
    \builtin :
  elif [[ $_AUTOVENV_WAS ]]; then
    __autovenv_decide_active
  elif [[ ! $_AUTOVENV_FOUND ]]; then
    _AUTOVENV_REASON=no-project # 8
  elif ! __autovenv_fit; then
    _AUTOVENV_REASON=$_AUTOVENV_WORD # 10
  elif [[ $_AUTOVENV_OPTED_OUT && $_AUTOVENV_OPTED_OUT == "$_AUTOVENV_PLACE" ]]; then
    _AUTOVENV_REASON=opted-out # 13
  else
    _AUTOVENV_ACTION=activate _AUTOVENV_REASON=entered-project _AUTOVENV_BUSY=1 # 15
  fi
  [[ $_AUTOVENV_ACTION == keep ]] || "__autovenv_$_AUTOVENV_ACTION"
  [[ ! ${AUTOVENV_TRACE-} ]] || __autovenv_trace "$_AUTOVENV_ACTION" "$_AUTOVENV_REASON" "$_AUTOVENV_WAS"
}

# The rows where we stand aside: switched off, or conda's environment has the word.
__autovenv_decide_aside() {
  _AUTOVENV_OURS=''
  [[ ! $_AUTOVENV_WAS || ${_AUTOVENV_ACTIVE-} != "$_AUTOVENV_WAS" ]] || _AUTOVENV_OURS=1
  if [[ $_AUTOVENV_OFF${AUTOVENV_DISABLE-} ]]; then
    _AUTOVENV_REASON=off
    [[ ! $_AUTOVENV_OURS ]] || _AUTOVENV_ACTION=deactivate # 1, else 2
  elif [[ ${CONDA_PREFIX-} && ${CONDA_DEFAULT_ENV-} != base && $CONDA_PREFIX != "$_AUTOVENV_CONDA" ]]; then
    _AUTOVENV_REASON=manual
    [[ ! $_AUTOVENV_OURS ]] || _AUTOVENV_ACTION=deactivate _AUTOVENV_OPTED_OUT=${_AUTOVENV_PROJECT:-$_AUTOVENV_PLACE} # 3, else 4
  else
    \builtin return 1
  fi
}

# The rows where an environment is active.
__autovenv_decide_active() {
  _AUTOVENV_OURS='' _AUTOVENV_SAME='' _AUTOVENV_CLAD=''
  [[ ${_AUTOVENV_ACTIVE-} != "$_AUTOVENV_WAS" ]] || _AUTOVENV_OURS=1
  [[ ! $_AUTOVENV_FOUND ]] || __autovenv_decide_same
  if [[ $_AUTOVENV_SAME && ! $_AUTOVENV_CLAD ]] && __autovenv_fit; then
    _AUTOVENV_ACTION=adopt _AUTOVENV_REASON=adopted _AUTOVENV_BUSY=1 # 5
  elif [[ ! $_AUTOVENV_OURS ]]; then
    _AUTOVENV_REASON=manual # 6
  elif [[ ! $_AUTOVENV_FOUND ]]; then
    _AUTOVENV_ACTION=deactivate _AUTOVENV_REASON=left-project # 7
  elif ! __autovenv_fit; then
    _AUTOVENV_ACTION=deactivate _AUTOVENV_REASON=$_AUTOVENV_WORD # 9
  elif [[ $_AUTOVENV_SAME ]]; then
    _AUTOVENV_REASON=already-active _AUTOVENV_BUSY=1 # 11
  elif [[ $_AUTOVENV_OPTED_OUT == "$_AUTOVENV_PLACE" ]]; then
    _AUTOVENV_ACTION=deactivate _AUTOVENV_REASON=opted-out # 12
  else
    _AUTOVENV_ACTION=switch _AUTOVENV_REASON=other-project _AUTOVENV_BUSY=1 # 14
  fi
}

# Two facts: is the active one what was found, and is it dressed by us?
__autovenv_decide_same() {
  [[ $_AUTOVENV_WAS != "$_AUTOVENV_FOUND" && ! $_AUTOVENV_WAS -ef $_AUTOVENV_FOUND ]] || _AUTOVENV_SAME=1
  [[ ! $_AUTOVENV_OURS || $_AUTOVENV_DRESSED != "$_AUTOVENV_WAS" || :${PATH-}: != *":$_AUTOVENV_BIN:"* || ${_OLD_VIRTUAL_PATH+set} ]] || _AUTOVENV_CLAD=1
}

# ---- hook -----------------------------------------------------------------------------------------

# Bring this shell in step with its folder. $1: prompt, or cd (at once, inside a line).
__autovenv_hook() {
  # shellcheck disable=SC2050 # constant, but for nocasematch
  [[ a != A ]] || {
    __autovenv_cased "$1"
    \builtin return 0
  }
  # Each call below is left out where it would do nothing.
  [[ $_AUTOVENV_DRESSED == "${VIRTUAL_ENV-}" && ! $_AUTOVENV_OPTED_OUT &&
    ($_AUTOVENV_DRESSED || ! $_AUTOVENV_GONE_BIN || ${#PATH} == "$_AUTOVENV_LENGTH") ]] || __autovenv_notice
  [[ $1 == prompt && $PWD == "$_AUTOVENV_PWD" ]] || __autovenv_find
  [[ $1 == cd ]] || __autovenv_consent
  _AUTOVENV_LOOK=__autovenv_prompt _AUTOVENV_BUSY='' _AUTOVENV_ABSENT=''
  [[ ! $_AUTOVENV_FOUND${VIRTUAL_ENV-}${AUTOVENV_TRACE-} ]] || __autovenv_decide
  _AUTOVENV_PWD=$PWD _AUTOVENV_LENGTH=${#PATH}
  [[ $_AUTOVENV_PLACE == "$PWD" ]] || __autovenv_look "$1"
  # The next prompt has only to see that this is as it was: in an active project, and where there is nothing.
  if [[ $_AUTOVENV_BUSY ]]; then
    _AUTOVENV_LOOK=__autovenv_busy _AUTOVENV_SEEN=$VIRTUAL_ENV _AUTOVENV_STILL=${AUTOVENV_TRACE:+-}$_AUTOVENV_CALM:${#PATH}:${#PWD}
    _AUTOVENV_BUSY=${#PATH}$_AUTOVENV_NOTED:$PWD:$VIRTUAL_ENV:${#_AUTOVENV_ACTIVE}:${CONDA_PREFIX-}${AUTOVENV_DISABLE-}
  elif [[ $_AUTOVENV_ABSENT && ! ${VIRTUAL_ENV-}$_AUTOVENV_FOUND${AUTOVENV_TRACE-} ]]; then
    _AUTOVENV_LOOK=__autovenv_idle _AUTOVENV_IDLE=${#PATH}$_AUTOVENV_NOTED:$PWD:
  fi
  [[ $_AUTOVENV_VARS != off ]] || _AUTOVENV_LOOK=__autovenv_prompt # until prompts are expanded again
}

# The same with case told apart: nocasematch would make == and ${x/y} ignore it.
__autovenv_cased() {
  \builtin shopt -u nocasematch
  __autovenv_hook "$1"
  \builtin shopt -s nocasematch
}

# Two looks at a .venv here that is not the one that was found; but none at the prompt after a line that only
# went here ($_ says so), where the cd has looked.
__autovenv_look() {
  if [[ $1 == prompt && $_AUTOVENV_COLD == "$PWD" && $_AUTOVENV_LASTARG == "$_AUTOVENV_TO" ]]; then
    __autovenv_hint
  elif [[ -L .venv ]]; then
    \builtin :
  elif [[ ! -f .venv/pyvenv.cfg ]]; then
    _AUTOVENV_ABSENT=$PWD
    \builtin return 0
  elif [[ $1 == prompt ]]; then
    __autovenv_hint
  else
    _AUTOVENV_COLD=$PWD # a cd inside a line is no time to talk
  fi
  _AUTOVENV_BUSY=''
}

# At a prompt: is there still nothing? After an empty line nobody has made anything here.
__autovenv_idle() {
  _AUTOVENV_S=$? _AUTOVENV_LASTARG=$_
  if [[ $_AUTOVENV_R$_AUTOVENV_CALM == 00 ]]; then
    __autovenv_sleep
  elif [[ ${#PATH}$_AUTOVENV_CALM${PS0:+.${#PS0}}:$PWD:${VIRTUAL_ENV-} == "$_AUTOVENV_IDLE" && ! -L .venv && ! -f .venv/pyvenv.cfg ]]; then
    _AUTOVENV_R=0
  else
    __autovenv_prompt "$_AUTOVENV_S" "$_AUTOVENV_LASTARG"
  fi
}

# Then there is no more to do until PS0 sees a line: our element of PROMPT_COMMAND is emptied, and PS0 puts it back. But
# not where it is not alone in the first place, or where bash does not expand PS0.
__autovenv_sleep() {
  # shellcheck disable=SC2128,SC2178 # the first element
  if ! \builtin shopt -q promptvars; then
    __autovenv_prompt "$_AUTOVENV_S" "$_AUTOVENV_LASTARG"
  elif [[ ${PROMPT_COMMAND-} == "$_AUTOVENV_WAKE" ]]; then
    PROMPT_COMMAND='' _AUTOVENV_ASLEEP=$_AUTOVENV_AWAKE
  fi
}

# Or still the same environment? After an empty line, where nobody can have changed the rest, its times say so.
# In bash `x -ot lo` is true if only x is missing; that both twins are there, and no refusal, the epoch says.
__autovenv_busy() {
  _AUTOVENV_S=$? _AUTOVENV_LASTARG=$_
  [[ $_AUTOVENV_R:${#PATH}:${#PWD} == "$_AUTOVENV_STILL" && -f $_AUTOVENV_EPOCH &&
    ! $_AUTOVENV_CFG -ot ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -nt ${_AUTOVENV_TWIN}cfg-hi &&
    ! $_AUTOVENV_BIN -ot ${_AUTOVENV_TWIN}bin-lo && ! $_AUTOVENV_BIN -nt ${_AUTOVENV_TWIN}bin-hi ]] || __autovenv_busy_line
}

# After a line there is more to see.
__autovenv_busy_line() {
  if [[ ${#PATH}$_AUTOVENV_CALM${PS0:+.${#PS0}}:$PWD:${VIRTUAL_ENV-}:${_AUTOVENV_ACTIVE:+${#_AUTOVENV_ACTIVE}}:${CONDA_PREFIX-}${AUTOVENV_DISABLE-}${AUTOVENV_TRACE-} == "$_AUTOVENV_BUSY" &&
    (${PS1-} == "$_AUTOVENV_LABELLED"* || ${PS1-} == *"$_AUTOVENV_LABELLED"*) &&
    ! $_AUTOVENV_CFG -ot ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -nt ${_AUTOVENV_TWIN}cfg-hi &&
    ! $_AUTOVENV_BIN -ot ${_AUTOVENV_TWIN}bin-lo && ! $_AUTOVENV_BIN -nt ${_AUTOVENV_TWIN}bin-hi &&
    (-f $_AUTOVENV_EPOCH || -f ${_AUTOVENV_TWIN}cfg-lo && -f ${_AUTOVENV_TWIN}bin-lo && ! -f ${_AUTOVENV_TWIN}refused) &&
    (! $_AUTOVENV_ABSENT || ! -L .venv && ! -f .venv/pyvenv.cfg) ]] && { [[ ! $_AUTOVENV_VARS ]] || \builtin shopt -q promptvars; }; then
    _AUTOVENV_R=0
  else
    __autovenv_prompt "$_AUTOVENV_S" "$_AUTOVENV_LASTARG"
  fi
}

# The same at the first prompt in it: a line that only went here has changed nothing since.
__autovenv_fresh() {
  _AUTOVENV_S=$? _AUTOVENV_LASTARG=$_ _AUTOVENV_LOOK=__autovenv_busy
  if [[ $_AUTOVENV_LASTARG == "$_AUTOVENV_FRESH" && ${VIRTUAL_ENV-}:$PWD == "$_AUTOVENV_FOUND:$_AUTOVENV_PLACE" ]]; then
    _AUTOVENV_R=0
  else
    __autovenv_busy_line
  fi
}

# Or may anything have changed? $1, $2: the status of the line and its last argument, if they have been noted.
__autovenv_prompt() {
  _AUTOVENV_S=${1-$?} _AUTOVENV_LASTARG=${2-$_}
  __autovenv_notes_check
  __autovenv_label_check
  _AUTOVENV_RELOADED='' _AUTOVENV_CALM=- _AUTOVENV_ASLEEP=''
  [[ ${PS0-} != *"$_AUTOVENV_NOTE_PS0"* ]] || _AUTOVENV_CALM=0
  _AUTOVENV_NOTED=$_AUTOVENV_CALM${PS0:+.${#PS0}}
  __autovenv_hook prompt
  _AUTOVENV_COLD='' _AUTOVENV_SEEN=${VIRTUAL_ENV-} _AUTOVENV_R=0
  [[ ${PS1-} == *"$_AUTOVENV_NOTE_PS1"* ]] || __autovenv_note
} 2>/dev/null

# After each cd, pushd, popd; a subshell is left alone. The state says which of three ways it takes: the long one,
__autovenv_prompt_cd() {
  [[ $BASH_SUBSHELL == 0 ]] || \builtin return 0
  # Not in a line (a trap, bind -x) while our element of PROMPT_COMMAND is away: PS0 has not put it back.
  # shellcheck disable=SC2128,SC2178 # the first element
  [[ ! $_AUTOVENV_ASLEEP || ${PROMPT_COMMAND-} ]] || PROMPT_COMMAND=$_AUTOVENV_WAKE
  _AUTOVENV_TO=$1
  __autovenv_hook cd 9>&2 || \builtin :
}

# the way from where there was nothing: to where there is nothing, which is remembered (row 8), or straight into a project.
# The name of a folder begins with /, which ends the arithmetic that an array without names would make of it.
__autovenv_idle_cd() {
  # shellcheck disable=SC2050 # a != A: constant, but for nocasematch
  if [[ -f $_AUTOVENV_EPOCH && ${#PATH} == "$_AUTOVENV_LENGTH" && $BASH_SUBSHELL == 0 && ($_AUTOVENV_R != 0 || ! $_AUTOVENV_ASLEEP) && a != A &&
    ! ${VIRTUAL_ENV-}$_AUTOVENV_OPTED_OUT$_AUTOVENV_OFF${AUTOVENV_DISABLE-}${AUTOVENV_TRACE-}${CONDA_PREFIX-} ]]; then
    _AUTOVENV_LORE=${_AUTOVENV_KNOWN[$PWD]-}
    [[ $_AUTOVENV_LORE ]] || __autovenv_learn 9>&2
    if [[ $_AUTOVENV_LORE == /* ]]; then
      __autovenv_enter "$1"
    elif [[ $_AUTOVENV_LORE != - ]]; then
      __autovenv_prompt_cd "$1"
    elif [[ -L .venv ]]; then
      __autovenv_cold
    elif [[ -f .venv/pyvenv.cfg ]]; then
      __autovenv_cold "$1" "$PWD"
    else
      _AUTOVENV_ABSENT=$PWD _AUTOVENV_IDLE=$_AUTOVENV_LENGTH$_AUTOVENV_NOTED:$PWD:
    fi
  else
    __autovenv_prompt_cd "$1"
  fi
}

# From where an environment has just been entered: as from where one is active,
__autovenv_fresh_cd() {
  __autovenv_busy_cd "$1"
}

# and the way out of an environment to where there is nothing (row 7).
__autovenv_busy_cd() {
  # shellcheck disable=SC2050 # a != A: constant, but for nocasematch
  if [[ -f $_AUTOVENV_EPOCH && ${_AUTOVENV_KNOWN[$PWD]-} == - && $BASH_SUBSHELL == 0 && a != A && ${VIRTUAL_ENV-} == "$_AUTOVENV_DRESSED" &&
    ! $_AUTOVENV_OPTED_OUT$_AUTOVENV_OFF${AUTOVENV_DISABLE-}${CONDA_PREFIX-}${AUTOVENV_TRACE-} ]]; then
    _AUTOVENV_FOUND='' _AUTOVENV_PLACE='' _AUTOVENV_BUSY=''
    __autovenv_deactivate
    _AUTOVENV_LENGTH=${#PATH} _AUTOVENV_LOOK=__autovenv_idle _AUTOVENV_ABSENT=$PWD _AUTOVENV_IDLE=${#PATH}$_AUTOVENV_NOTED:$PWD:
    if [[ -L .venv ]]; then
      __autovenv_cold
    elif [[ -f .venv/pyvenv.cfg ]]; then
      __autovenv_cold "$1" "$PWD"
    fi
  else
    __autovenv_within "$1"
  fi
}

# or about in the same project (row 11).
__autovenv_within() {
  _AUTOVENV_LORE=${_AUTOVENV_KNOWN[$PWD]-}
  # shellcheck disable=SC2050 # a != A: constant, but for nocasematch
  if [[ -f $_AUTOVENV_EPOCH && ($_AUTOVENV_LORE == "+$_AUTOVENV_PLACE" && $_AUTOVENV_PLACE != "${HOME-}" || $PWD == "$_AUTOVENV_PLACE" && $_AUTOVENV_LORE == "$_AUTOVENV_FOUND") &&
    $BASH_SUBSHELL == 0 && a != A && :${PATH-}: == *":$_AUTOVENV_BIN:"* && ! ${_OLD_VIRTUAL_PATH+set} &&
    $_AUTOVENV_FOUND:$_AUTOVENV_FOUND:$_AUTOVENV_FOUND == "${VIRTUAL_ENV-}:${_AUTOVENV_ACTIVE-}:$_AUTOVENV_DRESSED" &&
    ! $_AUTOVENV_OPTED_OUT$_AUTOVENV_OFF${AUTOVENV_DISABLE-}${CONDA_PREFIX-}${AUTOVENV_TRACE-} &&
    ! $_AUTOVENV_CFG -ot ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -nt ${_AUTOVENV_TWIN}cfg-hi &&
    ! $_AUTOVENV_BIN -ot ${_AUTOVENV_TWIN}bin-lo && ! $_AUTOVENV_BIN -nt ${_AUTOVENV_TWIN}bin-hi ]]; then
    _AUTOVENV_LOOK=__autovenv_busy _AUTOVENV_ABSENT='' _AUTOVENV_STILL=$_AUTOVENV_CALM:${#PATH}:${#PWD} \
      _AUTOVENV_BUSY=${#PATH}$_AUTOVENV_NOTED:$PWD:$_AUTOVENV_FOUND:${#_AUTOVENV_FOUND}:
    if [[ $PWD == "$_AUTOVENV_PLACE" ]]; then
      \builtin :
    elif [[ -L .venv ]]; then
      __autovenv_cold
    elif [[ -f .venv/pyvenv.cfg ]]; then
      __autovenv_cold "$1" "$PWD"
    else
      _AUTOVENV_ABSENT=$PWD
    fi
  else
    __autovenv_prompt_cd "$1"
  fi
}

# The marker that lies here is remembered. What is remembered has its twins, and was not refused (row 15).
__autovenv_enter() {
  _AUTOVENV_PLACE=$PWD _AUTOVENV_FOUND=$_AUTOVENV_LORE _AUTOVENV_FOUND_BIN=${_AUTOVENV_BINS[$PWD]} _AUTOVENV_FOUND_LABEL=${_AUTOVENV_LABELS[$PWD]}
  _AUTOVENV_CFG=$_AUTOVENV_LORE/pyvenv.cfg _AUTOVENV_TWIN=$_AUTOVENV_TRUST$PWD/.autovenv-
  if [[ ${PATH-} && :$PATH: != *":$_AUTOVENV_FOUND_BIN:"* &&
    ! $_AUTOVENV_CFG -ot ${_AUTOVENV_TWIN}cfg-lo && ! $_AUTOVENV_CFG -nt ${_AUTOVENV_TWIN}cfg-hi &&
    ! $_AUTOVENV_FOUND_BIN -ot ${_AUTOVENV_TWIN}bin-lo && ! $_AUTOVENV_FOUND_BIN -nt ${_AUTOVENV_TWIN}bin-hi ]]; then
    _AUTOVENV_COUNT=0 _AUTOVENV_CONDA='' _AUTOVENV_OUTER=$PATH PATH=$_AUTOVENV_FOUND_BIN:$PATH # as __autovenv_activate
    __autovenv_dress
    # $1 is what $_ will be if the line ends with this. Not a word that could end a line that makes one as well: cd sync && uv sync.
    _AUTOVENV_FRESH=$1 _AUTOVENV_LOOK=__autovenv_fresh _AUTOVENV_ABSENT='' \
      _AUTOVENV_STILL=$_AUTOVENV_CALM:${#PATH}:${#PWD} _AUTOVENV_BUSY=${#PATH}$_AUTOVENV_NOTED:$PWD:$_AUTOVENV_LORE:${#_AUTOVENV_LORE}:
    [[ $1 == /* ]] || _AUTOVENV_LOOK=__autovenv_busy
  else
    __autovenv_prompt_cd "$1"
  fi
}

# There is a .venv here that is not allowed. $1, $2: where the cd went, if the next prompt need not look at it again.
__autovenv_cold() {
  _AUTOVENV_LOOK=__autovenv_prompt _AUTOVENV_PWD=$PWD _AUTOVENV_ABSENT='' _AUTOVENV_TO=${1-} _AUTOVENV_COLD=${2-}
}

# The same under `set -x`, where standard error is put aside. $1: cd, pushd or popd.
__autovenv_traced() {
  \builtin "$@" 2>&9 || \builtin return
  _AUTOVENV_TO=${2-}
  [[ $BASH_SUBSHELL != 0 ]] || __autovenv_hook cd || \builtin :
}

# The status and last argument of the person's line, for what follows us in a PROMPT_COMMAND of one string.
__autovenv_restore() {
  \builtin return "$_AUTOVENV_S"
}

# ---- command --------------------------------------------------------------------------------------

# The program, told what only this shell knows; `on` and `off` are this shell's own.
__autovenv_command() {
  \builtin local "program=" "code=0" facts "name=" word
  if [[ $# -eq 1 && ($1 == on || $1 == off) ]]; then
    _AUTOVENV_OFF='' _AUTOVENV_OPTED_OUT=''
    [[ $1 == on ]] || _AUTOVENV_OFF=1
    [[ $BASH_SUBSHELL != 0 ]] || __autovenv_hook cd || \builtin :
    \builtin return 0
  fi
  [[ ! -f $_AUTOVENV_HOME/cli ]] || LC_ALL=C IFS= \builtin read -r program <"$_AUTOVENV_HOME/cli" || \builtin :
  facts=shell=bash$'\x1e'version=$BASH_VERSION$'\x1e'hook=${_AUTOVENV_HOOK#*:}$'\x1e'home=$_AUTOVENV_HOME
  facts+=$'\x1e'off=$_AUTOVENV_OFF$'\x1e'dressed=$_AUTOVENV_DRESSED$'\x1e'opted_out=$_AUTOVENV_OPTED_OUT
  if [[ ${1-} == which || ${1-} == where ]]; then
    name=python
    for word in "${@:2}"; do
      [[ $word == -* ]] || name=${word%.exe} # the habit of `where python.exe`
    done
    facts+=$'\x1e'name=$name
    word='' # the kinds, in the order in which bash takes them
    if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
      [[ ! ${BASH_ALIASES[$name]+set} ]] || word=alias facts+=$'\x1e'alias=${BASH_ALIASES[$name]:0:4096}
      [[ ! ${BASH_CMDS[$name]+set} ]] || facts+=$'\x1e'hashed=${BASH_CMDS[$name]}
    fi
    ! \builtin declare -F -- "$name" >/dev/null || word+=' function'
    facts+=$'\x1e'kind=$word
  fi
  if [[ ! -x $program ]]; then
    __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
    \builtin return 1
  fi
  _AUTOVENV_FACTS=$facts "$program" "$@" 2>&9 9>&- || code=$?
  _AUTOVENV_PWD='' _AUTOVENV_LOOK=__autovenv_prompt _AUTOVENV_IDLE='' # markers may have changed: look again at the next prompt
  \builtin return "$code"
}

autovenv() {
  { __autovenv_command "$@"; } 9>&2 2>/dev/null
}

# The first Tab after `autovenv`: the completions register themselves when their file is read.
__autovenv_complete() {
  # shellcheck source=completions/autovenv.bash
  \builtin . "$_AUTOVENV_HOME/completions/autovenv.bash" && __autovenv_completion "$@"
}

# ---- install --------------------------------------------------------------------------------------

# A cd, pushd or popd of the person's own stays; the prompt sees its result. The change itself hangs on no
# redirection of ours, which would fail where stderr is closed; only under `set -x` it needs them.
if ! \builtin declare -F cd >/dev/null; then
  cd() {
    if { [[ $- == *x* ]]; } 2>&-; then
      { __autovenv_traced cd "$@"; } 9>&2 2>/dev/null
    else
      \builtin cd "$@" && "${_AUTOVENV_LOOK}_cd" "${1-}"
    fi
  }
fi
if ! \builtin declare -F pushd >/dev/null; then
  pushd() {
    if { [[ $- == *x* ]]; } 2>&-; then
      { __autovenv_traced pushd "$@"; } 9>&2 2>/dev/null
    else
      \builtin pushd "$@" && "${_AUTOVENV_LOOK}_cd" ""
    fi
  }
fi
if ! \builtin declare -F popd >/dev/null; then
  popd() {
    if { [[ $- == *x* ]]; } 2>&-; then
      { __autovenv_traced popd "$@"; } 9>&2 2>/dev/null
    else
      \builtin popd "$@" && "${_AUTOVENV_LOOK}_cd" ""
    fi
  }
fi

\builtin complete -F __autovenv_complete autovenv

# What PROMPT_COMMAND runs: what the state says, nearly always only tests. A short text: bash reads it again each time,
# letter by letter. What it calls finds the status of the line in $?, and its last argument in $_.
# First, so that we see the status of the line, and a theme after us has the last word on the prompt.
_AUTOVENV_WAKE='{ "$_AUTOVENV_LOOK";} 9>&2 2>&-'
if [[ ${PROMPT_COMMAND[*]-} != *_AUTOVENV_LOOK* ]]; then
  # A string becomes a list (bash 5.1): bash gives each element $?, $_ and PIPESTATUS anew. An exported one
  # stays a string, as bash exports no lists.
  if [[ ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 51 && (! ${PROMPT_COMMAND+set} || ${PROMPT_COMMAND@a} != *x*) ]]; then
    PROMPT_COMMAND=("$_AUTOVENV_WAKE" ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
  else
    # shellcheck disable=SC2128,SC2178 # it is a string here
    PROMPT_COMMAND=$_AUTOVENV_WAKE${PROMPT_COMMAND:+$'\n''{ __autovenv_restore "$_AUTOVENV_LASTARG" && \builtin : "$_AUTOVENV_LASTARG"; } 2>&-'$'\n'$PROMPT_COMMAND}
  fi
fi

# Two numbers, counted by arithmetic inside the prompt strings: no fork, no trace. Nothing is left of ${_AUTOVENV_HOOK:9}.
# PS1 notes in _AUTOVENV_H which number the next entry of the history will have; PS0 (bash 4.4) counts the lines since the
# last look in _AUTOVENV_R; a line that made no entry, or more than one, counts a million. _AUTOVENV_T is when the first
# line began. PS0 also expands what _AUTOVENV_ASLEEP holds, as bash would in a prompt: nothing, or what puts our element of
# PROMPT_COMMAND back that was emptied (${NIL^…} is nothing, and expands what follows the ^ all the same).
_AUTOVENV_NOTE_PS1='${_AUTOVENV_HOOK:9+(_AUTOVENV_H=HISTCMD)}'
_AUTOVENV_NOTE='{ ((_AUTOVENV_H=HISTCMD,1)); } 2>&-'
_AUTOVENV_AWAKE='${_AUTOVENV_NIL^${PROMPT_COMMAND:=$_AUTOVENV_WAKE}}'
_AUTOVENV_COUNTING='9+((_AUTOVENV_R+=HISTCMD-++_AUTOVENV_H?1000000:1)==1&&(_AUTOVENV_T=SECONDS))'
_AUTOVENV_NOTE_PS0='${_AUTOVENV_HOOK:_AUTOVENV_COUNTING}${_AUTOVENV_ASLEEP@P}'
__autovenv_notes_check

\builtin shopt "$_AUTOVENV_EXPAND" expand_aliases
\builtin unset -v _AUTOVENV_EXPAND
