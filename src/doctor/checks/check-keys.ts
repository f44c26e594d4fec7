import { loadSeedshareOwnerKey, loadWorkloadOwnerKey, type OwnerPrivateKey } from "../../client/owner-private-key.ts";
import { requireWorkloadOwner } from "../../coordinator/owner-checks.ts";
import { publicKeyOf } from "../../lib/der-key.ts";
import { exists } from "../../lib/files.ts";
import { keyName } from "../../manifest/diff-manifests.ts";
import type { Manifest } from "../../manifest/schema.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";
import { checkPermissions } from "./check-permissions.ts";

/**
 * Looks at the owners' private keys: form, permissions, whether the manifest names them.
 *
 * @param inForce the manifest that was in force last; undefined where that is not known
 * @returns the seed share owner key, which is secret
 */
export async function checkKeys(
  { workloadOwnerKeyPath, seedshareOwnerKeyPath }: DoctorOptions,
  own: OwnManifest | undefined,
  inForce: Manifest | undefined,
  examination: Examination,
): Promise<OwnerPrivateKey | undefined> {
  await checkWorkloadOwner(workloadOwnerKeyPath, own, inForce, examination);
  const key = await checkSeedshareOwner(seedshareOwnerKeyPath, own, examination);
  for (const path of [workloadOwnerKeyPath, seedshareOwnerKeyPath]) {
    await checkPermissions("keys.permissions", path, examination);
  }
  examination.conclude("keys.permissions", "only their owner can");
  return key;
}

async function checkWorkloadOwner(
  path: string,
  own: OwnManifest | undefined,
  inForce: Manifest | undefined,
  examination: Examination,
): Promise<void> {
  const check = "keys.workload-owner";
  const others = ["keys.workload-owner-named", "keys.workload-owner-in-force"] as const;
  const digests = digestsOf(own?.manifest);
  if (!(await exists(path))) {
    examination.skipAll(others, "there is no key");
    if (digests.length === 0) examination.skip(check, "no key, and no manifest that asks for one");
    else {
      examination.warn(check, {
        file: path,
        message: "the key is missing: set would present none, and the Coordinator refuses updates without it",
        hint: "Get the key from where you keep it, or name it with --workload-owner-key; nothing is wrong where this computer only verifies.",
      });
    }
    return;
  }
  const key = await examination.attempt(check, () => loadWorkloadOwnerKey(path), {
    file: path,
    hint: "Give the private key (elliptic curve, PEM) with --workload-owner-key.",
  });
  if (key === undefined) {
    examination.skipAll(others, "the key cannot be read");
    return;
  }
  examination.conclude(check, `SHA-256 ${key.identity}`);
  if (own === undefined) examination.skip("keys.workload-owner-named", "the manifest cannot be read");
  else if (digests.length > 0 && !digests.includes(key.identity)) {
    examination.warn("keys.workload-owner-named", {
      file: path,
      message: `the key is not among the workload owners of ${own.path}: once that is set, the key can change nothing`,
      actual: key.identity,
      expected: digests.join(" or "),
      hint: "Name the right key with --workload-owner-key, or add this one: contrast generate --add-workload-owner-key.",
    });
  } else if (digests.length === 0)
    examination.skip("keys.workload-owner-named", "the manifest names no workload owner");
  examination.conclude("keys.workload-owner-named", "it does");
  await checkInForce(path, key, inForce, examination);
}

/** The Coordinator's own check, which it makes before every change. */
async function checkInForce(
  file: string,
  { key }: OwnerPrivateKey,
  inForce: Manifest | undefined,
  examination: Examination,
): Promise<void> {
  const check = "keys.workload-owner-in-force";
  if (inForce === undefined) {
    examination.skip(check, "it is not known which manifest is in force; verify tells it");
    return;
  }
  const hint =
    digestsOf(inForce).length === 0
      ? "No key can change this deployment. If it must change, deploy a new Coordinator with an empty volume."
      : `Set with a key that the manifest in force names (--workload-owner-key): SHA-256 ${digestsOf(inForce).join(" or ")}.`;
  await examination.attempt(check, () => requireWorkloadOwner(inForce, publicKeyOf(key)), { file, hint });
  examination.conclude(check, "it does");
}

async function checkSeedshareOwner(
  path: string,
  own: OwnManifest | undefined,
  examination: Examination,
): Promise<OwnerPrivateKey | undefined> {
  const check = "keys.seedshare-owner";
  const owners = (own?.manifest.seedshareOwnerPubKeys ?? []).map((owner) => owner.toLowerCase());
  if (!(await exists(path))) {
    examination.skip("keys.seedshare-owner-named", "there is no key");
    if (owners.length === 0) examination.skip(check, "no key, and no manifest that names one");
    else {
      examination.warn(check, {
        file: path,
        message: "the key is missing: the Coordinator cannot be recovered from this computer",
        hint: "Get the key from where you keep it, or name it with --seedshare-owner-key; nothing is wrong where somebody else recovers.",
      });
    }
    return undefined;
  }
  const key = await examination.attempt(check, () => loadSeedshareOwnerKey(path), {
    file: path,
    hint: "Give the private key (RSA, PEM) with --seedshare-owner-key.",
  });
  if (key === undefined) {
    examination.skip("keys.seedshare-owner-named", "the key cannot be read");
    return undefined;
  }
  examination.conclude(check, keyName(key.identity));
  if (own === undefined) examination.skip("keys.seedshare-owner-named", "the manifest cannot be read");
  else if (owners.length === 0)
    examination.skip("keys.seedshare-owner-named", "the manifest names no seed share owner");
  else if (!owners.includes(key.identity)) {
    examination.warn("keys.seedshare-owner-named", {
      file: path,
      message: `the key is not among the seed share owners of ${own.path}`,
      actual: keyName(key.identity),
      expected: owners.map(keyName).join(" or "),
      hint: "Name the right key with --seedshare-owner-key. A key that is added after the first set gets no seed share.",
    });
  }
  examination.conclude("keys.seedshare-owner-named", "it does");
  return key;
}

function digestsOf(manifest: Manifest | undefined): readonly string[] {
  return (manifest?.workloadOwnerKeyDigests ?? []).map((digest) => digest.toLowerCase());
}
