import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import type { EvidenceMaker } from "./atls/atls-server.ts";
import { CoordinatorState } from "./coordinator-state.ts";
import { createIntelPlatform, type IntelPlatform } from "./intel-platform.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const WORKLOAD_OWNER = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const SHARE_OWNER = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const COORDINATOR_POLICY = Buffer.from("package agent_policy\n# coordinator\n");
const WEB_POLICY = Buffer.from("package agent_policy\n# web\n");

/** The time of everything; TLS certificates of the fakes are made by the real clock. */
const NOW = new Date();

/** A deployment as `generate` leaves it, on a TDX machine of our own making. */
export interface AttestedDeployment {
  readonly directory: string;
  readonly platform: IntelPlatform;
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

/** Makes such a deployment in a fresh directory. */
export function attestedDeployment(): AttestedDeployment {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory, name);
  const platform = createIntelPlatform({ now: NOW });
  const coordinatorHash = hexDigest(COORDINATOR_POLICY);
  const plain: PlainDeploymentManifest = {
    Policies: {
      [coordinatorHash]: {
        SANs: ["coordinator", "*"],
        WorkloadSecretID: "apps/v1/StatefulSet/default/coordinator",
      },
      [hexDigest(WEB_POLICY)]: { SANs: ["web", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/web" },
    },
    ReferenceValues: { tdx: [platform.referenceValues()] },
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
  writeFileSync(path("roots.pem"), platform.rootPem);
  const items = platform.collateralItems().map((item) => ({ item, validity: {} }));
  writeFileSync(path("collateral.tar"), encodeBundle(items, "test"));
  const mrConfigId = new Uint8Array(48);
  mrConfigId.set(Buffer.from(coordinatorHash, "hex"));
  return {
    directory,
    path,
    platform,
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
    evidence: (reportData) => ({
      oid: EVIDENCE_OIDS.tdx,
      value: platform.attestation(reportData, { mrConfigId }),
    }),
    now: () => NOW,
    setState: () => CoordinatorState.withManifest(manifest(), policies),
    files: () => contents(directory, ""),
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
