import { exists, readText } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import { sha256Hex } from "../lib/digest.ts";
import type { PlannedFile } from "../lib/transaction.ts";
import { loadProfile, type ProfileName, profileText } from "../policy/settings/profiles.ts";
import { readSettings } from "../policy/settings/read-settings.ts";
import { rulesText } from "../policy/rules-text.ts";
import type { Settings } from "../policy/settings.ts";

/** Largest rules file; the guest's engine refuses more than 16 MiB of policy. */
const MAX_RULES_BYTES = 4 * 1024 * 1024;

/** Rules and settings of a run. */
export interface RuleFiles {
  /** Exact text that every policy begins with. */
  readonly rules: string;
  /** Whether the rules are those that this program can evaluate. */
  readonly isEmbeddedRules: boolean;
  readonly settings: Settings;
  /** Files that are missing and will be created from the embedded ones. */
  readonly newFiles: readonly PlannedFile[];
}

/**
 * Reads the user's rules and settings. Missing files are planned with the embedded content; existing ones are never
 * refreshed, so a difference from what this version ships is told.
 *
 * @throws ContrastError `lib/file-unreadable` and the codes of `readSettings`
 * @see edgelesssys/contrast `cli/genpolicy/genpolicy.go`
 */
export async function readRuleFiles(
  rulesPath: string,
  settingsPath: string,
  profile: ProfileName,
  log: Logger,
): Promise<RuleFiles> {
  const newFiles: PlannedFile[] = [];
  const embeddedRules = rulesText();
  let rules = embeddedRules;
  if (await exists(rulesPath)) rules = await readText(rulesPath, "rules", MAX_RULES_BYTES);
  else newFiles.push({ path: rulesPath, content: embeddedRules, ifExists: "keep" });
  const isEmbeddedRules = rules === embeddedRules;
  if (!isEmbeddedRules)
    log.warn("rules differ from those of this version", { path: rulesPath, sha256: sha256Hex(rules) });

  const embeddedSettings = await profileText(profile);
  let settings: Settings;
  if (await exists(settingsPath)) {
    settings = await readSettings(settingsPath, profile);
    const text = await readText(settingsPath, "settings").catch(() => undefined);
    if (text !== undefined && text !== embeddedSettings) {
      log.warn("settings differ from those of this version for the platform", { path: settingsPath, profile });
    }
  } else {
    settings = await loadProfile(profile);
    newFiles.push({ path: settingsPath, content: embeddedSettings, ifExists: "keep" });
  }
  return { rules, isEmbeddedRules, settings, newFiles };
}
