import { join } from "node:path";
import { checkCaPem } from "../../client/ca-certificate.ts";
import { MESH_CA_FILE, ROOT_CA_FILE } from "../../client/set-files.ts";
import { exists, readBytes } from "../../lib/files.ts";
import { fileFacts } from "../../lib/file-facts.ts";
import { renderInstant } from "../../lib/instant.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** CA certificates that one command has saved. */
export interface SavedPair {
  readonly directory: string;
  readonly root: Certificate | undefined;
  readonly mesh: Certificate | undefined;
  /** When the mesh CA was written. */
  readonly savedAt: Date;
}

/** CA certificates of both commands that save some. */
export interface SavedCertificates {
  /** Beside the manifest. */
  readonly ofSet: SavedPair | undefined;
  readonly ofVerify: SavedPair | undefined;
  /** Those of the command that ran last. */
  readonly latest: SavedPair | undefined;
  /** Whether no set ran after the last verify, so that what verify saved is in force. */
  readonly isVerifyCurrent: boolean;
}

/** Why nothing is compared with what `verify` saved. */
export const VERIFY_IS_OLD = 'set ran after the last verify: run "contrast verify"';

const MAX_CA_BYTES = 1024 * 1024;

/** Looks at the certificates that clients are given, and whether `set` and `verify` talked to one deployment. */
export async function checkSavedCertificates(
  { workspaceDir, verifyDirectory }: DoctorOptions,
  { at }: DoctorServices,
  examination: Examination,
): Promise<SavedCertificates> {
  const ofSet = await readPair(workspaceDir, at, examination);
  const ofVerify = await readPair(verifyDirectory, at, examination);
  const isVerifyCurrent = ofSet === undefined || (ofVerify !== undefined && ofSet.savedAt <= ofVerify.savedAt);
  const checks = ["saved.certificates", "saved.deployment", "saved.mesh-ca"] as const;
  if (ofSet === undefined && ofVerify === undefined)
    examination.skipAll(checks, "nothing was set or verified from here");
  else {
    examination.conclude("saved.certificates", "they are");
    compare(ofSet, ofVerify, isVerifyCurrent, examination);
  }
  return { ofSet, ofVerify, latest: isVerifyCurrent ? ofVerify : ofSet, isVerifyCurrent };
}

async function readPair(directory: string, at: Date, examination: Examination): Promise<SavedPair | undefined> {
  const paths = [ROOT_CA_FILE, MESH_CA_FILE].map((name) => join(directory, name));
  const [rootPath = "", meshPath = ""] = paths;
  const areThere = await Promise.all(paths.map(exists));
  if (!areThere.includes(true)) return undefined;
  const facts = (await fileFacts(meshPath)) ?? (await fileFacts(rootPath));
  return {
    directory,
    root: await readCa(rootPath, "root CA", at, examination),
    mesh: await readCa(meshPath, "mesh CA", at, examination),
    savedAt: facts?.modifiedAt ?? new Date(0),
  };
}

async function readCa(
  file: string,
  what: string,
  at: Date,
  examination: Examination,
): Promise<Certificate | undefined> {
  const check = "saved.certificates";
  const hint = 'Run "contrast verify", which writes it anew.';
  const certificate = await examination.attempt(
    check,
    async () => {
      const pem = await readBytes(file, what, MAX_CA_BYTES);
      checkCaPem(pem, what);
      return readCertificates(pem, what, 1)[0];
    },
    { file, hint },
  );
  if (certificate === undefined) return undefined;
  if (certificate.basicConstraints?.ca !== true) {
    examination.error(check, {
      file,
      code: "client/ca-invalid",
      message: `the certificate is not of a CA, so no client trusts workloads by it as the ${what}`,
      hint,
    });
    return undefined;
  }
  const { notBefore, notAfter } = certificate;
  if (at < notBefore || at > notAfter) {
    examination.error(check, {
      file,
      code: at < notBefore ? "pki/certificate-not-yet-valid" : "pki/certificate-expired",
      message: `the ${what} is not valid at ${renderInstant(at)}`,
      actual: `valid from ${renderInstant(notBefore)} to ${renderInstant(notAfter)}`,
      hint:
        at < notBefore ? "Check the clock of this computer." : "Deploy the Coordinator anew before clients refuse it.",
    });
  }
  return certificate;
}

function compare(
  ofSet: SavedPair | undefined,
  ofVerify: SavedPair | undefined,
  isVerifyCurrent: boolean,
  examination: Examination,
): void {
  const checks = ["saved.deployment", "saved.mesh-ca"] as const;
  if (ofSet === undefined || ofVerify === undefined) {
    const only = ofSet === undefined ? "only verify has" : "only set has";
    examination.skipAll(checks, `${only} saved certificates here, so there is nothing to compare`);
    return;
  }
  if (!isVerifyCurrent) {
    examination.leaveAll(checks, VERIFY_IS_OLD);
    return;
  }
  if (
    ofSet.root !== undefined &&
    ofVerify.root !== undefined &&
    !sameBytes(ofSet.root.spkiDer, ofVerify.root.spkiDer)
  ) {
    examination.error("saved.deployment", {
      file: join(ofSet.directory, ROOT_CA_FILE),
      message: `the root CA is of another deployment than that in ${ofVerify.directory}`,
      hint: "The Coordinator that verify talked to is not the one that the manifest was set at: check the address, and whether somebody deployed it anew with an empty volume.",
    });
  }
  examination.conclude("saved.deployment", "they are");
  if (ofSet.mesh !== undefined && ofVerify.mesh !== undefined && !sameBytes(ofSet.mesh.der, ofVerify.mesh.der)) {
    examination.warn("saved.mesh-ca", {
      file: join(ofSet.directory, MESH_CA_FILE),
      message: `the mesh CA is older than that in ${ofVerify.directory}: clients that trust it refuse the workloads`,
      hint: `Give clients ${join(ofVerify.directory, MESH_CA_FILE)}, and copy it over this file. A new manifest and a recovery make a new mesh CA.`,
    });
  }
  examination.conclude("saved.mesh-ca", "it is");
}
