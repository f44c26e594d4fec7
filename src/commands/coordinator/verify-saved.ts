import { evidenceError } from "../../attestation/evidence-error.ts";
import type { ExpectedState } from "../../client/expected-state.ts";
import { explainRefusal } from "../../client/explain-refusal.ts";
import { compareActiveManifest, warnAboutCoverage } from "../../client/history.ts";
import { judgeSavedVerification } from "../../client/judge-saved-verification.ts";
import { readSavedVerification } from "../../client/read-saved-verification.ts";
import type { SavedVerification } from "../../client/saved-verification.ts";
import type { Verdict } from "../../attestation/verdict.ts";
import { renderInstant } from "../../lib/instant.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { acceptedExpiryOf } from "../expired-collateral.ts";
import { trustOptionsOf } from "../trust-options.ts";
import { sayResult, sayVerified } from "./verify-report.ts";

/** What no archive can show, said with every result. */
const UNPROVEN = [
  "that the Coordinator runs now: a saved verification can be shown again and again",
  "the time, and where collateral is from and how old it is: they are the word of whoever saved the verification",
  "that manifests, policies and CA certificates are those that the Coordinator sent: the evidence does not cover them",
];

/**
 * `contrast verify --bundle`: judges a saved verification. Opens no connection and writes no files.
 *
 * @throws ContrastError as the live command does, and `client/saved-invalid`
 */
export async function verifySaved(flags: ParsedFlags, expected: ExpectedState, io: Io): Promise<void> {
  const { at: atFlag, roots } = await trustOptionsOf(flags, io);
  const acceptExpired = acceptedExpiryOf(flags, io);
  const path = flags.string("bundle");
  const saved = await readSavedVerification(path);
  const isChosen = flags.isSet("at");
  const at = isChosen ? atFlag : saved.at;
  warnAboutOtherPolicy(saved, expected, io);
  let verdict: Verdict<unknown> | undefined;
  try {
    verdict = await judgeSavedVerification(saved, expected, { at, roots, acceptExpired, signal: io.signal });
    if (verdict.outcome !== "accepted") throw evidenceError(verdict, `Cannot trust the saved verification "${path}"`);
    sayVerified(io);
    if (io.format !== "json") sayLimits(saved, at, isChosen, io);
    warnAboutCoverage(saved.history, io.log);
    const active = `manifests/${saved.history.manifests.length - 1}.json`;
    const showDifference = `tar -xOf ${path} ${active} | contrast manifest diff ${expected.manifestPath} -`;
    compareActiveManifest(saved.history, expected.manifestBytes, showDifference);
    const { coordinator, history, checkedAt } = saved;
    const bundle = { path, savedAt: checkedAt.toISOString(), judgedAt: at.toISOString(), unproven: UNPROVEN };
    sayResult({ coordinator, expected, history, verdict, insecure: roots.insecure }, { bundle }, io);
  } catch (error) {
    throw explainRefusal(error, { verdict, expected, insecure: roots.insecure });
  }
}

function sayLimits({ coordinator, checkedAt }: SavedVerification, at: Date, isChosen: boolean, io: Io): void {
  const source = isChosen ? "as --at says" : "the time that the saved verification states; --at names another one";
  io.out(`  Saved verification of "${coordinator}", made at ${renderInstant(checkedAt)}`);
  io.out(`  Validity was judged at ${renderInstant(at)}, ${source}`);
  for (const line of UNPROVEN) io.out(`  Not proven: ${line}`);
}

function warnAboutOtherPolicy({ policyHashes }: SavedVerification, { policy }: ExpectedState, io: Io): void {
  const wanted = new Set(policy.hashes.map((hash) => hash.toHex()));
  const other = policyHashes.map((hash) => hash.toHex()).find((hash) => !wanted.has(hash));
  if (other === undefined) return;
  io.log.warn("the verification was saved with another expected policy of the coordinator", {
    savedWith: other,
    expected: [...wanted].join(","),
  });
}
