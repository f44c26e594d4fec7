/** Completion for bash 4.4 or newer; needs no bash-completion package. */
export function bashScript(name: string, descriptions: boolean): string {
  return `# bash completion for ${name}

_${name}_complete() {
    local rest=\${COMP_LINE:0:COMP_POINT} words=() word trimmed i
    # bash splits words at "=" and ":" too; pieces with no space between them belong together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=\${rest#"\${rest%%[![:space:]]*}"}
        word=\${COMP_WORDS[i]}
        ((\${#word} > \${#trimmed})) && word=$trimmed
        if ((i > 0)) && [[ -n $rest && $trimmed == "$rest" ]]; then
            words[\${#words[@]}-1]+=$word
        elif [[ -n $word || $i -eq $COMP_CWORD ]]; then
            words+=("$word")
        fi
        rest=\${trimmed#"$word"}
    done

    local program=\${words[0]/#\\~\\//$HOME/} current=\${words[\${#words[@]}-1]}
    local output directive candidates=() line
    output=$("$program" __complete "\${words[@]:1}" 2>/dev/null) || return 0
    directive=\${output##*:}
    while IFS= read -r line; do
        [[ -n $line && $line != :* ]] && candidates+=("$line")
    done <<<"$output"

    # Only what follows the last "=" or ":" is replaced on the command line.
    local prefix=
    [[ $current == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]] && prefix=\${current%"\${current##*[=:]}"}
    COMPREPLY=()
    case $directive in
    0)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "\${current#"$prefix"}")
        ;;
    8)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "\${current#"$prefix"}")
        local ending
        for ending in "\${candidates[@]}"; do
            mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X "!*.$ending" -- "\${current#"$prefix"}")
        done
        ;;
    16)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "\${current#"$prefix"}")
        ;;
    *)
        local longest=0
        for line in "\${candidates[@]}"; do
            word=\${line%%$'\\t'*}
            ((\${#word} > longest)) && longest=\${#word}
        done
        for line in "\${candidates[@]}"; do
            word=\${line%%$'\\t'*}
            # Meanings are shown in a list of several words, which is never inserted (COMP_TYPE 37 and 42 insert).
            if ${descriptions ? "true" : "false"} && ((\${#candidates[@]} > 1 && COMP_TYPE != 37 && COMP_TYPE != 42)) && [[ $line == *$'\\t'* ]]; then
                printf -v line '%-*s  (%s)' "$longest" "\${word#"$prefix"}" "\${line#*$'\\t'}"
                COMPREPLY+=("\${line:0:\${COLUMNS:-80}}")
            else
                COMPREPLY+=("\${word#"$prefix"}")
            fi
        done
        [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
        ;;
    esac
}

complete -F _${name}_complete ${name}
`;
}
