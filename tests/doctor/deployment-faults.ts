import { rmSync } from "node:fs";
import { type Fault, HOUR_MS, later, options, WITHOUT_IMAGES } from "./fault.ts";

/** Faults of the program, the YAML, the manifest and the Coordinator's policy. */
export const DEPLOYMENT_FAULTS: readonly Fault[] = [
  ["a table of images that is none", ["error program.tables"], (scene) => scene.write("images.txt", "what is this")],
  [
    "rules of somebody else",
    ["warning workspace.rules", "warning deployment.current"],
    (scene) => scene.write("rules.rego", "package agent_policy\nCreateContainerRequest := true\n"),
  ],
  [
    "a file where verify writes a directory",
    ["error workspace.writable"],
    (scene) => {
      rmSync(scene.path("verify"), { recursive: true });
      scene.write("verify", "");
    },
  ],
  ["a clock that is behind", ["warning workspace.clock"], () => ({ services: { now: later(-30 * HOUR_MS) } })],
  [
    "what a killed command left",
    ["warning workspace.left-overs"],
    (scene) => scene.write(".seed-shares.json.0123456789ab.tmp", "{}"),
  ],
  [
    "YAML that is none",
    ["error deployment.readable"],
    (scene) => scene.write("resources/more.yaml", "apiVersion: v1\nkind: Pod # contrast-cc\nmetadata: [\n"),
  ],
  ["no YAML at the path", ["error deployment.readable"], (scene) => options({ paths: [scene.path("nowhere")] })],
  [
    "a workload that was added after generate",
    ["error deployment.policies", "error deployment.runtime-class", "warning deployment.injected"],
    (scene) =>
      scene.write(
        "resources/more.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: late}\nspec: {runtimeClassName: contrast-cc, containers: [{name: a, image: b}]}\n",
      ),
  ],
  [
    "a policy that is no base64",
    ["error deployment.policies", "error manifest.policies"],
    (scene) => scene.edit("resources/pod.yaml", /agent\.policy: \S{8}/, "agent.policy: -"),
  ],
  [
    "a runtime class of another version",
    ["warning deployment.runtime-class", "warning deployment.current"],
    (scene) => {
      for (const name of ["pod", "coordinator"]) scene.edit(`resources/${name}.yaml`, "snp-0123abcd", "snp-76543210");
    },
  ],
  [
    "two platforms in one deployment",
    ["warning deployment.runtime-class"],
    (scene) => scene.edit("resources/pod.yaml", "k3s-qemu-snp-0123abcd", "metal-qemu-snp-0123abcd"),
  ],
  [
    "an image of another version",
    ["warning deployment.images", "error deployment.policy-fits", "warning deployment.current"],
    (scene) => scene.edit("resources/pod.yaml", /initializer:1\.0@sha256:abab/, "initializer:0.9@sha256:cdcd"),
  ],
  [
    "an image that was not replaced",
    ["error deployment.images", "error deployment.policy-fits", "warning deployment.current"],
    (scene) =>
      scene.edit(
        "resources/coordinator.yaml",
        /registry\.example\/coordinator:1\.0@\S+/,
        "ghcr.io/edgelesssys/contrast/coordinator:latest",
      ),
  ],
  [
    "policies and rules of another version",
    ["warning workspace.rules", "warning deployment.policy-rules"],
    (scene) => {
      // Comments make other rules; the hashes follow the text everywhere, as after a run of that version.
      scene.repolicy((text) => `# another version\n${text}`);
      scene.edit("rules.rego", /^/, "# another version\n");
    },
  ],
  [
    "policies of another version, without the images",
    ["warning deployment.policy-rules"],
    (scene) => {
      scene.repolicy((text) => `# another version\n${text}`);
      return WITHOUT_IMAGES;
    },
  ],
  [
    "an annotation for the service mesh that was added after generate",
    ["warning deployment.injected"],
    (scene) => {
      const annotation = 'contrast.edgeless.systems/servicemesh-ingress: ""';
      scene.edit("resources/pod.yaml", "\n  annotations:\n", `\n  annotations:\n    ${annotation}\n`);
      return WITHOUT_IMAGES;
    },
  ],
  [
    "an image that was changed after generate",
    ["error deployment.policy-fits", "warning deployment.current"],
    (scene) => scene.edit("resources/pod.yaml", /image: registry\.example\/web:1\.0\S*/, `image: ${scene.otherImage}`),
  ],
  [
    "a container that was added after generate",
    ["error deployment.policy-fits", "warning deployment.current"],
    (scene) => scene.edit("resources/pod.yaml", /name: web # kept too/, "name: web2 # kept too"),
  ],
  [
    "an environment variable that was added after generate",
    ["warning deployment.current"],
    (scene) =>
      scene.edit(
        "resources/pod.yaml",
        "name: web # kept too",
        "name: web # kept too\n      env: [{name: A, value: b}]",
      ),
  ],
  ["no manifest", ["error manifest.readable"], (scene) => rmSync(scene.path("manifest.json"))],
  ["a manifest that is cut off", ["error manifest.readable"], (scene) => scene.write("manifest.json", '{"Policies": ')],
  [
    "a product that no chip has",
    ["error manifest.valid"],
    (scene) => scene.changeValues((values) => values.replace('"Milan"', '"Naples"')),
  ],
  [
    "a value that is to be filled in",
    ["error manifest.complete"],
    (scene) => scene.changeValues((values) => values.replace('"SNPVersion":8', '"SNPVersion":null')),
  ],
  [
    "a value of a later version",
    ["warning manifest.judged"],
    (scene) => scene.changeValues((values) => values.replace('"SNPVersion":8', '"SNPVersion":8,"FutureVersion":1')),
  ],
  [
    "a later member of the wrong type",
    ["error manifest.valid"],
    (scene) =>
      scene.changeValues((values) => values.replace('"ProductName"', '"MinimumMitigationVector":"x","ProductName"')),
  ],
  [
    "a name that no certificate can have",
    ["error manifest.accepted"],
    (scene) =>
      scene.changeManifest(({ Policies }) => void (Object.values(Policies)[0]!.SANs as string[]).push("two words")),
  ],
  [
    "a manifest that is too large for the Coordinator",
    ["error manifest.accepted"],
    (scene) => scene.setManifest(scene.read("manifest.json") + " ".repeat(4 * 1024 * 1024)),
  ],
  [
    "a manifest that is too large for some Coordinators with its policies",
    ["warning manifest.accepted"],
    (scene) => scene.setManifest(scene.read("manifest.json").padEnd(4 * 1024 * 1024 - 100)),
  ],
  ["a workload that is gone", ["error manifest.policies"], (scene) => rmSync(scene.path("resources/pod.yaml"))],
  [
    "a policy that the manifest does not have",
    ["error manifest.policies", "warning saved.in-force"],
    (scene) =>
      scene.changeManifest(({ Policies }) => {
        for (const [hash, { SANs }] of Object.entries(Policies)) {
          if (SANs[0] !== "web") continue;
          Reflect.deleteProperty(Policies, hash);
        }
      }, true),
  ],
  [
    "hosts of another kind",
    ["error manifest.platform", "error collateral.dates"],
    (scene) => scene.changeManifest((manifest) => void (manifest.ReferenceValues = scene.tdxValues())),
  ],
  [
    "a measurement of another guest image",
    ["warning manifest.measurements"],
    (scene) => scene.changeValues((values) => values.replace("5a5a", "6b6b")),
  ],
  [
    "minima that only serve to observe",
    ["error manifest.observation"],
    (scene) => scene.changeValues((values) => values.replace(/Version":[0-9]+/g, 'Version":255')),
  ],
  [
    "a module that no TDX machine has",
    ["error manifest.observation"],
    (scene) => {
      scene.addTdx({ MrSeam: "00".repeat(48) });
      return options({ offline: false });
    },
  ],
  [
    "a TDX version that no machine has",
    ["error manifest.observation"],
    (scene) => {
      scene.addTdx({ MinimumTeeTcbSvn: "ff".repeat(16) });
      return options({ offline: false });
    },
  ],
  [
    "SNP guests that can be debugged",
    ["warning manifest.debug"],
    (scene) =>
      scene.changeValues((values) => values.replace('"ProductName"', '"GuestPolicy":{"Debug":true},"ProductName"')),
  ],
  [
    "TDX guests that can be debugged",
    ["warning manifest.debug"],
    (scene) => {
      scene.addTdx({ TdAttributes: "0100001000000000" });
      return options({ offline: false });
    },
  ],
  [
    "that nobody may update",
    ["warning manifest.owners", "error keys.workload-owner-in-force"],
    (scene) => scene.changeManifest((manifest) => void (manifest.WorkloadOwnerKeyDigests = null)),
  ],
  [
    "that nobody can recover",
    ["warning manifest.owners", "warning seed-shares.owners"],
    (scene) => scene.changeManifest((manifest) => void (manifest.SeedshareOwnerPubKeys = null)),
  ],
  [
    "no policy that is expected",
    ["error coordinator.expected"],
    (scene) => {
      rmSync(scene.path("coordinator-policy.sha256"));
      return { services: { releasedPolicy: () => undefined } };
    },
  ],
  [
    "a hash of the Coordinator's policy that is none",
    ["warning deployment.current", "error coordinator.expected"],
    (scene) => scene.write("coordinator-policy.sha256", "no hash"),
  ],
  [
    "a Coordinator with another policy",
    ["error coordinator.deployed"],
    () => ({ options: { policyFlag: "ab".repeat(32) }, services: { releasedPolicy: () => "ab".repeat(32) } }),
  ],
  [
    "another Coordinator than that of the release",
    ["warning coordinator.released"],
    () => ({ services: { releasedPolicy: () => "ab".repeat(32) } }),
  ],
  [
    "rules of somebody else, without the images",
    ["warning workspace.rules"],
    (scene) => {
      scene.edit("rules.rego", /^/, "# changed\n");
      return WITHOUT_IMAGES;
    },
  ],
  [
    "a workload whose policy is gone",
    ["error deployment.policies"],
    (scene) =>
      scene.write(
        "resources/more.yaml",
        `apiVersion: v1
kind: Pod
metadata: {name: late, annotations: {contrast.edgeless.systems/skip-initializer: "true"}}
spec: {runtimeClassName: contrast-cc-k3s-qemu-snp-0123abcd, containers: [{name: a, image: b}]}
`,
      ),
  ],
  [
    "a program whose images are of another version",
    ["warning deployment.images"],
    (scene) => {
      scene.edit("images.txt", "sha256:abab", "sha256:cdcd");
      return WITHOUT_IMAGES;
    },
  ],
  [
    "a changed image, without the images",
    ["error deployment.policy-fits"],
    (scene) => {
      scene.edit("resources/pod.yaml", /image: registry\.example\/web:1\.0\S*/, `image: ${scene.otherImage}`);
      return WITHOUT_IMAGES;
    },
  ],
  [
    "hosts of another kind, with vendors to ask",
    ["error manifest.platform"],
    (scene) => {
      scene.changeManifest((manifest) => void (manifest.ReferenceValues = scene.tdxValues()));
      return options({ offline: false });
    },
  ],
  [
    "that nobody may update, nor has a key for it",
    ["warning manifest.owners"],
    (scene) => {
      rmSync(scene.path("workload-owner.pem"));
      scene.changeManifest((manifest) => void (manifest.WorkloadOwnerKeyDigests = null));
    },
  ],
  [
    "an image that nobody has",
    ["error deployment.policy-fits", "error deployment.current"],
    (scene) =>
      scene.edit("resources/pod.yaml", /image: registry\.example\/web:1\.0\S*/, "image: registry.example/none:1"),
  ],
  [
    "an annotation for the service mesh that nobody understands",
    ["error deployment.injected"],
    (scene) => {
      const annotation = 'contrast.edgeless.systems/servicemesh-admin-interface-port: "x"';
      scene.edit("resources/pod.yaml", "\n  annotations:\n", `\n  annotations:\n    ${annotation}\n`);
      return WITHOUT_IMAGES;
    },
  ],
  [
    "a policy whose data are none",
    ["warning deployment.policy-rules", "warning deployment.policy-fits"],
    (scene) => {
      scene.repolicy((text) => text.slice(0, text.indexOf("policy_data :=")));
      return WITHOUT_IMAGES;
    },
  ],
  [
    "an empty measurement",
    ["error manifest.valid"],
    (scene) => scene.changeValues((values) => values.replace("5a".repeat(48), "")),
  ],
  [
    "a measurement of another TDX guest image",
    ["warning manifest.measurements"],
    (scene) => {
      scene.addTdx({ MrTd: "6b".repeat(48) });
      scene.changeValues((values) => values.replace(`"Rtrms":["${"5a".repeat(48)}`, `"Rtrms":["${"7c".repeat(48)}`));
      return options({ offline: false });
    },
  ],
];
