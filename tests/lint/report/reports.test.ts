import { describe, expect, test } from "bun:test";
import type { LintReport, ReportedFinding } from "../../../src/lint/lint-report.ts";
import { renderGithubReport } from "../../../src/lint/report/github-report.ts";
import { renderJsonReport, renderJsonRules } from "../../../src/lint/report/json-report.ts";
import { renderJunitReport } from "../../../src/lint/report/junit-report.ts";
import { renderSarifReport } from "../../../src/lint/report/sarif-report.ts";
import { renderTextReport } from "../../../src/lint/report/text-report.ts";
import { LINT_RULES } from "../../../src/lint/rule-catalogue.ts";

const FINDING: ReportedFinding = {
  code: "privileged",
  severity: "warning",
  message: 'container "web" is privileged: 100%\n::error::,',
  hint: "Do <less> & more.",
  file: "./a b/x:1,2.yaml",
  line: 3,
  column: 7,
  object: "Pod web",
  path: "spec.containers[0]",
  fixable: false,
  source: "    privileged: true",
};
const report = (...findings: readonly ReportedFinding[]): LintReport => ({
  files: ["clean.yaml", FINDING.file],
  findings,
  silenced: 2,
});
const text = (...findings: readonly ReportedFinding[]): string => [...renderTextReport(report(...findings))].join("\n");

describe("renderTextReport()", () => {
  test("keeps to the width of the terminal", () => {
    const lines = [...renderTextReport(report({ ...FINDING, message: "word ".repeat(40), source: undefined }), 60)];
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(lines.filter((line) => line.includes("word word")).length).toBeGreaterThan(3);
  });

  test("shows place, line, caret and what helps, and sums up", () => {
    expect(text({ ...FINDING, message: "m" })).toBe(
      [
        "./a b/x:1,2.yaml",
        "  3:7     warning privileged: m (Pod web, spec.containers[0])",
        "          |     privileged: true",
        "          |       ^",
        "          Do <less> & more.",
        "",
        "0 errors, 1 warning, 0 info, 2 silenced in 2 files",
      ].join("\n"),
    );
  });

  test("keeps the caret below its character in lines that are cut, and shows no line with control characters", () => {
    const far = text({ ...FINDING, message: "m", column: 500, source: `${" ".repeat(499)}X${"y".repeat(500)}` });
    const lines = far.split("\n");
    expect(lines[2]?.length).toBeLessThan(140);
    expect(lines[2]?.indexOf("X")).toBe(lines[3]?.indexOf("^"));
    expect(text({ ...FINDING, source: "a\u001b[31mb" })).not.toContain("|");
    expect(text({ ...FINDING, message: "a\u001b[31mb" })).not.toContain("\u001b");
    expect(text({ ...FINDING, source: undefined })).not.toContain("|");
  });

  test("keeps every finding on lines of its own, whatever names say", () => {
    const forged = {
      ...FINDING,
      message: "m\n0 errors",
      object: "Pod\nx",
      hint: "h\ni",
      path: "p\nq",
      source: undefined,
    };
    expect(text(forged).split("\n")).toHaveLength(5);
  });

  test("says what --fix does", () => {
    expect(text({ ...FINDING, fixable: true })).toContain("Do <less> & more. lint --fix does it.");
  });
});

describe("renderGithubReport()", () => {
  test("escapes what would end a property or the command", () => {
    expect(renderGithubReport([FINDING])).toEqual([
      '::warning file=./a b/x%3A1%2C2.yaml,line=3,col=7,title=contrast lint%3A privileged::Pod web: container "web" is privileged: 100%25%0A::error::,%0ADo <less> & more.',
    ]);
  });

  test("has a command for each severity, and leaves out what is not known", () => {
    const bare = { code: "a", message: "m", file: "f", fixable: false };
    expect(
      renderGithubReport([
        { ...bare, severity: "error" },
        { ...bare, severity: "info" },
      ]),
    ).toEqual(["::error file=f,title=contrast lint%3A a::m", "::notice file=f,title=contrast lint%3A a::m"]);
  });
});

describe("renderJunitReport()", () => {
  test("has a suite for each file and a case for each finding; an info passes", () => {
    const xml = renderJunitReport(report(FINDING, { ...FINDING, severity: "info", message: "m\u0000" }));
    expect(xml).toContain('<testsuites name="contrast lint" tests="3" failures="1">');
    expect(xml).toContain(
      '<testsuite name="clean.yaml" tests="1" failures="0">\n    <testcase classname="clean.yaml" name="lint"/>',
    );
    expect(xml).toContain('<testsuite name="./a b/x:1,2.yaml" tests="2" failures="1">');
    expect(xml).toContain(
      '<failure type="warning" message="container &#34;web&#34; is privileged: 100%&#10;::error::,">',
    );
    expect(xml).toContain("Do &#60;less&#62; &#38; more.</system-out>");
    expect(xml).toContain("m\u{FFFD}");
  });
});

describe("renderSarifReport()", () => {
  const sarif = (...findings: readonly ReportedFinding[]) =>
    JSON.parse(renderSarifReport(report(...findings), "v1.2.3"));

  test("describes every rule, and those of users by id", () => {
    const { driver } = sarif({ ...FINDING, code: "x-own" }).runs[0].tool;
    expect(driver.name).toBe("contrast lint");
    expect(driver.version).toBe("v1.2.3");
    expect(driver.rules.map(({ id }: { id: string }) => id)).toEqual([...LINT_RULES.map(({ id }) => id), "x-own"]);
    for (const rule of driver.rules.slice(0, -1))
      expect(rule.defaultConfiguration.level).toMatch(/^(error|warning|note)$/);
  });

  test("names rule, level, place and a fingerprint that lines do not change", () => {
    const { version, runs } = sarif(FINDING, { ...FINDING, line: 9 }, { ...FINDING, path: "other" });
    expect(version).toBe("2.1.0");
    const [first, moved, other] = runs[0].results;
    expect(first.ruleId).toBe(runs[0].tool.driver.rules[first.ruleIndex].id);
    expect(first).toMatchObject({
      level: "warning",
      message: { text: `${FINDING.message}. ${FINDING.hint}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "a%20b/x%3A1%2C2.yaml" },
            region: { startLine: 3, startColumn: 7 },
          },
          logicalLocations: [{ fullyQualifiedName: "Pod web, spec.containers[0]" }],
        },
      ],
    });
    expect(moved.partialFingerprints).toEqual(first.partialFingerprints);
    expect(other.partialFingerprints).not.toEqual(first.partialFingerprints);
  });

  test("gives absolute files as URI, and no region without line", () => {
    const [result] = sarif({ ...FINDING, file: "/a b.yaml", line: undefined, severity: "info" }).runs[0].results;
    expect(result.level).toBe("note");
    expect(result.locations[0].physicalLocation).toEqual({ artifactLocation: { uri: "file:///a%20b.yaml" } });
  });
});

describe("renderJsonReport()", () => {
  test("leaves source lines out", () => {
    const json = JSON.parse(renderJsonReport(report(FINDING), [], false));
    expect(json).toMatchObject({
      schema: "contrast/lint/v1",
      ok: false,
      counts: { error: 0, warning: 1, info: 0 },
      silenced: 2,
      files: 2,
      fixed: [],
    });
    expect(Object.keys(json.findings[0])).not.toContain("source");
  });
});

describe("renderJsonRules()", () => {
  test("lists all rules", () => {
    const { schema, rules } = JSON.parse(renderJsonRules());
    expect(schema).toBe("contrast/lint-rules/v1");
    expect(rules).toHaveLength(LINT_RULES.length);
  });
});
