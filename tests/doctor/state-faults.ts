import { generateKeyPairSync } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createSampleKeys } from "../e2e/sample-keys.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import type { DoctorServices } from "../../src/doctor/doctor-options.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { createDeploymentFiles, type DoctorScene, transitionOf, writeWorkloadFiles } from "../fakes/doctor-scene.ts";
import { type Fault, HOUR_MS, later, options } from "./fault.ts";

const keys = createSampleKeys();
const rsaPem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" });

const DAY_MS = 24 * HOUR_MS;

/** Adds a TDX machine to the manifest, and what its vendor published some time from now. */
function withIntel(scene: DoctorScene, fromNowMs: number): Pick<DoctorServices, "roots" | "collateral"> {
  scene.addTdx({});
  const platform = createIntelPlatform({ now: later(fromNowMs) });
  const { collateral } = scene.services();
  const roots = insecureTrustRoots(new TextEncoder().encode(scene.rootsPem + platform.rootPem), "roots");
  return { roots, collateral: { ...collateral, files: [...collateral.files, ...platform.collateralItems()] } };
}

/** Faults of keys, seed shares, saved files, collateral and certificates of workloads. */
export const STATE_FAULTS: readonly Fault[] = [
  ["no workload owner key", ["warning keys.workload-owner"], (scene) => rmSync(scene.path("workload-owner.pem"))],
  [
    "a public key in place of the workload owner's",
    ["error keys.workload-owner"],
    (scene) => scene.write("workload-owner.pem", "-----BEGIN PUBLIC KEY-----\nMAAA\n-----END PUBLIC KEY-----\n"),
  ],
  [
    "a directory in place of the workload owner key",
    ["error keys.workload-owner"],
    (scene) => {
      rmSync(scene.path("workload-owner.pem"));
      mkdirSync(scene.path("workload-owner.pem"), { mode: 0o755 });
    },
  ],
  [
    "a workload owner key that neither manifest names",
    ["warning keys.workload-owner-named", "error keys.workload-owner-in-force"],
    (scene) => scene.write("workload-owner.pem", keys.workloadPem),
  ],
  [
    "a workload owner key that only the manifest in force does not name",
    ["error keys.workload-owner-in-force", "warning saved.in-force"],
    (scene) => {
      scene.write("workload-owner.pem", keys.workloadPem);
      scene.changeManifest((manifest) => void (manifest.WorkloadOwnerKeyDigests = [keys.workloadDigest]), true);
    },
  ],
  [
    "a workload owner key that only the new manifest does not name",
    ["warning keys.workload-owner-named", "warning saved.in-force"],
    (scene) =>
      scene.changeManifest((manifest) => void (manifest.WorkloadOwnerKeyDigests = [keys.workloadDigest]), true),
  ],
  ["no seed share owner key", ["warning keys.seedshare-owner"], (scene) => rmSync(scene.path("seedshare-owner.pem"))],
  [
    "the owners' keys mixed up",
    ["error keys.seedshare-owner"],
    (scene) => copyFileSync(scene.path("workload-owner.pem"), scene.path("seedshare-owner.pem")),
  ],
  [
    "a seed share owner key that nobody knows",
    ["warning keys.seedshare-owner-named", "error seed-shares.decryptable"],
    (scene) => scene.write("seedshare-owner.pem", rsaPem),
  ],
  [
    "a key that others can read",
    ["warning keys.permissions"],
    (scene) => chmodSync(scene.path("workload-owner.pem"), 0o640),
  ],
  ["no seed shares", ["warning seed-shares.present"], (scene) => rmSync(scene.path("seed-shares.json"))],
  ["seed shares that are cut off", ["error seed-shares.readable"], (scene) => scene.write("seed-shares.json", "{")],
  [
    "a seed share that was changed",
    ["error seed-shares.decryptable"],
    (scene) => scene.edit("seed-shares.json", /"EncryptedSeed": "..../, '"EncryptedSeed": "AAAA'),
  ],
  [
    "seed shares of another deployment",
    ["error seed-shares.deployment"],
    (scene) => scene.write("seed-shares.json", createDeploymentFiles(scene.ownerKeyHex).seedShares),
  ],
  [
    "an owner without seed share",
    ["warning seed-shares.owners"],
    (scene) =>
      scene.changeManifest((manifest) => {
        manifest.SeedshareOwnerPubKeys = [scene.ownerKeyHex, keys.seedshareKey];
      }),
  ],
  [
    "a root CA that has expired",
    ["error saved.certificates"],
    (scene) => {
      const { authority, seedShares } = createDeploymentFiles(scene.ownerKeyHex, new Date("2010-01-01"));
      scene.write("seed-shares.json", seedShares);
      for (const prefix of ["", "verify/"]) scene.write(`${prefix}coordinator-root-ca.pem`, authority.rootPem);
      return options({ tlsConfigDirectory: undefined });
    },
  ],
  [
    "a mesh CA that is none",
    ["error saved.certificates"],
    (scene) => scene.write("mesh-ca.pem", "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"),
  ],
  [
    "that verify talked to another deployment",
    ["error saved.deployment"],
    (scene) => scene.write("coordinator-root-ca.pem", createDeploymentFiles(scene.ownerKeyHex).authority.rootPem),
  ],
  [
    "a mesh CA of earlier",
    ["warning saved.mesh-ca"],
    (scene) => scene.write("mesh-ca.pem", createDeploymentFiles(scene.ownerKeyHex).authority.meshPem),
  ],
  [
    "a gap in the history",
    ["error saved.history"],
    (scene) => scene.write("verify/manifest.7.json", scene.read("manifest.json")),
  ],
  [
    "a manifest of the history that is none",
    ["error saved.history"],
    (scene) => scene.write("verify/manifest.0.json", "[]"),
  ],
  [
    "a saved policy that was changed",
    ["error saved.policies", "warning saved.policies"],
    (scene) =>
      scene.edit(`verify/policy.${scene.policyHash("web")}.rego`, "package agent_policy", "package agent_policy # !"),
  ],
  [
    "a saved policy that is missing",
    ["warning saved.policies"],
    (scene) => rmSync(scene.path(`verify/policy.${scene.policyHash("web")}.rego`)),
  ],
  [
    "a transition of another history",
    ["error saved.transition"],
    (scene) => scene.write("verify/latest-transition", transitionOf(["{}"])),
  ],
  ["a transition that is none", ["error saved.transition"], (scene) => scene.write("verify/latest-transition", "none")],
  [
    "other seed share owners than in force",
    ["warning seed-shares.owners", "error saved.seedshare-owners", "warning saved.in-force"],
    (scene) =>
      scene.changeManifest((manifest) => {
        manifest.SeedshareOwnerPubKeys = [scene.ownerKeyHex, keys.seedshareKey];
      }, true),
  ],
  [
    "a workload that gets another secret",
    ["warning saved.workload-secrets", "warning saved.in-force"],
    (scene) =>
      scene.setManifest(
        scene.read("manifest.json").replace("core/v1/Pod/shop/web", "apps/v1/Deployment/shop/web"),
        true,
      ),
  ],
  [
    "a manifest that was formatted anew",
    ["warning saved.in-force"],
    (scene) => scene.setManifest(JSON.stringify(JSON.parse(scene.read("manifest.json"))), true),
  ],
  [
    "a damaged file in the cache",
    ["warning collateral.cache"],
    (scene) => ({
      services: {
        collateral: {
          ...scene.services().collateral,
          cache: { items: [], damaged: [{ name: "ab", changedAt: new Date() }] },
        },
      },
    }),
  ],
  [
    "a cache that is no directory",
    ["warning collateral.cache"],
    (scene) => {
      const directory = scene.path("values.json");
      return { services: { collateral: { ...scene.services().collateral, directory } } };
    },
  ],
  [
    "no collateral where it is needed",
    ["error collateral.dates"],
    (scene) => ({ services: { collateral: { ...scene.services().collateral, files: [] } } }),
  ],
  [
    "collateral that expires soon, where no vendor can be asked",
    ["warning collateral.dates"],
    (scene) => ({ services: withIntel(scene, -27 * DAY_MS) }),
  ],
  [
    "collateral that has expired, where no vendor can be asked",
    ["error collateral.dates"],
    (scene) => ({ services: withIntel(scene, -40 * DAY_MS) }),
  ],
  [
    "collateral of tomorrow",
    ["warning collateral.dates"],
    (scene) => ({ services: withIntel(scene, 2 * DAY_MS), options: { offline: false } }),
  ],
  [
    "no TCB info of any machine, where no vendor can be asked",
    ["error collateral.dates"],
    (scene) => {
      const { roots, collateral } = withIntel(scene, 0);
      const files = collateral.files.filter(({ need }) => need.kind !== "intel-tcb-info");
      return { services: { roots, collateral: { ...collateral, files } } };
    },
  ],
  [
    "collateral of somebody else",
    ["warning collateral.dates"],
    (scene) => {
      const { collateral } = scene.services();
      const files = collateral.files.map((item) => ({ ...item, body: new Uint8Array(9) }));
      return { options: { offline: false }, services: { collateral: { ...collateral, files } } };
    },
  ],
  [
    "a workload's key of another certificate",
    ["error mesh.certificates"],
    (scene) =>
      scene.write(
        "tls-config/key.pem",
        generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" }),
      ),
  ],
  [
    "a workload's key that others can read",
    ["warning mesh.permissions"],
    (scene) => chmodSync(scene.path("tls-config/key.pem"), 0o644),
  ],
  [
    "a workload's certificate of an earlier mesh CA",
    ["error mesh.authority"],
    (scene) => {
      const { authority } = createDeploymentFiles(scene.ownerKeyHex);
      for (const prefix of ["", "verify/"]) scene.write(`${prefix}mesh-ca.pem`, authority.meshPem);
    },
  ],
  [
    "a workload of another deployment",
    ["error mesh.deployment"],
    (scene) => writeWorkloadFiles(scene.path("tls-config"), createDeploymentFiles(scene.ownerKeyHex).authority),
  ],
  [
    "a workload's certificate that expires soon",
    ["warning mesh.expiry"],
    () => ({ services: { at: later(350 * 24 * HOUR_MS) }, options: { offline: false } }),
  ],
  [
    "a workload owner key that the manifest of the last set does not name",
    ["warning keys.workload-owner-named"],
    (scene) => {
      scene.changeManifest((manifest) => void (manifest.WorkloadOwnerKeyDigests = [keys.workloadDigest]), true);
      scene.write("mesh-ca.pem", scene.read("mesh-ca.pem"), later(HOUR_MS));
    },
  ],
  [
    "a seed share owner key that nobody knows, before the first set",
    ["warning keys.seedshare-owner-named"],
    (scene) => {
      scene.write("seedshare-owner.pem", rsaPem);
      for (const name of ["verify", "seed-shares.json", "coordinator-root-ca.pem", "mesh-ca.pem"]) {
        rmSync(scene.path(name), { recursive: true });
      }
    },
  ],
  [
    "a workload's key under another label",
    ["error mesh.certificates"],
    (scene) => scene.edit("tls-config/key.pem", "PRIVATE KEY", "EC PRIVATE KEY"),
  ],
  [
    "a manifest that was changed after the last set",
    ["warning saved.in-force"],
    (scene) => {
      const { authority } = createDeploymentFiles(scene.ownerKeyHex);
      scene.write("mesh-ca.pem", authority.meshPem, later(HOUR_MS / 2));
      scene.write("manifest.json", `${scene.read("manifest.json")} `, later(HOUR_MS));
      return options({ tlsConfigDirectory: undefined });
    },
  ],
  [
    "a workload that gets a secret for the first time",
    ["warning saved.in-force"],
    (scene) => {
      const own = scene.read("manifest.json");
      scene.setManifest(own.replace("core/v1/Pod/shop/web", ""));
      scene.setManifest(own, true);
    },
  ],
  [
    "a seed share owner key that others can read",
    ["warning keys.permissions"],
    (scene) => chmodSync(scene.path("seedshare-owner.pem"), 0o640),
  ],
  [
    "a root CA of tomorrow",
    ["error saved.certificates"],
    (scene) => {
      const { authority, seedShares } = createDeploymentFiles(scene.ownerKeyHex, later(2 * DAY_MS));
      scene.write("seed-shares.json", seedShares);
      for (const prefix of ["", "verify/"]) scene.write(`${prefix}coordinator-root-ca.pem`, authority.rootPem);
      return options({ tlsConfigDirectory: undefined });
    },
  ],
  [
    "the certificate of a workload in place of the mesh CA",
    ["error saved.certificates"],
    (scene) => {
      const chain = scene.read("tls-config/certChain.pem");
      scene.write("mesh-ca.pem", chain.slice(0, chain.indexOf("-----BEGIN", 1)));
    },
  ],
  [
    "a mesh CA that is not PEM",
    ["error saved.certificates"],
    (scene) =>
      scene.write("mesh-ca.pem", Buffer.from(scene.read("mesh-ca.pem").replaceAll(/-----.*-----/g, ""), "base64")),
  ],
  [
    "collateral of tomorrow, where no vendor can be asked",
    ["warning collateral.dates", "error collateral.dates"],
    (scene) => ({ services: withIntel(scene, 2 * DAY_MS) }),
  ],
  [
    "an older manifest of the history that is none",
    ["error saved.history"],
    (scene) => {
      scene.write("verify/manifest.1.json", scene.read("manifest.json"));
      scene.write("verify/manifest.0.json", "[]");
    },
  ],
];
