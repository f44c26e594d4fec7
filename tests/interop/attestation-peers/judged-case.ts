import type { Verdict } from "../../../src/attestation/verdict.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import type { PeerCase } from "./ask-peers.ts";

/** One piece of evidence, to be judged by the libraries of Google and by us. */
export interface JudgedCase {
  readonly label: string;
  readonly peer: PeerCase;
  /** @throws ContrastError for evidence that cannot be read */
  readonly judge: () => Verdict<unknown>;
}

/** Our answer; without reasons it is an acceptance. */
export interface OwnAnswer {
  readonly accepted: boolean;
  /** Codes of errors, or names of the checks that did not pass. */
  readonly reasons: readonly string[];
}

/** Judges a case; whatever is thrown beside our own errors goes through. */
export function askOurselves({ judge }: JudgedCase): OwnAnswer {
  try {
    const verdict = judge();
    const groups = [...verdict.required, ...(verdict.alternatives ?? [])];
    const bad = groups.flatMap(({ checks }) =>
      checks.filter(({ outcome }) => outcome === "failed" || outcome === "unknown"),
    );
    return { accepted: verdict.outcome === "accepted", reasons: bad.map(({ id, outcome }) => `${outcome} ${id}`) };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { accepted: false, reasons: [error.code] };
  }
}
