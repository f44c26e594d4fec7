import type { DecidingEngine } from "../deciding-engine.ts";
import { type CoveredLines, joinCoveredLines } from "./covered-lines.ts";
import type { RegorusSession } from "./regorus-session.ts";
import { RulesEngine } from "./rules-engine.ts";

/** Rules that also tell which of their lines were evaluated, over all sandboxes that were opened. */
export class CoveringEngine implements DecidingEngine {
  readonly #engine: RulesEngine;
  readonly #lastLine: number;
  #lines: CoveredLines = { covered: [], notCovered: [] };
  #session: RegorusSession | undefined;

  private constructor(engine: RulesEngine, lastLine: number) {
    this.#engine = engine;
    this.#lastLine = lastLine;
  }

  /** @throws ContrastError `rego/module-invalid` */
  static async load(rules: string): Promise<CoveringEngine> {
    const engine = await RulesEngine.load(rules, { engine: "current", coverage: true });
    return new CoveringEngine(engine, rules.split("\n").length);
  }

  /**
   * Opens a sandbox; the one before it must not be used any more.
   *
   * @throws ContrastError as `openRegorusSession()`
   */
  open(policyDataText: string): RegorusSession {
    this.#collect();
    this.#session = this.#engine.open(policyDataText);
    return this.#session;
  }

  /** Lines of the rules, without those of the data behind them. */
  coverage(): CoveredLines {
    this.#collect();
    return this.#lines;
  }

  #collect(): void {
    if (this.#session === undefined) return;
    const { covered, notCovered } = this.#session.coverage();
    const own = (line: number): boolean => line <= this.#lastLine;
    this.#lines = joinCoveredLines([this.#lines, { covered: covered.filter(own), notCovered: notCovered.filter(own) }]);
  }
}
