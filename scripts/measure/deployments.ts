import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, layoutFiles, writeFiles } from "../lib/image-builder.ts";

/** Image that every Deployment of the benchmark runs. */
const WEB = "registry.example/shop/web:1.0";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** One Deployment of about 1 kB, as a chart would print it. */
function deployment(index: number, image: string): string {
  const name = `service-${String(index).padStart(4, "0")}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: bench
  labels:
    app: ${name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: main
          image: ${image}
          args: ["--listen", "0.0.0.0:8080", "--id=${index}"]
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: "info"
            - name: SERVICE_ID
              value: "${index}"
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          securityContext:
            runAsUser: 1000
            runAsGroup: 1000
          resources:
            limits:
              memory: 128Mi
            requests:
              cpu: 100m
`;
}

/** A directory with Deployments, and the flags that make `generate` find their images on disk. */
export interface BenchmarkInput {
  readonly flags: readonly string[];
}

/**
 * Writes `count` Deployments to `<directory>/resources`, `perFile` in a file, and the images that they need.
 */
export function writeBenchmarkInput(directory: string, count: number, perFile: number): BenchmarkInput {
  const config = { Env: [PATH], Entrypoint: ["/bin/main"] };
  const passwd = { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n" };
  const group = { name: "etc/group", content: "root:x:0:\nweb:x:1000:\n" };
  const images = {
    "mcr.microsoft.com/oss/kubernetes/pause:3.6": buildImage({
      config: { ...config, User: "65535:65535", Entrypoint: ["/pause"] },
    }),
    "registry.example/contrast/initializer:1.0": buildImage({ config, layers: [{ members: [passwd, group] }] }),
    [WEB]: buildImage({ config: { ...config, User: "web" }, layers: [{ members: [passwd, group] }] }),
  };
  const flags = Object.entries(images).map(([reference, image], index) => {
    const path = join(directory, "images", String(index));
    writeFiles(path, layoutFiles({ [reference]: image }));
    return `--image-source=${reference}=${path}`;
  });
  const initializer = images["registry.example/contrast/initializer:1.0"]?.descriptor.digest ?? "";
  writeFileSync(
    join(directory, "replacements.txt"),
    `ghcr.io/edgelesssys/contrast/initializer:latest = registry.example/contrast/initializer:1.0@${initializer}\n`,
  );
  const web = `${WEB}@${images[WEB]?.descriptor.digest ?? ""}`;
  mkdirSync(join(directory, "resources"));
  for (let start = 0; start < count; start += perFile) {
    const documents = Array.from({ length: Math.min(perFile, count - start) }, (_, index) =>
      deployment(start + index, web),
    );
    writeFileSync(join(directory, "resources", `part-${String(start).padStart(5, "0")}.yaml`), documents.join("---\n"));
  }
  return {
    flags: [
      "--reference-values=k3s-qemu-snp",
      "--offline",
      `--image-replacements=${join(directory, "replacements.txt")}`,
      ...flags,
    ],
  };
}
