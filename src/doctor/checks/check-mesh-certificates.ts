import { join } from "node:path";
import { encodePublicKeyDer, parsePrivateKeyDer, publicKeyOf } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readBytes, readText } from "../../lib/files.ts";
import { renderInstant } from "../../lib/instant.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { keyFromBlock, unsupportedBlock } from "../../manifest/key-block.ts";
import { parsePemBlock } from "../../pki/pem-block.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import { checkMeshCertificate } from "../../rpc/check-mesh-certificate.ts";
import type { MeshCertificate } from "../../rpc/mesh-certificate.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import { checkPermissions } from "./check-permissions.ts";
import type { SavedCertificates, SavedPair } from "./check-saved-certificates.ts";

const MAX_FILE_BYTES = 1024 * 1024;
/** Workloads get certificates for a year, and new ones only when they restart. */
const SOON_MS = 30 * 24 * 60 * 60 * 1000;
const CHECKS = ["mesh.certificates", "mesh.permissions", "mesh.authority", "mesh.deployment", "mesh.expiry"] as const;
const RESTART_HINT = "Restart the workload: its Initializer gets a certificate of the mesh CA in force.";

/** Looks at the files that the Initializer wrote for a workload. */
export async function checkMeshCertificates(
  { tlsConfigDirectory: directory }: DoctorOptions,
  { at }: DoctorServices,
  { latest }: SavedCertificates,
  examination: Examination,
): Promise<void> {
  if (directory === undefined) {
    examination.skipAll(CHECKS, "no --tls-config names the certificates of a workload");
    return;
  }
  const keyPath = join(directory, "key.pem");
  await checkPermissions("mesh.permissions", keyPath, examination);
  examination.conclude("mesh.permissions", "only its owner can");
  const read = await examination.attempt("mesh.certificates", () => readMaterial(directory, keyPath, at), {
    file: directory,
    hint: "Copy the whole tls-config directory of one workload again.",
  });
  if (read === undefined) {
    examination.skipAll(["mesh.authority", "mesh.deployment", "mesh.expiry"], "the certificates cannot be used");
    return;
  }
  examination.conclude("mesh.certificates", "they fit together");
  checkExpiry(directory, read.leaf, at, examination);
  if (latest === undefined) {
    examination.skipAll(["mesh.authority", "mesh.deployment"], "no CA certificates are saved to compare with");
    return;
  }
  compare(directory, read, latest, examination);
}

interface Material {
  readonly leaf: Certificate;
  readonly mesh: Certificate | undefined;
  readonly root: Certificate | undefined;
}

async function readMaterial(directory: string, keyPath: string, now: Date): Promise<Material> {
  const read = async (name: string): Promise<Uint8Array> =>
    await readBytes(join(directory, name), "certificates", MAX_FILE_BYTES);
  const what = `workload key "${keyPath}"`;
  const block = parsePemBlock(await readText(keyPath, "workload key", MAX_FILE_BYTES), what);
  if (block.type !== "PRIVATE KEY") throw unsupportedBlock(what, block, "PRIVATE KEY");
  const key = keyFromBlock(what, block, (der) => parsePrivateKeyDer(der, "pkcs8"));
  const answer: MeshCertificate = {
    meshCaPem: await read("mesh-ca.pem"),
    certChainPem: await read("certChain.pem"),
    rootCaPem: await read("coordinator-root-ca.pem"),
    workloadSecret: new Uint8Array(),
  };
  checkMeshCertificate(answer, { spkiDer: encodePublicKeyDer(publicKeyOf(key), "spki"), now });
  const [leaf] = readCertificates(answer.certChainPem, "certificate chain");
  const [mesh] = readCertificates(answer.meshCaPem, "mesh CA", 1);
  const [root] = readCertificates(answer.rootCaPem, "root CA", 1);
  if (leaf === undefined) throw new ContrastError("lib/internal", "Cannot use certificates: the chain was empty");
  return { leaf, mesh, root };
}

function checkExpiry(file: string, { notAfter }: Certificate, at: Date, examination: Examination): void {
  if (notAfter.getTime() - at.getTime() < SOON_MS) {
    examination.warn("mesh.expiry", {
      file: join(file, "certChain.pem"),
      message: `the workload's certificate expires ${renderInstant(notAfter)}`,
      hint: RESTART_HINT,
    });
  }
  examination.conclude("mesh.expiry", `it is valid until ${renderInstant(notAfter)}`);
}

function compare(directory: string, { mesh, root }: Material, latest: SavedPair, examination: Examination): void {
  const from = latest.directory === "" ? "beside the manifest" : `in ${latest.directory}`;
  if (root !== undefined && latest.root !== undefined && !sameBytes(root.spkiDer, latest.root.spkiDer)) {
    examination.error("mesh.deployment", {
      file: join(directory, "coordinator-root-ca.pem"),
      message: `the workload belongs to another deployment than the root CA ${from}`,
      hint: "Check which Coordinator its Initializer asks (COORDINATOR_HOST), and restart it.",
    });
    examination.skip("mesh.authority", "the workload is of another deployment");
    return;
  }
  examination.conclude("mesh.deployment", "it does");
  if (mesh !== undefined && latest.mesh !== undefined && !sameBytes(mesh.spkiDer, latest.mesh.spkiDer)) {
    examination.error("mesh.authority", {
      file: join(directory, "mesh-ca.pem"),
      message: `the certificate is of an earlier mesh CA than that ${from}: peers that trust the new one refuse it`,
      hint: RESTART_HINT,
    });
  }
  examination.conclude("mesh.authority", "it is");
}
