# Dot-sourced in an interactive PowerShell by benchmarks/pwsh.py: times operations inside the shell, and prints one
# "RESULT name microseconds" (of the fastest tenth, the slowest) a line. $outside, $other and $project are folders.
function global:Measure-Operation([string]$name, [int]$count, [scriptblock]$operation) {
    for ($i = 0; $i -lt 300; $i++) { . $operation } # until it is compiled
    $times = [long[]]::new($count)
    for ($i = 0; $i -lt $count; $i++) {
        $begun = [Diagnostics.Stopwatch]::GetTimestamp()
        . $operation
        $times[$i] = [Diagnostics.Stopwatch]::GetTimestamp() - $begun
    }
    [Array]::Sort($times)
    'RESULT {0} {1:f3}' -f $name, ($times[[int]($count / 10)] * 1000000.0 / [Diagnostics.Stopwatch]::Frequency)
}

function global:Measure-All([string]$outside, [string]$other, [string]$project, [int]$count) {
    # A bare change of directory: two of them, there and back.
    Set-Location -LiteralPath $outside
    Measure-Operation 'nowhere' $count { Set-Location -LiteralPath $other; Set-Location -LiteralPath $outside }
    $null = prompt
    Measure-Operation 'idle_outside' ($count * 5) { $null = prompt }
    # In and out of the project.
    Measure-Operation 'in_and_out' $count { Set-Location -LiteralPath $project; Set-Location -LiteralPath $outside }
    Set-Location -LiteralPath $project
    $null = prompt
    Measure-Operation 'idle_inside' ($count * 5) { $null = prompt }
    Set-Location -LiteralPath $outside
}
