import * as v from "valibot";
import { checkFields, findUnknownFields, optional } from "./field-schema.ts";
import type { KubernetesObject } from "../object.ts";
import type { Path } from "../path.ts";
import { type Metadata, metadata, type PodSpec, podSpec } from "./pod-spec.ts";
import { valueAt } from "../value.ts";
import { type VolumeClaim, volumeClaim } from "./volume.ts";
import { type Workload, workloadOf } from "../workload.ts";
import type { Report } from "../yaml-text.ts";

/** The typed parts of an object that makes pods. */
export interface WorkloadView {
  readonly workload: Workload;
  readonly metadata: Metadata;
  /** Metadata of the pods; for a Pod the same as `metadata`. */
  readonly templateMetadata: Metadata;
  readonly podSpec: PodSpec;
  /** Templates of a StatefulSet, empty for other kinds. */
  readonly volumeClaimTemplates: readonly VolumeClaim[];
}

const volumeClaimTemplates = optional(v.array(volumeClaim));

/**
 * Reads the typed view of a workload; every wrong field is reported with file, line, column and path.
 *
 * @param report receives `kubernetes/field-type` and `kubernetes/field-missing`
 * @param unknownField receives paths, inside the object, of fields that the Kubernetes API does not have, and those it has
 * @returns undefined for kinds without pods, for objects without metadata or pod spec, and when something was reported
 */
export function viewWorkload(
  object: KubernetesObject,
  report: Report,
  unknownField?: (path: Path, known: readonly string[]) => void,
): WorkloadView | undefined {
  const workload = workloadOf(object);
  const meta = object.value["metadata"];
  if (workload === undefined || meta === undefined || meta === null) return undefined;
  const spec = valueAt(object.value, workload.podSpecPath);
  if (spec === undefined || spec === null) return undefined;
  const { podSpecPath, templateMetadataPath } = workload;

  const check = <Schema extends v.GenericSchema>(schema: Schema, path: Path): v.InferOutput<Schema> | undefined =>
    checkFields(schema, valueAt(object.value, path) ?? {}, (inner) => object.locate([...path, ...inner]), report);
  const objectMetadata = check(metadata, ["metadata"]);
  const templateMetadata = templateMetadataPath.length === 1 ? objectMetadata : check(metadata, templateMetadataPath);
  const pod = check(podSpec, podSpecPath);
  const claimsPath: Path = ["spec", "volumeClaimTemplates"];
  const claims =
    object.kind === "StatefulSet"
      ? checkFields(
          volumeClaimTemplates,
          valueAt(object.value, claimsPath) ?? null,
          (inner) => object.locate([...claimsPath, ...inner]),
          report,
        )
      : undefined;
  if (unknownField !== undefined) {
    findUnknownFields(metadata, meta, ["metadata"], unknownField);
    if (templateMetadataPath.length > 1) {
      findUnknownFields(metadata, valueAt(object.value, templateMetadataPath), templateMetadataPath, unknownField);
    }
    findUnknownFields(podSpec, spec, podSpecPath, unknownField);
  }
  if (objectMetadata === undefined || templateMetadata === undefined || pod === undefined) return undefined;
  return { workload, metadata: objectMetadata, templateMetadata, podSpec: pod, volumeClaimTemplates: claims ?? [] };
}
