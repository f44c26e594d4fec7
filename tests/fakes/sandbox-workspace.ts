import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aksManifestText } from "./manifests.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** An object as generate leaves it: with the policy in its annotation, or without one where the text is empty. */
export function annotatedDeployment(name: string, policy: string, role = ""): string {
  const annotations = [
    ...(policy === "" ? [] : [`io.katacontainers.config.agent.policy: ${btoa(policy)}`]),
    ...(role === "" ? [] : [`contrast.edgeless.systems/pod-role: ${role}`]),
    "owner: shop",
  ];
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata:
      annotations:
        ${annotations.join("\n        ")}
    spec:
      runtimeClassName: contrast-cc
      containers: [{name: main, image: registry.example/${name}:1}]
---
`;
}

/** A directory with a manifest and `resources/all.yaml`. */
export function sandboxWorkspace(yaml: string, manifest = aksManifestText()): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "resources"));
  writeFileSync(join(directory, "resources", "all.yaml"), yaml);
  writeFileSync(join(directory, "manifest.json"), manifest);
  return directory;
}
