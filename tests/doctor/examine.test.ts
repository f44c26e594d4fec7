import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CHECK_IDS, type CheckId } from "../../src/doctor/check-catalogue.ts";
import type { CheckResult } from "../../src/doctor/check-result.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { createDeploymentFiles, DoctorScene, findingsIn, transitionOf } from "../fakes/doctor-scene.ts";
import { DEPLOYMENT_FAULTS } from "./deployment-faults.ts";
import { FAULT_PLACES } from "./fault-places.ts";
import { HOUR_MS, later } from "./fault.ts";
import { STATE_FAULTS } from "./state-faults.ts";

const FAULTS = [...DEPLOYMENT_FAULTS, ...STATE_FAULTS];

async function skipped(scene: DoctorScene, checks: readonly CheckId[]): Promise<readonly unknown[]> {
  const results = await scene.examine();
  return results.filter(({ check }) => checks.includes(check)).map(({ status }) => status);
}

/** Findings as `FAULT_PLACES` has them. */
function placesIn(results: readonly CheckResult[], directory: string): readonly string[] {
  return results
    .filter(({ status }) => status === "error" || status === "warning")
    .map(({ check, file, path, code, actual, expected }) => {
      const differs = actual === undefined && expected === undefined ? undefined : "≠";
      const parts = [check, file?.replace(`${directory}/`, ""), path, code, differs];
      return parts
        .filter((part) => part !== undefined && part !== "")
        .join(" ")
        .replaceAll(/[0-9a-f]{64}/g, "…");
    });
}

/** Checks that found something, and are also ok or skipped; or that are so twice. */
function mixedChecks(results: readonly CheckResult[]): readonly string[] {
  return [...Map.groupBy(results, ({ check }) => check)]
    .filter(([, same]) => same.length > 1 && same.some(({ status }) => status === "ok" || status === "skipped"))
    .map(([check]) => check);
}

describe("examine()", () => {
  test("finds nothing wrong with a deployment that was generated, set and verified", async () => {
    const scene = await DoctorScene.create();
    const results = await scene.examine();
    expect(results.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(results.map(({ check }) => check)).toEqual([...CHECK_IDS]);
  });

  test.each(FAULTS)("finds %s, and says what to do", async (fault, findings, make) => {
    const scene = await DoctorScene.create();
    const { options, services } = make(scene) ?? {};
    const results = await scene.examine(options, services);
    expect(findingsIn(results)).toEqual([...findings]);
    expect(placesIn(results, scene.directory)).toEqual([...(FAULT_PLACES[fault] ?? [])]);
    expect(mixedChecks(results)).toEqual([]);
    for (const { status, check, message, hint } of results) {
      const isFinding = status === "error" || status === "warning";
      if (isFinding) expect(hint ?? "", `${check}: ${message}`).toMatch(/^[A-Z].*[.?)]$/s);
    }
  });

  test("has a fault for every check that this check alone finds", () => {
    const alone = new Set(FAULTS.flatMap(([, findings]) => (findings.length === 1 ? findings : [])));
    const checks = [...alone].map((finding) => finding.split(" ")[1]);
    // What only the manifest in force says makes the manifests differ, too.
    const besides = CHECK_IDS.filter((check) => !checks.includes(check));
    expect(besides).toEqual(["keys.workload-owner-in-force", "saved.seedshare-owners", "saved.workload-secrets"]);
  });

  test("finds nothing wrong before the first set, and without YAML", async () => {
    const scene = await DoctorScene.create();
    for (const name of ["verify", "seed-shares.json", "coordinator-root-ca.pem", "mesh-ca.pem"]) {
      rmSync(scene.path(name), { recursive: true });
    }
    const plain = { tlsConfigDirectory: undefined, offline: false };
    expect(await scene.findings(plain)).toEqual([]);
    expect(await scene.findings({ ...plain, paths: [] })).toEqual([]);
  });

  test("does not compare with what verify saved before the last set", async () => {
    const scene = await DoctorScene.create();
    const { authority } = createDeploymentFiles(scene.ownerKeyHex);
    scene.write("manifest.json", `${scene.read("manifest.json")} `);
    scene.write("mesh-ca.pem", authority.meshPem, later(HOUR_MS));
    expect(await scene.findings({ tlsConfigDirectory: undefined })).toEqual([]);
    const checks = ["saved.in-force", "saved.mesh-ca", "keys.workload-owner-in-force"] as const;
    expect(await skipped(scene, checks)).toEqual(["skipped", "skipped", "skipped"]);
  });

  test("tells of older seed shares that the key opens", async () => {
    const scene = await DoctorScene.create();
    copyFileSync(scene.path("seed-shares.json"), scene.path("seed-shares.json.bak.1"));
    scene.write("seed-shares.json", "{}");
    const results = await scene.examine();
    expect(results.filter(({ status }) => status === "error").map(({ check, file }) => [check, file])).toEqual([
      ["seed-shares.readable", scene.path("seed-shares.json")],
      ["seed-shares.readable", scene.path("seed-shares.json.bak.1")],
    ]);
  });

  test("follows a history of several manifests", async () => {
    const scene = await DoctorScene.create();
    const manifest = scene.read("manifest.json");
    scene.write("verify/manifest.1.json", manifest);
    expect(await scene.findings()).toEqual(["error saved.transition"]);
    scene.write("verify/latest-transition", transitionOf([manifest, manifest]));
    expect(await scene.findings()).toEqual([]);
    rmSync(scene.path("verify/latest-transition"));
    expect(await skipped(scene, ["saved.transition"])).toEqual(["skipped"]);
  });

  test.each([
    "manifest.json",
    "rules.rego",
    "settings.json",
    "workload-owner.pem",
    "seedshare-owner.pem",
    "seed-shares.json",
    "coordinator-policy.sha256",
    "coordinator-root-ca.pem",
    "mesh-ca.pem",
    "verify/mesh-ca.pem",
    "tls-config/key.pem",
  ])("refuses a named pipe in place of %s, which would never end", async (name) => {
    const scene = await DoctorScene.create();
    rmSync(scene.path(name), { force: true });
    execFileSync("mkfifo", [scene.path(name)]);
    expect(await codeOfAsync(() => scene.examine())).toBe("lib/file-unreadable");
  });

  test("changes no file and shows no secret", async () => {
    const scene = await DoctorScene.create();
    const files = (): readonly unknown[] =>
      readdirSync(scene.directory, { recursive: true, encoding: "utf8" }).map((name) => {
        const facts = statSync(scene.path(name));
        return [name, facts.mode, facts.mtimeMs, facts.isFile() ? readFileSync(scene.path(name), "latin1") : ""];
      });
    const before = files();
    const text = JSON.stringify(await scene.examine());
    expect(files()).toEqual(before);
    for (const name of ["workload-owner.pem", "seedshare-owner.pem", join("tls-config", "key.pem")]) {
      for (const line of scene
        .read(name)
        .split("\n")
        .filter((part) => part.length > 40))
        expect(text).not.toContain(line);
    }
  });
});
