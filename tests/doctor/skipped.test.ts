import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { createDeploymentFiles, DoctorScene } from "../fakes/doctor-scene.ts";
import { HOUR_MS, later, type MakeFault, options, WITHOUT_IMAGES } from "./fault.ts";

const SAVED = ["verify", "seed-shares.json", "coordinator-root-ca.pem", "mesh-ca.pem"];

/** Removes files. */
function without(...names: readonly string[]): MakeFault {
  return (scene) => {
    for (const name of names) rmSync(scene.path(name), { recursive: true });
  };
}

/** What is skipped: each group has one reason, and a question mark where something is there that has no answer. */
const CASES: readonly (readonly [string, readonly string[], MakeFault])[] = [
  ["nothing of a healthy deployment", [], () => {}],
  [
    "certificates that no flag names",
    ["mesh.certificates mesh.permissions mesh.authority mesh.deployment mesh.expiry"],
    () => options({ tlsConfigDirectory: undefined }),
  ],
  [
    "certificates of a workload that are not all there",
    ["mesh.authority mesh.deployment mesh.expiry"],
    without("tls-config/mesh-ca.pem"),
  ],
  [
    "no saved CA certificates",
    [
      "keys.workload-owner-in-force",
      "seed-shares.deployment",
      "saved.certificates saved.deployment saved.mesh-ca",
      "saved.history saved.policies saved.transition saved.seedshare-owners saved.workload-secrets saved.in-force",
      "mesh.authority mesh.deployment",
    ],
    without("coordinator-root-ca.pem", "mesh-ca.pem", "verify"),
  ],
  [
    "nothing that set or verify saved",
    [
      "keys.workload-owner-in-force",
      "seed-shares.present",
      "seed-shares.readable seed-shares.decryptable seed-shares.deployment seed-shares.owners",
      "saved.certificates saved.deployment saved.mesh-ca",
      "saved.history saved.policies saved.transition saved.seedshare-owners saved.workload-secrets saved.in-force",
      "mesh.authority mesh.deployment",
    ],
    without(...SAVED),
  ],
  [
    "no saved root CA",
    ["seed-shares.deployment"],
    without("coordinator-root-ca.pem", "verify/coordinator-root-ca.pem"),
  ],
  [
    "certificates that only verify saved",
    ["saved.deployment saved.mesh-ca"],
    without("coordinator-root-ca.pem", "mesh-ca.pem"),
  ],
  [
    "a history without certificates",
    ["seed-shares.deployment", "saved.certificates saved.deployment saved.mesh-ca", "mesh.authority mesh.deployment"],
    without("coordinator-root-ca.pem", "mesh-ca.pem", "verify/coordinator-root-ca.pem", "verify/mesh-ca.pem"),
  ],
  ["no saved mesh CA", [], without("mesh-ca.pem", "verify/mesh-ca.pem")],
  [
    "certificates that only set saved",
    [
      "keys.workload-owner-in-force",
      "saved.deployment saved.mesh-ca",
      "saved.history saved.policies saved.transition saved.seedshare-owners saved.workload-secrets saved.in-force",
    ],
    without("verify"),
  ],
  [
    "a history that is cut off",
    [
      "keys.workload-owner-in-force",
      "saved.policies saved.transition saved.seedshare-owners saved.workload-secrets saved.in-force",
    ],
    (scene) => scene.write("verify/manifest.0.json", "{"),
  ],
  [
    "a set after the last verify",
    [
      "keys.workload-owner-in-force",
      "saved.deployment saved.mesh-ca saved.seedshare-owners saved.workload-secrets saved.in-force ?",
    ],
    (scene) => {
      const { authority } = createDeploymentFiles(scene.ownerKeyHex);
      scene.write("manifest.json", `${scene.read("manifest.json")} `);
      scene.write("mesh-ca.pem", authority.meshPem, later(HOUR_MS));
    },
  ],
  ["no images", ["deployment.current ?"], () => WITHOUT_IMAGES],
  [
    "no YAML that is named",
    [
      "workspace.rules",
      "deployment.readable deployment.policies deployment.runtime-class deployment.images deployment.injected deployment.policy-rules deployment.policy-fits deployment.current manifest.policies manifest.platform manifest.measurements ?",
      "coordinator.deployed",
      "coordinator.released",
    ],
    () => options({ paths: [] }),
  ],
  [
    "YAML that is not there",
    [
      "workspace.rules",
      "deployment.policies deployment.runtime-class deployment.images deployment.injected deployment.policy-rules deployment.policy-fits deployment.current manifest.policies manifest.platform manifest.measurements",
      "coordinator.deployed",
      "coordinator.released",
    ],
    (scene) => options({ paths: [scene.path("nowhere")] }),
  ],
  [
    "YAML of standard input",
    ["deployment.current ?"],
    (scene) => ({
      options: { paths: ["-"] },
      services: {
        readInput: async () =>
          new TextEncoder().encode(
            `${scene.read("resources/pod.yaml")}\n---\n${scene.read("resources/coordinator.yaml")}`,
          ),
      },
    }),
  ],
  [
    "no manifest",
    [
      "deployment.current manifest.valid manifest.complete manifest.judged manifest.accepted manifest.policies manifest.platform manifest.measurements manifest.observation manifest.debug manifest.owners coordinator.expected coordinator.deployed coordinator.released keys.workload-owner-named keys.seedshare-owner-named seed-shares.owners saved.seedshare-owners saved.workload-secrets saved.in-force collateral.dates",
    ],
    without("manifest.json"),
  ],
  [
    "tables that are none",
    ["deployment.images", "deployment.current", "manifest.measurements"],
    (scene) => scene.write("images.txt", "what is this"),
  ],
  [
    "a table without the platform",
    ["manifest.measurements ?"],
    (scene) => scene.edit("values.json", "contrast-cc-k3s-qemu-snp", "contrast-cc-metal-qemu-snp"),
  ],
  [
    "a table of no guest image",
    ["manifest.measurements ?"],
    (scene) => scene.edit("values.json", "5a".repeat(48), "deadbeef".repeat(12)),
  ],
  [
    "two platforms",
    ["workspace.rules", "deployment.current", "manifest.platform", "manifest.measurements", "coordinator.released"],
    (scene) => scene.edit("resources/pod.yaml", "k3s-qemu-snp-0123abcd", "metal-qemu-snp-0123abcd"),
  ],
  [
    "no policy that is expected of the Coordinator",
    ["coordinator.deployed coordinator.released"],
    (scene) => {
      rmSync(scene.path("coordinator-policy.sha256"));
      return { services: { releasedPolicy: () => undefined } };
    },
  ],
  [
    "no Coordinator in the YAML, and none that was released",
    ["coordinator.deployed", "coordinator.released"],
    (scene) => {
      rmSync(scene.path("resources/coordinator.yaml"));
      return { services: { releasedPolicy: () => undefined } };
    },
  ],
  [
    "no keys",
    [
      "keys.workload-owner-named keys.workload-owner-in-force keys.seedshare-owner-named",
      "seed-shares.decryptable seed-shares.deployment",
    ],
    without("workload-owner.pem", "seedshare-owner.pem"),
  ],
  [
    "keys that are none",
    [
      "keys.workload-owner-named keys.workload-owner-in-force keys.seedshare-owner-named",
      "seed-shares.decryptable seed-shares.deployment",
    ],
    (scene) => {
      for (const name of ["workload-owner.pem", "seedshare-owner.pem"]) scene.write(name, "no key");
    },
  ],
  [
    "no seed shares",
    ["seed-shares.readable seed-shares.decryptable seed-shares.deployment seed-shares.owners"],
    without("seed-shares.json"),
  ],
  [
    "seed shares that are none",
    ["seed-shares.decryptable seed-shares.deployment seed-shares.owners"],
    (scene) => scene.write("seed-shares.json", "{"),
  ],
  [
    "no collateral, with vendors to ask",
    ["collateral.dates"],
    (scene) => ({
      options: { offline: false },
      services: { collateral: { ...scene.services().collateral, files: [] } },
    }),
  ],
  ["nothing with collateral and vendors to ask", [], () => options({ offline: false })],
  [
    "a manifest without owners, and no keys",
    [
      "keys.workload-owner",
      "keys.workload-owner-named keys.workload-owner-in-force keys.seedshare-owner-named",
      "keys.seedshare-owner",
      "seed-shares.decryptable seed-shares.deployment",
    ],
    (scene) => {
      rmSync(scene.path("workload-owner.pem"));
      rmSync(scene.path("seedshare-owner.pem"));
      scene.changeManifest((manifest) => {
        manifest.WorkloadOwnerKeyDigests = null;
        manifest.SeedshareOwnerPubKeys = null;
      });
    },
  ],
];

describe("examine()", () => {
  test.each(CASES)("skips what cannot be looked at: %s", async (what, groups, make) => {
    const scene = await DoctorScene.create();
    const { options: change, services } = make(scene) ?? {};
    const results = await scene.examine(change, services);
    const skipped = results.filter(({ status }) => status === "skipped");
    const byReason = Map.groupBy(skipped, ({ message, unanswered = false }) => `${message}${unanswered}`);
    const found = Array.from(byReason.values(), (same) => {
      return `${same.map(({ check }) => check).join(" ")}${same[0]?.unanswered ? " ?" : ""}`;
    });
    expect(found).toEqual([...groups]);
    // Where YAML was read, each check says itself what it lacks.
    const isUnread = skipped.some(({ message }) => message === "the YAML cannot be read");
    expect(isUnread).toBe(what === "YAML that is not there");
  });
});
