import { type ExpectedCoordinatorPolicy, resolveCoordinatorPolicy } from "../../manifest/coordinator-policy-hash.ts";
import type { Platform } from "../../manifest/platforms.ts";
import type { ExaminedWorkload } from "../deployment.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";

/** Looks at which policy `set`, `verify` and `recover` will demand of the Coordinator, and whether it has it. */
export async function checkCoordinatorPolicy(
  { policyFlag, coordinatorHashPath }: DoctorOptions,
  { log, releasedPolicy }: DoctorServices,
  { manifest }: OwnManifest,
  platform: Platform | undefined,
  workloads: readonly ExaminedWorkload[] | undefined,
  examination: Examination,
): Promise<void> {
  const sources = { flag: policyFlag, manifest, workspacePath: coordinatorHashPath, log };
  const expected = await examination.attempt("coordinator.expected", () => resolveCoordinatorPolicy(sources));
  if (expected === undefined) {
    examination.skipAll(["coordinator.deployed", "coordinator.released"], "no policy is expected");
    return;
  }
  examination.conclude("coordinator.expected", `${hashesOf(expected)}, from ${expected.sourceText}`);
  checkDeployed(expected, workloads, examination);
  checkReleased(expected, platform, platform && releasedPolicy(platform), examination);
}

function checkDeployed(
  expected: ExpectedCoordinatorPolicy,
  workloads: readonly ExaminedWorkload[] | undefined,
  examination: Examination,
): void {
  const check = "coordinator.deployed";
  const coordinators = (workloads ?? []).filter(({ isCoordinator }) => isCoordinator);
  const wanted = new Set(expected.hashes.map((hash) => hash.toHex()));
  const deployed = coordinators.flatMap(({ deployed: policy, object }) =>
    policy === undefined ? [] : [{ hash: policy.workload.hash, place: object.locate([]) }],
  );
  if (deployed.length === 0) {
    const reason = workloads === undefined ? "no YAML was looked at" : "no Coordinator of the YAML has a policy";
    examination.skip(check, reason);
    return;
  }
  for (const { hash, place } of deployed) {
    if (wanted.has(hash)) continue;
    examination.error(check, {
      ...place,
      message: "the Coordinator has another policy than is expected of it: it will be refused",
      actual: hash,
      expected: `${hashesOf(expected)} (${expected.sourceText})`,
      hint: "Run generate again with the Coordinator among its inputs, which writes coordinator-policy.sha256; leave --coordinator-policy-hash out unless it names what is deployed.",
    });
  }
  examination.conclude(check, "it has the expected policy");
}

function checkReleased(
  expected: ExpectedCoordinatorPolicy,
  platform: Platform | undefined,
  released: string | undefined,
  examination: Examination,
): void {
  const check = "coordinator.released";
  if (platform === undefined || released === undefined) {
    const reason = platform === undefined ? "the platform is not known" : "this build released no Coordinator for it";
    examination.skip(check, reason);
    return;
  }
  if (!expected.hashes.some((hash) => hash.toHex() === released)) {
    examination.warn(check, {
      message: `the expected policy is not that of the Coordinator released for ${platform.display}`,
      actual: hashesOf(expected),
      expected: released,
      hint: "This is right for a Coordinator whose YAML you changed; otherwise deploy that of the release.",
    });
  }
  examination.conclude(check, `it is that of the release for ${platform.display}`);
}

function hashesOf({ hashes }: ExpectedCoordinatorPolicy): string {
  return hashes.map((hash) => hash.toHex()).join(" or ");
}
