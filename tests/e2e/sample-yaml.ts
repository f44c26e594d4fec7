import { pinned } from "./sample-images.ts";

/** A Deployment of the sample web image. */
export function deploymentYaml(
  name: string,
  options: { image?: string; container?: string; metadata?: string } = {},
): string {
  const { image = pinned("registry.example/web:1.0"), container = "", metadata = "" } = options;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
${indented(metadata, 2)}spec:
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: main
          image: ${image}
${indented(/^resources:/m.test(container) ? container : `resources: {limits: {memory: 64Mi}}\n${container}`, 10)}`;
}

/** A Pod of the sample web image; `spec` is more of its pod spec. */
export function podYaml(name: string, spec = "", image = pinned("registry.example/web:1.0")): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
spec:
  runtimeClassName: contrast-cc
  containers:
    - name: main
      image: ${image}
      resources: {limits: {memory: 64Mi}}
${indented(spec, 2)}`;
}

/** A Coordinator as far as `generate` looks at it. */
export const COORDINATOR_YAML = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: coordinator
  namespace: shop
spec:
  serviceName: coordinator
  selector:
    matchLabels: {app: coordinator}
  template:
    metadata:
      labels: {app: coordinator}
      annotations:
        contrast.edgeless.systems/pod-role: coordinator
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: coordinator
          image: ghcr.io/edgelesssys/contrast/coordinator:latest
          resources: {limits: {memory: 100Mi}}
          ports:
            - {name: userapi, containerPort: 1313}
            - {name: meshapi, containerPort: 7777}
`;

function indented(text: string, spaces: number): string {
  if (text === "") return "";
  return `${text
    .trimEnd()
    .split("\n")
    .map((line) => " ".repeat(spaces) + line)
    .join("\n")}\n`;
}
