import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../../src/attestation/collateral/bundle-write.ts";
import { readBundle } from "../../../src/attestation/collateral/bundle-read.ts";
import { openCollateralCache } from "../../../src/attestation/collateral/collateral-cache.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { amdAuthority, amdChip } from "../../fakes/amd-chip.ts";
import { allIn, type CollateralBench, collateralBench, statesOf } from "../../fakes/collateral-bench.ts";
import { startFakeCoordinator } from "../../fakes/coordinator-server.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { aksManifestText } from "../../fakes/manifests.ts";
import { EVIDENCE_OIDS } from "../../../src/attestation/validator.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function bundleOf(items: readonly CollateralItem[]): Uint8Array {
  const inspected = items.map((item) => ({ item, validity: {} }));
  return encodeBundle(inspected, "test");
}

function rejection(bench: CollateralBench, ...words: readonly string[]): Promise<string> {
  return codeOfAsync(() => bench.run(words));
}

function reportFile({ chip, file }: CollateralBench): string {
  return file("report.bin", chip.report());
}

function quoteFile({ platform, file }: CollateralBench): string {
  return file("quote.bin", platform.quote());
}

describe("contrast collateral fetch", () => {
  test("fetches what a report needs, and nothing that is at hand", async () => {
    const bench = await collateralBench();
    const { vcek, crl } = bench.items;
    const first = await bench.json("fetch", "--evidence", reportFile(bench));
    expect(first).toMatchObject({ schema: "contrast/collateral-fetch/v1", ok: true, insecure: true });
    expect(statesOf(first)).toEqual(allIn("valid", vcek, crl));
    expect(bench.services.requests.toSorted()).toEqual([vcek, crl].map(({ need }) => collateralUrl(need)).toSorted());
    await bench.json("fetch", "--evidence", reportFile(bench));
    expect(bench.services.requests.length).toBe(2);
  });

  test("fetches what a quote needs, and what a manifest, numbers and addresses name", async () => {
    const bench = await collateralBench();
    const { tcbInfo, qeIdentity, pckCrl, rootCrl, vcek, chain, crl } = bench.items;
    const intel = allIn("valid", tcbInfo, qeIdentity, pckCrl, rootCrl);
    expect(statesOf(await bench.json("fetch", "--evidence", quoteFile(bench)))).toEqual(intel);
    expect(statesOf(await bench.json("fetch", "--fmspc", bench.platform.fmspc.toUpperCase()))).toEqual(intel);
    const chip = ["--chip-id", bench.chip.chipId.toHex(), "--tcb", "4.2.24.217", "--product", "Milan"];
    expect(statesOf(await bench.json("fetch", ...chip))).toEqual(allIn("valid", vcek, chain, crl));
    const address = collateralUrl(crl.need);
    expect(statesOf(await bench.json("fetch", address, address))).toEqual(allIn("valid", crl));
    const manifest = bench.file("manifest.json", aksManifestText());
    expect(statesOf(await bench.json("fetch", "--manifest", manifest))).toEqual(allIn("valid", chain, crl));
  });

  test("brings the cache up to date where nothing is named", async () => {
    const bench = await collateralBench();
    expect(await rejection(bench, "fetch")).toBe("attestation/nothing-needed");
    await bench.run(["fetch", "--evidence", reportFile(bench)]);
    bench.advance(2 * DAY_MS);
    expect(statesOf(await bench.json("fetch"))).toEqual(allIn("valid", bench.items.crl));
    expect(bench.services.requests.length).toBe(3);
  });

  test("asks a live Coordinator which machine it is on, and trusts nothing it says", async () => {
    const bench = await collateralBench();
    const server = await startFakeCoordinator({
      evidence: (reportData) => ({ oid: EVIDENCE_OIDS.tdx, value: bench.platform.attestation(reportData) }),
    });
    const io = await bench
      .run(["fetch", "--coordinator", server.address], { now: () => new Date() })
      .catch((error: unknown) => error);
    await server.close();
    expect(bench.services.requests.length).toBe(4);
    // The clock is real for TLS, and at that time the fake collateral is long out of date.
    expect(io).toMatchObject({ code: "attestation/collateral-missing" });
  });

  test("tells what it could not have, and keeps nothing that is wrong", async () => {
    const bench = await collateralBench();
    bench.services.trouble = (url) =>
      url.endsWith("crl") ? { kind: "status", status: 404 } : { kind: "body", body: "not a certificate" };
    const result = await bench.json("fetch", "--evidence", reportFile(bench));
    expect(result).toMatchObject({ ok: false });
    expect(statesOf(result)).toEqual(allIn("missing", bench.items.vcek, bench.items.crl));
    expect(await rejection(bench, "fetch", "--evidence", reportFile(bench))).toBe("attestation/collateral-missing");
    expect(existsSync(bench.cacheDirectory)).toBe(false);
  });

  test("prints where each piece is from and how long it is valid", async () => {
    const bench = await collateralBench();
    const { printed, told } = await bench.run(["fetch", collateralUrl(bench.items.crl.need)]);
    expect(printed).toEqual([
      "valid          VCEK CRL of Milan",
      "               https://kdsintf.amd.com/vcek/v1/Milan/crl",
      "               from network, fetched 2025-06-01T00:00:00Z (less than a minute ago), valid from 2025-01-01T00:00:00Z until 2045-01-01T00:00:00Z",
      "               needed by the command line",
      "✔️ All 1 pieces are valid",
    ]);
    expect(told.length).toBe(1);
    expect(told[0]).toStartWith("WARNING: ");
  });

  test("does without a chain of AMD, which only other programs need, unless its address is given", async () => {
    const bench = await collateralBench();
    const { chain, crl } = bench.items;
    const address = collateralUrl(chain.need);
    bench.services.trouble = (url) => (url === address ? { kind: "status", status: 404 } : undefined);
    const result = await bench.json("fetch", "--product", "Milan");
    expect(result).toMatchObject({ ok: true });
    expect(statesOf(result)).toEqual({ ...allIn("valid", crl), ...allIn("missing", chain) });
    const path = bench.file("bundle.tar", "");
    await bench.json("export", path, "--product", "Milan");
    expect(readBundle(readFileSync(path), path).map(({ need }) => need.kind)).toEqual(["amd-crl"]);
    expect(await bench.json("list", "--product", "Milan")).toMatchObject({ complete: true });
    expect(await rejection(bench, "fetch", address)).toBe("attestation/collateral-missing");
  });

  test("needs a cache that can be written", async () => {
    const bench = await collateralBench();
    const url = collateralUrl(bench.items.crl.need);
    expect(await codeOfAsync(() => bench.run(["fetch", url], { env: {} }))).toBe("attestation/cache-unusable");
    const env = { CONTRAST_CACHE_DIR: bench.file("in-the-way", "") };
    expect(await codeOfAsync(() => bench.run(["fetch", url], { env }))).toBe("attestation/cache-unusable");
  });

  test("does not pretend to work offline", async () => {
    const bench = await collateralBench();
    expect(await rejection(bench, "fetch", "--offline", "--product", "Milan")).toBe("lib/offline");
    expect(bench.services.requests).toEqual([]);
  });

  test.each([
    [["https://example.com/crl"]],
    [["--product", "Rome"]],
    [["--product", "constructor"]],
    [["--fmspc", "50806f00000"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.4"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.4", "--product", "Milan", "--product", "Genoa"]],
    [["--chip-id", "aa".repeat(63), "--tcb", "1.2.3.4", "--product", "Milan"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.4", "--product", "Turin"]],
    [["--chip-id", "aa".repeat(64), "--product", "Milan"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.256", "--product", "Milan"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.04", "--product", "Milan"]],
    [["--chip-id", "aa".repeat(64), "--tcb", "1.2.3.4.5", "--product", "Milan"]],
    [["--chip-id", "aa".repeat(8), "--tcb", "1.2.3.4", "--product", "Turin"]],
    [["--at", "tomorrow", "--product", "Milan"]],
  ])("refuses %j", async (words) => {
    const bench = await collateralBench();
    expect(await rejection(bench, "fetch", ...words)).toBe("terminal/invalid-argument");
    expect(bench.services.requests).toEqual([]);
  });

  test("names a Turin chip by its first eight bytes", async () => {
    const bench = await collateralBench();
    const words = ["--tcb", "1.2.3.4.5", "--product", "Turin", "--chip-id", `${"AB".repeat(8)}${"00".repeat(56)}`];
    expect(Object.keys(statesOf(await bench.json("list", ...words)))).toContain(
      `https://kdsintf.amd.com/vcek/v1/Turin/${"ab".repeat(8)}?fmcSPL=1&blSPL=2&teeSPL=3&snpSPL=4&ucodeSPL=5`,
    );
  });

  test("refuses mirrors and certificates of mirrors that are none", async () => {
    const bench = await collateralBench();
    const words = ["fetch", "--product", "Milan"];
    const run = (...more: readonly string[]): Promise<string> =>
      codeOfAsync(() => bench.run([...words.slice(0, 1), ...more, ...words.slice(1)]));
    expect(await run("--mirror-ca", bench.file("ca.pem", "nothing"))).toBe("attestation/mirror-ca-invalid");
    expect(await run("--mirror-ca", "missing")).toBe("lib/file-unreadable");
  });

  test("takes a report of version 2 for any line that is named, and needs one of them only", async () => {
    const bench = await collateralBench();
    const report = bench.file("v2.bin", bench.chip.report({ version: 2 }));
    expect(await rejection(bench, "fetch", "--evidence", report)).toBe("attestation/nothing-needed");
    const { vcek, crl, chain } = bench.items;
    const one = await bench.json("fetch", "--evidence", report, "--product", "Milan");
    expect(statesOf(one)).toEqual(allIn("valid", vcek, crl, chain));
    const two = statesOf(await bench.json("list", "--evidence", report, "--product", "Milan", "--product", "Genoa"));
    expect(two).toMatchObject(allIn("valid", vcek, crl, chain));
    expect(
      Object.entries(two)
        .filter(([, state]) => state === "missing")
        .map(([url]) => url),
    ).toEqual(["https://kdsintf.amd.com/vcek/v1/Genoa/cert_chain", "https://kdsintf.amd.com/vcek/v1/Genoa/crl"]);
  });
});

describe("contrast collateral list", () => {
  test("shows what is needed and what the cache and bundles hold, and asks nobody", async () => {
    const bench = await collateralBench();
    const { vcek, crl, tcbInfo, qeIdentity, pckCrl, rootCrl } = bench.items;
    const bundle = bench.file("bundle.tar", bundleOf([tcbInfo, qeIdentity]));
    await bench.run(["fetch", "--evidence", reportFile(bench)]);
    const asked = bench.services.requests.length;
    const words = ["list", "--evidence", quoteFile(bench), "--collateral", bundle];
    const result = await bench.json(...words);
    expect(result).toMatchObject({ schema: "contrast/collateral-list/v1", complete: false });
    expect(statesOf(result)).toEqual({
      ...allIn("valid", tcbInfo, qeIdentity, vcek, crl),
      ...allIn("missing", pckCrl, rootCrl),
    });
    expect((await bench.run(words)).printed.at(-1)).toStartWith("Not everything that is needed is at hand. ");
    expect(bench.services.requests.length).toBe(asked);
    expect(await bench.json("list", "--evidence", reportFile(bench))).toMatchObject({ complete: true });
  });

  test("warns where a manifest alone names no machine, as fetch and export do", async () => {
    const bench = await collateralBench();
    const manifest = ["--manifest", bench.file("manifest.json", aksManifestText())];
    const warned = async (...words: readonly string[]): Promise<boolean> =>
      (await bench.run(words)).told.some((line) => line.startsWith("Warning: a manifest names no machine"));
    expect(await warned("fetch", ...manifest)).toBe(true);
    expect(await warned("list", ...manifest)).toBe(true);
    expect(await warned("export", bench.file("x.tar", ""), ...manifest)).toBe(true);
    expect(await warned("fetch", ...manifest, "--evidence", reportFile(bench))).toBe(false);
    expect(await warned("list", ...manifest)).toBe(true);
    expect(await warned("list")).toBe(false);
  });

  test("tells what is expired, not yet valid, and wrong", async () => {
    const bench = await collateralBench();
    const { crl, tcbInfo } = bench.items;
    await bench.run(["fetch", "--fmspc", bench.platform.fmspc]);
    expect(statesOf(await bench.json("list", "--at", "2025-08-01"))).toMatchObject(allIn("expired", tcbInfo));
    expect(statesOf(await bench.json("list", "--at", "2025-05-01"))).toMatchObject(allIn("not-yet-valid", tcbInfo));
    const stranger = { ...crl, body: amdAuthority("Milan", "stranger").crl() };
    const bundle = bench.file("wrong.tar", bundleOf([stranger]));
    expect(statesOf(await bench.json("list", "--collateral", bundle))).toMatchObject(allIn("wrong", crl));
  });

  test("sums up an empty cache, and one with damaged files", async () => {
    const bench = await collateralBench();
    expect((await bench.run(["list"])).printed).toEqual(["There is no collateral at hand"]);
    mkdirSync(bench.cacheDirectory, { recursive: true });
    writeFileSync(join(bench.cacheDirectory, "a".repeat(64)), "half");
    const io = await bench.run(["list"]);
    expect(io.told.join("\n")).toContain("contrast collateral prune");
  });
});

describe("contrast collateral export and import", () => {
  test("carry collateral to a machine without network, unchanged", async () => {
    const online = await collateralBench();
    const bundle = join(online.cacheDirectory, "..", "bundle.tar");
    mkdirSync(join(online.cacheDirectory, ".."), { recursive: true });
    const words = ["--evidence", quoteFile(online), "--evidence", reportFile(online)];
    const { printed } = await online.run(["export", bundle, ...words]);
    expect(printed.at(-2)).toStartWith(`✔️ Wrote 6 pieces to ${bundle} (SHA-256 `);
    expect(printed.at(-1)).toBe("  The first of them expires 2025-06-30T00:00:00Z");

    const { vcek, crl, tcbInfo, qeIdentity, pckCrl, rootCrl } = online.items;
    const all = [vcek, crl, tcbInfo, qeIdentity, pckCrl, rootCrl];
    const offline = await collateralBench();
    const imported = await offline.json("import", bundle);
    expect(imported).toMatchObject({ schema: "contrast/collateral-import/v1", ok: true });
    expect(statesOf(imported)).toEqual(allIn("valid", ...all));
    const cache = openCollateralCache(offline.cacheDirectory, recordLog());
    for (const { need, body, issuerChainPem } of all) {
      const kept = await cache.read(need);
      expect(kept).toMatchObject({ body, issuerChainPem, fetchedAt: online.now() });
    }
    const again = await offline.json("import", bundle);
    expect(new Set((again["collateral"] as { outcome: string }[]).map(({ outcome }) => outcome))).toEqual(
      new Set(["same"]),
    );
    // The cache of the second machine gives the same bundle as the first.
    const copy = offline.file("copy.tar", "");
    await offline.run(["export", copy, "--offline"]);
    expect(readFileSync(copy).equals(readFileSync(bundle))).toBe(true);
    expect(offline.services.requests).toEqual([]);
  });

  test("writes no bundle where something is missing, and leaves an earlier one alone", async () => {
    const bench = await collateralBench();
    bench.services.trouble = (url) => (url.endsWith("crl") ? { kind: "status", status: 404 } : undefined);
    const bundle = bench.file("bundle.tar", "earlier");
    expect(await rejection(bench, "export", bundle, "--evidence", reportFile(bench))).toBe(
      "attestation/collateral-missing",
    );
    expect(readFileSync(bundle, "utf8")).toBe("earlier");
    const empty = await collateralBench();
    expect(await rejection(empty, "export", bundle)).toBe("attestation/nothing-needed");
  });

  test("exports only what is valid", async () => {
    const bench = await collateralBench();
    await bench.run(["fetch", "--fmspc", bench.platform.fmspc]);
    const bundle = bench.file("bundle.tar", "");
    await bench.run(["export", bundle, "--at", "2025-08-01"]);
    const urls = readBundle(new Uint8Array(readFileSync(bundle)), "bundle").map(({ url }) => url);
    expect(urls).toEqual([collateralUrl(bench.items.rootCrl.need)]);
  });

  test("takes nothing that the vendor did not sign, and all the rest", async () => {
    const bench = await collateralBench();
    const { crl, rootCrl, vcek } = bench.items;
    const stranger = amdChip({ authority: amdAuthority("Milan", "stranger") });
    const wrong = [{ ...crl, body: stranger.authority.crl() }, { ...vcek, body: stranger.vcekDer }, rootCrl];
    const bundle = bench.file("bundle.tar", bundleOf(wrong));
    expect(await rejection(bench, "import", bundle)).toBe("attestation/import-refused");
    expect(readdirSync(bench.cacheDirectory).length).toBe(2);
    const result = await bench.json("import", bundle);
    expect(statesOf(result)).toEqual({ ...allIn("wrong", crl, vcek), ...allIn("valid", rootCrl) });
  });

  test("puts nothing old in place of something newer", async () => {
    const bench = await collateralBench();
    const { crl } = bench.items;
    const older = { ...crl, body: bench.chip.authority.crl({ thisUpdate: new Date("2024-01-01") }) };
    const outcomeOf = async (item: CollateralItem): Promise<unknown> => {
      const result = await bench.json("import", bench.file("one.tar", bundleOf([item])));
      return (result["collateral"] as { outcome: string }[])[0]?.outcome;
    };
    expect(await outcomeOf(older)).toBe("stored");
    expect(await outcomeOf(crl)).toBe("stored");
    expect(await outcomeOf(older)).toBe("kept-newer");
    expect(await outcomeOf({ ...crl, fetchedAt: bench.now() })).toBe("stored");
    expect(await outcomeOf(crl)).toBe("same");
  });

  test("needs a cache that can be written, and files that are what they say", async () => {
    const bench = await collateralBench();
    const bundle = bench.file("bundle.tar", bundleOf([bench.items.crl]));
    expect(await codeOfAsync(() => bench.run(["import", bundle], { env: {} }))).toBe("attestation/cache-unusable");
    const env = { CONTRAST_CACHE_DIR: bench.file("in-the-way", "") };
    expect(await codeOfAsync(() => bench.run(["import", bundle], { env }))).toBe("attestation/cache-unusable");
    expect(await rejection(bench, "import", bench.file("no.tar", "x"))).toBe("attestation/collateral-file-invalid");
  });
});

describe("contrast collateral prune", () => {
  async function filled(): Promise<CollateralBench> {
    const bench = await collateralBench();
    await bench.run(["fetch", "--fmspc", bench.platform.fmspc, "--evidence", reportFile(bench)]);
    return bench;
  }

  async function removed(bench: CollateralBench, ...words: readonly string[]): Promise<readonly unknown[]> {
    return (await bench.json("prune", ...words))["removed"] as readonly unknown[];
  }

  test("removes what is expired, and shows it first", async () => {
    const bench = await filled();
    expect(await removed(bench)).toEqual([]);
    const { tcbInfo, qeIdentity, pckCrl } = bench.items;
    const expired = [pckCrl, qeIdentity, tcbInfo].map(({ need }) => ({ name: collateralUrl(need), reason: "expired" }));
    expect(await removed(bench, "--at", "2025-08-01", "--dry-run")).toEqual(expired);
    expect(await removed(bench, "--at", "2025-08-01")).toEqual(expired);
    expect(await removed(bench, "--at", "2025-08-01")).toEqual([]);
  });

  test("removes what serves no named need", async () => {
    const bench = await filled();
    const { vcek, crl } = bench.items;
    const names = (await removed(bench, "--fmspc", bench.platform.fmspc)) as { name: string; reason: string }[];
    expect(names.map(({ name }) => name).toSorted()).toEqual(
      [vcek, crl].map(({ need }) => collateralUrl(need)).toSorted(),
    );
    expect(new Set(names.map(({ reason }) => reason))).toEqual(new Set(["not-needed"]));
  });

  test("removes what the vendor did not sign", async () => {
    const bench = await filled();
    const { crl } = bench.items;
    const stranger = { ...crl, body: amdAuthority("Milan", "stranger").crl() };
    await openCollateralCache(bench.cacheDirectory, recordLog()).write(stranger);
    expect(await removed(bench)).toEqual([{ name: collateralUrl(crl.need), reason: "wrong" }]);
  });

  test("removes half-written files that have settled, and everything if told so, but no foreign file", async () => {
    const bench = await filled();
    const half = join(bench.cacheDirectory, "a".repeat(64));
    writeFileSync(half, "half");
    utimesSync(half, bench.now(), bench.now());
    expect(await removed(bench)).toEqual([]);
    bench.advance(10 * 60 * 1000);
    expect(await removed(bench)).toEqual([{ name: "a".repeat(64), reason: "damaged" }]);
    writeFileSync(join(bench.cacheDirectory, "README"), "");
    const io = await bench.run(["prune", "--all"]);
    expect(io.printed.at(-1)).toBe(`Removed 6 from ${bench.cacheDirectory}`);
    expect(readdirSync(bench.cacheDirectory)).toEqual(["README"]);
  });

  test("refuses --all together with needs, and an environment without cache", async () => {
    const bench = await collateralBench();
    expect(await rejection(bench, "prune", "--all", "--product", "Milan")).toBe("terminal/exclusive-flags");
    expect(await codeOfAsync(() => bench.run(["prune"], { env: {} }))).toBe("attestation/cache-unusable");
  });
});
