import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Disk } from "../lib/disk.ts";
import type { MeshCertificate } from "../rpc/mesh-certificate.ts";

/** What becomes files of a workload. */
export interface WorkloadMaterial {
  /** Private. */
  readonly key: KeyObject;
  readonly certificate: MeshCertificate;
}

interface WorkloadFile {
  /** Below the output directory. */
  readonly path: readonly [directory: string, name: string];
  readonly content: Uint8Array;
  readonly mode: number;
}

const TLS_CONFIG = "tls-config";
const SECRETS = "secrets";
const SECRET_NAME = "workload-secret-seed";
const PUBLIC_MODE = 0o444;
const SECRET_MODE = 0o400;
/** Of what a run that was killed left; there is one Initializer in a pod at a time. */
const TEMPORARY_SUFFIX = ".tmp";

/**
 * Writes the files of a workload, one after the other in the order of the original; each is whole whenever the machine
 * stops, and replaces what an earlier run wrote. A secret that an earlier manifest granted and this one does not is
 * removed.
 *
 * @param outputDirectory made if it is missing, its parent must exist; normally `/contrast`
 * @returns paths of the files, in order
 * @throws ContrastError `lib/file-unwritable`, `lib/file-not-regular`
 * @see edgelesssys/contrast `initializer`
 */
export async function writeWorkloadFiles(
  outputDirectory: string,
  material: WorkloadMaterial,
  disk: Disk,
): Promise<readonly string[]> {
  await disk.makeDirectory(outputDirectory);
  for (const directory of [TLS_CONFIG, SECRETS]) await disk.makeDirectory(join(outputDirectory, directory));
  for (const directory of [TLS_CONFIG, SECRETS]) await removeAll(join(outputDirectory, directory), isTemporary, disk);
  const files = filesOf(material);
  const written: string[] = [];
  for (const { path, content, mode } of files) {
    const target = join(outputDirectory, ...path);
    await replaceFile(target, content, mode, disk);
    await disk.syncDirectory(join(outputDirectory, path[0]));
    written.push(target);
  }
  if (material.certificate.workloadSecret.length === 0) {
    await removeAll(join(outputDirectory, SECRETS), (name) => name === SECRET_NAME, disk);
  }
  await disk.syncDirectory(outputDirectory);
  return written;
}

function filesOf({ key, certificate }: WorkloadMaterial): readonly WorkloadFile[] {
  const { workloadSecret } = certificate;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return [
    { path: [TLS_CONFIG, "mesh-ca.pem"], content: certificate.meshCaPem, mode: PUBLIC_MODE },
    { path: [TLS_CONFIG, "certChain.pem"], content: certificate.certChainPem, mode: PUBLIC_MODE },
    { path: [TLS_CONFIG, "key.pem"], content: encode(key.export({ type: "pkcs8", format: "pem" })), mode: SECRET_MODE },
    { path: [TLS_CONFIG, "coordinator-root-ca.pem"], content: certificate.rootCaPem, mode: PUBLIC_MODE },
    ...(workloadSecret.length === 0
      ? []
      : [{ path: [SECRETS, SECRET_NAME], content: encode(workloadSecret.toHex()), mode: SECRET_MODE } as const]),
  ];
}

async function replaceFile(path: string, content: Uint8Array, mode: number, disk: Disk): Promise<void> {
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  await disk.createExclusive(temporary, content, mode);
  await disk.rename(temporary, path);
}

function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX);
}

async function removeAll(directory: string, isStale: (name: string) => boolean, disk: Disk): Promise<void> {
  const stale = (await disk.list(directory))?.filter(isStale) ?? [];
  for (const name of stale) await disk.unlink(join(directory, name));
  if (stale.length > 0) await disk.syncDirectory(directory);
}
