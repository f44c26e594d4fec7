/** Completion for fish 3 or newer. */
export function fishScript(name: string, descriptions: boolean): string {
  const show = descriptions ? "echo $line" : "string split -f1 \\t -- $line";
  return `# fish completion for ${name}

function __${name}_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string unescape -- $words[1])
    set -l output ($program __complete (string unescape -- $words[2..-1]) "$current" 2>/dev/null)
    or return
    set -l directive (string sub -s 2 -- $output[-1])
    set -e output[-1]

    # File names may follow "--flag=".
    set -l prefix (string match -r '^-[^=]*=' -- $current)
    set -l path (string replace -r '^-[^=]*=' '' -- $current)
    switch $directive
        case 0
            for file in (__fish_complete_path "$path")
                echo "$prefix$file"
            end
        case 8
            for file in (__fish_complete_path "$path")
                set -l name (string split -f1 \\t -- $file)
                if test (string sub -s -1 -- $name) = /; or contains -- (string split -r -m1 -f2 . -- $name; or echo) $output
                    echo "$prefix$file"
                end
            end
        case 16
            for file in (__fish_complete_directories "$path" "")
                echo "$prefix$file"
            end
        case '*'
            for line in $output
                ${show}
            end
    end
end

complete -c ${name} -e
complete -c ${name} -f -a '(__${name}_complete)'
`;
}
