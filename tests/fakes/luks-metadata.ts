/** Metadata of LUKS2 as `cryptsetup luksDump --dump-json-metadata` writes it. */
export interface PlainLuksMetadata {
  readonly keyslots: Record<string, PlainKeyslot>;
  readonly tokens: Record<string, object>;
  readonly segments: Record<string, Record<string, unknown>>;
  readonly digests: Record<string, object>;
  readonly config: Record<string, unknown>;
}

interface PlainKeyslot {
  type: string;
  key_size: number;
  readonly af: object;
  readonly area: { type: string; offset: string; size: string; encryption: string; key_size: number };
  readonly kdf: { type: string };
}

/** Of a volume that cryptsetup 2.6 has formatted. */
export function luksMetadata(): PlainLuksMetadata {
  return {
    keyslots: {
      "0": {
        type: "luks2",
        key_size: 64,
        af: { type: "luks1", stripes: 4000, hash: "sha256" },
        area: { type: "raw", offset: "32768", size: "258048", encryption: "aes-xts-plain64", key_size: 64 },
        kdf: { type: "pbkdf2" },
      },
    },
    tokens: {},
    segments: {
      "0": {
        type: "crypt",
        offset: "16777216",
        size: "dynamic",
        iv_tweak: "0",
        encryption: "aes-xts-plain64",
        sector_size: 512,
      },
    },
    digests: { "0": { type: "pbkdf2", keyslots: ["0"], segments: ["0"], hash: "sha256", iterations: 1000 } },
    config: { json_size: "12288", keyslots_size: "16744448" },
  };
}
