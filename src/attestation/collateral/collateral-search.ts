import { ContrastError, messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { CollateralAnswer, CollateralItem, CollateralNeed } from "../collateral-need.ts";
import type { CollateralValidity, InspectCollateral } from "../gather-collateral.ts";
import { type CopyState, copyState, isValidAt, renderAge } from "./copy-state.ts";
import { describeNeed, isCertificateNeed } from "./describe-need.ts";
import { fetchRemedy } from "./fetch-remedy.ts";

/** What a search needs to know of its surroundings. */
interface SearchOptions {
  /** Whether no service is asked. */
  readonly offline: boolean;
  /** Whether the cache may have copies that other roots signed, which are nothing to warn of. */
  readonly hasSharedCache?: boolean | undefined;
  readonly now: () => Date;
  readonly log: Logger;
}

/** AMD's service cannot look for a chip whose host hides its id. */
export function isMaskedChip(need: CollateralNeed): boolean {
  return need.kind === "amd-vcek" && /^0+$/.test(need.chipIdHex);
}

/** Looks for one piece of collateral and keeps the best copy that was seen. */
export class CollateralSearch {
  readonly need: CollateralNeed;
  /** The vendor's address of the need. */
  readonly url: string;
  readonly #inspect: InspectCollateral;
  readonly #at: Date;
  readonly #options: SearchOptions;
  readonly #failures: string[] = [];
  /** When the genuine copies that were seen begin to count. */
  readonly #begins: Date[] = [];
  #best: { readonly item: CollateralItem; readonly state: CopyState } | undefined;

  constructor(need: CollateralNeed, url: string, inspect: InspectCollateral, at: Date, options: SearchOptions) {
    this.need = need;
    this.url = url;
    this.#inspect = inspect;
    this.#at = at;
    this.#options = options;
  }

  /** Whether a copy that is valid, though perhaps old, was seen. */
  get hasValidCopy(): boolean {
    return this.#best?.state === "old";
  }

  /** Keeps why a source could not help. */
  fail(reason: string): void {
    this.#failures.push(reason);
  }

  /**
   * Whether a copy may take the place of what the cache has. An older one may not: each document and list replaces the
   * one before it, so an old one that is shown again hides what was withdrawn since.
   *
   * @throws ContrastError for content that is not what is needed
   */
  mayReplace(item: CollateralItem): boolean {
    const { notBefore } = this.#inspect(item);
    return isCertificateNeed(this.need) || !this.#begins.some((begin) => notBefore === undefined || notBefore < begin);
  }

  /** Whether a copy can be used as it is; one that cannot is kept for the case that nothing better is found. */
  isCurrent(item: CollateralItem): boolean {
    try {
      const validity = this.#inspect(item);
      const state = copyState(item, validity, this.#at, this.#options.now());
      if (this.#isOutdated(validity)) {
        this.fail(`${SOURCES[item.origin]} has an older copy than the one at hand`);
        return false;
      }
      if (validity.notBefore !== undefined) this.#begins.push(validity.notBefore);
      if (state === "current") return true;
      // Of two copies with the same fault the later one is newer.
      if (this.#best?.state !== "old") this.#best = { item, state };
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      const { origin } = item;
      const { log, hasSharedCache = false } = this.#options;
      const level = origin === "cache" && hasSharedCache ? "info" : "warn";
      log[level]("ignoring collateral", { url: this.url, origin, reason: messageOf(error) });
      if (origin !== "cache") this.fail(`the copy of ${SOURCES[origin]} is not usable: ${messageOf(error)}`);
    }
    return false;
  }

  /** Whether a copy that counts at the time in question already was seen, and began later. */
  #isOutdated({ notBefore }: CollateralValidity): boolean {
    if (isCertificateNeed(this.need)) return false;
    return this.#begins.some((begin) => begin <= this.#at && (notBefore === undefined || notBefore < begin));
  }

  /** Of genuine copies that count at the time in question the one that began last. */
  latestOf(items: readonly CollateralItem[]): CollateralItem | undefined {
    const valid = items.flatMap((item) => {
      try {
        const validity = this.#inspect(item);
        return isValidAt(validity, this.#at) ? [{ item, beginMs: validity.notBefore?.getTime() ?? 0 }] : [];
      } catch (error) {
        if (!(error instanceof ContrastError)) throw error;
        return [];
      }
    });
    return valid.toSorted((a, b) => b.beginMs - a.beginMs)[0]?.item;
  }

  /** The best copy with a note, or why there is none; called when no source had a current one. */
  conclude(): CollateralAnswer {
    const reason = this.#failures.join("; ");
    const isOffline = this.#options.offline;
    if (this.#best === undefined) {
      const remedy = isMaskedChip(this.need)
        ? "Pass the VCEK of the machine with --certs, or let the host show its chip id."
        : fetchRemedy(this.url, isOffline);
      return {
        found: false,
        reason: reason === "" ? `no copy of the ${describeNeed(this.need)} is at hand` : reason,
        remedy,
      };
    }
    const { item, state } = this.#best;
    const fact = state === "old" ? "using" : "there is only";
    const note = `${reason === "" ? "" : `${reason}; `}${fact} ${this.#describe(item)}`;
    const { log } = this.#options;
    if (isOffline) log.info("using old collateral", { url: this.url, note });
    else log.warn("using old collateral", { url: this.url, note });
    return { found: true, item: { ...item, note } };
  }

  #describe({ origin, fetchedAt }: CollateralItem): string {
    const source = `the copy of ${SOURCES[origin]}`;
    const ageMs = fetchedAt === undefined ? -1 : this.#options.now().getTime() - fetchedAt.getTime();
    return ageMs < 0 ? `${source}, of unknown age` : `${source}, ${renderAge(ageMs)} old`;
  }
}

const SOURCES: Readonly<Record<CollateralItem["origin"], string>> = {
  evidence: "the evidence",
  file: "a file",
  bundle: "the bundle",
  cache: "the cache",
  network: "the vendor's service",
};
