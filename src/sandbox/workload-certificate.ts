import { X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ContrastError } from "../lib/errors.ts";
import { exists, readText } from "../lib/files.ts";
import { workloadDirectory } from "./role-commands.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";
import type { SandboxWorkload } from "./sandbox-record.ts";

/** What an Initializer got for a workload. */
export interface WorkloadCertificate {
  readonly expiresAt: Date;
  /** Names in the notation of OpenSSL, such as `DNS:web`. */
  readonly sans: readonly string[];
  /** When the Initializer wrote it. */
  readonly writtenAt: Date;
}

const MAX_CERTIFICATE_BYTES = 1024 * 1024;

/**
 * The certificate that a workload has at the moment; a damaged one is none.
 *
 * @returns undefined while it waits for one
 */
export async function workloadCertificate(
  directory: SandboxDirectory,
  workload: Pick<SandboxWorkload, "id">,
): Promise<WorkloadCertificate | undefined> {
  const path = join(workloadDirectory(directory, workload), "tls-config", "certChain.pem");
  if (!(await exists(path))) return undefined;
  try {
    const leaf = new X509Certificate(await readText(path, "certificate chain", MAX_CERTIFICATE_BYTES));
    const { mtime } = await stat(path);
    return { expiresAt: leaf.validToDate, sans: leaf.subjectAltName?.split(", ") ?? [], writtenAt: mtime };
  } catch {
    return undefined;
  }
}

/**
 * Variables that tell a program where the certificates of its workload are; the files are those of a pod's
 * `/contrast`.
 *
 * @throws ContrastError `sandbox/no-certificate`
 */
export async function workloadEnvironment(
  directory: SandboxDirectory,
  workload: SandboxWorkload,
): Promise<Readonly<Record<string, string>>> {
  const base = workloadDirectory(directory, workload);
  const tls = join(base, "tls-config");
  const files = {
    CONTRAST_CERT_CHAIN: join(tls, "certChain.pem"),
    CONTRAST_KEY: join(tls, "key.pem"),
    CONTRAST_MESH_CA: join(tls, "mesh-ca.pem"),
    CONTRAST_ROOT_CA: join(tls, "coordinator-root-ca.pem"),
  };
  for (const path of Object.values(files)) {
    if (await exists(path)) continue;
    throw new ContrastError("sandbox/no-certificate", `Cannot run as ${workload.id}: it has no certificate yet`, {
      hint: `Its Initializer waits for a manifest with its policy: see "contrast sandbox status" and "contrast set".`,
      details: { workload: workload.id },
    });
  }
  return { CONTRAST_WORKLOAD: workload.id, CONTRAST_DIR: base, CONTRAST_TLS_DIR: tls, ...files };
}
