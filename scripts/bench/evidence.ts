// Verification of evidence: one call of the binary against a minimal program, and the rate in one process against
// `openssl speed`. Needs the vectors; their place is CONTRAST_VECTORS, or beside the checkout.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCollateralJson } from "../../src/attestation/collateral/collateral-json.ts";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import type { CollateralSet } from "../../src/attestation/collateral-need.ts";
import { createSnpChainCache, type SnpChainCache } from "../../src/attestation/snp/chain-cache.ts";
import { snpEvidenceFromReport } from "../../src/attestation/snp/snp-evidence.ts";
import { verifySnp } from "../../src/attestation/snp/verify-snp.ts";
import { tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import { createTdxMemo, type TdxMemo } from "../../src/attestation/tdx/tdx-memo.ts";
import { verifyTdx } from "../../src/attestation/tdx/verify-tdx.ts";
import { embeddedTrustRoots, type TrustRoots } from "../../src/attestation/trust-roots.ts";
import { type Certificate, parseCertificate } from "../../src/pki/x509/certificate.ts";
import { readCertificates } from "../../src/pki/x509/read-certificates.ts";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import { median } from "../measure/median.ts";
import { opensslVerifyRate } from "../measure/openssl-speed.ts";
import { report } from "../measure/report.ts";

const ROOT = join(import.meta.dir, "..", "..");
const VECTORS = process.env["CONTRAST_VECTORS"] ?? join(ROOT, "..", "shared", "vectors");
const ROUNDS = 31;
const RATE_ROUNDS = 7;

/**
 * Signatures that are verified to find a quote genuine and up to date: of PCK, its CA and the self-signed root, of the
 * TCB signing certificate, TCB info, QE identity and both revocation lists, of quote and QE report.
 */
const TDX_SIGNATURES = 10;

const vector = (name: string): string => join(VECTORS, name);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(vector(name)));

interface Run {
  readonly ms: number;
  readonly peakBytes: number;
}

function run(command: readonly string[]): Run {
  const startedMs = performance.now();
  const child = Bun.spawnSync([...command], {
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  if (child.exitCode !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${child.exitCode}`);
  return { ms: performance.now() - startedMs, peakBytes: child.resourceUsage?.maxRSS ?? Number.NaN };
}

async function reportOneShot(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
  try {
    const minimal = join(folder, "minimal");
    await compileBinary({
      entry: "scripts/measure/four-signatures.ts",
      root: ROOT,
      outfile: minimal,
      flags: RELEASE_FLAGS,
    });
    const contrast = join(folder, "contrast");
    await compileBinary(await productCompilation(ROOT, contrast));
    const [evidence, vcek, chain] = ["genoa-v3.report.bin", "genoa-v3.vcek.pem", "ask-ark-genoa-vcek.pem"].map((name) =>
      vector(join("snp", name)),
    );
    const flags = ["--certs", vcek ?? "", "--offline", "--no-revocation"];
    const commands = [
      [minimal, evidence ?? "", vcek ?? "", chain ?? ""],
      [contrast, "evidence", "verify", evidence ?? "", ...flags],
    ];
    const runs = Array.from({ length: ROUNDS }, () => commands.map(run)).slice(4);
    const minimalMs = median(runs.map(([alone]) => alone?.ms ?? Number.NaN));
    // Each pair ran in the same moment of the machine.
    const ratio = median(runs.map(([alone, product]) => (product?.ms ?? Number.NaN) / (alone?.ms ?? Number.NaN)));
    const peakBytes = Math.max(...runs.map(([, product]) => product?.peakBytes ?? Number.NaN));
    report({ name: "evidence: four signatures alone", value: minimalMs, unit: "ms" });
    report({ name: "evidence: verify an SNP report, one call", value: ratio, unit: "x", atMost: 2 });
    report({ name: "evidence: verify an SNP report, peak memory", value: peakBytes / 1e6, unit: "MB", atMost: 60 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Verification = () => { readonly outcome: string };

/** Verifications in a second of processor time, that of collector and compiler included; runs for about half a second. */
function rateOf(verify: Verification): number {
  const started = process.cpuUsage();
  for (let calls = 1; ; calls++) {
    const { outcome } = verify();
    if (outcome !== "accepted") throw new Error(`Cannot use the vectors: the verdict is ${outcome}`);
    const { user, system } = process.cpuUsage(started);
    if (user + system > 500_000) return (calls * 1e6) / (user + system);
  }
}

/** Rates over that of `openssl speed`, which also counts processor time; both take turns. */
function ratiosOf<Name extends string>(
  algorithm: string,
  signatures: number,
  subjects: Readonly<Record<Name, Verification>>,
): ReadonlyMap<string, number> {
  const ratios = new Map<string, number[]>();
  for (let round = 0; round < RATE_ROUNDS; round++) {
    const yardstick = opensslVerifyRate(algorithm) / signatures;
    for (const [name, verify] of Object.entries<Verification>(subjects)) {
      // What is rarely called is compiled while it runs, so the first rounds do not count.
      for (let warm = round === 0 ? 5 : 0; warm > 0; warm--) rateOf(verify);
      ratios.set(name, [...(ratios.get(name) ?? []), rateOf(verify) / yardstick]);
    }
  }
  return new Map(Array.from(ratios, ([name, values]) => [name, median(values)]));
}

function reportSnpRates(): void {
  const reportBytes = bytesOf("snp/genoa-v3.report.bin");
  const certificateBytes = bytesOf("snp/genoa-v3.vcek.pem");
  const none: CollateralSet = collateralSetOf([]);
  const { amd } = embeddedTrustRoots();
  const verifyOnce = (roots: TrustRoots["amd"], chains?: SnpChainCache) =>
    verifySnp(snpEvidenceFromReport(reportBytes, readCertificates(certificateBytes, "VCEK")), none, {
      at: new Date("2025-06-01T00:00:00Z"),
      roots,
      revocation: "waived",
      expectations: undefined,
      expected: {},
      chains,
    });
  // Certificates that are read anew have no signature that is known to be good: all four are verified each time.
  const unknownRoots = (): TrustRoots["amd"] => {
    const { ark, ask, asvk } = amd.Genoa;
    return {
      ...amd,
      Genoa: { ark: parseCertificate(ark.der.slice(), "ARK"), ask: parseCertificate(ask.der.slice(), "ASK"), asvk },
    };
  };
  const chains = createSnpChainCache();
  const ratios = ratiosOf("ecdsap384", 1, {
    cold: () => verifyOnce(unknownRoots()),
    known: () => verifyOnce(amd, chains),
  });
  const name = "evidence: SNP reports over P-384 signatures";
  report({ name: `${name}, cold`, value: ratios.get("cold") ?? 0, unit: "x", atLeast: 0.7 });
  report({ name: `${name}, known chain`, value: ratios.get("known") ?? 0, unit: "x", atLeast: 1 });
}

function reportTdxRates(): void {
  const quote = bytesOf("tdx/v4-b.quote.bin");
  const json = readFileSync(vector("tdx/v4-b.collateral.json"), "utf8");
  const collateral = collateralSetOf(parseCollateralJson(json, "collateral"));
  const { intel } = embeddedTrustRoots();
  const verifyOnce = (root: Certificate, memo?: TdxMemo) =>
    verifyTdx(tdxEvidenceFromQuote(quote), collateral, {
      at: new Date("2025-06-30T00:00:00Z"),
      root,
      revocation: "required",
      collateral: "required",
      expectations: undefined,
      expected: {},
      memo,
    });
  const memo = createTdxMemo();
  const ratios = ratiosOf("ecdsap256", TDX_SIGNATURES, {
    cold: () => verifyOnce(parseCertificate(intel.der.slice(), "root")),
    known: () => verifyOnce(intel, memo),
  });
  const name = `evidence: TDX quotes over P-256 signatures / ${TDX_SIGNATURES}`;
  report({ name: `${name}, cold`, value: ratios.get("cold") ?? 0, unit: "x", atLeast: 0.6 });
  report({ name: `${name}, known collateral`, value: ratios.get("known") ?? 0, unit: "x" });
}

if (existsSync(VECTORS)) {
  await reportOneShot();
  reportSnpRates();
  reportTdxRates();
} else {
  console.error(`skipped: vectors not found in ${VECTORS} (set CONTRAST_VECTORS)`);
}
