import { join } from "node:path";
import {
  type BuiltPlatformImage,
  buildImage,
  type ImageInput,
  layoutFiles,
  writeFiles,
} from "../../scripts/lib/image-builder.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function accounts(passwd: string, group: string): NonNullable<ImageInput["layers"]> {
  const members = [
    { name: "etc/passwd", content: passwd },
    { name: "etc/group", content: group },
  ];
  return [{ members }];
}

const root = accounts("root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n");

/** The pause image of the settings; every pod has a container of it. */
const PAUSE = "mcr.microsoft.com/oss/kubernetes/pause:3.6";

const images = {
  [PAUSE]: buildImage({
    config: { User: "65535:65535", Env: [PATH], Entrypoint: ["/pause"] },
    layers: [{ members: [{ name: "pause", mode: 0o755, content: "pause" }] }],
  }),
  "registry.example/contrast/initializer:v1": buildImage({
    config: { Env: [PATH], Entrypoint: ["/initializer"] },
    layers: root,
  }),
  "registry.example/contrast/coordinator:v1": buildImage({
    config: { Env: [PATH], Entrypoint: ["/coordinator"] },
    layers: root,
  }),
  "registry.example/contrast/mesh:v1": buildImage({
    config: { Env: [PATH], Entrypoint: ["/service-mesh"] },
    layers: root,
  }),
  "registry.example/web:1.0": buildImage({
    config: { Env: [PATH, "PORT=8080"], Entrypoint: ["/bin/web"], Cmd: ["--serve"], WorkingDir: "/srv" },
    layers: root,
  }),
  "registry.example/database:1.0": buildImage({
    config: { User: "database", Env: [PATH], Entrypoint: ["/bin/database"] },
    layers: accounts("root:x:0:0::/:/bin/sh\ndatabase:x:70:70::/:/bin/sh\n", "root:x:0:\ndatabase:x:70:\n"),
  }),
} satisfies Readonly<Record<string, BuiltPlatformImage>>;

/** Name and tag of an image that the tests have. */
export type SampleImage = keyof typeof images;

/** Every sample image by the reference with its tag. */
export const SAMPLE_IMAGES: Readonly<Record<SampleImage, BuiltPlatformImage>> = images;

/** The reference with tag and digest. */
export function pinned(image: SampleImage): string {
  return `${image}@${images[image].descriptor.digest}`;
}

/** Images of Contrast itself, as `--image-replacements` takes them. */
export const SAMPLE_REPLACEMENTS = [
  ["initializer", pinned("registry.example/contrast/initializer:v1")],
  ["coordinator", pinned("registry.example/contrast/coordinator:v1")],
  ["service-mesh-proxy", pinned("registry.example/contrast/mesh:v1")],
]
  .map(([name, image]) => `ghcr.io/edgelesssys/contrast/${name}:latest = ${image}\n`)
  .join("");

/**
 * Writes all sample images into one OCI layout.
 *
 * @param directory for the layout
 * @returns flags that make the command take them from there
 */
export function writeSampleImages(directory: string): readonly string[] {
  const layout = join(directory, "layout");
  writeFiles(layout, layoutFiles(images));
  return Object.keys(images).map((reference) => `--image-source=${reference}=${layout}`);
}
