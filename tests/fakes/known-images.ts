import { ContrastError } from "../../src/lib/errors.ts";
import type { Image, ImageConfig, ImageProvider } from "../../src/oci/image.ts";

const PASSWD = "root:x:0:0::/root:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n";
const GROUP = "root:x:0:\nweb:x:1000:\n";

const LAYERS = [
  { diffId: `sha256:${"a".repeat(64)}`, rootHashHex: "1".repeat(64) },
  { diffId: `sha256:${"b".repeat(64)}`, rootHashHex: "2".repeat(64) },
];

/** A registry of images that differ only in reference and configuration; it counts what it is asked for. */
export class KnownImages implements ImageProvider {
  readonly asked: string[] = [];
  /** Digest that tags lead to; a test may move them. */
  digest = `sha256:${"ab".repeat(32)}`;
  readonly #configs: Readonly<Record<string, ImageConfig>>;

  constructor(configs: Readonly<Record<string, ImageConfig>> = {}) {
    this.#configs = {
      "mcr.microsoft.com/oss/kubernetes/pause:3.6": { User: "65535:65535", Entrypoint: ["/pause"] },
      ...configs,
    };
  }

  async image(reference: string): Promise<Image> {
    this.asked.push(reference);
    const [name = "", pinned] = reference.split("@");
    const config = this.#configs[name];
    if (config === undefined)
      throw new ContrastError("oci/image-not-found", `Cannot load image "${reference}": no such image`);
    const digest = pinned ?? this.digest;
    return {
      reference,
      digest,
      digestOrigin: "registry",
      manifestDigest: digest,
      config,
      accounts: async () => ({ passwd: PASSWD, group: GROUP }),
      layerHashes: async () => LAYERS,
    };
  }
}
