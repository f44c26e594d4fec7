/** Completion for Windows PowerShell 5 and PowerShell 7. */
export function powershellScript(name: string, descriptions: boolean): string {
  const tip = descriptions ? "if ($parts.Count -gt 1) { $parts[1] } else { $parts[0] }" : "$parts[0]";
  return `# PowerShell completion for ${name}

Register-ArgumentCompleter -Native -CommandName '${name}' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $line = $commandAst.Extent.Text
    $offset = $cursorPosition - $commandAst.Extent.StartOffset
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })
    $program = $elements[0].Extent.Text
    $words = @($elements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($offset -gt $line.Length -or $wordToComplete -eq '') {
        # PowerShell before 7.3 drops empty arguments of native programs.
        $words += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    }

    $output = @(& $program __complete @words 2>$null)
    if ($LASTEXITCODE -ne 0 -or $output.Count -eq 0) { return }
    $directive = $output[-1].TrimStart(':')
    $candidates = @($output | Select-Object -SkipLast 1)

    $prefix = ''
    $path = $wordToComplete
    if ($wordToComplete -match '^(-[^=]*=)(.*)$') { $prefix = $Matches[1]; $path = $Matches[2] }
    switch ($directive) {
        { $_ -in '0', '8', '16' } {
            Get-ChildItem -Path "$path*" -ErrorAction SilentlyContinue | Where-Object {
                $_.PSIsContainer -or $directive -eq '0' -or ($directive -eq '8' -and $_.Extension.TrimStart('.') -in $candidates)
            } | ForEach-Object {
                $parent = Split-Path -Path $path
                $file = if ($parent) { Join-Path $parent $_.Name } else { $_.Name }
                if ($file -match '\\s') { $file = "'$file'" }
                [System.Management.Automation.CompletionResult]::new("$prefix$file", $_.Name, 'ParameterValue', $_.FullName)
            }
        }
        default {
            $candidates | ForEach-Object {
                $parts = @($_ -split "\`t", 2)
                $tip = ${tip}
                [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $tip)
            }
        }
    }
}
`;
}
