/** What a container takes over from its image; absent where the image says nothing. */
export interface ImageConfig {
  readonly User?: string;
  readonly Tty?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
  /** Paths, sorted. */
  readonly Volumes?: readonly string[];
}

/** Content of the image's `/etc/passwd` and `/etc/group` after all layers; undefined where the file does not exist. */
export interface Accounts {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
}

/** What ties one layer to what a guest mounts: the archive, and the dm-verity root hash of its indexed form. */
export interface LayerHash {
  /** `sha256:…` of the uncompressed archive. */
  readonly diffId: string;
  /** 64 lower-case hexadecimal digits. */
  readonly rootHashHex: string;
}

/** An image for linux/amd64 whose manifest and configuration have been checked against their digests. */
export interface Image {
  /** The reference as it was asked for. */
  readonly reference: string;
  /** `sha256:…` that stands for the reference: of the index if it names one, else of the manifest. */
  readonly digest: string;
  /** `image-id`: the image comes from a docker-archive, and `digest` is no digest of a registry (never pin it). */
  readonly digestOrigin: "registry" | "image-id";
  /** Digest of the linux/amd64 manifest; equals `digest` unless the reference names an index. */
  readonly manifestDigest: string;
  readonly config: ImageConfig;
  /**
   * Reads the accounts from the layers, newest first, as far as needed; later calls share the result.
   *
   * @throws ContrastError `oci/layer-invalid`, `oci/layer-too-large`, `oci/layer-unsupported`, `oci/digest-mismatch`,
   *   `oci/size-mismatch`, `oci/offline-missing` and those of the network
   */
  accounts(): Promise<Accounts>;
  /**
   * Root hashes of all layers, oldest first, as the AKS runtime checks them; later calls share the result.
   *
   * @throws ContrastError as `accounts()`
   */
  layerHashes(): Promise<readonly LayerHash[]>;
}

/** Finds images; requests for the same reference share one answer. */
export interface ImageProvider {
  /** @throws ContrastError with the codes `oci/…` */
  image(reference: string): Promise<Image>;
}
