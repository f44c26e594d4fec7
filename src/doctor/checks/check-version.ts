import type { Tables } from "../../generate/manifest-inputs.ts";
import { workloadImages } from "../../generate/workload-images.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Platform } from "../../manifest/platforms.ts";
import { parseRuntimeHandler, type RuntimeHandler } from "../../manifest/runtime-handler.ts";
import { parseReference } from "../../oci/reference.ts";
import { type ExaminedWorkload, needsPolicy } from "../deployment.ts";
import type { Examination } from "../examination.ts";

const GENERATE_HINT = 'Run "contrast generate" with --reference-values for the platform of the cluster.';

/**
 * Looks at whether runtime classes and images of the YAML belong to this version.
 *
 * @returns the platform that the YAML was generated for; undefined where it names none, or several
 */
export function checkVersion(
  workloads: readonly ExaminedWorkload[],
  tables: Tables | undefined,
  examination: Examination,
): Platform | undefined {
  const handlers = workloads.flatMap((workload) => {
    const handler = checkRuntimeClass(workload, tables, examination);
    return handler === undefined ? [] : [handler];
  });
  const platforms = new Map(handlers.map(({ platform }) => [platform.name, platform]));
  const [platform, ...others] = platforms.values();
  if (others.length > 0) {
    examination.warn("deployment.runtime-class", {
      message: `the YAML is for several platforms: ${[...platforms.keys()].join(", ")}`,
      hint: "Run generate once on all of the YAML; Contrast 1.4 has one platform for each deployment.",
    });
  }
  examination.conclude("deployment.runtime-class", `all are of ${platform?.display ?? "no platform"}`);
  if (tables === undefined) examination.skip("deployment.images", "the table of images cannot be read");
  else checkImages(workloads, tables, examination);
  return others.length === 0 ? platform : undefined;
}

function checkRuntimeClass(
  { object, view, runtimeClass }: ExaminedWorkload,
  tables: Tables | undefined,
  examination: Examination,
): RuntimeHandler | undefined {
  const check = "deployment.runtime-class";
  const place = object.locate([...view.workload.podSpecPath, "runtimeClassName"]);
  let handler: RuntimeHandler;
  try {
    handler = parseRuntimeHandler(runtimeClass);
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { code } = error;
    const message = `"${runtimeClass}" is not the runtime class of a platform`;
    examination.error(check, { ...place, code, message, hint: GENERATE_HINT });
    return undefined;
  }
  const { platform } = handler;
  const names = [...(tables?.referenceValues.keys() ?? [])];
  const [known] = names.filter((name) => parseRuntimeHandler(name).platform.name === platform.name);
  if (known !== undefined && !names.includes(runtimeClass)) {
    examination.warn(check, {
      ...place,
      message: "the runtime class is of another version than this program",
      expected: known,
      actual: runtimeClass,
      hint: "Give the table that generate had with --reference-values-file; without one, use the program that the runtime of the cluster came with, or install the runtime of this one and run generate again.",
    });
  }
  return handler;
}

function checkImages(workloads: readonly ExaminedWorkload[], { images }: Tables, examination: Examination): void {
  const check = "deployment.images";
  const wantedOf = new Map([...images.values()].map((image) => [repositoryOf(image), image]));
  // Where that is no reference of an image, there is nothing to compare.
  wantedOf.delete(undefined);
  for (const { object, view } of workloads.filter(needsPolicy)) {
    for (const { reference, path } of workloadImages(object.value, view.workload)) {
      const replacement = images.get(reference);
      const wanted = replacement ?? wantedOf.get(repositoryOf(reference));
      if (wanted === undefined || wanted === reference) continue;
      if (replacement === undefined && isSameImage(wanted, reference)) continue;
      examination.report(check, replacement === undefined ? "warning" : "error", {
        ...object.locate(path),
        message:
          replacement === undefined
            ? "the image is of another version than this program"
            : "the image was not replaced by that of this version",
        expected: wanted,
        actual: reference,
        hint: "Run generate again on the YAML as it was before generate; it leaves images with a digest as they are.",
      });
    }
  }
  examination.conclude(check, "images of Contrast are those of the table");
}

function repositoryOf(image: string): string | undefined {
  try {
    const { registry, repository } = parseReference(image);
    return `${registry}/${repository}`;
  } catch (error) {
    if (error instanceof ContrastError) return undefined;
    throw error;
  }
}

/** What has the same digest is the same image, whatever its tag; `--pin-images` adds digests. */
function isSameImage(wanted: string, actual: string): boolean {
  const [want, have] = [parseReference(wanted), parseReference(actual)];
  if (want.digest !== undefined) return want.digest === have.digest;
  return want.tag === have.tag;
}
