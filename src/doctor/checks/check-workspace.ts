import { join } from "node:path";
import { readRuleFiles } from "../../generate/rule-files.ts";
import { namesIn } from "../../lib/file-facts.ts";
import type { Platform } from "../../manifest/platforms.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** Names under which commands of this program write files before they get their own. */
const LEFT_OVER = /^\.(?<name>.+)\.[0-9a-f]{12}\.tmp$/;
const SEED_SHARES = "seed-shares.json";

/** Looks at files beside the manifest that no other check reads. */
export async function checkWorkspace(
  options: DoctorOptions,
  platform: Platform | undefined,
  examination: Examination,
): Promise<void> {
  await checkRules(options, platform, examination);
  for (const directory of new Set([options.workspaceDir || ".", options.verifyDirectory])) {
    await checkLeftOvers(directory, examination);
  }
  examination.conclude("workspace/left-overs", "no temporary files");
}

async function checkRules(
  { rulesPath, settingsPath }: DoctorOptions,
  platform: Platform | undefined,
  examination: Examination,
): Promise<void> {
  const check = "workspace/rules";
  if (platform === undefined) {
    examination.skip(check, "the platform is not known: name the YAML that generate wrote");
    return;
  }
  await examination.attempt(check, async (problems) => {
    await readRuleFiles(rulesPath, settingsPath, platform.profile, problems);
    examination.take(check, problems);
  });
  examination.conclude(check, `rules and settings of ${platform.display} are those of this version`);
}

async function checkLeftOvers(directory: string, examination: Examination): Promise<void> {
  for (const found of await namesIn(directory)) {
    const name = LEFT_OVER.exec(found)?.groups?.["name"];
    if (name === undefined) continue;
    const isShares = name === SEED_SHARES;
    examination.warn("workspace/left-overs", {
      file: join(directory === "." ? "" : directory, found),
      message: `a command that was interrupted has left a part of ${name}`,
      hint: isShares
        ? `It may be the only copy of the seed shares: if it is JSON and ${SEED_SHARES} is missing, rename it to that; delete it only when recover --dry-run works without it.`
        : "Delete it when no contrast command is running; it may hold a private key, so do not hand it on.",
    });
  }
}
