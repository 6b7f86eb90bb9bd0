# shellcheck shell=bash
# shellcheck disable=SC2016 # the prompt strings are expanded when they are shown
# The least that a hook for bash can be, for bench.py --hook: how it is called, and nothing that it does. What is here is what
# shims/hook.bash cannot do without: a function around cd and an element of PROMPT_COMMAND, neither of which `set -x` may show,
# and the notes of which line of the history ran.

[[ $- == *i* ]] || return 0

__autovenv_floor() { :; }
__autovenv_floor_cd() { :; }
_AUTOVENV_LOOK=__autovenv_floor _AUTOVENV_HOOK=bash:1 _AUTOVENV_H=-1 _AUTOVENV_R=0 _AUTOVENV_T=0

cd() {
  if { [[ $- == *x* ]]; } 2>&-; then
    { builtin cd "$@" || return; } 2>/dev/null
  else
    builtin cd "$@" && "${_AUTOVENV_LOOK}_cd" "${1-}"
  fi
}

PROMPT_COMMAND=('{ "$_AUTOVENV_LOOK";} 9>&2 2>&-' ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
_AUTOVENV_COUNTING='9+((_AUTOVENV_R+=HISTCMD-++_AUTOVENV_H?1000000:1)==1&&(_AUTOVENV_T=SECONDS))'
PS1='${_AUTOVENV_HOOK:9+(_AUTOVENV_H=HISTCMD)}'$PS1
PS0='${_AUTOVENV_HOOK:_AUTOVENV_COUNTING}'
