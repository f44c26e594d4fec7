// Makes the images of docs/examples/shop as OCI layouts: `bun scripts/demo-images.ts DIRECTORY`.
// They hold no programs. A policy depends on an image's configuration, accounts and digest, and those are real.
import { join } from "node:path";
import { buildImage, type ImageInput, layoutFiles, writeFiles } from "./lib/image-builder.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function accounts(passwd: string, group: string): NonNullable<ImageInput["layers"]> {
  return [
    {
      members: [
        { name: "etc/passwd", content: passwd },
        { name: "etc/group", content: group },
      ],
      compression: "none",
    },
  ];
}

const root = accounts("root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n");

const images: Readonly<Record<string, ImageInput>> = {
  "mcr.microsoft.com/oss/kubernetes/pause:3.6": {
    config: { User: "65535:65535", Env: [PATH], Entrypoint: ["/pause"] },
    // On AKS a policy names the layers of this image too, so there must be one.
    layers: [{ members: [{ name: "pause", content: "" }], compression: "none" }],
  },
  "registry.example/contrast/initializer:demo": { config: { Env: [PATH], Entrypoint: ["/initializer"] }, layers: root },
  "registry.example/contrast/coordinator:demo": { config: { Env: [PATH], Entrypoint: ["/coordinator"] }, layers: root },
  "registry.example/contrast/service-mesh-proxy:demo": {
    config: { Env: ["PATH=/bin"], Entrypoint: ["/bin/service-mesh"] },
    layers: root,
  },
  "registry.example/shop/web:1.0": {
    config: { User: "web", Env: [PATH, "PORT=8080"], Entrypoint: ["/bin/web"], WorkingDir: "/srv" },
    layers: accounts("root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/srv:/bin/sh\n", "root:x:0:\nweb:x:1000:\n"),
  },
  "registry.example/shop/database:1.0": {
    config: { User: "database", Env: [PATH], Entrypoint: ["/bin/database"], Volumes: { "/var/lib/database": {} } },
    layers: accounts("root:x:0:0:root:/root:/bin/sh\ndatabase:x:70:70::/:/bin/sh\n", "root:x:0:\ndatabase:x:70:\n"),
  },
};

const directory = process.argv[2];
if (directory === undefined) throw new Error("usage: bun scripts/demo-images.ts DIRECTORY");
for (const [reference, input] of Object.entries(images)) {
  const path = join(directory, reference.replaceAll(/[^a-z0-9.]+/g, "-"));
  writeFiles(path, layoutFiles({ [reference]: buildImage(input) }));
  // One line for each image, ready to be given to the command.
  console.log(`--image-source=${reference}=${path}`);
}
