import type { CheckResult } from "./check-result.ts";
import { CHECK_IDS } from "./check-catalogue.ts";
import { checkCollateral } from "./checks/check-collateral.ts";
import { checkCoordinatorPolicy } from "./checks/check-coordinator-policy.ts";
import { checkCurrent } from "./checks/check-current.ts";
import { checkDeployment } from "./checks/check-deployment.ts";
import { checkInForce } from "./checks/check-in-force.ts";
import { checkKeys } from "./checks/check-keys.ts";
import { checkAccepted, checkDeployedPolicies, checkManifest, checkPlatform } from "./checks/check-manifest.ts";
import { checkMeshCertificates } from "./checks/check-mesh-certificates.ts";
import { checkPolicies } from "./checks/check-policies.ts";
import { checkMeasurements, checkReferenceValues } from "./checks/check-reference-values.ts";
import { checkSavedCertificates } from "./checks/check-saved-certificates.ts";
import { checkSavedHistory } from "./checks/check-saved-history.ts";
import { checkSeedShares } from "./checks/check-seed-shares.ts";
import { checkTables } from "./checks/check-tables.ts";
import { checkVersion } from "./checks/check-version.ts";
import { checkWorkspace } from "./checks/check-workspace.ts";
import type { DoctorOptions, DoctorServices } from "./doctor-options.ts";
import { Examination } from "./examination.ts";
import { refusePipes } from "./refuse-pipes.ts";

/**
 * Runs every check; each has at least one result. Nothing is written, and nothing is asked of the network.
 *
 * @returns results in the order of the catalogue
 * @throws ContrastError `lib/file-unreadable` for a named pipe; the reason of the signal
 */
export async function examine(options: DoctorOptions, services: DoctorServices): Promise<readonly CheckResult[]> {
  const examination = new Examination();
  const { signal } = services;
  await refusePipes(options);
  const tables = await checkTables(options, examination);
  const yaml = options.paths.length === 0 ? undefined : await checkDeployment(options, services, examination);
  signal.throwIfAborted();
  const platform = yaml && checkVersion(yaml.workloads, tables, examination);
  if (yaml !== undefined) await checkPolicies(yaml.workloads, options, examination);
  signal.throwIfAborted();
  await checkWorkspace(options, services, platform, examination);

  const own = await checkManifest(options.manifestPath, examination);
  if (yaml !== undefined) {
    const state = { platform, manifest: own?.manifest, workloads: yaml.workloads, tables };
    await checkCurrent(options, services, state, examination);
  }
  signal.throwIfAborted();
  if (own !== undefined) {
    if (yaml !== undefined) {
      checkDeployedPolicies(own, yaml.workloads, examination);
      checkPlatform(own, platform, examination);
      checkMeasurements(own, tables, platform, examination);
    }
    await checkAccepted(own, yaml?.workloads ?? [], examination);
    checkReferenceValues(own, examination);
    await checkCoordinatorPolicy(options, services, own, platform, yaml?.workloads, examination);
  }

  const saved = await checkSavedCertificates(options, services, examination);
  const inForce = await checkSavedHistory(options, examination);
  if (own !== undefined && inForce !== undefined) await checkInForce(own, inForce, saved, examination);
  signal.throwIfAborted();
  const key = await checkKeys(options, own, saved.isVerifyCurrent ? inForce?.manifest : undefined, examination);
  await checkSeedShares(options, key, own, saved, examination);
  await checkCollateral(options, services, own, examination);
  await checkMeshCertificates(options, services, saved, examination);
  leaveUnreached(options, own !== undefined, examination);
  const byCheck = Map.groupBy(examination.results, ({ check }) => check);
  return CHECK_IDS.flatMap((check) => byCheck.get(check) ?? []);
}

/** Checks of which nothing was told were not reached, since what they look at is missing. */
function leaveUnreached({ paths }: DoctorOptions, hasManifest: boolean, examination: Examination): void {
  const reached = new Set(examination.results.map(({ check }) => check));
  for (const check of CHECK_IDS.filter((id) => !reached.has(id))) {
    if (!hasManifest && !check.startsWith("deployment.")) examination.skip(check, "the manifest cannot be read");
    else if (paths.length > 0) examination.skip(check, "the YAML cannot be read");
    else examination.leave(check, "no YAML was named");
  }
}
