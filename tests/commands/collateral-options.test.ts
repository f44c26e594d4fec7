import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import { inspectCollateral } from "../../src/attestation/inspect-collateral.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { COLLATERAL_FLAGS } from "../../src/commands/collateral-flags.ts";
import { type CollateralOptions, collateralOptionsOf } from "../../src/commands/collateral-options.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { AMD_TEST_TIME, amdChip } from "../fakes/amd-chip.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { startVendorServices } from "../fakes/vendor-services.ts";

async function optionsOf(words: readonly string[], io = recordIo()): Promise<CollateralOptions> {
  const { values } = parseFlags(COLLATERAL_FLAGS, words);
  return await collateralOptionsOf(createParsedFlags(COLLATERAL_FLAGS, values, ""), io);
}

function rejection(...words: readonly string[]): Promise<string> {
  return codeOfAsync(() => optionsOf(words));
}

function fileOf(content: Uint8Array | string): string {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, content);
  return path;
}

const chip = amdChip();
const items = chip.collateralItems().slice(0, 2);

describe("collateralOptionsOf()", () => {
  test("judges at the present by the vendors' roots unless told otherwise, and asks", async () => {
    const io = recordIo();
    const { at, roots, offline, sources } = await optionsOf([], io);
    expect({ at, offline, insecure: roots.insecure }).toEqual({ at: io.now(), offline: false, insecure: false });
    expect(roots).toBe(embeddedTrustRoots());
    expect(sources.fetch).toBeDefined();
    expect(io.told).toEqual([]);
  });

  test("works where the environment names no place for a cache", async () => {
    const { sources } = await optionsOf([], recordIo({ env: {} }));
    expect(sources.directory).toBeUndefined();
    const { sources: placed } = await optionsOf([], recordIo({ env: { CONTRAST_CACHE_DIR: "/cache" } }));
    expect(placed.directory).toBe(join("/cache", "kds"));
  });

  test("keeps what roots of a file signed apart from the vendors' collateral", async () => {
    const flags = ["--insecure-trust-roots", fileOf(chip.authority.rootsPem)];
    const { sources } = await optionsOf(flags, recordIo({ env: { CONTRAST_CACHE_DIR: "/cache" } }));
    expect(sources.directory).toBe(join("/cache", "kds-insecure"));
  });

  test("takes a time and roots, and warns of the latter on every use", async () => {
    const io = recordIo();
    const path = fileOf(chip.authority.rootsPem);
    const { at, roots } = await optionsOf(["--at", "2025-06-01", "--insecure-trust-roots", path], io);
    expect(at).toEqual(AMD_TEST_TIME);
    expect(roots.insecure).toBe(true);
    expect(io.told.length).toBe(1);
    expect(io.told[0]).toStartWith(`WARNING: the roots in "${path}"`);
  });

  test("gathers from bundles, the cache and mirrors", async () => {
    const services = await startVendorServices(...items);
    const env = { CONTRAST_CACHE_DIR: temporaryDirectory() };
    const io = recordIo({ env, now: () => AMD_TEST_TIME });
    const bundle = fileOf(encodeBundle([{ item: items[0]!, validity: {} }], "test"));
    const roots = ["--insecure-trust-roots", fileOf(chip.authority.rootsPem)];
    const words = ["--kds-mirror", services.mirrors.kds, ...roots];
    const gather = async (more: readonly string[]): Promise<readonly string[]> => {
      const options = await optionsOf([...words, ...more], io);
      const needs = items.map(({ need }) => need);
      const set = await options.gather(needs, [], inspectCollateral(options.roots), options.at, io.signal);
      return needs.map((need) => {
        const answer = set.answer(need);
        return answer.found ? answer.item.origin : "missing";
      });
    };
    expect(await gather(["--collateral", bundle, "--offline"])).toEqual(["bundle", "missing"]);
    expect(services.requests).toEqual([]);
    expect(await gather(["--collateral", bundle])).toEqual(["bundle", "network"]);
    expect(await gather(["--offline"])).toEqual(["missing", "cache"]);
    expect(await gather([])).toEqual(["network", "cache"]);
    expect(services.requests.length).toBe(2);
    services.stop();
  });

  test("tells mistakes before anything is asked for", async () => {
    expect(await rejection("--at", "soon")).toBe("terminal/invalid-argument");
    expect(await rejection("--kds-mirror", "mirror.example")).toBe("attestation/mirror-invalid");
    expect(await rejection("--pcs-mirror", "ftp://mirror.example")).toBe("attestation/mirror-invalid");
    expect(await rejection("--offline", "--kds-mirror", "x")).toBe("attestation/mirror-invalid");
    expect(await rejection("--mirror-ca", fileOf("nothing"))).toBe("attestation/mirror-ca-invalid");
    expect(await rejection("--collateral", "missing")).toBe("lib/file-unreadable");
    expect(await rejection("--insecure-trust-roots", "missing")).toBe("lib/file-unreadable");
  });
});
