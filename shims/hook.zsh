# autovenv hook 1 0.1.0
#
# Entering a project's folder makes its .venv active in this zsh, leaving makes it inactive.
# Sourced from ${ZDOTDIR:-~}/.zshrc; the protocol, and the same sections in the other shells: shims/README.md.
# zsh 5.3 or newer.
#
# Forms that recur, and what each prevents:
#   builtin x         a function called x must not run in its place (aliases are off while this is read)
#   ${X-}             X may be unset; not needed in functions, see below
#   if [[ … ]] …      where it holds nothing but tests and assignments: then it costs zsh no call of the system
#   [[ … ]] || …      where what follows is more than that: an `if` around it costs three calls of the system also if it is not
#                     entered, this nothing
# A call of a function costs what a dozen tests of variables cost, or five of files: zsh takes memory from the system for
# each and gives it back. So what runs at every cd and every prompt stands in one piece, and what runs seldom in functions.

[[ -o interactive ]] || 'builtin' 'return' 0
# This file reads itself again under options of its own. zsh remembers them with each function defined meanwhile: they
# hold whenever such a function is called, and the person's (ksh_arrays, sh_word_split, err_exit, aliases, …) when it
# ends; `set -x` shows no line of ours. (An `emulate -L zsh` in each function costs more, and is itself shown.)
# posix_identifiers: names of variables are read a byte at a time, in half the time. `unset` is on then: $X may be unset.
[[ "${1-}" == _autovenv_options_set ]] ||
  'builtin' 'emulate' 'zsh' '-o' 'no_aliases' '-o' 'no_err_exit' '-o' 'no_err_return' '-o' 'no_xtrace' '-o' 'extended_glob' \
    '-o' 'posix_identifiers' \
    '-c' 'builtin source "${${(%):-%x}:a}" _autovenv_options_set'
# A compinit that came before is told of our completions, under its own options. One that comes later finds them on fpath.
[[ "${1-}" == _autovenv_options_set || -z "${_comps+set}" ]] || { 'builtin' 'autoload' '-Uz' '_autovenv' && 'compdef' '_autovenv' 'autovenv'; }
[[ "${1-}" == _autovenv_options_set ]] || 'builtin' 'return' 0

# ---- state ----------------------------------------------------------------------------------------

# Functions are not inherited: without ours, whatever the environment says about them is hearsay.
if ! builtin typeset -f __autovenv_hook >/dev/null; then
  builtin typeset -g +x _AUTOVENV_HOME="${${(%):-%x}:a:h}"
  builtin typeset -g +x _AUTOVENV_TRUST=$_AUTOVENV_HOME/trust
  builtin typeset -g +x _AUTOVENV_DRESSED= _AUTOVENV_PROJECT= _AUTOVENV_BIN= _AUTOVENV_COUNT=0 _AUTOVENV_OLD_HOME=
  builtin typeset -g +x _AUTOVENV_OFF= _AUTOVENV_OPTED_OUT= _AUTOVENV_THEMED= _AUTOVENV_LABEL= _AUTOVENV_LABELLED=
  builtin typeset -g +x _AUTOVENV_HINTED=: _AUTOVENV_TRIED=: _AUTOVENV_ABSENT= _AUTOVENV_SEEN="${VIRTUAL_ENV-}"
  builtin typeset -g +x _AUTOVENV_GONE_BIN= _AUTOVENV_GONE_COUNT=0 _AUTOVENV_WATCH=0 _AUTOVENV_N=0
  builtin typeset -g +x _AUTOVENV_LINE= _AUTOVENV_AT_TIME=0 _AUTOVENV_STATUS=0
  builtin typeset -g +x _AUTOVENV_CALM= _AUTOVENV_COLD= _AUTOVENV_PWD= _AUTOVENV_ARMED= _AUTOVENV_MOVED= _AUTOVENV_BESIDE=
  builtin typeset -g +x _AUTOVENV_CASE= _AUTOVENV_ACTION= _AUTOVENV_REASON= _AUTOVENV_WAS= _AUTOVENV_DRESS=
  builtin typeset -g +x _AUTOVENV_MUTED= _AUTOVENV_ALONE= _AUTOVENV_SEAT=1 _AUTOVENV_STILL=
  builtin typeset -g +x _AUTOVENV_FOUND= _AUTOVENV_PLACE= _AUTOVENV_WORD= _AUTOVENV_REST= _AUTOVENV_HIT= _AUTOVENV_AT=
  builtin typeset -g +x _AUTOVENV_KNOWN= _AUTOVENV_TEXT= _AUTOVENV_VENV= _AUTOVENV_DIR= _AUTOVENV_ALLOW=
  builtin typeset -g +x _AUTOVENV_CFG= _AUTOVENV_CFG_LO= _AUTOVENV_CFG_HI= _AUTOVENV_BIN_LO= _AUTOVENV_BIN_HI= _AUTOVENV_REFUSED=
  builtin typeset -g +x _AUTOVENV_RELOADED= _AUTOVENV_EPOCH= _AUTOVENV_SURE= _AUTOVENV_WAYS_COUNT=0
  builtin typeset -ga _AUTOVENV_MARKER
  _AUTOVENV_MARKER=()
  # The conda environment that was there when an outer shell activated ours.
  builtin typeset -g +x _AUTOVENV_CONDA="${_AUTOVENV_ACTIVE:+${CONDA_PREFIX-}}"
else
  _AUTOVENV_RELOADED=1 _AUTOVENV_THEMED= _AUTOVENV_CALM= _AUTOVENV_MUTED= _AUTOVENV_STILL=
fi
builtin typeset -gA _AUTOVENV_WAYS # also where an older hook was read before: a path is no subscript of anything else
builtin typeset -g +x _AUTOVENV_HOOK=zsh:1

# ---- say ------------------------------------------------------------------------------------------

# Print one fixed line for the person. No text from a project is ever part of it.
__autovenv_say() {
  builtin print -ru2 -- "autovenv: $1"
}

# Print what was decided, for AUTOVENV_TRACE: action, reason, VIRTUAL_ENV before.
__autovenv_trace() {
  builtin print -ru2 -- "autovenv: trace action=$1 reason=$2 from=${(q)${3:--}} to=${(q)${VIRTUAL_ENV:--}}"
}

# ---- find -----------------------------------------------------------------------------------------

# Descend the mirror of $PWD; the deepest marker becomes _AUTOVENV_FOUND. No folder of the real tree is
# touched, but below one that was named with `allow --under`. (The usual case of it stands in __autovenv_hook.)
__autovenv_find() {
  builtin local mirror=$_AUTOVENV_TRUST place= rest=${PWD#/}/ hit= under= new= any=
  _AUTOVENV_FOUND= _AUTOVENV_PLACE=
  [[ ! -f $mirror/.autovenv-any-under ]] || any=1
  while [[ -n $rest ]]; do
    place+=/${rest%%/*} rest=${rest#*/}
    if [[ -n $mirror ]]; then
      mirror=$_AUTOVENV_TRUST$place
      if [[ ! -d $mirror ]]; then
        [[ -n $under ]] || builtin break
        mirror=
      elif [[ -f $mirror/.autovenv-allow && ( $place != "${HOME-}" || -z $rest ) ]]; then
        hit=$place new= # a venv in $HOME counts in exactly that folder
      fi
    fi
    [[ -z $under || $hit == "$place" || ! -f $place/.venv/pyvenv.cfg ]] || new=$place
    [[ -z $any || -z $mirror || ! -f $mirror/.autovenv-under ]] || under=1
  done
  [[ -z $new ]] || ! __autovenv_new "$new" || hit=$new
  [[ -z $hit ]] || __autovenv_read "$hit"
}

# Begin to remember: before looking, take the name of the file that stands as long as no marker changes. Remembered is which
# place's marker lies on the way to a folder (WAYS; `-`: none), and that the marker read last is as it was (SURE).
__autovenv_epoch() {
  _AUTOVENV_EPOCH= _AUTOVENV_SURE= _AUTOVENV_WAYS=() _AUTOVENV_WAYS_COUNT=0
  [[ -f $_AUTOVENV_TRUST/.autovenv-epoch && ! -f $_AUTOVENV_TRUST/.autovenv-any-under ]] || builtin return 0
  _AUTOVENV_EPOCH=$_AUTOVENV_TRUST/.autovenv-epoch-$(<$_AUTOVENV_TRUST/.autovenv-epoch)
  if [[ ! -f $_AUTOVENV_EPOCH ]]; then
    _AUTOVENV_EPOCH=
  fi
}

# Accept the marker of place $1 if it is ours and says so itself; anything odd means "not allowed". What it says is
# remembered, and where its twins are; it counts as known if it has three of the four, and where bin-hi is, is looked at each
# time. (They are removed together, bin-hi last: while that one is there, the others are.)
__autovenv_read() {
  [[ -f $_AUTOVENV_TRUST$1/.autovenv-allow && -O $_AUTOVENV_TRUST$1/.autovenv-allow ]] || builtin return 0
  _AUTOVENV_KNOWN= _AUTOVENV_SURE=
  _AUTOVENV_TEXT="$(<$_AUTOVENV_TRUST$1/.autovenv-allow)" # zsh reads $(<file) itself, without a fork
  _AUTOVENV_MARKER=("${(@f)_AUTOVENV_TEXT}")
  if [[ ${_AUTOVENV_MARKER[1]-} == 'autovenv 1' && ${_AUTOVENV_MARKER[2]-} == "$1" &&
    ${_AUTOVENV_MARKER[3]-} == /* && ${_AUTOVENV_MARKER[4]-} == /* ]]; then
    _AUTOVENV_PLACE=$1 _AUTOVENV_FOUND=${_AUTOVENV_MARKER[3]} _AUTOVENV_AT=$_AUTOVENV_TRUST$1/.autovenv
    _AUTOVENV_VENV=$_AUTOVENV_FOUND _AUTOVENV_DIR=${_AUTOVENV_MARKER[4]} _AUTOVENV_CFG=$_AUTOVENV_DIR/../pyvenv.cfg
    _AUTOVENV_CFG_LO=$_AUTOVENV_AT-cfg-lo _AUTOVENV_CFG_HI=$_AUTOVENV_AT-cfg-hi
    _AUTOVENV_BIN_LO=$_AUTOVENV_AT-bin-lo _AUTOVENV_BIN_HI=$_AUTOVENV_AT-bin-hi
    _AUTOVENV_ALLOW=$_AUTOVENV_AT-allow _AUTOVENV_REFUSED=$_AUTOVENV_AT-refused
    if [[ -f $_AUTOVENV_CFG_LO && -f $_AUTOVENV_CFG_HI && -f $_AUTOVENV_BIN_LO &&
      ( $_AUTOVENV_DIR == "$_AUTOVENV_FOUND/bin" && ! -L $_AUTOVENV_DIR || $_AUTOVENV_CFG -ef $_AUTOVENV_FOUND/pyvenv.cfg ) ]]; then
      _AUTOVENV_KNOWN=$1
    fi
  fi
}

# A venv at $1, below a folder named with `allow --under`, has no marker: have it judged once.
__autovenv_new() {
  builtin local mirror=$_AUTOVENV_TRUST$1
  [[ $_AUTOVENV_TRIED != *":$1:"* && ! -f $mirror/.autovenv-deny ]] || builtin return 1
  if [[ -f $mirror/.autovenv-refused ]] && __autovenv_twins "$mirror" "$1/.venv/pyvenv.cfg" "$1/.venv/bin"; then
    builtin return 1
  fi
  _AUTOVENV_TRIED+=$1: _AUTOVENV_HINTED+=$1:
  __autovenv_verify --under "$1"
}

# ---- state of what was found ----------------------------------------------------------------------

# Are the files $2 and $3 as old as their twins in $1 say? -f first: zsh's -nt and -ot are both false when
# a file is missing.
__autovenv_twins() {
  [[ -f $1/.autovenv-cfg-lo && -f $1/.autovenv-cfg-hi && -f $1/.autovenv-bin-lo && -f $1/.autovenv-bin-hi && -f $2 && -d $3 && ! $2 -ot $1/.autovenv-cfg-lo && ! $2 -nt $1/.autovenv-cfg-hi &&
    ! $3 -ot $1/.autovenv-bin-lo && ! $3 -nt $1/.autovenv-bin-hi ]]
}

# Is the environment that was found fit for use? If not, _AUTOVENV_WORD says why.
__autovenv_fit() {
  builtin local mirror=$_AUTOVENV_TRUST$_AUTOVENV_PLACE
  _AUTOVENV_WORD=
  if [[ ! -f $_AUTOVENV_FOUND/pyvenv.cfg ]]; then
    _AUTOVENV_WORD=venv-missing
  elif ! __autovenv_twins "$mirror" "$_AUTOVENV_FOUND/pyvenv.cfg" "${_AUTOVENV_MARKER[4]}"; then
    if __autovenv_verify --place "$_AUTOVENV_PLACE"; then
      __autovenv_read "$_AUTOVENV_PLACE"
    else
      __autovenv_word "$mirror"
    fi
  elif [[ -f $mirror/.autovenv-refused ]]; then
    __autovenv_word "$mirror"
  fi
  [[ -z $_AUTOVENV_WORD ]]
}

# The reason word that verify left in mirror folder $1.
__autovenv_word() {
  [[ ! -f $1/.autovenv-refused ]] || builtin read -r _AUTOVENV_WORD <$1/.autovenv-refused || builtin :
  _AUTOVENV_WORD=${_AUTOVENV_WORD:-refused}
}

# Start the program, the only process that this hook ever starts. It reads, and runs nothing of a project.
__autovenv_verify() {
  builtin local program=
  [[ ! -f $_AUTOVENV_HOME/cli ]] || IFS= builtin read -r program <$_AUTOVENV_HOME/cli || builtin :
  if [[ ! -x $program ]]; then
    [[ $_AUTOVENV_TRIED == *:program:* ]] || __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
    _AUTOVENV_TRIED+=program:
    builtin return 1
  fi
  PYTHONHOME= PYTHONPATH= $program verify --home $_AUTOVENV_HOME --shell zsh "$@" </dev/null >/dev/null
}

# ---- consent --------------------------------------------------------------------------------------

# Did the person just make .venv here, or activate one by hand? Ask the program, with the line that ran.
__autovenv_consent() {
  builtin local made= activated= line= names= name since= code=0
  builtin local -a words
  [[ $_AUTOVENV_ABSENT != "$PWD" || -L .venv || ! -f .venv/pyvenv.cfg ]] || made=1
  # One that was refused here, and has been made again since.
  [[ ! -f $_AUTOVENV_TRUST$PWD/.autovenv-refused || -L .venv ||
    ! .venv/pyvenv.cfg -nt $_AUTOVENV_TRUST$PWD/.autovenv-refused ]] || made=1
  if [[ ${VIRTUAL_ENV-} == */.venv && $VIRTUAL_ENV != "$_AUTOVENV_SEEN" && $VIRTUAL_ENV != "${_AUTOVENV_ACTIVE-}" &&
    $VIRTUAL_ENV != "$_AUTOVENV_FOUND" && $_AUTOVENV_TRIED != *":$VIRTUAL_ENV:"* ]]; then
    activated=$VIRTUAL_ENV
  fi
  [[ -n $made && $_AUTOVENV_PLACE != "$PWD" || -n $activated ]] || builtin return 0
  if __autovenv_recorded; then
    line=$_AUTOVENV_LINE
    for name in ${(k)aliases}; do
      names+=$name=${aliases[$name]}$'\x1e'
    done
    since='%D{%s}' # seconds since the epoch, in prompt language: no module, no process
    since=$((${(%)since} - (SECONDS - _AUTOVENV_AT_TIME)))
    since=${since%.*} # SECONDS may have been made a floating point number
  fi
  words=(--line "$PWD")
  [[ -z $activated ]] || words+=(--activated "$activated")
  _AUTOVENV_LINE=$line _AUTOVENV_ALIASES=$names _AUTOVENV_STATUS=$_AUTOVENV_STATUS _AUTOVENV_SINCE=$since \
    __autovenv_verify "${words[@]}" || code=$?
  case $code in
    (0) __autovenv_find ;;
    (3) [[ -z $activated ]] || _AUTOVENV_TRIED+=$activated: ;;
    (*) _AUTOVENV_HINTED+=$PWD: ;; # it has said so itself
  esac
}

# Do we have the line that just ran? preexec gets an empty one if it was kept out of the history.
__autovenv_recorded() {
  [[ -n $_AUTOVENV_LINE ]]
}

# An unknown .venv here: say so, once per folder and shell.
__autovenv_hint() {
  [[ $_AUTOVENV_PLACE != "$PWD" && $_AUTOVENV_HINTED != *":$PWD:"* && -z $_AUTOVENV_OFF && -z ${AUTOVENV_DISABLE-} &&
    -z ${AUTOVENV_QUIET-} && ${VIRTUAL_ENV-} != "$PWD/.venv" ]] || builtin return 0
  _AUTOVENV_HINTED+=$PWD:
  [[ -f $_AUTOVENV_TRUST$PWD/.autovenv-deny ]] ||
    __autovenv_say 'this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow'
}

# ---- prompt label ---------------------------------------------------------------------------------

# Take the label away again.
__autovenv_label_off() {
  [[ -z $_AUTOVENV_LABELLED ]] || PS1=${PS1/"$_AUTOVENV_LABELLED"/}
  _AUTOVENV_LABEL= _AUTOVENV_LABELLED=
}

# A label that is gone at the next prompt: a theme draws the prompt anew each time. Leave it to it. But once
# after the start-up file was read again, which sets the prompt anew too, it comes back.
__autovenv_label_check() {
  [[ -n $_AUTOVENV_LABELLED && ${PS1-} != *"$_AUTOVENV_LABELLED"* ]] || builtin return 0
  [[ -n $_AUTOVENV_RELOADED ]] || _AUTOVENV_THEMED=1
  _AUTOVENV_LABELLED=
  [[ -n $_AUTOVENV_THEMED || ${VIRTUAL_ENV-} != "$_AUTOVENV_DRESSED" || $_AUTOVENV_FOUND != "$_AUTOVENV_DRESSED" ]] || _AUTOVENV_DRESS=1
}

# ---- PATH -----------------------------------------------------------------------------------------

# _AUTOVENV_N = how often folder $1 stands on PATH.
__autovenv_path_count() {
  builtin local path_=:${PATH-}: # not `path`, which zsh ties to PATH
  _AUTOVENV_N=0
  while [[ $path_ == *":$1:"* ]]; do
    path_=:${path_#*":$1:"} _AUTOVENV_N=$((_AUTOVENV_N + 1))
  done
}

# Remove the leftmost entries of folder $1 until $2 remain. Nothing else of PATH changes.
__autovenv_path_trim() {
  builtin local path_
  __autovenv_path_count "$1"
  while [[ $_AUTOVENV_N -gt $2 ]]; do
    path_=:$PATH:
    path_=${path_%%":$1:"*}:${path_#*":$1:"}
    path_=${path_#:} PATH=${path_%:} _AUTOVENV_N=$((_AUTOVENV_N - 1))
  done
}

# ---- activate, adopt, deactivate ------------------------------------------------------------------

# Make what was found active. (What else that means is done at the end of __autovenv_hook, which DRESS tells to.)
__autovenv_activate() {
  _AUTOVENV_N=0
  [[ :${PATH-}: != *":${_AUTOVENV_MARKER[4]}:"* ]] || __autovenv_path_count "${_AUTOVENV_MARKER[4]}"
  _AUTOVENV_COUNT=$_AUTOVENV_N _AUTOVENV_CONDA=${CONDA_PREFIX-}
  PATH=${_AUTOVENV_MARKER[4]}${PATH:+:$PATH} # zsh forgets its hashed commands by itself when PATH is set
  _AUTOVENV_DRESS=1
}

# Take over one that is active already: inherited, or activated by a script or by hand.
__autovenv_adopt() {
  builtin local bin=${_AUTOVENV_MARKER[4]}
  [[ $VIRTUAL_ENV == "$_AUTOVENV_FOUND" ]] || __autovenv_path_trim "$VIRTUAL_ENV/bin" 0 # the same, spelled otherwise
  __autovenv_path_count "$bin"
  if [[ -z $_AUTOVENV_DRESSED ]]; then # else it was ours before, and the number of then still holds
    _AUTOVENV_COUNT=0
    [[ -z ${_OLD_VIRTUAL_PATH+set} || $_AUTOVENV_N -eq 0 ]] || _AUTOVENV_COUNT=$((_AUTOVENV_N - 1))
    _AUTOVENV_CONDA=${CONDA_PREFIX-}
  fi
  if [[ $PATH != "$bin" && $PATH != "$bin":* || $_AUTOVENV_N -gt $((_AUTOVENV_COUNT + 1)) ]]; then
    __autovenv_path_trim "$bin" "$_AUTOVENV_COUNT"
    PATH=$bin${PATH:+:$PATH}
  fi
  # What an activate script saved becomes ours. Not its PATH: that is a snapshot, and would lose edits.
  if [[ -n ${_OLD_VIRTUAL_PS1+set} ]]; then
    [[ ${PS1-} != *"$_OLD_VIRTUAL_PS1" ]] || PS1=$_OLD_VIRTUAL_PS1
  fi
  _AUTOVENV_OLD_HOME=${_AUTOVENV_OLD_HOME:-${_OLD_VIRTUAL_PYTHONHOME-}}
  builtin unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PS1 _OLD_VIRTUAL_PYTHONHOME
  _AUTOVENV_OPTED_OUT=
  _AUTOVENV_DRESS=1
}

# Left by hand: stay out of this project.
__autovenv_left() {
  _AUTOVENV_OPTED_OUT=$_AUTOVENV_PROJECT
  __autovenv_deactivate "${1-}"
  [[ ${1-} != nondestructive ]] || _AUTOVENV_OPTED_OUT=
}

# Take away what we set, and no more: PATH loses our entries, never its later edits.
__autovenv_deactivate() {
  _AUTOVENV_GONE_BIN=${_AUTOVENV_BIN:-${_AUTOVENV_ACTIVE:-${VIRTUAL_ENV-}}/bin} _AUTOVENV_GONE_COUNT=$_AUTOVENV_COUNT
  _AUTOVENV_WATCH=3 # prompts in which a tool may put its snapshot of PATH back
  __autovenv_path_trim "$_AUTOVENV_GONE_BIN" "$_AUTOVENV_GONE_COUNT"
  __autovenv_label_off
  builtin unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT _AUTOVENV_ACTIVE
  if [[ -n $_AUTOVENV_OLD_HOME ]]; then
    builtin export PYTHONHOME="$_AUTOVENV_OLD_HOME"
  fi
  if [[ -n $_AUTOVENV_DRESSED && ${1-} != nondestructive ]]; then
    deactivate() { } # so that there is one to unset, whatever happened to ours
    builtin unset -f deactivate
  fi
  _AUTOVENV_DRESSED= _AUTOVENV_PROJECT= _AUTOVENV_BIN= _AUTOVENV_COUNT=0 _AUTOVENV_OLD_HOME=
  _AUTOVENV_LABEL= _AUTOVENV_LABELLED= _AUTOVENV_DRESS=
}

# Before deciding: was ours left, or pushed aside, by other hands than ours?
__autovenv_notice() {
  builtin local other= other_label=
  if [[ -n $_AUTOVENV_DRESSED && -z ${VIRTUAL_ENV-} ]]; then
    _AUTOVENV_OPTED_OUT=$_AUTOVENV_PROJECT
    __autovenv_deactivate
  elif [[ -n $_AUTOVENV_DRESSED && $VIRTUAL_ENV != "$_AUTOVENV_DRESSED" ]]; then
    other=$VIRTUAL_ENV
    _AUTOVENV_DRESSED= # the deactivate that is defined now is not ours, and will put back what its script saved
    other_label=${VIRTUAL_ENV_PROMPT-}
    [[ -z $_AUTOVENV_OLD_HOME ]] || _OLD_VIRTUAL_PYTHONHOME=$_AUTOVENV_OLD_HOME _AUTOVENV_OLD_HOME=
    [[ -z $_AUTOVENV_LABELLED || -z ${_OLD_VIRTUAL_PS1+set} ]] || _OLD_VIRTUAL_PS1=${_OLD_VIRTUAL_PS1/"$_AUTOVENV_LABELLED"/}
    __autovenv_deactivate
    builtin export VIRTUAL_ENV="$other"
    [[ -z $other_label ]] || builtin export VIRTUAL_ENV_PROMPT="$other_label"
  fi
  if [[ -n $_AUTOVENV_GONE_BIN && -z ${VIRTUAL_ENV-} ]]; then
    __autovenv_path_trim "$_AUTOVENV_GONE_BIN" "$_AUTOVENV_GONE_COUNT" # a snapshot of PATH was put back (direnv)
  fi
  [[ $PWD/ == "$_AUTOVENV_OPTED_OUT"/* ]] || _AUTOVENV_OPTED_OUT=
}

# ---- decide ---------------------------------------------------------------------------------------

# The table of shims/README.md: the first row that fits, its number behind it.
__autovenv_decide() {
  builtin local active=${VIRTUAL_ENV-} same= ours= dressed= conda= action=keep reason=
  [[ -z $active || -z $_AUTOVENV_FOUND ]] || [[ $active != "$_AUTOVENV_FOUND" && ! $active -ef $_AUTOVENV_FOUND ]] || same=1
  [[ -z $active || ${_AUTOVENV_ACTIVE-} != "$active" ]] || ours=1
  [[ -z $ours || $_AUTOVENV_DRESSED != "$active" || :${PATH-}: != *":$_AUTOVENV_BIN:"* || -n ${_OLD_VIRTUAL_PATH+set} ]] || dressed=1
  [[ -z ${CONDA_PREFIX-} || ${CONDA_DEFAULT_ENV-} == base || $CONDA_PREFIX == "$_AUTOVENV_CONDA" ]] || conda=1

  if [[ -n $_AUTOVENV_OFF || -n ${AUTOVENV_DISABLE-} ]]; then
    reason=off
    [[ -z $ours ]] || action=deactivate # 1, else 2
  elif [[ -n $conda ]]; then
    reason=manual
    [[ -z $ours ]] || action=deactivate _AUTOVENV_OPTED_OUT=${_AUTOVENV_PROJECT:-$_AUTOVENV_PLACE} # 3, else 4
  elif [[ -n $same && -z $dressed ]] && __autovenv_fit; then
    action=adopt reason=adopted # 5
  elif [[ -n $active && -z $ours ]]; then
    reason=manual # 6
  elif [[ -z $_AUTOVENV_FOUND ]]; then
    reason=no-project                                       # 8
    [[ -z $ours ]] || action=deactivate reason=left-project # 7
  elif ! __autovenv_fit; then
    reason=$_AUTOVENV_WORD
    [[ -z $ours ]] || action=deactivate # 9, else 10
  elif [[ -n $same ]]; then
    reason=already-active # 11
  elif [[ $_AUTOVENV_OPTED_OUT == "$_AUTOVENV_PLACE" ]]; then
    reason=opted-out
    [[ -z $ours ]] || action=deactivate # 12, else 13
  elif [[ -n $ours ]]; then
    action=switch reason=other-project # 14
  else
    action=activate reason=entered-project # 15
  fi

  case $action in
    (activate) __autovenv_activate ;;
    (adopt) __autovenv_adopt ;;
    (switch)
      __autovenv_deactivate
      __autovenv_activate
      ;;
    (deactivate) __autovenv_deactivate ;;
  esac
  _AUTOVENV_ACTION=$action _AUTOVENV_REASON=$reason _AUTOVENV_WAS=$active
}

# ---- hook -----------------------------------------------------------------------------------------

# Bring this shell in step with its folder: as __autovenv_prompt before each prompt, unless asleep, and as __autovenv_hook at once
# after each cd, pushd, popd, AUTO_CD (but not `cd -q`). A subshell is left alone.
__autovenv_hook __autovenv_prompt() {
  _AUTOVENV_STATUS=$?
  # CALM: the table was asked with nothing in its way, and all that it was asked about is as it was, but for the folder. If that is
  # the same too, the prompt has only to look for a .venv here, and at the twins of what is active. STILL: and no line has run
  # since then, so that nobody can have changed the rest; that both twins are there, and no refusal, the epoch says.
  [[ ${#PATH} == $_AUTOVENV_STILL && $PWD == "$_AUTOVENV_PWD" && $VIRTUAL_ENV == "$_AUTOVENV_DRESSED" && $ZSH_SUBSHELL == 0 && $0 == __autovenv_prompt &&
    -f $_AUTOVENV_EPOCH && -f $_AUTOVENV_CFG && ! $_AUTOVENV_CFG -ot $_AUTOVENV_CFG_LO && ! $_AUTOVENV_CFG -nt $_AUTOVENV_CFG_HI &&
    ! $_AUTOVENV_DIR -ot $_AUTOVENV_BIN_LO && ! $_AUTOVENV_DIR -nt $_AUTOVENV_BIN_HI ]] || [[ -n $_AUTOVENV_DRESSED && $PWD == "$_AUTOVENV_PWD" && $VIRTUAL_ENV == "$_AUTOVENV_DRESSED" && $ZSH_SUBSHELL == 0 && $0 == __autovenv_prompt &&
    ${#PATH}:$CONDA_PREFIX:$AUTOVENV_DISABLE == "$_AUTOVENV_CALM" && -z $_AUTOVENV_MUTED$AUTOVENV_TRACE${_OLD_VIRTUAL_PATH+set} &&
    $PS1 == *"$_AUTOVENV_LABELLED"* && ( -n $_AUTOVENV_BESIDE || -n $_AUTOVENV_ABSENT && ! -L .venv && ! -f .venv/pyvenv.cfg ) &&
    -f $_AUTOVENV_BIN_HI && -f $_AUTOVENV_CFG && ! $_AUTOVENV_CFG -ot $_AUTOVENV_CFG_LO && ! $_AUTOVENV_CFG -nt $_AUTOVENV_CFG_HI &&
    ! $_AUTOVENV_DIR -ot $_AUTOVENV_BIN_LO && ! $_AUTOVENV_DIR -nt $_AUTOVENV_BIN_HI && ! -f $_AUTOVENV_REFUSED && "$preexec_functions" == *__autovenv_preexec* ]] &&
    _AUTOVENV_SEEN=$VIRTUAL_ENV _AUTOVENV_LINE= _AUTOVENV_STILL=${#PATH} || {
    _AUTOVENV_CASE= _AUTOVENV_MOVED=1 _AUTOVENV_STILL=
    if [[ $PWD == "$_AUTOVENV_PWD" ]]; then
      _AUTOVENV_MOVED=
    fi
    if [[ $ZSH_SUBSHELL != 0 ]]; then
      _AUTOVENV_CASE=same
    elif [[ $VIRTUAL_ENV != "$_AUTOVENV_DRESSED" || ${#PATH}:$CONDA_PREFIX:$AUTOVENV_DISABLE != "$_AUTOVENV_CALM" ||
      -n $AUTOVENV_TRACE${_OLD_VIRTUAL_PATH+set} ]]; then
      _AUTOVENV_CALM=
    elif [[ -z $_AUTOVENV_MOVED ]]; then
      if [[ -z $_AUTOVENV_DRESSED && -n $_AUTOVENV_ABSENT && ! -L .venv && ! -f .venv/pyvenv.cfg ]]; then # the same, outside
        _AUTOVENV_CASE=same
      fi
    fi

    [[ -n $_AUTOVENV_CASE ]] || {
      _AUTOVENV_ACTION=keep _AUTOVENV_REASON=no-project _AUTOVENV_WAS=$VIRTUAL_ENV _AUTOVENV_HIT=
      # As __autovenv_find, where nothing was named with `allow --under`. ${x::=…} sets x and stands for it.
      [[ -z $_AUTOVENV_MOVED || -f $_AUTOVENV_EPOCH ||
        -z $_AUTOVENV_EPOCH && ( -f $_AUTOVENV_TRUST/.autovenv-any-under || ! -f $_AUTOVENV_TRUST/.autovenv-epoch ) ]] || __autovenv_epoch
      if [[ -n $_AUTOVENV_MOVED ]]; then
        _AUTOVENV_FOUND= _AUTOVENV_PLACE=
        if [[ -n $_AUTOVENV_SURE && $PWD == "$_AUTOVENV_KNOWN" ]]; then
          _AUTOVENV_HIT=$PWD
        elif [[ -n ${_AUTOVENV_HIT::=${_AUTOVENV_WAYS[$PWD]-}} && $_AUTOVENV_HIT != "$HOME" ]]; then
          if [[ $_AUTOVENV_HIT == - ]]; then
            _AUTOVENV_HIT=
          fi
        elif [[ -f $_AUTOVENV_TRUST$PWD/.autovenv-allow ]]; then
          _AUTOVENV_HIT=$PWD # none can lie deeper
        else
          _AUTOVENV_AT=$_AUTOVENV_TRUST _AUTOVENV_WORD= _AUTOVENV_HIT=
          for _AUTOVENV_REST in ${(s:/:)PWD}; do # ${x%%/*} and ${x#*/} take a time that grows with the square
            if [[ -z $_AUTOVENV_AT || ! -d ${_AUTOVENV_AT::=$_AUTOVENV_AT/$_AUTOVENV_REST} ]]; then
              _AUTOVENV_AT=
            elif [[ -f $_AUTOVENV_AT/.autovenv-allow ]]; then
              if [[ $_AUTOVENV_AT == "$_AUTOVENV_TRUST$HOME" ]]; then
                _AUTOVENV_WORD=home # a venv in $HOME counts in exactly that folder
              else
                _AUTOVENV_HIT=${_AUTOVENV_AT#"$_AUTOVENV_TRUST"}
              fi
            fi
          done
          # Not where the one in $HOME was passed over, as $HOME may change.
          if [[ -n $_AUTOVENV_EPOCH && -z $_AUTOVENV_WORD && -n $PWD ]]; then
            if [[ $_AUTOVENV_WAYS_COUNT == 500 ]]; then
              _AUTOVENV_WAYS=() _AUTOVENV_WAYS_COUNT=0
            fi
            _AUTOVENV_WAYS[$PWD]=${_AUTOVENV_HIT:--} _AUTOVENV_WAYS_COUNT=$((_AUTOVENV_WAYS_COUNT + 1))
          fi
        fi
      fi
      # A marker whose text is known need not be taken apart again, and one of this epoch need not be looked at.
      [[ -z $_AUTOVENV_HIT || -n $_AUTOVENV_SURE && $_AUTOVENV_HIT == "$_AUTOVENV_KNOWN" ]] || {
        [[ $_AUTOVENV_HIT == "$_AUTOVENV_KNOWN" && -O $_AUTOVENV_ALLOW && "$(<$_AUTOVENV_ALLOW)" == "$_AUTOVENV_TEXT" ]] || {
          # The same as __autovenv_read, which this saves to call.
          _AUTOVENV_KNOWN= _AUTOVENV_AT=$_AUTOVENV_TRUST$_AUTOVENV_HIT/.autovenv
          if [[ -O $_AUTOVENV_AT-allow ]]; then
            _AUTOVENV_TEXT="$(<$_AUTOVENV_AT-allow)"
            _AUTOVENV_MARKER=("${(@f)_AUTOVENV_TEXT}")
            if [[ ${_AUTOVENV_MARKER[1]-} == 'autovenv 1' && ${_AUTOVENV_MARKER[2]-} == "$_AUTOVENV_HIT" &&
              ${_AUTOVENV_MARKER[3]-} == /* && ${_AUTOVENV_MARKER[4]-} == /* ]]; then
              _AUTOVENV_PLACE=$_AUTOVENV_HIT _AUTOVENV_FOUND=${_AUTOVENV_MARKER[3]} _AUTOVENV_ALLOW=$_AUTOVENV_AT-allow
              _AUTOVENV_VENV=$_AUTOVENV_FOUND _AUTOVENV_DIR=${_AUTOVENV_MARKER[4]} _AUTOVENV_CFG=$_AUTOVENV_DIR/../pyvenv.cfg
              _AUTOVENV_CFG_LO=$_AUTOVENV_AT-cfg-lo _AUTOVENV_CFG_HI=$_AUTOVENV_AT-cfg-hi _AUTOVENV_REFUSED=$_AUTOVENV_AT-refused
              _AUTOVENV_BIN_LO=$_AUTOVENV_AT-bin-lo _AUTOVENV_BIN_HI=$_AUTOVENV_AT-bin-hi
              if [[ -f $_AUTOVENV_CFG_LO && -f $_AUTOVENV_CFG_HI && -f $_AUTOVENV_BIN_LO &&
                ( $_AUTOVENV_DIR == "$_AUTOVENV_FOUND/bin" && ! -L $_AUTOVENV_DIR || $_AUTOVENV_CFG -ef $_AUTOVENV_FOUND/pyvenv.cfg ) ]]; then
                _AUTOVENV_KNOWN=$_AUTOVENV_HIT
              fi
            fi
          fi
        }
        _AUTOVENV_SURE=$_AUTOVENV_EPOCH
      }

      # The usual changes of folder: the table would come to the same.
      if [[ -z $_AUTOVENV_CALM || -z $_AUTOVENV_MOVED ]]; then
        _AUTOVENV_CASE=
      elif [[ -z $_AUTOVENV_HIT ]]; then
        if [[ -n $_AUTOVENV_EPOCH || ! -f $_AUTOVENV_TRUST/.autovenv-any-under ]]; then
          _AUTOVENV_CASE=out
          if [[ -n $_AUTOVENV_DRESSED ]]; then
            _AUTOVENV_ACTION=deactivate
          fi
        fi
      elif [[ $_AUTOVENV_HIT == "$_AUTOVENV_KNOWN" &&
        -f $_AUTOVENV_BIN_HI && -f $_AUTOVENV_CFG && ! $_AUTOVENV_CFG -ot $_AUTOVENV_CFG_LO && ! $_AUTOVENV_CFG -nt $_AUTOVENV_CFG_HI &&
        ! $_AUTOVENV_DIR -ot $_AUTOVENV_BIN_LO && ! $_AUTOVENV_DIR -nt $_AUTOVENV_BIN_HI && ! -f $_AUTOVENV_REFUSED ]]; then
        if [[ -z $_AUTOVENV_DRESSED ]]; then
          if [[ -z $_AUTOVENV_OFF$CONDA_PREFIX$AUTOVENV_DISABLE${path[(re)$_AUTOVENV_DIR]-} ]]; then
            # __autovenv_activate, where our folder is not on PATH already
            _AUTOVENV_CASE=in _AUTOVENV_FOUND=$_AUTOVENV_VENV _AUTOVENV_PLACE=$_AUTOVENV_HIT _AUTOVENV_ACTION=activate _AUTOVENV_DRESS=1
            _AUTOVENV_COUNT=0 _AUTOVENV_CONDA= PATH=$_AUTOVENV_DIR${PATH:+:$PATH}
          fi
        elif [[ $_AUTOVENV_DRESSED == "$_AUTOVENV_VENV" ]]; then
          _AUTOVENV_CASE=in _AUTOVENV_FOUND=$_AUTOVENV_VENV _AUTOVENV_PLACE=$_AUTOVENV_HIT
        fi
      fi
      [[ $_AUTOVENV_ACTION != deactivate ]] || {
        # __autovenv_deactivate, where one entry of PATH, in front, is all that is to be cut
        _AUTOVENV_REST=${PATH#"$_AUTOVENV_BIN":}
        if [[ $_AUTOVENV_COUNT$_AUTOVENV_OLD_HOME == 0 && -n $_AUTOVENV_REST && $_AUTOVENV_REST != "$PATH" &&
          :$_AUTOVENV_REST: != *":$_AUTOVENV_BIN:"* ]]; then
          PATH=$_AUTOVENV_REST _AUTOVENV_GONE_BIN=$_AUTOVENV_BIN _AUTOVENV_GONE_COUNT=0 _AUTOVENV_WATCH=3 _AUTOVENV_DRESSED=
          if [[ -n $_AUTOVENV_LABELLED ]]; then
            PS1=${PS1/"$_AUTOVENV_LABELLED"/} _AUTOVENV_LABELLED=
          fi
          _AUTOVENV_PROJECT= _AUTOVENV_BIN= _AUTOVENV_LABEL=
        fi
        if [[ -z $_AUTOVENV_DRESSED ]]; then
          deactivate() { } # so that there is one to unset, whatever happened to ours
          builtin unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT _AUTOVENV_ACTIVE
          builtin unset -f deactivate
        else
          __autovenv_deactivate
        fi
      }

      [[ -n $_AUTOVENV_CASE ]] || {
        # Whatever else. Each call is left out where it would do nothing.
        if [[ -n $_AUTOVENV_HIT && $_AUTOVENV_HIT == "$_AUTOVENV_KNOWN" ]]; then
          _AUTOVENV_FOUND=$_AUTOVENV_VENV _AUTOVENV_PLACE=$_AUTOVENV_HIT
        fi
        [[ $0 == __autovenv_hook ]] || __autovenv_label_check
        [[ $_AUTOVENV_DRESSED == "$VIRTUAL_ENV" && -z $_AUTOVENV_OPTED_OUT && ( -z $_AUTOVENV_GONE_BIN || -n $_AUTOVENV_DRESSED ) ]] || __autovenv_notice
        _AUTOVENV_WAS=$VIRTUAL_ENV
        [[ -z $_AUTOVENV_MOVED || -n $_AUTOVENV_EPOCH || ! -f $_AUTOVENV_TRUST/.autovenv-any-under ]] || __autovenv_find
        [[ $0 == __autovenv_hook ]] || [[ $_AUTOVENV_ABSENT != "$PWD" && ! -f $_AUTOVENV_TRUST$PWD/.autovenv-refused &&
          ( $VIRTUAL_ENV == "$_AUTOVENV_SEEN" || $VIRTUAL_ENV == "$_AUTOVENV_ACTIVE" ) ]] || __autovenv_consent
        [[ -z $_AUTOVENV_FOUND$VIRTUAL_ENV$AUTOVENV_TRACE ]] || __autovenv_decide
      }

      # What an active environment has.
      [[ -z $_AUTOVENV_DRESS ]] || {
        builtin export VIRTUAL_ENV="$_AUTOVENV_FOUND" VIRTUAL_ENV_PROMPT="${_AUTOVENV_MARKER[5]}" _AUTOVENV_ACTIVE="$_AUTOVENV_FOUND" PATH
        _AUTOVENV_DRESSED=$_AUTOVENV_FOUND _AUTOVENV_PROJECT=$_AUTOVENV_PLACE _AUTOVENV_BIN=$_AUTOVENV_DIR _AUTOVENV_DRESS=
        [[ -z $PYTHONHOME ]] || {
          _AUTOVENV_OLD_HOME=$PYTHONHOME
          builtin unset PYTHONHOME
        }
        # Show `(label) ` before the prompt, unless the person or a theme does without it.
        [[ -z $_AUTOVENV_LABELLED ]] || __autovenv_label_off
        _AUTOVENV_LABEL="(${_AUTOVENV_MARKER[5]}) "
        if [[ -z $VIRTUAL_ENV_DISABLE_PROMPT$_AUTOVENV_THEMED$STARSHIP_SHELL$P9K_VERSION$POSH_THEME && -n $PS1 &&
          $PS1 != *(VIRTUAL_ENV|virtualenv_)* && $PS1 != *"$_AUTOVENV_LABEL"* ]]; then
          _AUTOVENV_LABELLED=$_AUTOVENV_LABEL # its letters mean nothing to zsh, with prompt_subst or without
          PS1=$_AUTOVENV_LABELLED$PS1
        fi
        # As activate scripts define it. `nondestructive` is how they clear the way for themselves.
        deactivate() {
          __autovenv_left "$@"
        }
      }
      [[ -z $AUTOVENV_TRACE ]] || __autovenv_trace "$_AUTOVENV_ACTION" "$_AUTOVENV_REASON" "$_AUTOVENV_WAS"

      # Note what the next prompt compares with. Two looks at .venv here, none where it is the one that was found,
      # nor at the prompt after a line that ended with a cd, which has looked.
      _AUTOVENV_BESIDE=
      if [[ -n $_AUTOVENV_PLACE && $_AUTOVENV_PLACE == "$PWD" ]]; then
        _AUTOVENV_BESIDE=1 _AUTOVENV_COLD= _AUTOVENV_ABSENT=
      elif [[ -z $_AUTOVENV_COLD || $_AUTOVENV_COLD != "$PWD" || $0 == __autovenv_hook || ${${_AUTOVENV_LINE##*[\;\&\|$'\n']}//[[:blank:]]/} != cd* ]]; then
        _AUTOVENV_COLD= _AUTOVENV_ABSENT=
        if [[ -L .venv ]]; then
          _AUTOVENV_COLD= # is not followed: it may lead to another machine
        elif [[ ! -f .venv/pyvenv.cfg ]]; then
          _AUTOVENV_ABSENT=$PWD
        else
          _AUTOVENV_COLD=$PWD
        fi
      fi
      _AUTOVENV_PWD=$PWD
      if [[ -n $_AUTOVENV_CASE ]]; then
        if [[ $_AUTOVENV_ACTION != keep ]]; then
          _AUTOVENV_CALM=${#PATH}:$CONDA_PREFIX:$AUTOVENV_DISABLE
        fi
      elif [[ $VIRTUAL_ENV == "$_AUTOVENV_DRESSED" && $_AUTOVENV_FOUND == "$_AUTOVENV_DRESSED" && $_AUTOVENV_ACTIVE == "$_AUTOVENV_DRESSED" &&
        ( -z $_AUTOVENV_DRESSED || $_AUTOVENV_KNOWN == "$_AUTOVENV_PLACE" ) && -z $_AUTOVENV_OPTED_OUT$AUTOVENV_TRACE${_OLD_VIRTUAL_PATH+set} ]]; then
        _AUTOVENV_CALM=${#PATH}:$CONDA_PREFIX:$AUTOVENV_DISABLE
      else
        _AUTOVENV_CALM=
      fi
      [[ -z $_AUTOVENV_COLD || $0 == __autovenv_hook ]] || {
        __autovenv_hint
        _AUTOVENV_COLD=
      }
    }

    if [[ $0 != __autovenv_hook ]]; then
      _AUTOVENV_SEEN=$VIRTUAL_ENV _AUTOVENV_LINE= _AUTOVENV_RELOADED=
      if [[ -n $_AUTOVENV_MUTED ]]; then
        chpwd_functions[1]=__autovenv_hook _AUTOVENV_MUTED=
      fi
      # Where nothing is allowed and nothing active there is nothing to see after an empty line, and the call alone costs
      # more than all tests together: the prompt does without us until a line has run. Our place in the list stays
      # ours; an empty name is one that zsh, and a loop over $precmd_functions, passes by.
      if [[ -z $VIRTUAL_ENV ]]; then
        if [[ $_AUTOVENV_WATCH != 0 ]]; then
          _AUTOVENV_WATCH=$((_AUTOVENV_WATCH - 1))
        elif [[ -n $_AUTOVENV_CALM && -n $_AUTOVENV_ABSENT && -n $_AUTOVENV_ARMED ]]; then
          if [[ ${precmd_functions[_AUTOVENV_SEAT]-} == __autovenv_prompt ]]; then
            precmd_functions[_AUTOVENV_SEAT]=
            _AUTOVENV_ARMED=
          else
            _AUTOVENV_SEAT=${precmd_functions[(ie)__autovenv_prompt]} # somebody has moved us
          fi
        fi
      fi
    elif [[ -z $_AUTOVENV_ARMED && $ZSH_SUBSHELL == 0 ]]; then
      if [[ -n ${precmd_functions[_AUTOVENV_SEAT]-} ]]; then
        _AUTOVENV_SEAT=$((${#precmd_functions} + 1)) # somebody else sits there now
      fi
      precmd_functions[_AUTOVENV_SEAT]=__autovenv_prompt _AUTOVENV_ARMED=1
    fi
  }
}

# Before a line runs: keep its text and time, and wake the prompt.
__autovenv_preexec() {
  _AUTOVENV_STILL=
  # Between a cd to one plain word and our prompt function nobody's runs, if there is none, or only after ours: then the prompt
  # does the work of both, which saves a call. (`cd -q` calls no hook.) ALONE: no other line, that could have defined one of the three, has run
  # since they were looked for.
  if [[ $3 == cd( [[:alnum:]/._~+-]##|) && "$chpwd_functions:$precmd_functions" == (|__autovenv_hook):(|__autovenv_prompt)(| *) &&
    ( -n $_AUTOVENV_ALONE || ${+functions[cd]}${+functions[chpwd]}${+functions[precmd]} == 000 ) ]]; then
    # Not even the prompt has something to do if the way is from nothing to where no project can be, nor a .venv is. (A widget
    # that goes on from there is noticed before the next line runs.)
    if [[ -z $_AUTOVENV_ARMED && -n ${_AUTOVENV_REST::=${3[4,-1]:a}} && ( $3 == cd\ /* || $3 == cd\ [[:alnum:]._]* && -z $CDPATH && -d $_AUTOVENV_REST ) &&
      ( ! -d $_AUTOVENV_TRUST/${_AUTOVENV_REST[(ws:/:)1]} || ${_AUTOVENV_WAYS[$_AUTOVENV_REST]-} == - && -f $_AUTOVENV_EPOCH ) && ! -L $_AUTOVENV_REST/.venv && ! -f $_AUTOVENV_REST/.venv/pyvenv.cfg ]]; then
      _AUTOVENV_PWD=$_AUTOVENV_REST _AUTOVENV_ABSENT=$_AUTOVENV_REST
    elif [[ -z $_AUTOVENV_ARMED ]]; then
      precmd_functions[1]=__autovenv_prompt _AUTOVENV_ARMED=1 _AUTOVENV_SEAT=1
    fi
    if [[ -z $_AUTOVENV_MUTED ]]; then
      chpwd_functions[1]= _AUTOVENV_MUTED=1 _AUTOVENV_ALONE=1 _AUTOVENV_LINE=cd
    fi
  else
    if [[ -n $_AUTOVENV_LINE && -n $_AUTOVENV_ARMED && -z ${precmd_functions[(re)__autovenv_prompt]-} ]]; then
      _AUTOVENV_ARMED= # there was no prompt of ours after the line before: somebody has made the list anew
    fi
    if [[ -n $_AUTOVENV_MUTED ]]; then
      if [[ -n ${chpwd_functions[1]-} ]]; then
        chpwd_functions=('' $chpwd_functions) # somebody else sits there now
      fi
      chpwd_functions[1]=__autovenv_hook _AUTOVENV_MUTED=
    fi
    [[ $PWD == "$_AUTOVENV_PWD" ]] || __autovenv_hook
    _AUTOVENV_ALONE= _AUTOVENV_AT_TIME=$SECONDS _AUTOVENV_LINE=$1
    # zsh hands over a line that hist_ignore_space hides: it drops it from the history one line later.
    if [[ -o hist_ignore_space && $1 == [[:blank:]]* ]]; then
      _AUTOVENV_LINE=
    fi
    if [[ -z $_AUTOVENV_ARMED ]]; then
      if [[ -n ${precmd_functions[_AUTOVENV_SEAT]-} ]]; then
        _AUTOVENV_SEAT=$((${#precmd_functions} + 1)) # somebody else sits there now
      fi
      precmd_functions[_AUTOVENV_SEAT]=__autovenv_prompt _AUTOVENV_ARMED=1
    fi
  fi
}

# ---- command --------------------------------------------------------------------------------------

# The program, told what only this shell knows; `on` and `off` are this shell's own.
__autovenv_command() {
  builtin local program= code=0 facts= name= word=
  if [[ $# -eq 1 && ( $1 == on || $1 == off ) ]]; then
    _AUTOVENV_OFF= _AUTOVENV_OPTED_OUT=
    [[ $1 == on ]] || _AUTOVENV_OFF=1
    _AUTOVENV_CALM=
    __autovenv_hook
    builtin return 0
  fi
  [[ ! -f $_AUTOVENV_HOME/cli ]] || IFS= builtin read -r program <$_AUTOVENV_HOME/cli || builtin :
  facts=shell=zsh$'\x1e'version=$ZSH_VERSION$'\x1e'hook=${_AUTOVENV_HOOK#*:}$'\x1e'home=$_AUTOVENV_HOME
  facts+=$'\x1e'off=$_AUTOVENV_OFF$'\x1e'dressed=$_AUTOVENV_DRESSED$'\x1e'opted_out=$_AUTOVENV_OPTED_OUT
  if [[ ${1-} == which || ${1-} == where ]]; then
    name=python
    for word in "${@:2}"; do
      [[ $word == -* ]] || name=${word%.exe} # the habit of `where python.exe`
    done
    facts+=$'\x1e'name=$name
    word= # the kinds, in the order in which zsh takes them
    [[ -z ${aliases[$name]+set} ]] || word=alias facts+=$'\x1e'alias=${aliases[$name][1,4096]}
    (( ! ${reswords[(Ie)$name]} )) || word+=' keyword'
    ! builtin typeset -f -- "$name" >/dev/null || word+=' function'
    [[ -z ${builtins[$name]+set} ]] || word+=' builtin'
    builtin setopt localoptions no_hash_list_all # else a look for one command hashes all of PATH
    facts+=$'\x1e'kind=$word$'\x1e'hashed=${commands[$name]-}
  fi
  if [[ ! -x $program ]]; then
    __autovenv_say 'the autovenv program is not where it was; install it again: python3 install.py'
    builtin return 1
  fi
  _AUTOVENV_FACTS=$facts $program "$@" || code=$?
  _AUTOVENV_PWD= _AUTOVENV_CALM= _AUTOVENV_KNOWN= # markers may have changed: look again at the next prompt
  builtin return $code
}

autovenv() {
  __autovenv_command "$@"
}

# ---- install --------------------------------------------------------------------------------------

# At prompts after those that are there, as direnv, which may put a PATH back.
builtin typeset -ga precmd_functions chpwd_functions preexec_functions
precmd_functions=(${precmd_functions:#__autovenv_prompt} __autovenv_prompt) _AUTOVENV_ARMED=1
preexec_functions=(__autovenv_preexec ${preexec_functions:#__autovenv_preexec})
chpwd_functions=(__autovenv_hook ${chpwd_functions:#__autovenv_hook})
fpath=(${fpath:#$_AUTOVENV_HOME/completions} $_AUTOVENV_HOME/completions)
