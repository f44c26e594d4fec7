import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveCoordinatorPolicy } from "../../src/manifest/coordinator-policy-hash.ts";
import { releasedCoordinatorPolicies } from "../../src/manifest/released-coordinator-policies.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const HASHES = Object.keys(Object.fromEntries(changedManifest(() => {}).policies));
const [FIRST = "", SECOND = ""] = HASHES;
const FLAG = "ab".repeat(32);
const PLAIN = changedManifest(() => {});
const withRoles = (roles: Readonly<Record<string, string>>) =>
  changedManifest((manifest) => {
    for (const [hash, role] of Object.entries(roles)) manifest.Policies[hash]!["Role"] = role;
  });

async function resolve(flag: string | undefined, manifest = PLAIN, file?: string) {
  const workspacePath = join(temporaryDirectory(), "coordinator-policy.sha256");
  if (file !== undefined) writeFileSync(workspacePath, file);
  const log = recordLog();
  const { hashes, source } = await resolveCoordinatorPolicy({ flag, manifest, workspacePath, log });
  return { hashes: hashes.map((hash) => hash.toHex()), source, log: log.lines };
}

describe("resolveCoordinatorPolicy()", () => {
  test("takes the flag first, in any letter case", async () => {
    const { hashes, source, log } = await resolve(FLAG.toUpperCase(), PLAIN, "cd".repeat(32));
    expect({ hashes, source, log }).toEqual({ hashes: [FLAG], source: "flag", log: [] });
  });

  test("warns of a flag that contradicts the manifest", async () => {
    const { hashes, log } = await resolve(FLAG, withRoles({ [FIRST]: "coordinator" }));
    expect(hashes).toEqual([FLAG]);
    expect(log.length).toBe(1);
  });

  test("takes every Coordinator of the manifest next", async () => {
    const both = withRoles({ [FIRST]: "coordinator", [SECOND]: "coordinator" });
    expect(await resolve(undefined, both, "cd".repeat(32))).toEqual({ hashes: HASHES, source: "manifest", log: [] });
  });

  test("takes the file of the workspace next and says so", async () => {
    const { hashes, source, log } = await resolve(undefined, PLAIN, `${FLAG}\n`);
    expect({ hashes, source }).toEqual({ hashes: [FLAG], source: "workspace" });
    expect(log[0]).toStartWith("info using the coordinator policy hash of the workspace");
  });

  test.each([
    ["", "manifest/coordinator-policy-hash-invalid"],
    ["ab", "manifest/coordinator-policy-hash-invalid"],
    ["abc", "manifest/coordinator-policy-hash-invalid"],
    ["zz".repeat(32), "manifest/coordinator-policy-hash-invalid"],
    [`${FLAG}ab`, "manifest/coordinator-policy-hash-invalid"],
  ])("refuses the flag %p", async (flag, code) => {
    expect(await codeOfAsync(() => resolve(flag))).toBe(code);
  });

  test("shows nothing of a file that is no hash: it may be a key in the wrong place", async () => {
    const error: unknown = await resolve(undefined, PLAIN, "MHcCAQEEIKsecret").catch((reason: unknown) => reason);
    expect(Bun.inspect(error)).toContain("got 16 characters");
    expect(Bun.inspect(error)).not.toContain("MHcCAQEEIKsecret");
  });

  test.each([
    ["", "manifest/coordinator-policy-file-invalid"],
    [`${FLAG} ${FLAG}`, "manifest/coordinator-policy-file-invalid"],
    [FLAG.slice(1), "manifest/coordinator-policy-file-invalid"],
    ["x".repeat(2000), "lib/file-too-large"],
  ])("refuses a file with %p", async (file, code) => {
    expect(await codeOfAsync(() => resolve(undefined, PLAIN, file))).toBe(code);
  });

  test("takes the released Coordinator last, but only where there is one hash", async () => {
    const sources = {
      flag: undefined,
      manifest: PLAIN,
      workspacePath: join(temporaryDirectory(), "x"),
      log: recordLog(),
    };
    const released = { hash: FLAG, platforms: ["AKS-CLH-SNP"] };
    const { hashes, source } = await resolveCoordinatorPolicy(sources, () => [released]);
    expect({ hashes, source }).toEqual({ hashes: [Uint8Array.fromHex(FLAG)], source: "release" });
    const other = { ...released, hash: "cd".repeat(32) };
    expect(await codeOfAsync(() => resolveCoordinatorPolicy(sources, () => [released, other]))).toBe(
      "manifest/coordinator-policy-unknown",
    );
  });

  test("asks for the flag where nothing says what to expect", async () => {
    expect(await codeOfAsync(() => resolve(undefined))).toBe("manifest/coordinator-policy-unknown");
  });
});

describe("releasedCoordinatorPolicies()", () => {
  const byPlatform = (hashes: Readonly<Record<string, string>>) => (platform: { readonly name: string }) =>
    hashes[platform.name];

  test("tells the platform by the launch measurement", () => {
    const released = releasedCoordinatorPolicies(PLAIN, byPlatform({ "aks-clh-snp": "aa", "k3s-qemu-snp": "bb" }));
    expect(released).toEqual([{ hash: "aa", platforms: ["AKS-CLH-SNP"] }]);
  });

  test("takes all platforms of the hardware where no measurement is known, each hash once", () => {
    const unknown = changedManifest((manifest) => {
      manifest.ReferenceValues.snp![0]!.TrustedMeasurement = "00".repeat(48);
    });
    const hashes = { "aks-clh-snp": "aa", "k3s-qemu-snp": "bb", "metal-qemu-snp": "bb", "metal-qemu-tdx": "cc" };
    expect(releasedCoordinatorPolicies(unknown, byPlatform(hashes))).toEqual([
      { hash: "aa", platforms: ["AKS-CLH-SNP"] },
      { hash: "bb", platforms: ["K3s-QEMU-SNP", "Metal-QEMU-SNP"] },
    ]);
  });

  test("has none in a build that released none", () => {
    expect(releasedCoordinatorPolicies(PLAIN)).toEqual([]);
  });
});
