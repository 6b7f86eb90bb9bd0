# The least that a hook for zsh can be at a prompt in a project, for bench.py --hook: one call of a function that does nothing but to
# look at the times of two files and at whether what it remembers still holds.

__autovenv_floor() {
  [[ -f $_AUTOVENV_EPOCH && -f $_AUTOVENV_CFG && ! $_AUTOVENV_CFG -ot $_AUTOVENV_CFG_LO && ! $_AUTOVENV_CFG -nt $_AUTOVENV_CFG_HI &&
    ! $_AUTOVENV_DIR -ot $_AUTOVENV_BIN_LO && ! $_AUTOVENV_DIR -nt $_AUTOVENV_BIN_HI ]]
}
__autovenv_floor_names() {
  _AUTOVENV_DIR=$PWD/.venv/bin _AUTOVENV_CFG=$PWD/.venv/pyvenv.cfg
  for _AUTOVENV_N in CFG BIN; do
    typeset -g _AUTOVENV_${_AUTOVENV_N}_LO=$_AUTOVENV_TRUST$PWD/.autovenv-${(L)_AUTOVENV_N}-lo
    typeset -g _AUTOVENV_${_AUTOVENV_N}_HI=$_AUTOVENV_TRUST$PWD/.autovenv-${(L)_AUTOVENV_N}-hi
  done
  _AUTOVENV_EPOCH=($_AUTOVENV_TRUST/.autovenv-epoch-*(N))
  _AUTOVENV_EPOCH=${_AUTOVENV_EPOCH[1]}
}
typeset -g _AUTOVENV_TRUST=${${(%):-%x}:a:h}/trust
precmd_functions=($precmd_functions __autovenv_floor)
chpwd_functions=($chpwd_functions __autovenv_floor_names)
