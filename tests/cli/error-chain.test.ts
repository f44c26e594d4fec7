import { describe, expect, test } from "bun:test";
import { errorChainOf } from "../../src/cli/error-chain.ts";
import { renderErrorJson } from "../../src/cli/error-json.ts";
import { renderErrorText, renderInternalError } from "../../src/cli/error-text.ts";
import { ContrastError, inContext } from "../../src/lib/errors.ts";
import { type Problem, ProblemsError } from "../../src/lib/problems.ts";

const native = new Error("ENOENT: no such file or directory");
const inner = new ContrastError("lib/file-unreadable", `Cannot read manifest "m.json": ${native.message}`, {
  cause: native,
  hint: "Look again.",
  details: { path: "m.json" },
});
const outer = inContext(inner, "read existing manifest", "lib/internal");

function problem(number: number): Problem {
  return {
    code: "lib/json-invalid",
    message: `bad \u001b[31m${number}`,
    file: "a.yml",
    line: number,
    column: 1,
    hint: "Fix it.",
  };
}

describe("errorChainOf()", () => {
  test("leaves out a cause that its context quotes", () => {
    expect(errorChainOf(outer)).toEqual({
      layers: [
        { message: "read existing manifest", code: "lib/file-unreadable", details: {} },
        { message: inner.message, code: "lib/file-unreadable", details: { path: "m.json" } },
      ],
      hints: ["Look again."],
      problems: [],
      warnings: [],
      report: undefined,
    });
  });

  test("keeps the long answer of the innermost error that has one", () => {
    const report = { lines: ["Rejected"], json: { verdict: {} } };
    const refused = new ContrastError("attestation/rejected", "Cannot trust", { report });
    expect(errorChainOf(new ContrastError("lib/internal", "set", { cause: refused })).report).toBe(report);
  });

  test("keeps a native cause that says more", () => {
    const error = new ContrastError("lib/internal", "Cannot open", { cause: native });
    expect(errorChainOf(error).layers.map((layer) => layer.message)).toEqual(["Cannot open", native.message]);
  });

  test("collects the problems of every layer", () => {
    const error = inContext(
      new ProblemsError("Cannot patch", [problem(1), problem(2)]),
      "patch targets",
      "lib/internal",
    );
    expect(errorChainOf(error).problems).toEqual([problem(1), problem(2)]);
  });

  test("ends with a cause that leads in a circle", () => {
    const error = new Error("round");
    error.cause = error;
    expect(errorChainOf(error).layers).toHaveLength(1);
  });

  test.each([
    ["text", "text"],
    [undefined, ""],
    [null, "null"],
    [17, "17"],
  ])("takes %p, which is no error", (thrown, message) => {
    expect(
      errorChainOf(thrown)
        .layers.map((layer) => layer.message)
        .join(""),
    ).toBe(message);
  });
});

describe("renderErrorText()", () => {
  test("puts the chain on one line and the hints below", () => {
    expect(renderErrorText(errorChainOf(outer), "Error:")).toBe(
      `Error: read existing manifest: Cannot read manifest "m.json": ENOENT: no such file or directory\n  Look again.\n`,
    );
  });

  test("lists problems with their hints and never lets control characters through", () => {
    const error = new ProblemsError("Cannot patch", [problem(1), problem(2)]);
    expect(renderErrorText(errorChainOf(error), "Error:")).toBe(
      [
        "Error: Cannot patch: 2 problems",
        "  a.yml:1:1: bad \\u001b[31m1",
        "  a.yml:2:1: bad \\u001b[31m2",
        "    Fix it.",
        "",
      ].join("\n"),
    );
  });

  test("ends with the code that has an explanation", () => {
    const chain = errorChainOf(new ContrastError("atls/no-evidence", "no evidence"));
    const text = renderErrorText(chain, "Error:", "atls/no-evidence");
    expect(text).toBe("Error: no evidence\n  More about it: contrast help atls/no-evidence\n");
    expect(renderErrorText(errorChainOf(new ContrastError("lib/internal", "set")), "Error:")).toBe("Error: set\n");
  });

  test("stops after 200 problems", () => {
    const all = Array.from({ length: 250 }, (_, index) => ({ ...problem(index), hint: undefined }));
    const lines = renderErrorText(
      { layers: [], hints: [], problems: all, warnings: [], report: undefined },
      "Error:",
    ).split("\n");
    expect(lines).toHaveLength(203);
    expect(lines.at(-2)).toBe("  ... and 50 more");
  });
});

describe("renderErrorJson()", () => {
  test("lists warnings beside the problems", () => {
    const error = new ProblemsError("Cannot patch", [problem(1)], [problem(2)]);
    expect(JSON.parse(renderErrorJson(errorChainOf(error), "input"))).toMatchObject({
      findings: [
        { severity: "error", line: 1 },
        { severity: "warning", line: 2 },
      ],
    });
  });

  test("begins with the schema and the verdict, and lists every problem", () => {
    const text = renderErrorJson(errorChainOf(new ProblemsError("Cannot patch", [problem(1), problem(2)])), "input");
    expect(text.startsWith('{"schema":"contrast/error/v1","ok":false,"code":"lib/json-invalid","class":"input",')).toBe(
      true,
    );
    expect(JSON.parse(text)).toMatchObject({
      message: "Cannot patch: 2 problems",
      counts: { error: 2, warning: 0, info: 0 },
      findings: [
        { severity: "error", file: "a.yml", line: 1, column: 1, code: "lib/json-invalid", hint: "Fix it." },
        { severity: "error", line: 2 },
      ],
    });
  });

  test("names a defect by its own code", () => {
    expect(JSON.parse(renderErrorJson(errorChainOf(new TypeError("x")), "internal"))).toMatchObject({
      code: "lib/internal",
      class: "internal",
      message: "x",
    });
  });
});

describe("renderInternalError()", () => {
  test("holds the stack and asks for a report", () => {
    const text = renderInternalError(new TypeError("\u001b[2Jboom"), "Error:", "v1");
    expect(text).toStartWith("Error: internal error: \\u001b[2Jboom\n");
    expect(text).toContain("error-chain.test.ts");
    expect(text).toContain("defect of contrast v1");
  });
});
