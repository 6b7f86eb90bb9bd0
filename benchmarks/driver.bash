# shellcheck shell=bash
# What the benchmark runs inside an interactive bash. Each function prints one line: @@ NAME | microseconds of
# each cd | and of each prompt after it | the same two for the way back @@.
# A prompt is replayed as bash does it: each element of PROMPT_COMMAND is evaluated, PS1 is expanded.

__b_prompt() {
  local command
  for command in "${PROMPT_COMMAND[@]}"; do
    eval "$command"
  done
  : "${PS1@P}"
}

# One typed `cd`, and its prompt, each timed.
__b_go() {
  local a b c
  a=${EPOCHREALTIME/[.,]/}
  : "${PS0@P}"
  cd "$1" || exit
  b=${EPOCHREALTIME/[.,]/}
  __b_prompt
  c=${EPOCHREALTIME/[.,]/}
  __b_cd+=" $((b - a))" __b_after+=" $((c - b))"
}

# NAME COUNT THERE BACK: both ways.
__b_pair() {
  local i __b_cd __b_after there='' there_after='' back='' back_after=''
  for ((i = 0; i < $2; i++)); do
    __b_cd='' __b_after=''
    __b_go "$3"
    there+=$__b_cd there_after+=$__b_after __b_cd='' __b_after=''
    __b_go "$4"
    back+=$__b_cd back_after+=$__b_after
  done
  echo "@@ $1 |$there |$there_after |$back |$back_after @@"
}

# NAME COUNT STEM FIRST BACK: go to STEM$FIRST, STEM$FIRST+1, …, and back after each; only going counts.
__b_first() {
  local i __b_cd __b_after there='' there_after=''
  for ((i = $4; i < $4 + $2; i++)); do
    __b_cd='' __b_after=''
    __b_go "$3$i"
    there+=$__b_cd there_after+=$__b_after
    __b_go "$5"
  done
  echo "@@ $1 |$there |$there_after @@"
}

# NAME COUNT: the process that all is compared with.
__b_process() {
  local i a b took=''
  for ((i = 0; i < $2; i++)); do
    a=${EPOCHREALTIME/[.,]/}
    : "$(:)"
    b=${EPOCHREALTIME/[.,]/}
    took+=" $((b - a))"
  done
  echo "@@ $1 |$took @@"
}

# Around lines that the shell reads at its own prompts.
__b_start() { __b_a=${EPOCHREALTIME/[.,]/}; }
__b_stop() { echo "@@ $1 | $((${EPOCHREALTIME/[.,]/} - __b_a)) @@"; }
