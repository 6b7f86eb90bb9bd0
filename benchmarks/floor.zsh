# The least that a hook for zsh can be, for bench.py --hook: one call before a line runs, that of a function which does nothing but
# to look whether a .venv is where a plain cd leads, and whether what it remembers still holds.

__autovenv_floor() {
  [[ -f $_AUTOVENV_EPOCH || -L ${1[4,-1]}/.venv || -f ${1[4,-1]}/.venv/pyvenv.cfg ]]
}
typeset -g _AUTOVENV_EPOCH=${${(%):-%x}:a:h}/trust/.autovenv-epoch-0
preexec_functions=(__autovenv_floor $preexec_functions)
