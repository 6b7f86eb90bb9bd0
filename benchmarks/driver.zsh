# What the benchmark runs inside an interactive zsh. Each block of measurements prints one line: @@ NAME | numbers @@.

zmodload zsh/datetime

# Around lines that the shell reads at its own prompts: the time of each prompt, in microseconds.
__b_mark() { __b_t+=" ${${EPOCHREALTIME/./}[1,16]}" }
__b_begin() {
  __b_t=
  precmd_functions+=(__b_mark)
}
__b_end() {
  precmd_functions[-1]=()
  print "@@ $1 |$__b_t @@"
}

# NAME COUNT: the process that all is compared with.
__b_process() {
  local -F a b
  local -i i t
  local took=
  for ((i = 0; i < $2; i++)); do
    a=$EPOCHREALTIME
    : $(:)
    b=$EPOCHREALTIME
    t=$(((b - a) * 1000000))
    took+=" $t"
  done
  print "@@ $1 |$took @@"
}

# The same, for all of them together.
__b_start() { typeset -gF __b_a=$EPOCHREALTIME; }
__b_stop() {
  local -i t=$(((EPOCHREALTIME - __b_a) * 1000000))
  print "@@ $1 | $t @@"
}
