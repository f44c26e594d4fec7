/** Completion for zsh 5 or newer; works from a file named `_<name>` in `fpath` and when sourced. */
export function zshScript(name: string, descriptions: boolean): string {
  return `#compdef ${name}
# zsh completion for ${name}

_${name}() {
    local -a output candidates endings
    local line word directive
    output=("\${(@f)$("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    directive=\${output[-1]#:}
    output[-1]=()

    case $directive in
    0|8|16)
        # Complete the file name after "--flag=".
        [[ $PREFIX == -*=* ]] && compset -P '*='
        ;;
    esac
    case $directive in
    0)
        _files
        ;;
    8)
        endings=("\${(@)output:#}")
        _files -g "\${(j: :)\${(@)endings/#/*.}}"
        ;;
    16)
        _files -/
        ;;
    *)
        for line in "\${(@)output:#}"; do
            word=\${line%%$'\\t'*}
            word=\${word//:/\\\\:}
            if ${descriptions ? "true" : "false"} && [[ $line == *$'\\t'* ]]; then
                candidates+=("$word:\${line#*$'\\t'}")
            else
                candidates+=("$word")
            fi
        done
        _describe -t values 'completions' candidates
        ;;
    esac
}

if [[ "\${funcstack[1]}" == "_${name}" ]]; then
    _${name} "$@"
else
    compdef _${name} ${name}
fi
`;
}
