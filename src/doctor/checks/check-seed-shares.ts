import { basename, dirname, join } from "node:path";
import { openSeedShare } from "../../client/open-seed-share.ts";
import type { OwnerPrivateKey } from "../../client/owner-private-key.ts";
import { parseSeedShares } from "../../client/seed-share-file.ts";
import { createSeedEngine } from "../../coordinator/seed/seed-engine.ts";
import { counted } from "../../lib/counted.ts";
import { encodePublicKeyDer, publicKeyOf } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import { exists, readBytes } from "../../lib/files.ts";
import { namesIn } from "../../lib/file-facts.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { keyName } from "../../manifest/diff-manifests.ts";
import type { SeedShareDocument } from "../../rpc/coordinator-session.ts";
import type { CheckId } from "../check-catalogue.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import type { SavedCertificates } from "./check-saved-certificates.ts";
import type { OwnManifest } from "./check-manifest.ts";

const MAX_SEED_FILE_BYTES = 16 * 1024 * 1024;
const CONTENT_CHECKS = ["seed-shares.readable", "seed-shares.decryptable", "seed-shares.deployment"] as const;

/** Looks at whether the Coordinator could be recovered from here: shares, key, and whether they are of this deployment. */
export async function checkSeedShares(
  { seedSharesPath: path }: DoctorOptions,
  key: OwnerPrivateKey | undefined,
  own: OwnManifest | undefined,
  saved: SavedCertificates,
  examination: Examination,
): Promise<void> {
  if (!(await exists(path))) {
    examination.skipAll([...CONTENT_CHECKS, "seed-shares.owners"], "there are no seed shares");
    if (saved.ofSet === undefined) examination.skip("seed-shares.present", "no manifest was set from here");
    else {
      examination.warn("seed-shares.present", {
        file: path,
        message: "a manifest was set from here, but the seed shares are missing: the Coordinator cannot be recovered",
        hint: "Get the file from whoever ran the first set; name it with --seed. If nobody has it, keep the Coordinator running until it can be deployed anew.",
      });
    }
    return;
  }
  examination.conclude("seed-shares.present", path);
  const what = `seed shares "${path}"`;
  const read = async (file: string): Promise<SeedShareDocument> =>
    parseSeedShares(await readBytes(file, "seed shares", MAX_SEED_FILE_BYTES), what);
  const document = await examination.attempt("seed-shares.readable", async () => await read(path), {
    file: path,
    hint: "Get the file from a copy that set wrote.",
  });
  if (document === undefined) {
    await tellBackup("seed-shares.readable", path, read, key, examination);
    examination.skipAll([...CONTENT_CHECKS.slice(1), "seed-shares.owners"], "the seed shares cannot be read");
    return;
  }
  examination.conclude("seed-shares.readable", counted(document.shares.length, "seed share"));
  checkOwners(path, document, own, examination);
  if (key === undefined) {
    examination.skipAll(CONTENT_CHECKS.slice(1), "no seed share owner key can be read");
    return;
  }
  const seed = await examination.attempt("seed-shares.decryptable", () => openSeedShare(document, key, what), {
    file: path,
  });
  if (seed === undefined) {
    await tellBackup("seed-shares.decryptable", path, read, key, examination);
    examination.skip("seed-shares.deployment", "no seed share can be opened");
    return;
  }
  try {
    examination.conclude("seed-shares.decryptable", "it opens one");
    checkDeployment(path, createSeedEngine(seed, document.salt).rootKey, saved, examination);
  } finally {
    seed.fill(0);
  }
}

/** The root CA derives from the seed: another root CA means another seed, which the Coordinator would refuse. */
function checkDeployment(
  file: string,
  rootKey: OwnerPrivateKey["key"],
  { latest }: SavedCertificates,
  examination: Examination,
): void {
  const check = "seed-shares.deployment";
  if (latest?.root === undefined) {
    examination.skip(check, "no root CA is saved that the seed could be compared with");
    return;
  }
  if (!sameBytes(encodePublicKeyDer(publicKeyOf(rootKey), "spki"), latest.root.spkiDer)) {
    examination.error(check, {
      file,
      message: `the seed is of another deployment than the root CA in ${latest.directory || "this directory"}: recover will be refused`,
      hint: "Look for the seed shares of this deployment, perhaps in seed-shares.json.bak; if the Coordinator was deployed anew, run verify so that the saved root CA is the new one.",
    });
  }
  examination.conclude(check, "it leads to the saved root CA");
}

function checkOwners(
  file: string,
  { shares }: SeedShareDocument,
  own: OwnManifest | undefined,
  examination: Examination,
): void {
  const check = "seed-shares.owners";
  if (own === undefined) {
    examination.skip(check, "the manifest cannot be read");
    return;
  }
  const owners = new Set((own.manifest.seedshareOwnerPubKeys ?? []).map((owner) => owner.toLowerCase()));
  const holders = new Set(shares.map(({ publicKeyHex }) => publicKeyHex.toLowerCase()));
  for (const owner of owners.difference(holders)) {
    examination.warn(check, {
      file,
      message: `a seed share owner of the manifest has no share and cannot recover the Coordinator: ${keyName(owner)}`,
      hint: "Shares are made by the first set only. For a new owner the Coordinator must be deployed anew.",
    });
  }
  for (const holder of holders.difference(owners)) {
    examination.warn(check, {
      file,
      message: `a key that the manifest does not name has a share and can recover the Coordinator: ${keyName(holder)}`,
      hint: "Taking an owner out of the manifest does not take the seed away; for that the Coordinator must be deployed anew.",
    });
  }
  examination.conclude(check, "owners and shares are the same");
}

/** `set` keeps seed shares that were there before; one of them may be the right one. */
async function tellBackup(
  check: CheckId,
  path: string,
  read: (file: string) => Promise<SeedShareDocument>,
  key: OwnerPrivateKey | undefined,
  examination: Examination,
): Promise<void> {
  if (key === undefined) return;
  const prefix = `${basename(path)}.bak`;
  for (const name of (await namesIn(dirname(path))).filter((candidate) => candidate.startsWith(prefix))) {
    const file = join(dirname(path), name);
    try {
      openSeedShare(await read(file), key, file).fill(0);
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      continue;
    }
    const hint = `Try "contrast recover --dry-run" with --seed ${file}; with another root CA it is of an earlier deployment.`;
    examination.error(check, { file, message: "the key opens a share of this older file", hint });
  }
}
