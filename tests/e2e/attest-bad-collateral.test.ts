import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openCollateralCache } from "../../src/attestation/collateral/collateral-cache.ts";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { amdAuthority, amdChip } from "../fakes/amd-chip.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import type { ServiceTrouble, VendorServices } from "../fakes/vendor-services.ts";
import { AttestBench, type AttestJson, type AttestOutcome } from "./attest-bench.ts";
import { snapshotOf } from "./snapshot.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new AttestBench();
const chip = amdChip();
const DAY_MS = 86_400_000;
const NOW = new Date();
const days = (count: number): Date => new Date(NOW.getTime() + count * DAY_MS);

const VCEK_URL = /https:\/\/kdsintf\.amd\.com\/vcek\/v1\/Milan\/[0-9a-f]{128}\?/;
const CRL_URL = "https://kdsintf.amd.com/vcek/v1/Milan/crl";

interface Surroundings {
  readonly tee?: "snp" | "tdx";
  /** Answers of all services, or of those whose address has the text. */
  readonly trouble?: ServiceTrouble;
  readonly only?: string;
  /** Published in place of what is right. */
  readonly published?: readonly CollateralItem[];
  /** In the cache, with the time when it was fetched. */
  readonly cached?: readonly CollateralItem[];
  readonly isIdle?: boolean;
}

interface Answer extends AttestOutcome {
  readonly json: AttestJson;
  readonly services: VendorServices;
  readonly directory: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the cache. */
  readonly cache: string;
}

/** Runs `verify` on a good Coordinator, with vendors' services that are in trouble. */
async function verifyWith({ tee = "snp", ...around }: Surroundings): Promise<Answer> {
  const deployment = bench.deployment(tee);
  const { directory } = deployment;
  const server = await bench.coordinator(deployment, { state: deployment.setState() });
  const services = await bench.vendorServices(...deployment.collateral, ...(around.published ?? []));
  services.trouble = (url) => (url.includes(around.only ?? "") ? around.trouble : undefined);
  const base = bench.directory();
  const cache = join(base, "kds-insecure");
  for (const item of around.cached ?? []) await openCollateralCache(cache, recordLog()).write(item);
  const mirrors = ["--kds-mirror", services.mirrors.kds, "--pcs-mirror", services.mirrors.pcs];
  const words = ["verify", "-c", server.address, ...mirrors, "--insecure-trust-roots", "roots.pem"];
  const env = { CONTRAST_CACHE_DIR: base };
  const before = snapshotOf(directory);
  const outcome = await bench.runJson(directory, words, { env, isIdle: around.isIdle ?? false });
  if (outcome.status !== 0) expect(snapshotOf(directory)).toEqual(before);
  expect(outcome.elapsedMs).toBeLessThan(30_000);
  return { ...outcome, services, directory, words, env, cache };
}

/** Throttled or in trouble for so long that nobody waits. */
const busy = (status: number): ServiceTrouble => ({ kind: "status", status, retryAfter: "100" });
const expiredCrl = chip.authority.crl({ thisUpdate: days(-9), nextUpdate: days(-1) });
const foreignCrl = chip.authority.crl({ signer: amdAuthority("Milan", "other").ark });
/** Somebody else's, under the same address. */
const otherChip: readonly CollateralItem[] = chip
  .collateralItems()
  .filter(({ need }) => need.kind === "amd-vcek")
  .map((item) => ({ ...item, body: amdChip({ chipId: new Uint8Array(64).fill(7) }).vcekDer }));

describe("contrast verify", () => {
  test.concurrent.each<[string, Surroundings, RegExp]>([
    ["do not know the chip", { only: "blSPL", trouble: { kind: "status", status: 404 } }, /\?blSPL=\S+ answered 404$/],
    ["throttle", { trouble: busy(429) }, /crl answered 429, and asks to wait 100 s$/],
    ["are in trouble", { trouble: busy(500) }, /crl answered 500, and asks to wait 100 s$/],
    ["send too much", { trouble: { kind: "oversized" } }, /crl answers with more than 1048576 bytes$/],
    ["send nothing", { trouble: { kind: "body", body: "" } }, /crl answers with nothing$/],
    ["send a web page", { trouble: { kind: "body", body: "<!doctype html>" } }, /Milan\/crl: Cannot read CRL/],
    ["send to another host", { trouble: { kind: "redirect", location: "http://127.0.0.1:1/" } }, /crl redirects to/],
    ["send an expired list", { published: chip.collateralItems({ crl: expiredCrl }) }, /^got next update /],
    [
      "send a list of another issuer",
      { published: chip.collateralItems({ crl: foreignCrl }) },
      /Milan\/crl: Cannot use/,
    ],
    ["send the VCEK of another chip", { published: otherChip }, /\?blSPL=\S+: Cannot use VCEK/],
    [
      "do not know the platform",
      { tee: "tdx", only: "tcb", trouble: { kind: "status", status: 404 } },
      /tcb\?fmspc=[0-9a-f]{12} answered 404$/,
    ],
    [
      "throttle on TDX",
      { tee: "tdx", trouble: busy(429) },
      /IntelSGXRootCA\.der answered 429, and asks to wait 100 s$/,
    ],
    [
      "leave the issuer chain out",
      { tee: "tdx", only: "tcb", trouble: { kind: "header", name: "tcb-info-issuer-chain", value: undefined } },
      /tcb\?fmspc=\S+: it is not exactly two/,
    ],
    [
      "send expired documents",
      { tee: "tdx", published: createIntelPlatform({ now: days(-60) }).collateralItems() },
      /^it has expired$/,
    ],
  ])("cannot check where the vendor's services %s", async (_, around, reason) => {
    const { status, json, services } = await verifyWith(around);
    expect([status, json.code, json.verdict?.outcome]).toEqual([6, "attestation/unchecked", "unknown"]);
    const unknown = json.verdict?.groups.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === "unknown"));
    expect(unknown?.filter((row) => reason.test(row.reason ?? "")).length).toBeGreaterThan(0);
    expect(unknown?.some(({ remedy }) => /contrast collateral fetch|--at/.test(remedy ?? ""))).toBe(true);
    // Nothing that did not come is asked for twice.
    expect(services.requests.length).toBe(new Set(services.requests).size);
  });

  test.concurrent("names a remedy that works when the services are back", async () => {
    const answer = await verifyWith({ trouble: { kind: "reset", after: "nothing" }, isIdle: true });
    const { status, json, services, directory, words, env } = answer;
    expect([status, json.code]).toEqual([6, "attestation/unchecked"]);
    expect(services.requests.length).toBe(8);
    const remedies = json.verdict?.groups.flatMap(({ checks }) => checks.map(({ remedy }) => remedy ?? "")) ?? [];
    const urls = new Set(remedies.flatMap((remedy) => /"contrast collateral fetch '([^']+)'"/.exec(remedy)?.[1] ?? []));
    expect([...urls].toSorted()).toEqual([expect.stringMatching(VCEK_URL), CRL_URL]);
    services.trouble = () => undefined;
    const mirrors = words.slice(3);
    const fetch = await bench.run(directory, ["collateral", "fetch", ...urls, ...mirrors], { env });
    expect([fetch.status, fetch.stdout]).toEqual([0, expect.stringContaining("✔️ All 2 pieces are valid")]);
    expect(await bench.run(directory, [...words, "--offline"], { env })).toMatchObject({ status: 0 });
  });

  test.concurrent.each<[string, ServiceTrouble, RegExp, boolean]>([
    ["throttle", busy(429), /Milan\/crl answered 429/, false],
    ["send a web page", { kind: "body", body: "<!doctype html>" }, /Milan\/crl: Cannot read CRL/, false],
    ["stall", { kind: "stall", after: "nothing" }, /Milan\/crl" did not answer in time/, true],
  ])("makes do with an old copy, and says so, where the services %s", async (_, trouble, note, isIdle) => {
    const cached = chip.collateralItems().map((item) => ({ ...item, fetchedAt: days(-3) }));
    const { status, json, services, stderr } = await verifyWith({ trouble, cached, isIdle });
    expect([status, json.verdict?.outcome, services.requests]).toEqual([0, "accepted", [CRL_URL]]);
    const used = json.verdict?.collateral.map((use) => [use.origin, use.note ?? ""]);
    expect(used).toEqual([
      ["cache", ""],
      ["cache", expect.stringMatching(note)],
    ]);
    expect(json.verdict?.collateral.at(-1)?.note).toContain("3 days");
    expect(stderr).toMatch(/level=WARN msg="using old collateral" url=\S+Milan\/crl note=".*3 days old/);
  });

  test.concurrent("shares its cache and its files with runs at the same time", async () => {
    const deployment = bench.deployment();
    const server = await bench.coordinator(deployment, { state: deployment.setState() });
    const services = await bench.vendorServices(...deployment.collateral);
    const mirrors = ["--kds-mirror", services.mirrors.kds, "--pcs-mirror", services.mirrors.pcs];
    const words = ["verify", "-c", server.address, ...mirrors, "--insecure-trust-roots", "roots.pem"];
    const calls = Array.from({ length: 5 }, () =>
      bench.run(deployment.directory, [...words, "--save", "saved.tar"], { isIdle: true }),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 0));
    expect(outcomes.filter(({ stderr }) => stderr.includes("warning:"))).toEqual([]);
    // The cache is whole, and so is what was saved.
    expect(await bench.run(deployment.directory, [...words, "--offline"])).toMatchObject({ status: 0 });
    const saved = ["verify", "--bundle", "saved.tar", "--insecure-trust-roots", "roots.pem"];
    expect(await bench.run(deployment.directory, saved)).toMatchObject({ status: 0 });
    expect(Object.keys(snapshotOf(deployment.directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test.concurrent("keeps nothing that is wrong", async () => {
    const { cache } = await verifyWith({ published: [...chip.collateralItems({ crl: foreignCrl }), ...otherChip] });
    expect(existsSync(cache)).toBe(false);
  });
});
