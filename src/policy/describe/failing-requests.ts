/** What Rego reads as one piece where the name can stand: texts, raw texts and comments do not define anything. */
const PIECES = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|[A-Za-z_][A-Za-z0-9_]*|:=|==|[^\s]/g;

const NAME = "AllowRequestsFailingPolicy";

/** The name, an operator, a value, and what follows it. */
const LONGEST = 4;

/** Words that go on with a definition, so that the constant in front of them is not its only value. */
const CONTINUATIONS = new Set(["if", "else", "in", "with", "contains"]);

/**
 * Whether rules let requests pass that they refuse (`AllowRequestsFailingPolicy`), as a debugging aid of the guest's agent.
 * Rules of others are not evaluated for this: any definition of it that is not plainly false counts as `possible`.
 *
 * @param text the whole policy
 * @see kata-containers `src/agent/policy/src/policy.rs`
 */
export function failingRequests(text: string, isEmbeddedRules: boolean): "refused" | "allowed" | "possible" {
  if (isEmbeddedRules || !text.includes(NAME)) return "refused";
  const definitions: (readonly string[])[] = [];
  let waiting: string[] = [];
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.startsWith("#")) continue;
    if (waiting.length > 0 && waiting.push(piece) === LONGEST) definitions.push(waiting.splice(0));
    if (piece !== NAME) continue;
    definitions.push(waiting);
    waiting = [piece];
  }
  definitions.push(waiting);
  const kinds = definitions.map(([name, operator = "", value = "", next = ""]) => {
    if (name === undefined) return "refused";
    const isConstant = [":=", "="].includes(operator) && isEnd(next);
    if (isConstant && value === "true") return "allowed";
    return isConstant && value === "false" ? "refused" : "possible";
  });
  if (kinds.includes("allowed")) return "allowed";
  return kinds.includes("possible") ? "possible" : "refused";
}

/** Whether another statement begins here, or nothing follows. */
function isEnd(piece: string): boolean {
  return piece === "" || (/^[A-Za-z_]/.test(piece) && !CONTINUATIONS.has(piece));
}
