# Goes through tests\windows\README.md on a real Windows. NOT RUN yet: written where there is no Windows.
# Needs: autovenv on PATH (pip install of this checkout into a venv), pywinpty in the same Python.
# It changes HKCU AutoRun and puts it back; LOCALAPPDATA is a scratch folder.
$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$key = 'HKCU:\Software\Microsoft\Command Processor'
$before = Get-ItemProperty -Path $key -Name AutoRun -ErrorAction SilentlyContinue
$local = $env:LOCALAPPDATA
$scratch = Join-Path $env:TEMP ('autovenv ' + [guid]::NewGuid().ToString('N').Substring(0, 8))
New-Item -ItemType Directory -Path $scratch | Out-Null
try {
    $env:LOCALAPPDATA = $scratch
    autovenv install-hook cmd --yes
    if ($LASTEXITCODE -ne 0) { throw 'install-hook failed' }
    python (Join-Path $here 'console.py') $scratch
    $code = $LASTEXITCODE
    autovenv uninstall-hook cmd
    $after = Get-ItemProperty -Path $key -Name AutoRun -ErrorAction SilentlyContinue
    if ("$($before.AutoRun)" -cne "$($after.AutoRun)") { throw 'AutoRun is not what it was' }
    exit $code
}
finally {
    $env:LOCALAPPDATA = $local
    if ($before) { Set-ItemProperty -Path $key -Name AutoRun -Value $before.AutoRun }
    Remove-Item -Recurse -Force $scratch -ErrorAction SilentlyContinue
}
