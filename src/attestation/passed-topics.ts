import type { Check, CheckGroup } from "./verdict.ts";

/** Checks about one thing, which people read as one if all is well. */
interface Topic {
  readonly title: string;
  /** Names of its checks. */
  readonly ids: RegExp;
  /** What stands between the values of the checks; where it is left out, no values are told. */
  readonly separator?: string;
}

/** What is not listed here is worth a line of its own: product, measurement, policy hash, TCB, FMSPC. */
const TOPICS: readonly Topic[] = [
  { title: "certificate of the signing key", ids: /^certificate(\.(?!tcb$|chip-id$).+)?$/ },
  { title: "certificate chain to AMD's root", ids: /^chain\.(vcek|vlek|ask|asvk|ark)\./ },
  { title: "revocation list", ids: /^(crl|crl\..+|revocation)$/ },
  { title: "signature of the report", ids: /^report\./ },
  { title: "guest policy", ids: /^policy\./ },
  { title: "PLATFORM_INFO", ids: /^platform-info\./ },
  { title: "REPORTED_TCB", ids: /^tcb\.(fmc|bootloader|tee|snp|microcode)$/, separator: "." },
  { title: "LAUNCH_TCB", ids: /^launch-tcb\./, separator: "." },
  { title: "committed TCB and firmware", ids: /^(committed-tcb|certificate-tcb|firmware\..+)$/ },
  { title: "PCK certificate chain", ids: /^(chain\.[^.]+|pck\..+)$/ },
  { title: "signatures of the quote and of the quoting enclave", ids: /^(quote\..+|qe\.(signature|report-data))$/ },
  { title: "Intel's TCB info", ids: /^tcb-info\.(?!fmspc$)/ },
  { title: "Intel's QE identity", ids: /^qe-identity\./ },
  { title: "identity of the TDX module", ids: /^module\./ },
  { title: "identity of the quoting enclave", ids: /^qe\.(misc-select|attributes|mr-signer|isv-prod-id)$/ },
  { title: "revocation lists", ids: /^(root-crl|pck-crl|revocation)\./ },
  { title: "bits of XFAM and TD_ATTRIBUTES", ids: /^(xfam|td-attributes)\./ },
];

/** A check to be told by itself, or passed checks that are told as one. */
export type PassedEntry =
  | { readonly kind: "check"; readonly check: Check }
  | {
      readonly kind: "topic";
      readonly title: string;
      readonly value: string | undefined;
      readonly passed: number;
      /** Checks about the same, whatever their outcome. */
      readonly total: number;
    };

/** The passed checks of a group, those about one thing put together where the first of them stands. */
export function passedEntries({ checks }: CheckGroup): readonly PassedEntry[] {
  const entries: PassedEntry[] = [];
  const told = new Set<Topic>();
  for (const check of checks) {
    if (check.outcome !== "passed") continue;
    const topic = TOPICS.find(({ ids }) => ids.test(check.id));
    if (topic === undefined) entries.push({ kind: "check", check });
    else if (!told.has(topic)) entries.push(entryOf(topic, check, checks));
    if (topic !== undefined) told.add(topic);
  }
  return entries;
}

function entryOf({ title, ids, separator }: Topic, first: Check, checks: readonly Check[]): PassedEntry {
  const all = checks.filter(({ id }) => ids.test(id));
  const passed = all.filter(({ outcome }) => outcome === "passed");
  if (all.length === 1) return { kind: "check", check: first };
  const isWhole = separator !== undefined && passed.length === all.length;
  const value = isWhole ? passed.map(({ actual }) => actual ?? "?").join(separator) : undefined;
  return { kind: "topic", title, value, passed: passed.length, total: all.length };
}
