import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";

/** Owner keys as `generate` would make them (RSA smaller, to be made quickly), and what a manifest says about them. */
export interface SampleKeys {
  readonly workloadPem: string;
  readonly seedsharePem: string;
  readonly workloadDigest: string;
  readonly seedshareKey: string;
}

/** Fresh owner keys. */
export function createSampleKeys(): SampleKeys {
  const workload = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const seedshare = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const spki = createPublicKey(workload.privateKey).export({ type: "spki", format: "der" });
  const pkcs1 = createPublicKey(seedshare.privateKey).export({ type: "pkcs1", format: "der" });
  return {
    workloadPem: workload.privateKey.export({ type: "sec1", format: "pem" }),
    seedsharePem: seedshare.privateKey.export({ type: "pkcs1", format: "pem" }),
    workloadDigest: createHash("sha256").update(spki).digest("hex"),
    seedshareKey: pkcs1.toString("hex"),
  };
}
