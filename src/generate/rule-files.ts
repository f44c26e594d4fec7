import { exists, readText } from "../lib/files.ts";
import type { Problems } from "../lib/problems.ts";
import type { PlannedFile } from "../lib/file-writer.ts";
import { loadProfile, type ProfileName, profileText } from "../policy/settings/profiles.ts";
import { readSettings } from "../policy/settings/read-settings.ts";
import { rulesText } from "../policy/rules-text.ts";
import type { Settings } from "../policy/settings.ts";
import { checkOtherRules } from "./check-other-rules.ts";

/** Largest rules file; the guest's engine refuses more than 16 MiB of policy. */
const MAX_RULES_BYTES = 4 * 1024 * 1024;

/** Rules and settings of a run. */
export interface RuleFiles {
  /** Exact text that every policy begins with. */
  readonly rules: string;
  /** Whether the rules are those of this version. */
  readonly isEmbeddedRules: boolean;
  readonly settings: Settings;
  /** Files that are missing and will be created from the embedded ones. */
  readonly newFiles: readonly PlannedFile[];
}

/**
 * Reads the user's rules and settings. Missing files are planned with the embedded content; existing ones are never
 * refreshed, so a difference from what this version ships is told.
 *
 * @param problems receives the warnings `generate/rules-differ` and `generate/settings-differ`, and what
 *   `checkOtherRules()` finds
 * @throws ContrastError `lib/file-unreadable` and the codes of `readSettings`
 * @see edgelesssys/contrast `cli/genpolicy/genpolicy.go`
 */
export async function readRuleFiles(
  rulesPath: string,
  settingsPath: string,
  profile: ProfileName,
  problems: Problems,
): Promise<RuleFiles> {
  const newFiles: PlannedFile[] = [];
  const embeddedRules = rulesText();
  let rules = embeddedRules;
  if (await exists(rulesPath)) rules = await readText(rulesPath, "rules", MAX_RULES_BYTES);
  else newFiles.push({ path: rulesPath, content: embeddedRules, ifExists: "keep" });
  const isEmbeddedRules = rules === embeddedRules;
  if (!isEmbeddedRules) {
    problems.warn({
      code: "generate/rules-differ",
      message: "the rules are not those of this version",
      hint: "Remove the file to get the rules of this version, unless you changed them on purpose.",
      file: rulesPath,
    });
    await checkOtherRules(rules, rulesPath, problems);
  }

  const embeddedSettings = await profileText(profile);
  let settings: Settings;
  if (await exists(settingsPath)) {
    settings = await readSettings(settingsPath, profile);
    const text = await readText(settingsPath, "settings").catch(() => undefined);
    if (text !== undefined && text !== embeddedSettings) {
      problems.warn({
        code: "generate/settings-differ",
        message: "the settings are not those of this version for the platform",
        hint: "Remove the file to get the settings of this version, unless you changed them on purpose.",
        file: settingsPath,
      });
    }
  } else {
    settings = await loadProfile(profile);
    newFiles.push({ path: settingsPath, content: embeddedSettings, ifExists: "keep" });
  }
  return { rules, isEmbeddedRules, settings, newFiles };
}
