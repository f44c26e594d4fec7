import { join } from "node:path";
import { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import { parseInput } from "../../kubernetes/input-set.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { podSpecValue } from "../../kubernetes/workload.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readBytes, readText } from "../../lib/files.ts";
import { Problems } from "../../lib/problems.ts";
import type { ImageProvider } from "../../oci/image.ts";
import { derivePolicyData } from "../derive-policy-data.ts";
import { renderPolicyData } from "../render-policy.ts";
import type { Settings } from "../settings.ts";
import { CASES_FILE, type TestDirectory } from "./find-test-directories.ts";
import { parseTestCases, type TestCase } from "./test-cases.ts";

/** Largest YAML file and largest file of cases. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Every object in the directory is meant for the test, so its faults matter. */
const EVERYTHING = /^/;

/** A policy and the requests that it is to judge. */
export interface PolicyTest {
  readonly directory: string;
  /** `policy_data` as JSON text. */
  readonly policyDataText: string;
  readonly cases: readonly TestCase[];
}

/**
 * Reads a directory of tests and derives the policy of its workload, whatever its runtime class. Other objects in its
 * YAML files (ConfigMaps, Secrets) are there to be referred to.
 *
 * @param problems receives errors and warnings about the workload
 * @returns undefined when the workload has errors
 * @throws ContrastError `policy/test-directory-invalid` unless exactly one object has a pod spec, and the codes of
 *   `parseTestCases()` and of reading files
 */
export async function preparePolicyTest(
  directory: TestDirectory,
  settings: Settings,
  images: ImageProvider,
  problems: Problems,
): Promise<PolicyTest | undefined> {
  const casesPath = join(directory.path, CASES_FILE);
  const cases = parseTestCases(await readText(casesPath, "test cases", MAX_FILE_BYTES), casesPath);
  const found = new Problems();
  const objects: KubernetesObject[] = [];
  for (const path of directory.yamlFiles) {
    const bytes = await readBytes(path, "YAML file", MAX_FILE_BYTES);
    objects.push(...(parseInput(bytes, path, found, EVERYTHING)?.objects ?? []));
  }
  for (const fault of found.errors) problems.error(fault);
  if (found.errors.length > 0) return undefined;

  const workloads = objects.filter((object) => podSpecValue(object) !== undefined);
  const [object] = workloads;
  if (object === undefined || workloads.length > 1) {
    throw new ContrastError(
      "policy/test-directory-invalid",
      `Cannot test policies of "${directory.path}": got ${workloads.length} objects with a pod spec, want 1`,
      { details: { path: directory.path } },
    );
  }
  const configs = new ConfigLookup(objects, (problem) => problems.warn(problem));
  const data = await derivePolicyData({ object, settings, images, configs, problems });
  return data && { directory: directory.path, policyDataText: renderPolicyData(data), cases };
}
