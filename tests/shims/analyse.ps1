# Read the script in $env:FILE with the engine's own parser and print one finding a line: rule, line number, text.
# What PSScriptAnalyzer would say of 5.1 syntax, aliases and positional parameters, and the rules of this project.
$tokens = $null
$errors = $null
$ast = [Management.Automation.Language.Parser]::ParseFile($env:FILE, [ref]$tokens, [ref]$errors)

function Say([string]$rule, $extent) {
    "{0}`t{1}`t{2}" -f $rule, $extent.StartLineNumber, ($extent.Text -replace '\s+', ' ')
}

# Variables that hold a type of .NET's core by its name count as that type.
$types = @{}
foreach ($node in $ast.FindAll({ $args[0] -is [Management.Automation.Language.AssignmentStatementAst] }, $true)) {
    if ($node.Right.Extent.Text -match "^\[type\]::GetType\('System\.([A-Za-z.]+)'\)$") { $types[$node.Left.Extent.Text] = $Matches[1] }
}

foreach ($one in $errors) { Say 'parse' $one.Extent }
foreach ($token in $tokens) {
    # Operators that 5.1 has not: ?. ?[ ?? ??= && || and the background &
    if (@('QuestionDot', 'QuestionLBracket', 'QuestionQuestion', 'QuestionQuestionEquals', 'AndAnd', 'OrOr', 'Ampersand') -contains $token.Kind) {
        if ($token.Kind -ne 'Ampersand') { Say 'syntax' $token.Extent }
    }
    if ($token.Kind -eq 'StringExpandable' -and $token.Text -match '`[ue]') { Say 'escape' $token.Extent }
    if ($token.Kind -eq 'Number' -and $token.Text -match '(?i)^[^x]*(u|y|n)[lsuy]*$') { Say 'number' $token.Extent }
}
foreach ($node in $ast.FindAll({ $true }, $true)) {
    switch ($node.GetType().Name) {
        'TernaryExpressionAst' { Say 'syntax' $node.Extent }
        'PipelineChainAst' { Say 'syntax' $node.Extent }
        'UsingStatementAst' { Say 'syntax' $node.Extent }
        'TypeDefinitionAst' { Say 'syntax' $node.Extent }
        'PipelineAst' { if ($node.Background) { Say 'syntax' $node.Extent } }
        'ScriptBlockAst' { if ($node.CleanBlock) { Say 'syntax' $node.CleanBlock.Extent } }
        'VariableExpressionAst' {
            if (@('IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'EnabledExperimentalFeatures') -contains $node.VariablePath.UserPath) { Say 'variable' $node.Extent }
        }
        'CommandAst' {
            $name = $node.GetCommandName()
            if ($node.InvocationOperator -ne 'Unknown') {
                Say ('call-' + $node.InvocationOperator) $node.Extent
            } elseif (-not $name) {
                Say 'dynamic' $node.Extent
            } elseif ($name -match '^__autovenv_\w+$') {
                # ours
            } elseif ($name -match '^Microsoft\.PowerShell\.\w+\\([A-Z]\w+-[A-Z]\w+)$') {
                Say 'cmdlet' $node.CommandElements[0].Extent
                $named = $false
                foreach ($element in @($node.CommandElements)[1..$node.CommandElements.Count]) {
                    if (-not $element) { continue }
                    if ($element -is [Management.Automation.Language.CommandParameterAst]) { $named = $true; continue }
                    if (-not $named) { Say 'positional' $node.Extent }
                    $named = $false
                }
            } else {
                Say 'command' $node.Extent
            }
        }
        'InvokeMemberExpressionAst' {
            $kind = 'method'
            if ($node.Static) { $kind = 'static' }
            $target = ''
            if ($node.Static) {
                $target = $node.Expression.TypeName.FullName
                if ($types.ContainsKey($node.Expression.Extent.Text)) { $target = $types[$node.Expression.Extent.Text] }
                $target += '::'
            }
            "{0}`t{1}`t{2}" -f $kind, $node.Extent.StartLineNumber, ($target + $node.Member.Value)
            if (-not $node.Member.Value) { Say 'dynamic' $node.Extent }
        }
        'TypeExpressionAst' { "type`t{0}`t{1}" -f $node.Extent.StartLineNumber, $node.TypeName.FullName }
        'TypeConstraintAst' { "type`t{0}`t{1}" -f $node.Extent.StartLineNumber, $node.TypeName.FullName }
        'BinaryExpressionAst' {
            $constant = { param($side) $side -is [Management.Automation.Language.ConstantExpressionAst] -or $side -is [Management.Automation.Language.StringConstantExpressionAst] -or $side.Extent.Text -match '(\.Count|\.Length|\$null|Type|Inode|DeviceId)$' }
            if ($node.Operator -match '^(I|C)(eq|ne)$' -and -not ((& $constant $node.Left) -or (& $constant $node.Right))) { Say 'compare' $node.Extent }
            if ($node.Operator -match 'match|split|replace') { Say 'operator' $node.Extent }
        }
        'AssignmentStatementAst' {
            if ($node.Left.Extent.Text -match '^\$env:') { Say 'environment' $node.Extent }
        }
    }
}
