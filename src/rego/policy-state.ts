import { ContrastError } from "../lib/errors.ts";
import type { Json } from "../lib/json.ts";
import type { StateChange } from "./decision.ts";

/** What the agent remembers between requests: the members of `data.pstate`. */
export class PolicyState {
  readonly #members = new Map<string, Json>();

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The members as JSON text. */
  render(): string {
    const members = [...this.#members].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return `{${members.join(",")}}`;
  }

  /**
   * Makes all changes, or none of them.
   *
   * @throws ContrastError `rego/state-change-failed` for the removal of a member that does not exist
   */
  apply(changes: readonly StateChange[]): void {
    const before = new Map(this.#members);
    for (const change of changes) {
      if (change.op === "add") {
        this.#members.set(change.key, change.value);
      } else if (!this.#members.delete(change.key)) {
        this.clear();
        for (const [key, value] of before) this.#members.set(key, value);
        throw new ContrastError("rego/state-change-failed", `Cannot change policy state: no member "${change.key}"`);
      }
    }
  }

  clear(): void {
    this.#members.clear();
  }
}
