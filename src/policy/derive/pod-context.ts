import type { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { POLICY_ANNOTATIONS } from "../../kubernetes/policy-annotations.ts";
import type { WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import type { Report } from "../../kubernetes/yaml-text.ts";
import type { ErrorCode } from "../../lib/error-codes.ts";
import type { Problems } from "../../lib/problems.ts";
import type { ImageProvider } from "../../oci/image.ts";
import { sandboxNamePattern } from "./sandbox-name.ts";
import type { Settings } from "../settings.ts";

/** A finding about the pod spec before it has its place in a file. */
export interface PodFinding {
  readonly code: ErrorCode;
  /** Path below the pod spec. */
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

/** What the derivation of every container of one pod needs. */
export interface PodContext {
  readonly view: WorkloadView;
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
  /** As written; empty when the object names none. */
  readonly namespace: string;
  /** Pattern of the pods' names; undefined for an object without any name. */
  readonly sandboxName: string | undefined;
  /** Annotations of the pods without policies. */
  readonly annotations: ReadonlyMap<string, string>;
  /** Receives errors of other objects, such as a ConfigMap with fields of a wrong type. */
  readonly report: Report;
  error(finding: PodFinding): void;
  warn(finding: PodFinding): void;
}

/** @param problems receives findings with file, line, column and full path */
export function createPodContext(
  object: KubernetesObject,
  view: WorkloadView,
  parts: Pick<PodContext, "settings" | "images" | "configs">,
  problems: Problems,
): PodContext {
  const located = ({ path, ...finding }: PodFinding) => ({
    ...finding,
    ...object.locate([...view.workload.podSpecPath, ...path]),
  });
  const annotations = Object.entries(view.templateMetadata.annotations ?? {});
  return {
    ...parts,
    view,
    namespace: object.namespace ?? "",
    sandboxName: sandboxNamePattern(object.kind, object.name, object.generateName),
    annotations: new Map(annotations.filter(([key]) => !POLICY_ANNOTATIONS.some((name) => name === key))),
    report: (problem) => problems.error(problem),
    error: (finding) => problems.error(located(finding)),
    warn: (finding) => problems.warn(located(finding)),
  };
}
