# autovenv completions for bash; written by tools/make_completions.py, do not edit
# shellcheck shell=bash
#
# The hook sources this at the first Tab after `autovenv`. bash 3.2 or newer.

# Offer those of the words in $2 that begin with $1.
__autovenv_offer_words() {
  local IFS=' ' word
  for word in $2; do
    if [[ $word == "$1"* ]]; then
      COMPREPLY+=("$word")
    fi
  done
}

# Let bash offer files or folders in its own way ($2: default or dirnames; $3: the same for bash 3.2).
__autovenv_offer_paths() {
  \builtin compopt -o "$2" 2>/dev/null || __autovenv_offer_lines "$3" "$1"
}

# Offer what compgen finds, one a line.
__autovenv_offer_lines() {
  local line
  while IFS='' \builtin read -r line; do
    COMPREPLY+=("$line")
  done < <(\builtin compgen "$1" -- "$2" || \builtin true)
}

# What follows the command: $1 the word so far, $2 the kind, $3 how many arguments stand before it.
__autovenv_offer_argument() {
  case $2 in
    shell) __autovenv_offer_words "$1" 'bash zsh fish powershell' ;;
    folder) __autovenv_offer_paths "$1" dirnames -d ;;
    command) __autovenv_offer_lines -c "$1" ;;
    line) if (($3)); then __autovenv_offer_paths "$1" default -f; else __autovenv_offer_lines -c "$1"; fi ;;
    *) ;;
  esac
}

__autovenv_completion() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' kind='' options=''
  local -i at=1 count=0
  COMPREPLY=()
  while ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == -* ]]; do at+=1; done
  ((at < COMP_CWORD)) && command=${COMP_WORDS[at]}
  for ((at += 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -* ]] || count+=1
  done
  case $command in
    '') options='-V --version -h --help' ;;
    install-hook) kind='shell' options='--all --dry-run --yes --no-autorun -h --help' ;;
    uninstall-hook) kind='shell' options='--all --keep-trust -h --help' ;;
    allow) kind='folder' options='--venv --under --any-owner --command -h --help' ;;
    deny) kind='folder' options='--under -h --help' ;;
    projects) kind='' options='--prune -h --help' ;;
    which) kind='command' options='--json --explain --run -h --help' ;;
    where) kind='command' options='--json -h --help' ;;
    status) kind='' options='--json -h --help' ;;
    doctor) kind='' options='--json --report -h --help' ;;
    exec) kind='line' options='-h --help' ;;
    on) kind='' options='-h --help' ;;
    off) kind='' options='-h --help' ;;
    hook) kind='shell' options='-h --help' ;;
    *) \builtin return 0 ;;
  esac
  case "$command $previous" in
    'allow --venv') __autovenv_offer_argument "$current" folder 0 && \builtin return 0 ;;
    'allow --under') __autovenv_offer_argument "$current" folder 0 && \builtin return 0 ;;
    'allow --command') __autovenv_offer_argument "$current" command 0 && \builtin return 0 ;;
    'deny --under') __autovenv_offer_argument "$current" folder 0 && \builtin return 0 ;;
    *) ;;
  esac
  if [[ $current == -* && $kind != line ]]; then
    __autovenv_offer_words "$current" "$options"
  elif [[ -z $command ]]; then
    __autovenv_offer_words "$current" 'install-hook uninstall-hook allow deny projects which where status doctor exec on off hook'
  else
    __autovenv_offer_argument "$current" "$kind" "$count"
  fi
}

\builtin complete -F __autovenv_completion autovenv
