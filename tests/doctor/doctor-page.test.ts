import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKS, CHECK_IDS, SUBJECTS, SUBJECT_NAMES, subjectOf } from "../../src/doctor/check-catalogue.ts";

const PAGE = readFileSync(join(import.meta.dir, "../../docs/doctor.md"), "utf8");

describe("docs/doctor.md", () => {
  test("has every check with its title, in order", () => {
    const rows = [...PAGE.matchAll(/^\| `([a-z-]+\.[a-z-]+)` +\| ([^|]+?) +\|/gm)].map(([, check, title]) => [
      check,
      title,
    ]);
    expect(rows).toEqual(CHECK_IDS.map((check) => [check, CHECKS[check]]));
  });

  test("names no check that does not exist", () => {
    const subjects = SUBJECT_NAMES.join("|");
    const named = [...PAGE.matchAll(new RegExp(`\\b((?:${subjects})\\.[a-z-]+)`, "g"))].map(([, check]) => check ?? "");
    const files = ["manifest.json", "coordinator-policy.sha256"];
    const known = new Set<string>([...CHECK_IDS, ...files]);
    expect(named.filter((check) => !known.has(check))).toEqual([]);
  });

  test("has every subject", () => {
    for (const name of SUBJECT_NAMES) expect(PAGE).toContain(`### ${name}: ${SUBJECTS[name]}\n`);
    expect(CHECK_IDS.every((check) => subjectOf(check) !== undefined)).toBe(true);
  });
});
