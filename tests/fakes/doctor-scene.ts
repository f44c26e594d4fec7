import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeSeedShares } from "../../src/client/seed-share-file.ts";
import { createCertificateAuthority } from "../../src/coordinator/ca/certificate-authority.ts";
import { hashTransition, NO_TRANSITION } from "../../src/coordinator/history/transition.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { createSeed, encryptSeedShares } from "../../src/coordinator/seed/seed-shares.ts";
import type { CheckResult } from "../../src/doctor/check-result.ts";
import type { DoctorOptions, DoctorServices } from "../../src/doctor/doctor-options.ts";
import { examine } from "../../src/doctor/examine.ts";
import { generate } from "../../src/generate/generate.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { encodePublicKeyDer } from "../../src/lib/der-key.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { COORDINATOR_YAML } from "../e2e/sample-yaml.ts";
import type { ManifestJson } from "../e2e/workspace.ts";
import { amdChip } from "./amd-chip.ts";
import { IMAGE, POD, scene } from "./generate-scene.ts";
import { recordLog } from "./image-provider.ts";
import { KnownImages } from "./known-images.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The time of everything in the scene. */
const NOW = new Date();
const MEASUREMENT = "5a".repeat(48);
const CHIP = amdChip();
const DIGEST = `sha256:${"ab".repeat(32)}`;
const IMAGES = new KnownImages({
  [IMAGE]: { Entrypoint: ["/web"] },
  "registry.example/initializer:1.0": { Entrypoint: ["/initializer"] },
  "registry.example/coordinator:1.0": { Entrypoint: ["/coordinator"] },
});
const REFERENCE_VALUES = {
  "contrast-cc-k3s-qemu-snp-0123abcd": {
    snp: [
      {
        MinimumTCB: { BootloaderVersion: 3, TEEVersion: 0, SNPVersion: 8, MicrocodeVersion: 115 },
        ProductName: CHIP.product,
        TrustedMeasurement: MEASUREMENT,
      },
    ],
  },
};

/** Content and permissions of each file, by path. */
type Template = ReadonlyMap<string, { readonly content: Uint8Array; readonly mode: number }>;

/** A manifest that tests change. */
type ChangedManifest = { -readonly [Name in keyof ManifestJson]: ManifestJson[Name] };

let template: Promise<Template> | undefined;

/** A deployment that was generated, set and verified, in a directory of its own; every check finds it healthy. */
export class DoctorScene {
  readonly directory: string;
  readonly options: DoctorOptions;

  private constructor(directory: string) {
    this.directory = directory;
    this.options = {
      paths: [this.path("resources")],
      manifestPath: this.path("manifest.json"),
      rulesPath: this.path("rules.rego"),
      settingsPath: this.path("settings.json"),
      workloadOwnerKeyPath: this.path("workload-owner.pem"),
      seedshareOwnerKeyPath: this.path("seedshare-owner.pem"),
      seedSharesPath: this.path("seed-shares.json"),
      coordinatorHashPath: this.path("coordinator-policy.sha256"),
      policyFlag: undefined,
      workspaceDir: directory,
      verifyDirectory: this.path("verify"),
      tlsConfigDirectory: this.path("tls-config"),
      imageReplacementsPath: this.path("images.txt"),
      referenceValuesPath: this.path("values.json"),
      offline: true,
    };
  }

  static async create(): Promise<DoctorScene> {
    template ??= makeTemplate();
    const files = await template;
    const directory = temporaryDirectory();
    for (const [name, { content, mode }] of files) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { mode });
      utimesSync(path, NOW, NOW);
    }
    utimesSync(join(directory, "verify"), NOW, NOW);
    return new DoctorScene(directory);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Writes a file as it would have been at the time of the others, so that only its content tells. */
  write(name: string, content: string | Uint8Array, time = NOW): void {
    writeFileSync(this.path(name), content);
    utimesSync(this.path(name), time, time);
  }

  /** Replaces a text that must be there, everywhere. */
  edit(name: string, before: string | RegExp, after: string): void {
    const text = this.read(name);
    const edited = text.replaceAll(before instanceof RegExp ? new RegExp(before, "g") : before, after);
    if (edited === text) throw new Error(`${name} does not have ${String(before)}`);
    this.write(name, edited);
  }

  /** Changes a manifest: the one in force too, unless only the own one is meant. */
  changeManifest(change: (manifest: ChangedManifest) => void, onlyOwn = false): void {
    const manifest = JSON.parse(this.read("manifest.json")) as ChangedManifest;
    change(manifest);
    this.setManifest(`${JSON.stringify(manifest, undefined, 2)}\n`, onlyOwn);
  }

  setManifest(text: string, onlyOwn = false): void {
    this.write("manifest.json", text);
    if (onlyOwn) return;
    this.write("verify/manifest.0.json", text);
    this.write("verify/latest-transition", transitionOf([text]));
  }

  /** Changes the text of the reference values, which is JSON without spaces. */
  changeValues(change: (text: string) => string): void {
    this.changeManifest((manifest) => {
      const text = JSON.stringify(manifest.ReferenceValues);
      const changed = change(text);
      if (changed === text) throw new Error(`nothing changed in ${text}`);
      Object.assign(manifest, { ReferenceValues: JSON.parse(changed) as unknown });
    });
  }

  /** Complete values of a TDX machine, whose guest image has the measurement of the SNP one. */
  tdxValues(change: Readonly<Record<string, string>> = {}): { tdx: object[] } {
    const values = { MinimumQeSvn: 0, MinimumPceSvn: 0, MinimumTeeTcbSvn: "03".repeat(16), MrSeam: "77".repeat(48) };
    const attributes = { TdAttributes: "0000001000000000", Xfam: "e702060000000000" };
    const Rtrms = Array.from({ length: 4 }, () => MEASUREMENT);
    return { tdx: [{ MrTd: MEASUREMENT, Rtrms, ...values, ...attributes, ...change }] };
  }

  /** Adds such a machine to the manifest. */
  addTdx(change: Readonly<Record<string, string>>): void {
    this.changeManifest((manifest) => {
      Object.assign(manifest, { ReferenceValues: Object.assign({}, manifest.ReferenceValues, this.tdxValues(change)) });
    });
  }

  /** Gives every workload a changed policy, with all hashes that follow from it. */
  repolicy(change: (text: string) => string): void {
    for (const [file, name] of [
      ["resources/pod.yaml", "web"],
      ["resources/coordinator.yaml", "coordinator"],
    ] as const) {
      const old = this.policyHash(name);
      const text = change(this.read(`verify/policy.${old}.rego`));
      const hash = sha256Hex(text);
      if (hash === old) continue;
      rmSync(this.path(`verify/policy.${old}.rego`));
      this.write(`verify/policy.${hash}.rego`, text);
      this.edit(file, /agent\.policy: \S+/, `agent.policy: ${Buffer.from(text).toString("base64")}`);
      this.setManifest(this.read("manifest.json").replace(old, hash));
      if (name === "coordinator") this.write("coordinator-policy.sha256", hash);
    }
  }

  /** The manifest's hash of a workload. */
  policyHash(name: string): string {
    const { Policies } = JSON.parse(this.read("manifest.json")) as ManifestJson;
    const found = Object.entries(Policies).find(([, { SANs }]) => SANs.includes(name));
    if (found === undefined) throw new Error(`no policy of ${name}`);
    return found[0];
  }

  /** The seed share owner of the deployment, as manifests name it. */
  get ownerKeyHex(): string {
    const { SeedshareOwnerPubKeys } = JSON.parse(this.read("manifest.json")) as ManifestJson;
    return SeedshareOwnerPubKeys?.[0] ?? "";
  }

  /** The authorities above the machines of the deployment. */
  get rootsPem(): string {
    return CHIP.authority.rootsPem;
  }

  /** Another image that is at hand. */
  get otherImage(): string {
    return `registry.example/coordinator:1.0@${DIGEST}`;
  }

  async examine(
    change: Partial<DoctorOptions> = {},
    services: Partial<DoctorServices> = {},
  ): Promise<readonly CheckResult[]> {
    return await examine({ ...this.options, ...change }, { ...this.services(), ...services });
  }

  /** What is not ok and not skipped, such as `error keys.workload-owner`, each once. */
  async findings(
    change: Partial<DoctorOptions> = {},
    services: Partial<DoctorServices> = {},
  ): Promise<readonly string[]> {
    return findingsIn(await this.examine(change, services));
  }

  services(): DoctorServices {
    return {
      images: IMAGES,
      collateral: {
        files: CHIP.collateralItems(),
        cache: { items: [], damaged: [] },
        directory: this.path("cache/kds"),
      },
      roots: insecureTrustRoots(new TextEncoder().encode(this.rootsPem), "roots"),
      at: NOW,
      now: NOW,
      log: recordLog(),
      readInput: async () => new Uint8Array(),
      signal: new AbortController().signal,
      workingDirectory: this.directory,
      releasedPolicy: () => this.read("coordinator-policy.sha256"),
    };
  }
}

/** What is not ok and not skipped, such as `error keys.workload-owner`, each once. */
export function findingsIn(results: readonly CheckResult[]): readonly string[] {
  const found = results.filter(({ status }) => status === "error" || status === "warning");
  return [...new Set(found.map(({ status, check }) => `${status} ${check}`))];
}

/** The hash of the last transition of a history, as `verify` writes it. */
export function transitionOf(manifests: readonly string[]): string {
  return manifests
    .reduce(
      (previousHash, text) => hashTransition({ manifestHash: Uint8Array.fromHex(sha256Hex(text)), previousHash }),
      NO_TRANSITION,
    )
    .toHex();
}

/** Files of a deployment whose seed nobody else has. */
export function createDeploymentFiles(ownerKeyHex: string, now = NOW) {
  const { seed, salt } = createSeed();
  const authority = createCertificateAuthority(createSeedEngine(seed, salt).rootKey, now);
  const shares = encryptSeedShares(seed, [ownerKeyHex]);
  return { authority, seedShares: encodeSeedShares({ shares, salt }) };
}

async function makeTemplate(): Promise<Template> {
  const { directory, options, services } = scene(POD.replace(IMAGE, `${IMAGE}@${DIGEST}`));
  const path = (name: string): string => join(directory, name);
  writeFileSync(
    path("images.txt"),
    `ghcr.io/edgelesssys/contrast/initializer:latest = registry.example/initializer:1.0@${DIGEST}
ghcr.io/edgelesssys/contrast/coordinator:latest = registry.example/coordinator:1.0@${DIGEST}
`,
  );
  writeFileSync(path("values.json"), JSON.stringify(REFERENCE_VALUES));
  writeFileSync(path("resources/coordinator.yaml"), COORDINATOR_YAML);
  await generate(
    { ...options, referenceValuesPath: path("values.json"), pinImages: false, selfCheck: false },
    { ...services, images: IMAGES, cacheDir: undefined },
  );
  const manifest = readFileSync(path("manifest.json"), "utf8");
  const { SeedshareOwnerPubKeys, Policies } = JSON.parse(manifest) as ManifestJson;
  const { authority, seedShares } = createDeploymentFiles(SeedshareOwnerPubKeys?.[0] ?? "");
  const at = (name: string, content: string | Uint8Array, mode = 0o644): void =>
    writeFileSync(path(name), content, { mode });
  mkdirSync(path("verify"));
  at("seed-shares.json", seedShares, 0o600);
  for (const prefix of ["", "verify/"]) {
    at(`${prefix}coordinator-root-ca.pem`, authority.rootPem);
    at(`${prefix}mesh-ca.pem`, authority.meshPem);
  }
  at("manifest.json", manifest);
  at("verify/manifest.0.json", manifest);
  at("verify/latest-transition", transitionOf([manifest]));
  for (const name of ["pod.yaml", "coordinator.yaml"]) {
    const yaml = readFileSync(path(`resources/${name}`), "utf8");
    const [, policy = ""] = /agent\.policy: (\S+)/.exec(yaml) ?? [];
    const text = Buffer.from(policy, "base64");
    if (Policies[sha256Hex(text)] === undefined) throw new Error(`${name} has no policy`);
    at(`verify/policy.${sha256Hex(text)}.rego`, text);
  }
  writeWorkloadFiles(path("tls-config"), authority);
  const names = [...new Bun.Glob("**").scanSync({ cwd: directory })];
  return new Map(
    names.map((name) => [name, { content: readFileSync(path(name)), mode: statSync(path(name)).mode & 0o777 }]),
  );
}

/** What the Initializer leaves in a workload. */
export function writeWorkloadFiles(
  directory: string,
  authority: ReturnType<typeof createCertificateAuthority>,
  now = NOW,
): void {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const leaf = authority.issue({ spkiDer: encodePublicKeyDer(publicKey, "spki"), sans: ["web"], claims: [], now });
  mkdirSync(directory, { recursive: true });
  const files = {
    "certChain.pem": leaf + authority.intermediatePem,
    "mesh-ca.pem": authority.meshPem,
    "coordinator-root-ca.pem": authority.rootPem,
    "key.pem": privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content, { mode: 0o600 });
}
