/** Longest pattern that is handed to the guest; its engine compiles every pattern for every request. */
export const MAX_PATTERN_LENGTH = 4096;

/** Largest bound of `{n,m}`; the limit of RE2. */
const MAX_REPEAT = 1000;

/**
 * Whether a pattern is one that both RE2 and the `regex` crate of Rust accept with the same meaning. Look-around and
 * back-references do not exist there; neither do the escapes that only JavaScript or Perl know.
 *
 * @returns why the pattern is refused, or undefined for a good one
 * @see RE2 syntax (google/re2, `doc/syntax.txt`); rust-lang/regex, "Syntax"
 */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return `got ${pattern.length} characters, limit ${MAX_PATTERN_LENGTH}`;
  return new PatternReader(pattern).fault();
}

class PatternReader {
  #position = 0;
  readonly #pattern: string;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  fault(): string | undefined {
    let depth = 0;
    let repeatable = false;
    while (this.#position < this.#pattern.length) {
      const character = this.#next();
      let fault: string | undefined;
      if (character === "(") {
        fault = this.#groupOpening();
        depth++;
        repeatable = false;
      } else if (character === ")") {
        if (depth-- === 0) fault = "unmatched )";
        repeatable = true;
      } else if (character === "|") {
        repeatable = false;
      } else if (character === "*" || character === "+" || character === "?" || character === "{") {
        fault = repeatable ? this.#repetition(character) : `nothing to repeat before "${character}"`;
        repeatable = false;
      } else if (character === "[") {
        fault = this.#characterClass();
        repeatable = true;
      } else if (character === "\\") {
        fault = this.#escape(false);
        repeatable = true;
      } else {
        repeatable = true;
      }
      if (fault !== undefined) return `${fault} at position ${this.#position}`;
    }
    return depth === 0 ? undefined : "missing )";
  }

  #next(): string {
    return this.#pattern.charAt(this.#position++);
  }

  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#position;
    const match = expression.exec(this.#pattern);
    if (match === null) return undefined;
    this.#position = expression.lastIndex;
    return match;
  }

  #groupOpening(): string | undefined {
    if (this.#pattern.charAt(this.#position) !== "?") return undefined;
    return this.#take(/\?(?:P<[A-Za-z_]\w*>|[imsU]*(?:-[imsU]+)?[:)])/y) === undefined
      ? "unsupported group (look-around and the like)"
      : this.#closeFlagGroup();
  }

  /** `(?i)` sets flags and is complete; everything else stays open until its `)`. */
  #closeFlagGroup(): string | undefined {
    if (this.#pattern.charAt(this.#position - 1) === ")") this.#position--;
    return undefined;
  }

  #repetition(first: string): string | undefined {
    if (first === "{") {
      const bounds = this.#take(/(\d+)(?:,(\d*))?\}/y);
      if (bounds === undefined) return "a literal { must be written \\{";
      const [, low = "", high = low] = bounds;
      if (Number(low) > MAX_REPEAT || Number(high) > MAX_REPEAT) return `repetition above ${MAX_REPEAT}`;
      if (high !== "" && Number(low) > Number(high)) return "repetition with bounds in the wrong order";
    }
    this.#take(/\?/y);
    return undefined;
  }

  #characterClass(): string | undefined {
    this.#take(/\^/y);
    let first = true;
    while (this.#position < this.#pattern.length) {
      const character = this.#next();
      if (character === "]" && !first) return undefined;
      first = false;
      if (character === "\\") {
        const fault = this.#escape(true);
        if (fault !== undefined) return fault;
      } else if (
        character === "[" &&
        this.#take(/:\^?(?:al(?:num|pha)|digit|lower|upper|punct|space|word|xdigit):\]/y) === undefined
      ) {
        return "a literal [ inside a class must be written \\[";
      } else if (character === "&" || character === "~") {
        if (this.#pattern.charAt(this.#position) === character) return "set operations are not portable";
      } else if (character === "-" && this.#pattern.charAt(this.#position) === "-") {
        return "set operations are not portable";
      }
    }
    return "missing ]";
  }

  #escape(inClass: boolean): string | undefined {
    const punctuation = this.#take(/[!-/:;=?@[-`{-~]|x[0-9A-Fa-f]{2}/y);
    const found = punctuation ?? this.#take(inClass ? /[dDwWsSntrfv]/y : /[dDwWsSntrfvbBAz]/y);
    return found === undefined ? "unsupported escape (back-references and the like)" : undefined;
  }
}
