# shellcheck shell=bash
# What the benchmark runs inside an interactive bash. Each block of measurements prints one line: @@ NAME | numbers @@.

# Around lines that the shell reads at its own prompts: the time of each prompt, in microseconds.
__b_begin() { __b_t='' PROMPT_COMMAND+=('__b_t+=" ${EPOCHREALTIME/[.,]/}"'); }
__b_end() {
  unset 'PROMPT_COMMAND[-1]'
  echo "@@ $1 |$__b_t @@"
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

# The same, for all of them together.
__b_start() { __b_a=${EPOCHREALTIME/[.,]/}; }
__b_stop() { echo "@@ $1 | $((${EPOCHREALTIME/[.,]/} - __b_a)) @@"; }
