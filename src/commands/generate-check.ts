import type { FileChange } from "../lib/dry-run.ts";
import { unifiedDiff } from "../lib/unified-diff.ts";
import type { CheckedRun } from "../generate/check-generated.ts";
import type { GenerateOptions } from "../generate/generate-options.ts";
import { type PolicyChange, policyChanges } from "../generate/policy-changes.ts";
import { shownText } from "../generate/shown-text.ts";
import type { Io } from "../terminal/io.ts";
import { resultJson } from "../terminal/json-result.ts";

/** What a file is to `generate`. */
type FileRole = "yaml" | "manifest" | "rules" | "settings" | "owner-key" | "coordinator-hash";

/** Files whose content says something to whoever reads a difference. */
const SHOWN_ROLES: ReadonlySet<FileRole> = new Set(["yaml", "manifest", "coordinator-hash"]);

/**
 * Prints what `generate` would change.
 *
 * @returns the exit status: 0 where it would change nothing, otherwise 1
 */
export function printCheck(run: CheckedRun, options: GenerateOptions, io: Io): number {
  const files = run.changes.map((change) => describedChange(change, options));
  if (io.format === "json") {
    const { platform, manifestPath, missingReferenceValues, warnings } = run.result;
    const changes = files.map(({ change, role, policies }) => ({
      file: change.path,
      role,
      change: kindOf(change),
      ...(role === "yaml" ? { policies: policies.map(policyJson) } : {}),
    }));
    const ok = files.length === 0;
    io.out(resultJson("generate-check", { ok, changes, platform, manifestPath, missingReferenceValues, warnings }));
  } else {
    for (const file of files) for (const line of fileLines(file)) io.out(line);
    if (files.length === 0) io.out("✔️ Everything is up to date");
    else io.out(`generate would write ${files.length === 1 ? "1 file" : `${files.length} files`}`);
  }
  return files.length === 0 ? 0 : 1;
}

interface DescribedChange {
  readonly change: FileChange;
  readonly role: FileRole;
  readonly policies: readonly PolicyChange[];
}

function describedChange(change: FileChange, options: GenerateOptions): DescribedChange {
  const role = roleOf(change.path, options);
  return { change, role, policies: role === "yaml" ? policyChanges(change) : [] };
}

function roleOf(path: string, options: GenerateOptions): FileRole {
  if (path === options.manifestPath) return "manifest";
  if (path === options.rulesPath) return "rules";
  if (path === options.settingsPath) return "settings";
  if (path === options.coordinatorHashPath) return "coordinator-hash";
  return [...options.workloadOwnerKeys, ...options.seedshareOwnerKeys].includes(path) ? "owner-key" : "yaml";
}

function kindOf({ before }: FileChange): "created" | "changed" {
  return before === undefined ? "created" : "changed";
}

function policyJson({ object, namespace, before, after }: PolicyChange): Readonly<Record<string, unknown>> {
  return { object, namespace, before: before?.hashHex ?? null, after: after?.hashHex ?? null };
}

function fileLines({ change, role, policies }: DescribedChange): readonly string[] {
  const { path, before, after } = change;
  const name = shownText(path);
  if (!SHOWN_ROLES.has(role)) return [`${name} would be ${kindOf(change)}`];
  const diff = unifiedDiff(before === undefined ? undefined : shownText(before), shownText(after));
  const old = before === undefined ? "/dev/null" : name;
  return [`--- ${old}`, `+++ ${name}`, ...diff, ...policies.flatMap(policyLines)];
}

function policyLines({ object, before, after }: PolicyChange): readonly string[] {
  const name = shownText(object);
  if (before === undefined) return [`policy of ${name} is new`];
  if (after === undefined) return [`policy of ${name} is removed`];
  return [`policy of ${name} changes`];
}
