// Verification of evidence: one call of the binary against a minimal program, and the rate in one process against
// `openssl speed`. Needs the vectors; their place is CONTRAST_VECTORS, or beside the checkout.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCollateralJson } from "../../src/attestation/collateral/collateral-json.ts";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import type { CollateralSet } from "../../src/attestation/collateral-need.ts";
import { createSnpChainCache } from "../../src/attestation/snp/chain-cache.ts";
import { snpEvidenceFromReport } from "../../src/attestation/snp/snp-evidence.ts";
import { verifySnp } from "../../src/attestation/snp/verify-snp.ts";
import { tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import { createTdxMemo } from "../../src/attestation/tdx/tdx-memo.ts";
import { verifyTdx } from "../../src/attestation/tdx/verify-tdx.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { readCertificates } from "../../src/pki/x509/read-certificates.ts";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import { median } from "../measure/median.ts";
import { opensslVerifyRate } from "../measure/openssl-speed.ts";
import { report } from "../measure/report.ts";

const ROOT = join(import.meta.dir, "..", "..");
const VECTORS = process.env["CONTRAST_VECTORS"] ?? join(ROOT, "..", "shared", "vectors");
const ROUNDS = 31;

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
    const [minimalMs = 1, contrastMs = 0] = [0, 1].map((which) => median(runs.map((pair) => pair[which]?.ms ?? 0)));
    const peakBytes = Math.max(...runs.map((pair) => pair[1]?.peakBytes ?? 0));
    report({ name: "evidence: four signatures alone", value: minimalMs, unit: "ms" });
    report({ name: "evidence: verify an SNP report, one call", value: contrastMs / minimalMs, unit: "x", atMost: 2 });
    report({ name: "evidence: verify an SNP report, peak memory", value: peakBytes / 1e6, unit: "MB", atMost: 60 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Verifications in a second of processor time, as `openssl speed` counts, from the median of several rounds. */
function rateOf(verify: () => { readonly outcome: string }): number {
  const calls = 400;
  const rounds = Array.from({ length: 12 }, () => {
    const started = process.cpuUsage();
    for (let index = 0; index < calls; index++) {
      const { outcome } = verify();
      if (outcome !== "accepted") throw new Error(`Cannot use the vectors: the verdict is ${outcome}`);
    }
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  });
  // The first rounds are compiled while they run.
  return (calls * 1000) / median(rounds.slice(4));
}

function reportSnpRates(): void {
  const reportBytes = bytesOf("snp/genoa-v3.report.bin");
  const certificateBytes = bytesOf("snp/genoa-v3.vcek.pem");
  const none: CollateralSet = collateralSetOf([]);
  const verifyOnce = (chains: ReturnType<typeof createSnpChainCache> | undefined) => {
    const evidence = snpEvidenceFromReport(reportBytes, readCertificates(certificateBytes, "VCEK"));
    const at = new Date("2025-06-01T00:00:00Z");
    const roots = embeddedTrustRoots().amd;
    return verifySnp(evidence, none, {
      at,
      roots,
      revocation: "waived",
      expectations: undefined,
      expected: {},
      chains,
    });
  };
  const yardstick = opensslVerifyRate("ecdsap384");
  const chains = createSnpChainCache();
  report({ name: "evidence: openssl verifies P-384", value: yardstick, unit: "1/s" });
  const cold = rateOf(() => verifyOnce(undefined)) / yardstick;
  const cached = rateOf(() => verifyOnce(chains)) / yardstick;
  report({ name: "evidence: SNP reports over P-384 signatures, cold", value: cold, unit: "x", atLeast: 0.7 });
  report({ name: "evidence: SNP reports over P-384 signatures, known chain", value: cached, unit: "x", atLeast: 1 });
}

function reportTdxRates(): void {
  const quote = bytesOf("tdx/v4-b.quote.bin");
  const json = readFileSync(vector("tdx/v4-b.collateral.json"), "utf8");
  const collateral = collateralSetOf(parseCollateralJson(json, "collateral"));
  const verifyOnce = (memo: ReturnType<typeof createTdxMemo> | undefined) =>
    verifyTdx(tdxEvidenceFromQuote(quote), collateral, {
      at: new Date("2025-06-30T00:00:00Z"),
      root: embeddedTrustRoots().intel,
      revocation: "required",
      collateral: "required",
      expectations: undefined,
      expected: {},
      ...(memo === undefined ? {} : { memo }),
    });
  const yardstick = opensslVerifyRate("ecdsap256") / TDX_SIGNATURES;
  const memo = createTdxMemo();
  const cold = rateOf(() => verifyOnce(undefined)) / yardstick;
  const cached = rateOf(() => verifyOnce(memo)) / yardstick;
  report({ name: `evidence: TDX quotes over P-256 / ${TDX_SIGNATURES}, cold`, value: cold, unit: "x", atLeast: 0.6 });
  report({ name: `evidence: TDX quotes over P-256 / ${TDX_SIGNATURES}, known collateral`, value: cached, unit: "x" });
}

if (existsSync(VECTORS)) {
  await reportOneShot();
  reportSnpRates();
  reportTdxRates();
} else {
  console.error(`skipped: vectors not found in ${VECTORS} (set CONTRAST_VECTORS)`);
}
