import { describe, expect, test } from "bun:test";
import { createPublicKey, type KeyObject } from "node:crypto";
import * as fc from "fast-check";
import { deriveSecret } from "../../../src/coordinator/seed/derive-secret.ts";
import { createSeedEngine } from "../../../src/coordinator/seed/seed-engine.ts";
import { sha256Hex } from "../../../src/lib/digest.ts";
import { keyIdentifierOf } from "../../../src/pki/x509/key-identifier.ts";
import { spkiOf } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const SEED = 20_261_123;
const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex);
const range = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => from + index);

/** Scalar and uncompressed point of a private key. */
function numbersOf(key: KeyObject): { readonly d: string; readonly q: string } {
  const { d = "", x = "", y = "" } = key.export({ format: "jwk" });
  const hex = (text: string): string => Buffer.from(text, "base64url").toString("hex");
  return { d: hex(d), q: `04${hex(x)}${hex(y)}` };
}

interface EngineVector {
  readonly seed: Uint8Array;
  readonly salt: Uint8Array;
  /** Secret by label. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly root: { readonly d: string; readonly q: string };
  readonly transaction: { readonly d: string; readonly q: string };
}

const V1: EngineVector = {
  seed: bytes("ccebed634ddee7535cd593e1e200b19b780f3906d8782207fa09c59e87a07cb3"),
  salt: bytes("8c1b1225c5f6cb7eef6dbd8f77a1e1e149de031d6e3718e660a8b04c8e2b0037"),
  secrets: {
    "POD STATE SECRET": "e8d42dc81aea4b0d0749b75004f3bb2ad35fd827e05727ac19c31e106ddc2a1f",
    "HISTORY SECRET": "e0f4adb8326ed1bbf99b8291d7a90363113e2ac8ff9d030bcabe5e48b88bf0a6",
    "TRANSACTION SIGNING SECRET": "bf37eb5a0693de7fda734f4f30bcb0825dcb4173edf399b058977d9c6d7d9eab",
    "ROOT CA SEED": "d37a2b4ab89820a3c4293ac2c7db7c1b801ec243ed8bf460513a254b069939fa",
  },
  root: {
    d: "b17a061a04d93454c9530d247b336a9112a5209da0d0199929484cba350d25159f2ead15d2d1334d6c908dad63ce7ee4",
    q: "04b30650a5c9b1653038ee779d0cef9da66f7207adf6b2a055ddbd13545734b4ababe5f1e6a062ba1694654f2b886fd6ec488ef7742af5cb8a9abd8823981c987d1868ce8708b29baea7963ae4428c7ea29c5d181006b2566dc21f34892c23d482",
  },
  transaction: {
    d: "5a58b771eef6bd6d2967b933ef3474e71bea849fd2b900f431dafe843d267b0b08875a95f4e442c6863663090c7c8576",
    q: "04f38a9990332aa58557780eff947e75c78a3486bbebce9f80d3e1f98f57b71ceaa207df91394d0eed25307d03ee460785db0afa958567089885e34ea693d861dfaa567fb34e6b3da51de25dfaf2a32aef01fb9d654f895712f1f4468281cd8ee9",
  },
};

const V2 = {
  seed: bytes("9c7f285a46704602f8b6d9d4a89193579a979f144a9d8733fddd4f2bbcecd77f"),
  salt: bytes("6227b2cae740349beaff040af74aa1566ac330e9b54ce0e58f8d5ee47281745a"),
};

const V3: EngineVector = {
  seed: range(0x00, 64),
  salt: range(0x40, 32),
  secrets: {
    "POD STATE SECRET":
      "367ca3d359e38b68b50fe3ba0e83dff75c5a7eb04028f1962c29aab0b36994939baef30744bb4133e7cd20f82b4057d71923b951288af19550d4e4b96494f279",
    "HISTORY SECRET":
      "c38cb977983946940bcb88f4ec7d139fb7c31f460eeb352d592c49a1dbcdcd3f1df85574e2c365fe319aadd7315fc1784f4b440c002feda74ce8793aeec2fa8f",
    "TRANSACTION SIGNING SECRET":
      "e2c0cc6de34cdd66222fe9990a5a8bff9978fc490a9f7b8a3754e92177db008a1400c5e323b0ec83c0754a9dd81b1cb21b4c2e8fc43aabe1143fb16dcd6cd9f4",
    "ROOT CA SEED":
      "d3339403c37bf184ed2814488d3a62ff1d618dc478e098fe45df5dc2f7cd4294918638fce67682432177c4ac16e3757bf182682873584a76244e62daa8c163ac",
  },
  root: {
    d: "edf9af4369483e5059b1ae061a011b176ff6d08080c217ec863a88f1013d0b9406eaa4084d13529296fe893aaec40e7d",
    q: "04ad7bcf858d527312c240439f0977529c3bb44acd3c5b81d61650da094b46d8a8fcf712f324a9ccdf5c8db3fa67103ca526b9ea3062d75f3fc3abf7d82aac95bab9dfee2c106a29e2e3ce9b28f760d93847768f54ec4031f2ef59fda6bf6451fb",
  },
  transaction: {
    d: "a65fcbc94fff01b57f0ef99c5a058433ed80262d54e27fd9bb65526a52ea4671ab4020b9e6e53a7a0647ee9b992d2fa4",
    q: "049373e56769898addfd304ae8bbeefeebd46ca51e90906abbf7169f1e0ab3960d66ede5e7781f1ec88ecedf6befe6ef89149252a93eeac3901c9501873c00fc07ce628f19f9292625c8d8dc638eec35bc97160125946e016a860bf2bcf564c4f4",
  },
};

describe("createSeedEngine()", () => {
  test.each([
    ["of 32 bytes", V1],
    ["of 64 bytes", V3],
  ])("derives the keys of version 1.4 from a seed %s", (_, { seed, salt, secrets, root, transaction }) => {
    for (const [label, secret] of Object.entries(secrets)) {
      expect(deriveSecret(seed, salt, label).toHex()).toBe(secret);
    }
    const engine = createSeedEngine(seed, salt);
    expect(engine.salt).toEqual(salt);
    expect(numbersOf(engine.rootKey)).toEqual(root);
    expect(numbersOf(engine.transactionKey)).toEqual(transaction);
  });

  test("makes keys whose public half fits", () => {
    const { rootKey } = createSeedEngine(V3.seed, V3.salt);
    const spki = spkiOf(createPublicKey(rootKey));
    expect(sha256Hex(spki)).toBe("0e578480006a9e2e1bc4afb9cb998acb834fbfb91bdb896842b544702b349620");
    expect(keyIdentifierOf(spki).toHex()).toBe("2af6dfb42b25bc4666417568694d7428cf663b1b");
  });

  test.each([
    ["workload-1", "87668b2d30e7538b5643e42bcc0f1a7b532833f47fcd1293f779d9f2abf9e708"],
    ["emoji-pod ", "345f575cdd9fa8fbe61d35186266aaadd440a06db34beb52d85e3b678dc29e01"],
    ["   ", "4874199bd19baf510bc5a5c71918c5263be4fb870efcf1bdd73e17249e3cb385"],
    ["12345", "c5dfeb23e39da9807d6260e6825d8367b47052fcb6bb4c79624fc5936921a0d0"],
  ])("derives the workload secret of %j", (id, secret) => {
    expect(createSeedEngine(V2.seed, V2.salt).workloadSecret(id).toHex()).toBe(secret);
  });

  test.each([
    [
      "apps/v1/Deployment/default/web",
      "bc4890d3ce06cfa613218c8a61799038413e20412351edbd2a71e3dc9c80fd5af3033464a1e4c511efd6e0086ee86f8ab2299cacc66f4fb9b78d640527e2e645",
    ],
    [
      "apps/v1/StatefulSet/default/vault",
      "bf1b6e6f2d44ff1ab5da5e3ec05c8eada54d9ceea76bda1e9e679a27eba8e6ad0845fc189e7600e6a6b9cd28c57c086f05a38b601dd249aaffe583ec0dea018d",
    ],
  ])("derives the workload secret of %j from a seed of 64 bytes", (id, secret) => {
    expect(createSeedEngine(V3.seed, V3.salt).workloadSecret(id).toHex()).toBe(secret);
  });

  test("derives a secret of its own for each ID", () => {
    const { workloadSecret } = createSeedEngine(V3.seed, V3.salt);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (first, second) => {
        fc.pre(Buffer.from(first).compare(Buffer.from(second)) !== 0);
        expect(workloadSecret(first)).not.toEqual(workloadSecret(second));
        expect(workloadSecret(first)).toEqual(workloadSecret(first));
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  test("needs nothing of seed and salt afterwards", () => {
    const seed = V3.seed.slice();
    const salt = V3.salt.slice();
    const engine = createSeedEngine(seed, salt);
    const secret = engine.workloadSecret("web");
    seed.fill(0);
    salt.fill(0);
    expect(engine.workloadSecret("web")).toEqual(secret);
    expect(engine.salt).toEqual(V3.salt);
  });

  test("refuses an empty ID", () => {
    const { workloadSecret } = createSeedEngine(V2.seed, V2.salt);
    expect(codeOf(() => workloadSecret(""))).toBe("coordinator/secret-id-empty");
  });

  test.each([0, 28, 31, 33, 64])("refuses a salt of %d bytes", (length) => {
    expect(codeOf(() => createSeedEngine(V3.seed, new Uint8Array(length)))).toBe("coordinator/seed-invalid");
  });

  test.each([0, 16, 31, 1025])("refuses a seed of %d bytes", (length) => {
    expect(codeOf(() => createSeedEngine(new Uint8Array(length), V3.salt))).toBe("coordinator/seed-invalid");
  });
});
