import type { Check, CheckGroup } from "./verdict.ts";

/** Checks about one thing, which people read as one if all is well. */
interface Topic {
  readonly title: string;
  /** Names of its checks; with a dot at the end, how they begin. */
  readonly ids: readonly string[];
  /** Those that nevertheless are none of its checks. */
  readonly except?: readonly string[];
  /** What stands between the values of the checks; where it is left out, no values are told. */
  readonly separator?: string;
}

/** What is not listed here is worth a line of its own: product, measurement, policy hash, TCB, FMSPC. */
const TOPICS: readonly Topic[] = [
  {
    title: "certificate of the signing key",
    ids: ["certificate", "certificate."],
    except: ["certificate.tcb", "certificate.chip-id"],
  },
  {
    title: "certificate chain to AMD's root",
    ids: ["chain.vcek.", "chain.vlek.", "chain.ask.", "chain.asvk.", "chain.ark."],
  },
  { title: "revocation list", ids: ["crl", "crl.", "revocation"] },
  { title: "signature of the report", ids: ["report."] },
  { title: "guest policy", ids: ["policy."] },
  { title: "PLATFORM_INFO", ids: ["platform-info."] },
  { title: "REPORTED_TCB", ids: ["tcb.fmc", "tcb.bootloader", "tcb.tee", "tcb.snp", "tcb.microcode"], separator: "." },
  { title: "LAUNCH_TCB", ids: ["launch-tcb."], separator: "." },
  { title: "committed TCB and firmware", ids: ["committed-tcb", "certificate-tcb", "firmware."] },
  { title: "PCK certificate chain", ids: ["chain.", "pck."] },
  { title: "signatures of the quote and of the quoting enclave", ids: ["quote.", "qe.signature", "qe.report-data"] },
  { title: "Intel's TCB info", ids: ["tcb-info."], except: ["tcb-info.fmspc"] },
  { title: "Intel's QE identity", ids: ["qe-identity."] },
  { title: "identity of the TDX module", ids: ["module."] },
  {
    title: "identity of the quoting enclave",
    ids: ["qe.misc-select", "qe.attributes", "qe.mr-signer", "qe.isv-prod-id"],
  },
  { title: "revocation lists", ids: ["root-crl.", "pck-crl.", "revocation."] },
  { title: "bits of XFAM and TD_ATTRIBUTES", ids: ["xfam.", "td-attributes."] },
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
    const topic = TOPICS.find((candidate) => isAbout(candidate, check));
    if (topic === undefined) entries.push({ kind: "check", check });
    else if (!told.has(topic)) entries.push(entryOf(topic, check, checks));
    if (topic !== undefined) told.add(topic);
  }
  return entries;
}

function isAbout({ ids, except }: Topic, { id }: Check): boolean {
  const isNamed = ids.some((name) => (name.endsWith(".") ? id.startsWith(name) : id === name));
  return isNamed && except?.includes(id) !== true;
}

function entryOf(topic: Topic, first: Check, checks: readonly Check[]): PassedEntry {
  const { title, separator } = topic;
  const all = checks.filter((check) => isAbout(topic, check));
  const passed = all.filter(({ outcome }) => outcome === "passed");
  if (all.length === 1) return { kind: "check", check: first };
  const isWhole = separator !== undefined && passed.length === all.length;
  const value = isWhole ? passed.map(({ actual }) => actual ?? "?").join(separator) : undefined;
  return { kind: "topic", title, value, passed: passed.length, total: all.length };
}
