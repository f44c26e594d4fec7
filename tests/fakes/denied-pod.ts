import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { applyPatchOperation } from "../../src/policy/json-patch.ts";
import { renderPolicy } from "../../src/policy/render-policy.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { type SelfCheckCase, selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { derive, IMAGE, IMAGE_FACTS } from "./policy-input.ts";

const yamlOf = (name: string, container: string, annotation: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: prod}
spec:
  template:
    metadata:
      annotations:
        team: blue${annotation}
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: ${container}
          image: "${IMAGE}"
          env:
            - name: LOG
              value: info
`;

/** A Deployment with its policy in files, and what its runtime asks for. */
export interface DeniedPod {
  readonly folder: string;
  /** `web.yaml`, with the policy; container `main`. */
  readonly yaml: string;
  /** `policy.rego`, the policy alone. */
  readonly policy: string;
  /** `shop.yaml`, another Deployment with a policy; container `shop`. */
  readonly other: string;
  /** `images.json`, what is known of the images. */
  readonly facts: string;
  /** The request that creates the container. */
  readonly request: Json;
  /** The same with another value of the variable LOG, which the policy refuses. */
  readonly denied: Json;
  /** All requests of the pod's start, which the policy allows, as kinds with requests. */
  readonly start: readonly JsonObject[];
}

/** Writes the files into a folder. */
export async function deniedPod(folder: string): Promise<DeniedPod> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const web = await annotated("web", "main");
  const shop = await annotated("shop", "shop");
  const request = web.start.find(({ description }) => description === "main: container")!.request;
  const change = { op: "add", path: "/OCI/Process/Env/-", value: "LOG=debug" } as const;
  return {
    folder,
    yaml: file("web.yaml", web.yaml),
    policy: file("policy.rego", web.policy),
    other: file("shop.yaml", shop.yaml),
    facts: file("images.json", JSON.stringify(IMAGE_FACTS)),
    request,
    denied: applyPatchOperation(request, change),
    start: web.start.map((step) => ({ kind: step.kind, request: step.request })),
  };
}

async function annotated(name: string, container: string) {
  const derived = await derive(yamlOf(name, container, ""));
  if (derived.data === undefined) throw new Error(derived.errors.join("\n"));
  const { text, annotation } = renderPolicy(rulesText(), derived.data);
  const cases = await selfCheckCases({ ...derived, data: derived.data });
  const yaml = yamlOf(name, container, `\n        io.katacontainers.config.agent.policy: ${annotation}`);
  return { yaml, policy: text, start: cases.filter(isOfStart) };
}

/** The self-check also tries a creation with other variables, which a runtime does not ask for. */
function isOfStart({ allowed, description }: SelfCheckCase): boolean {
  return allowed && !description.endsWith(": variables of services");
}
