import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "../../src/attestation/validator.ts";
import { amdChip, CHIP_MEASUREMENT } from "./amd-chip.ts";
import type { EvidenceMaker } from "./atls/atls-server.ts";
import { CoordinatorState } from "./coordinator-state.ts";
import { createIntelPlatform } from "./intel-platform.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const WORKLOAD_OWNER = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const SHARE_OWNER = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const COORDINATOR_POLICY = Buffer.from("package agent_policy\n# coordinator\n");
const WEB_POLICY = Buffer.from("package agent_policy\n# web\n");

/** The time of everything; TLS certificates of the fakes are made by the real clock. */
const NOW = new Date();

/** A machine of our own making. */
interface Hardware {
  /** For `--insecure-trust-roots`. */
  readonly rootsPem: string;
  readonly collateral: readonly CollateralItem[];
  readonly referenceValues: PlainDeploymentManifest["ReferenceValues"];
  /** Evidence of a guest with a policy. */
  readonly evidence: (reportData: Uint8Array, policyHash: Uint8Array) => PresentedEvidence;
}

/** A deployment as `generate` leaves it, on such a machine. */
export interface AttestedDeployment {
  readonly directory: string;
  readonly rootsPem: string;
  /** Policies in the order of the YAML: the Coordinator's, then that of web. */
  readonly policies: readonly Uint8Array[];
  readonly coordinatorHash: string;
  readonly workloadOwner: KeyObject;
  readonly shareOwner: KeyObject;
  /** Bytes of manifest.json. */
  readonly manifest: () => Uint8Array;
  /** Writes manifest.json after a change. */
  readonly changeManifest: (change: (manifest: PlainDeploymentManifest) => void) => void;
  /** Flags that make the fake hardware trusted without network. */
  readonly trustFlags: readonly string[];
  /** What the hardware's vendor publishes. */
  readonly collateral: readonly CollateralItem[];
  readonly evidence: EvidenceMaker;
  readonly now: () => Date;
  /** A state in which the manifest is set. */
  readonly setState: () => CoordinatorState;
  /** Content of every file below the directory, by path. */
  readonly files: () => Readonly<Record<string, string>>;
  readonly path: (name: string) => string;
}

/** The manifest of the deployment as JSON has it. */
export interface PlainDeploymentManifest {
  Policies: Record<string, { SANs: string[]; WorkloadSecretID?: string; Role?: string }>;
  ReferenceValues: { snp?: object[]; tdx?: object[] };
  WorkloadOwnerKeyDigests: string[] | null;
  SeedshareOwnerPubKeys: string[] | null;
}

/** Makes such a deployment in an empty directory; on a TDX machine unless another one is asked for. */
export function attestedDeployment(
  tee: "snp" | "tdx" = "tdx",
  directory: string = temporaryDirectory(),
): AttestedDeployment {
  const path = (name: string): string => join(directory, name);
  const hardware = tee === "snp" ? snpMachine() : tdxMachine();
  const coordinatorHash = hexDigest(COORDINATOR_POLICY);
  const plain: PlainDeploymentManifest = {
    Policies: {
      [coordinatorHash]: {
        SANs: ["coordinator", "*"],
        WorkloadSecretID: "apps/v1/StatefulSet/default/coordinator",
      },
      [hexDigest(WEB_POLICY)]: { SANs: ["web", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/web" },
    },
    ReferenceValues: hardware.referenceValues,
    WorkloadOwnerKeyDigests: [hexDigest(createPublicKey(WORKLOAD_OWNER).export({ type: "spki", format: "der" }))],
    SeedshareOwnerPubKeys: [createPublicKey(SHARE_OWNER).export({ type: "pkcs1", format: "der" }).toString("hex")],
  };
  const writeManifest = (): void => writeFileSync(path("manifest.json"), `${JSON.stringify(plain, undefined, 2)}\n`);
  const manifest = (): Uint8Array => new Uint8Array(readFileSync(path("manifest.json")));
  const policies = [COORDINATOR_POLICY, WEB_POLICY].map((policy) => new Uint8Array(policy));
  writeManifest();
  mkdirSync(path("resources"));
  writeFileSync(path("resources/coordinator.yml"), workloadYaml("StatefulSet", "coordinator", COORDINATOR_POLICY));
  writeFileSync(path("resources/web.yml"), workloadYaml("Deployment", "web", WEB_POLICY));
  writeFileSync(path("coordinator-policy.sha256"), coordinatorHash);
  writeFileSync(path("workload-owner.pem"), WORKLOAD_OWNER.export({ type: "sec1", format: "pem" }));
  writeFileSync(path("seedshare-owner.pem"), SHARE_OWNER.export({ type: "pkcs1", format: "pem" }));
  writeFileSync(path("roots.pem"), hardware.rootsPem);
  const items = hardware.collateral.map((item) => ({ item, validity: {} }));
  writeFileSync(path("collateral.tar"), encodeBundle(items, "test"));
  return {
    directory,
    path,
    rootsPem: hardware.rootsPem,
    policies,
    coordinatorHash,
    workloadOwner: WORKLOAD_OWNER,
    shareOwner: SHARE_OWNER,
    manifest,
    changeManifest: (change) => {
      change(plain);
      writeManifest();
    },
    trustFlags: ["--offline", "--collateral", path("collateral.tar"), "--insecure-trust-roots", path("roots.pem")],
    collateral: hardware.collateral,
    evidence: (reportData) => hardware.evidence(reportData, Uint8Array.fromHex(coordinatorHash)),
    now: () => NOW,
    setState: () => CoordinatorState.withManifest(manifest(), policies),
    files: () => contents(directory, ""),
  };
}

function tdxMachine(): Hardware {
  const platform = createIntelPlatform({ now: NOW });
  return {
    rootsPem: platform.rootPem,
    collateral: platform.collateralItems(),
    referenceValues: { tdx: [platform.referenceValues()] },
    evidence: (reportData, policyHash) => {
      const mrConfigId = new Uint8Array(48);
      mrConfigId.set(policyHash);
      return { oid: EVIDENCE_OIDS.tdx, value: platform.attestation(reportData, { mrConfigId }) };
    },
  };
}

function snpMachine(): Hardware {
  const chip = amdChip();
  const { bootloader, tee, snp, microcode } = chip.tcb;
  const entry = {
    MinimumTCB: { BootloaderVersion: bootloader, TEEVersion: tee, SNPVersion: snp, MicrocodeVersion: microcode },
    ProductName: chip.product,
    TrustedMeasurement: Buffer.from(CHIP_MEASUREMENT).toString("hex"),
  };
  return {
    rootsPem: chip.authority.rootsPem,
    collateral: chip.collateralItems(),
    referenceValues: { snp: [entry] },
    // Without the VCEK, as hosts without a certificate table have it.
    evidence: (reportData, hostData) => ({
      oid: EVIDENCE_OIDS.snp,
      value: chip.attestation({ reportData, hostData }, { leaf: false }),
    }),
  };
}

function workloadYaml(kind: string, name: string, policy: Uint8Array): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
${name === "web" ? "  namespace: shop\n" : ""}spec:
  template:
    metadata:
      annotations:
        io.katacontainers.config.agent.policy: ${Buffer.from(policy).toString("base64")}
    spec:
      runtimeClassName: contrast-cc-metal-qemu-tdx-12345678
      containers:
        - name: ${name}
          image: ghcr.io/acme/${name}:1
`;
}

function contents(directory: string, prefix: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) Object.assign(files, contents(path, `${prefix}${name}/`));
    else files[`${prefix}${name}`] = readFileSync(path, "latin1");
  }
  return files;
}

function hexDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
