# What the benchmark runs inside an interactive zsh. Each function prints one line: @@ NAME | microseconds of
# each cd | and of each prompt after it | the same two for the way back @@.
# A prompt is replayed as zsh does it: preexec_functions with the line that runs, precmd_functions before the prompt, PS1
# expanded. chpwd_functions are called by `cd` itself.

zmodload zsh/datetime

__b_prompt() {
  local f
  for f in $precmd_functions; do
    $f # an empty name, which zsh passes by, is none of these words
  done
  : ${(%)PS1}
}

# One typed `cd`, and its prompt, each timed.
__b_go() {
  local f
  local -F a b c
  local -i t u
  a=$EPOCHREALTIME
  for f in $preexec_functions; do
    $f "cd $1" "cd $1" "cd $1"
  done
  cd $1
  b=$EPOCHREALTIME
  __b_prompt
  c=$EPOCHREALTIME
  t=$(((b - a) * 1000000)) u=$(((c - b) * 1000000))
  __b_cd+=" $t" __b_after+=" $u"
}

# NAME COUNT THERE BACK: both ways.
__b_pair() {
  local -i i
  local __b_cd __b_after there= there_after= back= back_after=
  for ((i = 0; i < $2; i++)); do
    __b_cd= __b_after=
    __b_go $3
    there+=$__b_cd there_after+=$__b_after __b_cd= __b_after=
    __b_go $4
    back+=$__b_cd back_after+=$__b_after
  done
  print "@@ $1 |$there |$there_after |$back |$back_after @@"
}

# NAME COUNT STEM FIRST BACK: go to STEM$FIRST, STEM$FIRST+1, …, and back after each; only going counts.
__b_first() {
  local -i i
  local __b_cd __b_after there= there_after=
  for ((i = $4; i < $4 + $2; i++)); do
    __b_cd= __b_after=
    __b_go $3$i
    there+=$__b_cd there_after+=$__b_after
    __b_go $5
  done
  print "@@ $1 |$there |$there_after @@"
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

# Around lines that the shell reads at its own prompts.
__b_start() { typeset -gF __b_a=$EPOCHREALTIME; }
__b_stop() {
  local -i t=$(((EPOCHREALTIME - __b_a) * 1000000))
  print "@@ $1 | $t @@"
}
