# What the benchmark runs inside an interactive fish. fish has no clock but `time`, whose lines the benchmark reads; each
# function ends with one line: @@ NAME | @@
# A prompt is replayed by its events and by drawing it. `builtin cd`: fish's own wrapper around it takes longer than all that
# is measured here, and not evenly.

set -g __b_counts (seq 1000)

function __b_prompt
    emit fish_prompt
    fish_prompt >/dev/null
end

# What a typed `cd` does, up to its prompt.
function __b_go
    emit fish_preexec "cd $argv[1]"
    builtin cd $argv[1]
    emit fish_postexec "cd $argv[1]"
end

# BACK FOLDER…: go to each, and back after it; each cd and its prompt are timed.
function __b_visits
    for folder in $argv[2..]
        time __b_go $folder
        time __b_prompt
        time __b_go $argv[1]
        time __b_prompt
    end
    echo "@@ visits | @@"
end

# NAME COUNT: the process that all is compared with.
function __b_process
    for i in $__b_counts[1..$argv[2]]
        time /bin/true
    end
    echo "@@ $argv[1] | @@"
end

# NAME COUNT: prompts where nothing ran, ten at a time.
function __b_idle
    for i in $__b_counts[1..$argv[2]]
        time for j in 1 2 3 4 5 6 7 8 9 10
            __b_prompt
        end
    end
    echo "@@ $argv[1] | @@"
end

# NAME COUNT: prompts after the line `:`, ten at a time.
function __b_line
    for i in $__b_counts[1..$argv[2]]
        time for j in 1 2 3 4 5 6 7 8 9 10
            emit fish_preexec :
            emit fish_postexec :
            __b_prompt
        end
    end
    echo "@@ $argv[1] | @@"
end
