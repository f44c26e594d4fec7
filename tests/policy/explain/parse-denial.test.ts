import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import { parseDenial } from "../../../src/policy/explain/parse-denial.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { createContainer } from "../../fakes/rule-requests.ts";

const REQUEST: JsonObject = createContainer("web");
const COPY = { path: "/run/x", file_size: 1, file_mode: 33188, dir_mode: 493, uid: 0, gid: 0, offset: 0 };

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
const quoted = (text: string): string => `"${escaped(text)}"`;

/** What rules of upstream print of their input: keys in order, blanks behind separators. */
function printed(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value as JsonObject).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${printed(member)}`).join(", ")}}`;
}

const BLOCKED = `CreateContainerRequest is blocked by policy: agent_policy:122: allow_create_container_input: input = ${printed(REQUEST)}`;
const SHIM = `failed to create shim task: ${quoted(BLOCKED)}: unknown`;
const RUST = `Others("failed to handle message\\n\\nCaused by:\\n 1: Status { message: ${escaped(quoted(escaped(quoted(BLOCKED))))} }")`;
const EVENT = `Events:
  Type     Reason   Age  From      Message
  ----     ------   ---- ----      -------
  Normal   Pulled   10s  kubelet   Container image "registry.example/web" already present
  Warning  Failed   9s   kubelet   Error: ${SHIM}
`;
const LOG = `time="2026-11-23T08:00:00Z" level=error msg=${quoted(`StartContainer failed error=${quoted(SHIM)}`)}`;

/** Lines of about one length, as terminals break them; a blank at the beginning of an indented line would be lost. */
const wrapped = (text: string, indent = ""): string => text.replaceAll(/.{90,113}(?! )/g, `$&\n${indent}`);

describe("parseDenial()", () => {
  test.each<[string, string]>([
    ["a bare request", JSON.stringify(REQUEST)],
    ["a request on many lines", JSON.stringify(REQUEST, null, 4)],
    ["a request with its kind", JSON.stringify({ kind: "CreateContainerRequest", request: REQUEST })],
    ["a case of a test", JSON.stringify([{ description: "a", kind: "CreateContainerRequest", request: REQUEST }])],
    ["a line of the older agent's log", `["ep":"CreateContainerRequest",${JSON.stringify(REQUEST)}],\n\n`],
    ["an object around it", JSON.stringify({ time: 1, fields: [{ input: REQUEST }] })],
    ["an event", EVENT],
    ["an error of the Rust runtime", RUST],
    ["a line of containerd's log", LOG],
    ["an event as JSON", JSON.stringify({ kind: "Event", message: `Error: ${SHIM}` })],
    ["an event as YAML", `message: ${quoted(`Error: ${SHIM}`)}\nreason: Failed\n`],
    ["a wrapped event", wrapped(EVENT)],
    ["an event in the output of a test framework", wrapped(EVENT.replaceAll(/^/gm, "#  "), "#  ")],
    ["a wrapped line of containerd's log", wrapped(LOG)],
    ["what is between the quotes", escaped(BLOCKED)],
    ["an event with line ends of Windows", EVENT.replaceAll("\n", "\r\n")],
  ])("finds the request in %s", (_what, text) => {
    const { requests } = parseDenial(text);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ kind: "CreateContainerRequest", cut: undefined });
    expect(requests[0]?.request).toEqual(REQUEST);
  });

  test.each([
    ["behind the refusal", `CreateContainerRequest is blocked by policy: ${"\\".repeat(1_000_000)}`],
    ["behind the field of an event", `CreateContainerRequest is blocked by policy: fieldPath${"\\".repeat(1_000_000)}`],
  ])("takes a million backslashes %s in time that grows with them only", (_, text) => {
    expect(parseDenial(text).kind).toBe("CreateContainerRequest");
  });

  test("undoes what YAML does to long texts", () => {
    const lines = quoted(`Error: ${SHIM}`).match(/(?:\\.|[^\\]){1,75}/g) ?? [];
    const folded = lines.map((line) => (line.startsWith(" ") ? `\\${line}` : line)).join("\\\n      ");
    expect(parseDenial(`    message: ${folded}\n`).requests[0]?.request).toEqual(REQUEST);
  });

  test("keeps the order of several requests", () => {
    const text = [COPY, REQUEST].map((request) => JSON.stringify(request)).join("\n");
    expect(parseDenial(text).requests.map(({ kind }) => kind)).toEqual(["CopyFileRequest", "CreateContainerRequest"]);
    const log = [`["ep":"CopyFileRequest",${JSON.stringify(COPY)}],`, `["ep":"DestroySandboxRequest",{}],`].join(
      "\n\n",
    );
    expect(parseDenial(log).requests.map(({ kind }) => kind)).toEqual(["CopyFileRequest", "DestroySandboxRequest"]);
  });

  test.each([1, 2, 3, 5, 8, 13, 34, 55])("knows no more of a cut event than is in it (%d)", (part) => {
    const cut = EVENT.slice(0, EVENT.indexOf("{") + Math.floor((EVENT.length * part) / 60));
    const [request] = parseDenial(cut).requests;
    expect(request?.cut).toBeDefined();
    for (const [key, value] of Object.entries(request?.request ?? {})) {
      if (key !== request?.cut?.[0]) expect(value).toEqual(REQUEST[key] ?? null);
    }
  });

  test.each<[string, string, object]>([
    ["plain", 'container "web" refuses: env, mounts', { container: "web", checks: ["env", "mounts"], isCut: false }],
    [
      "escaped",
      String.raw`x: \"agent_policy:177: container \\\"web\\\" refuses: env\"`,
      { container: "web", checks: ["env"], isCut: false },
    ],
    ["cut in a name", 'container "web" refuses: env, mou', { container: "web", checks: ["env"], isCut: true }],
    ["cut behind a comma", 'container "web" refuses: env, ', { container: "web", checks: ["env"], isCut: true }],
    [
      "of a command",
      "agent_policy:644: unknown container",
      { container: undefined, checks: ["state_exec"], isCut: false },
    ],
    ["of the sandbox", "sandbox refuses: kernel_modules", { container: undefined, checks: ["kernel_modules"] }],
    ["of a file", "file refused: copy_path, copy_place", { checks: ["copy_path", "copy_place"] }],
  ])("reads what the rules print, %s", (_what, text, line) => {
    expect(parseDenial(text).refusals).toMatchObject([line]);
  });

  test("keeps what other rules print, but not the request", () => {
    const text = `CreateContainerRequest is blocked by policy: agent_policy:12: allow_a: true agent_policy:15: input = {} agent_policy:20: allow_b: start`;
    expect(parseDenial(text)).toMatchObject({
      kind: "CreateContainerRequest",
      steps: [
        { line: 12, text: "allow_a: true" },
        { line: 20, text: "allow_b: start" },
      ],
    });
  });

  test.each([
    [
      '{"involvedObject": {"fieldPath": "spec.containers{web}"}, "message": "ExecProcessRequest is blocked by policy: "}',
    ],
    ["    fieldPath: spec.initContainers{web}\n message: ExecProcessRequest is blocked by policy"],
  ])("takes the container from %s", (text) => {
    expect(parseDenial(text)).toMatchObject({ container: "web", kind: "ExecProcessRequest" });
  });

  test.each([
    ["nothing", ""],
    ["words", "my pod does not start"],
    ["JSON that is no request", JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } })],
    ["a list of numbers", "[1,2,3]"],
    ["YAML", "kind: Pod\nmetadata: {name: x}\n"],
    ["bytes", "\u0000\u0001\ufffd".repeat(1000)],
  ])("refuses %s", (_what, text) => {
    expect(codeOf(() => parseDenial(text))).toBe("policy/request-not-found");
  });

  test("undoes as many levels of escaping as programs add, not any number", () => {
    const inQuotes = (levels: number): string =>
      levels === 0 ? JSON.stringify({ kind: "CopyFileRequest", request: COPY }) : quoted(inQuotes(levels - 1));
    expect(parseDenial(inQuotes(8)).requests).toMatchObject([{ kind: "CopyFileRequest", request: COPY }]);
    expect(codeOf(() => parseDenial(inQuotes(9)))).toBe("policy/request-not-found");
  });

  test.each([
    ["braces", "{".repeat(300_000)],
    ["braces with quotes", '{"'.repeat(115_000)],
    ["objects in objects", '{"a":'.repeat(60_000)],
    ["backslashes", `${"\\".repeat(300_000)}"`],
    ["escaped quotes", '\\"'.repeat(115_000)],
    ["quotes", '"'.repeat(300_000)],
    ["line breaks", "\\\n".repeat(115_000)],
    ["the agent's prefix", '["ep":"A",'.repeat(30_000)],
    ["refusals without checks", 'container "web" refuses: '.repeat(15_000)],
    ["steps", "agent_policy:1: x ".repeat(30_000)],
    ["blanks", " ".repeat(300_000)],
  ])("takes little time for a large text of %s", (_what, text) => {
    const start = performance.now();
    codeOf(() => parseDenial(text));
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
