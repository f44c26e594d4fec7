import type { CollateralNeed } from "../../attestation/collateral-need.ts";
import { bestCopy } from "../../attestation/collateral/best-copy.ts";
import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import { describeNeed } from "../../attestation/collateral/describe-need.ts";
import { type HeldItem, judgeHeld } from "../../attestation/collateral/judge-held.ts";
import { inspectCollateral } from "../../attestation/inspect-collateral.ts";
import { isWritableDirectory, kindOfPath } from "../../lib/files.ts";
import { renderInstant } from "../../lib/instant.ts";
import { manifestCollateral } from "../../manifest/manifest-collateral.ts";
import type { Manifest } from "../../manifest/schema.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";

/** Time to carry new collateral to where no network is. */
const SOON_MS = 7 * 24 * 60 * 60 * 1000;
const FETCH_HINT =
  'Where there is network, run "contrast collateral fetch --manifest manifest.json" and carry it with collateral export and import.';

/** Looks at collateral at hand: without network, nothing else can be used. */
export async function checkCollateral(
  { offline }: DoctorOptions,
  { collateral, roots, at }: DoctorServices,
  own: OwnManifest | undefined,
  examination: Examination,
): Promise<void> {
  const { damaged, items } = collateral.cache;
  await checkDirectory(collateral.directory, examination);
  for (const { name } of damaged) {
    examination.warn("collateral.cache", {
      file: collateral.directory === undefined ? name : `${collateral.directory}/${name}`,
      message: "the file of the cache is damaged or half written, and is not used",
      hint: 'Run "contrast collateral prune".',
    });
  }
  examination.conclude("collateral.cache", `${items.length} pieces`);
  if (own === undefined) return;
  const inspect = inspectCollateral(roots);
  const held = [...collateral.files, ...items].map((item) => judgeHeld(item, inspect, at));
  const served = [...neededOf(own.manifest)].map(([url, need]) =>
    judge(need, bestCopy(url, held), at, offline, examination),
  );
  if (offline) demandMachines(own.manifest, held, examination);
  const count = served.filter(Boolean).length;
  if (count === 0 && !offline && !examination.results.some(({ check }) => check === "collateral.dates")) {
    examination.skip("collateral.dates", "nothing is at hand; it is fetched when something is verified");
    return;
  }
  examination.conclude("collateral.dates", `${count} of ${served.length} pieces are at hand and valid`);
}

/** A cache that somebody else made, such as root with sudo, serves nobody; commands only warn of it. */
async function checkDirectory(directory: string | undefined, examination: Examination): Promise<void> {
  if (directory === undefined) return;
  const kind = await kindOfPath(directory);
  if (kind === "nothing" || (kind === "directory" && (await isWritableDirectory(directory)))) return;
  examination.warn("collateral.cache", {
    file: directory,
    message: kind === "directory" ? "the cache cannot be written to" : "the cache is no directory",
    hint: "Correct its owner, or name another place with the environment variable CONTRAST_CACHE_DIR.",
  });
}

/** What the manifest needs; AMD's chains are in the program itself. */
function neededOf(manifest: Manifest): ReadonlyMap<string, CollateralNeed> {
  const needs = manifestCollateral(manifest).map(({ need }) => need);
  return new Map(needs.filter(({ kind }) => kind !== "amd-chain").map((need) => [collateralUrl(need), need]));
}

/** @returns whether a valid copy is at hand */
function judge(
  need: CollateralNeed,
  copy: HeldItem | undefined,
  at: Date,
  offline: boolean,
  examination: Examination,
): boolean {
  const check = "collateral.dates";
  const name = describeNeed(need);
  const until = copy?.validity.notAfter;
  if (copy?.state === "valid") {
    if (offline && until !== undefined && until.getTime() - at.getTime() < SOON_MS) {
      const message = `${name} expires ${renderInstant(until)}, and no vendor can be asked for a newer one`;
      examination.warn(check, { message, hint: FETCH_HINT });
    }
    return true;
  }
  // With network the vendor is asked anyway.
  if (!offline && (copy === undefined || copy.state === "expired")) return false;
  if (copy?.state === "not-yet-valid") {
    const message = `${name} is valid from ${renderInstant(copy.validity.notBefore ?? at)} only`;
    examination.warn(check, { message, hint: "Check the clock of this computer." });
    return false;
  }
  const finding = { message: `${name} ${factOf(copy)}`, hint: FETCH_HINT };
  examination.report(check, offline ? "error" : "warning", finding);
  return false;
}

function factOf(copy: HeldItem | undefined): string {
  if (copy === undefined) return "is not at hand";
  if (copy.state === "wrong") return `at hand is of no use: ${copy.reason ?? "wrong"}`;
  const { notAfter } = copy.validity;
  return notAfter === undefined ? "has expired" : `expired ${renderInstant(notAfter)}`;
}

/** Which machine it will be, the manifest does not say; without one piece for any there is none to verify. */
function demandMachines(manifest: Manifest, held: readonly HeldItem[], examination: Examination): void {
  const has = (kind: CollateralNeed["kind"]): boolean =>
    held.some(({ item, state }) => item.need.kind === kind && state === "valid");
  if ((manifest.referenceValues.tdx ?? []).length > 0 && !has("intel-tcb-info")) {
    examination.error("collateral.dates", {
      message: "no valid TDX TCB info of any machine is at hand",
      hint: 'Where there is network, run "contrast collateral fetch" with --coordinator, --evidence or --fmspc, and carry it.',
    });
  }
}
