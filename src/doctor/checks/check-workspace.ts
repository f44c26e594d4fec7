import { join } from "node:path";
import { readRuleFiles } from "../../generate/rule-files.ts";
import { MESH_CA_FILE, ROOT_CA_FILE } from "../../client/set-files.ts";
import { isWritableDirectory, kindOfPath } from "../../lib/files.ts";
import { fileFacts, namesIn } from "../../lib/file-facts.ts";
import { renderInstant } from "../../lib/instant.ts";
import type { Platform } from "../../manifest/platforms.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** Names under which commands of this program write files before they get their own. */
const LEFT_OVER = /^\.(?<name>.+)\.[0-9a-f]{12}\.tmp$/s;
const SEED_SHARES = "seed-shares.json";
const CLOCK_SKEW_MS = 2 * 60 * 60 * 1000;

/** Looks at files beside the manifest that no other check reads. */
export async function checkWorkspace(
  options: DoctorOptions,
  services: DoctorServices,
  platform: Platform | undefined,
  examination: Examination,
): Promise<void> {
  await checkRules(options, platform, examination);
  await checkWritable(options, examination);
  await checkClock(options, services, examination);
  for (const directory of new Set([options.workspaceDir || ".", options.verifyDirectory])) {
    await checkLeftOvers(directory, examination);
  }
  examination.conclude("workspace.left-overs", "no temporary files");
}

async function checkRules(
  { rulesPath, settingsPath }: DoctorOptions,
  platform: Platform | undefined,
  examination: Examination,
): Promise<void> {
  const check = "workspace.rules";
  if (platform === undefined) {
    examination.skip(check, "the platform is not known: name the YAML that generate wrote");
    return;
  }
  await examination.attempt(
    check,
    async (problems) => await readRuleFiles(rulesPath, settingsPath, platform.profile, problems),
    { hint: `Correct the file; without ${rulesPath} and ${settingsPath}, generate writes those of this version.` },
  );
  examination.conclude(check, `rules and settings of ${platform.display} are those of this version`);
}

/** An answer of the Coordinator that comes only once must find its place. */
async function checkWritable(
  { workspaceDir, verifyDirectory }: DoctorOptions,
  examination: Examination,
): Promise<void> {
  const check = "workspace.writable";
  const places: [path: string, want: "file" | "directory"][] = [
    [workspaceDir || ".", "directory"],
    [verifyDirectory, "directory"],
    ...[ROOT_CA_FILE, MESH_CA_FILE, SEED_SHARES].map((name): [string, "file"] => [join(workspaceDir, name), "file"]),
  ];
  for (const [file, want] of places) {
    const kind = await kindOfPath(file);
    const isRefused = want === "directory" && !(await isWritableDirectory(file));
    if ((kind === want || kind === "nothing") && !isRefused) continue;
    examination.error(check, {
      file,
      code: "lib/file-unwritable",
      message: kind === want ? "the directory cannot be written to" : `want a ${want} under this name`,
      actual: kind === want ? undefined : kind,
      hint: "Move away what is there, or change its permissions; set and verify refuse to begin without room for their files.",
    });
  }
  examination.conclude(check, "there is room for them");
}

/** A clock that is behind makes fresh certificates and collateral look as if they were not valid yet. */
async function checkClock(
  { manifestPath, workloadOwnerKeyPath, verifyDirectory, workspaceDir }: DoctorOptions,
  { now }: DoctorServices,
  examination: Examination,
): Promise<void> {
  const check = "workspace.clock";
  for (const file of [manifestPath, workloadOwnerKeyPath, join(workspaceDir, MESH_CA_FILE), verifyDirectory]) {
    const facts = await fileFacts(file);
    if (facts === undefined || facts.modifiedAt.getTime() - now.getTime() < CLOCK_SKEW_MS) continue;
    examination.warn(check, {
      file,
      message: `the clock says ${renderInstant(now)}, but the file was written ${renderInstant(facts.modifiedAt)}`,
      hint: "Set the clock of this computer; evidence, certificates and revocation lists are judged by it.",
    });
    return;
  }
  examination.conclude(check, `it says ${renderInstant(now)}`);
}

async function checkLeftOvers(directory: string, examination: Examination): Promise<void> {
  for (const found of await namesIn(directory)) {
    const name = LEFT_OVER.exec(found)?.groups?.["name"];
    if (name === undefined) continue;
    const isShares = name === SEED_SHARES;
    examination.warn("workspace.left-overs", {
      file: join(directory === "." ? "" : directory, found),
      message: `a command that was interrupted has left a part of ${name}`,
      hint: isShares
        ? `It may be the only copy of the seed shares: if it is JSON and ${SEED_SHARES} is missing, rename it to that; delete it only when recover --dry-run works without it.`
        : "Delete it when no contrast command is running; it may hold a private key, so do not hand it on.",
    });
  }
}
