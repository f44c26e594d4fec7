import { basename, join } from "node:path";
import { parseInput } from "../../kubernetes/input-set.ts";
import { podSpecValue } from "../../kubernetes/workload.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readBytes, writeFileAtomically } from "../../lib/files.ts";
import { Problems } from "../../lib/problems.ts";
import { quoteText } from "../../lib/quote-text.ts";
import { completeRequest } from "../../policy/complete-request.ts";
import { chooseRequests, type ChosenRequest } from "../../policy/explain/choose-requests.ts";
import { explainDenial } from "../../policy/explain/explain-denial.ts";
import { ExplainingSession } from "../../policy/explain/explaining-session.ts";
import { jsonAt } from "../../policy/explain/known-part.ts";
import type { FoundPolicy } from "../../policy/find/find-policies.ts";
import { appendTestCases, type CaseFile, hasYaml, readCaseFile } from "../../policy/policy-test/append-test-cases.ts";
import type { TestCase } from "../../policy/policy-test/test-cases.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { readDenial } from "./read-denial.ts";

/** Largest YAML file that is copied. */
const MAX_YAML_BYTES = 16 * 1024 * 1024;

/** `contrast policy record`; its definition is in `policy-record-definition.ts`. */
export const policyRecordCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const [directory = ""] = positionals;
    const { denial, policy } = await readDenial(flags, [], io);
    const options = { kind: flags.string("kind") || undefined, container: undefined, object: policy.object };
    const session = await ExplainingSession.open(policy.text);
    const explanations = await explainDenial(denial, session, options, io.signal);
    const chosen = chooseRequests(denial, explanations, options);
    const file = await readCaseFile(directory);
    const cases = await decidedCases(chosen, file, policy, flags);
    await appendTestCases(directory, file, cases);
    const yaml = (await hasYaml(directory)) ? undefined : await copyYaml(policy, directory);
    printResult({ file, cases, yaml, isYamlMissing: !(await hasYaml(directory)) }, policy, io);
  },
};

/** The verdicts of the cases where they will stand: behind those of the file, in one sandbox with them. */
async function decidedCases(
  chosen: readonly ChosenRequest[],
  file: CaseFile,
  policy: FoundPolicy,
  flags: ParsedFlags,
): Promise<readonly TestCase[]> {
  const session = await ExplainingSession.open(policy.text);
  for (const { kind, request } of file.cases) session.decide(kind, completeRequest(kind, request));
  const taken = new Set(file.cases.map(({ description }) => description));
  const cases: TestCase[] = [];
  for (const subject of chosen) {
    const { kind, request, explanation } = subject;
    const { allowed } = session.decide(kind, completeRequest(kind, request));
    if (allowed !== (explanation.verdict === "allowed")) throw contradiction(file, kind);
    const given = explanation.verdict === "allowed" && chosen.length > 1 ? "" : flags.string("description");
    const description = given === "" ? distinctTitle(titleOf(subject), taken) : given;
    taken.add(description);
    const isSubject = explanation.verdict !== "allowed" || chosen.length === 1;
    cases.push({ description, kind, request, allowed: isSubject ? wantedVerdict(flags, allowed) : allowed });
  }
  return cases;
}

function wantedVerdict(flags: ParsedFlags, actual: boolean): boolean {
  if (flags.boolean("allowed")) return true;
  return flags.boolean("denied") ? false : actual;
}

function contradiction({ path }: CaseFile, kind: string): ContrastError {
  return new ContrastError(
    "policy/case-unchanged",
    `Cannot record in "${path}": after its cases, the verdict about this ${kind} is another one than by itself`,
    { hint: "Its cases are of another sandbox; record into another directory.", details: { path } },
  );
}

function titleOf({ request, explanation: { nearest, faults, verdict } }: ChosenRequest): string {
  const name = nearest?.name ?? jsonAt(request, ["OCI", "Annotations", "io.kubernetes.cri.container-name"]);
  const container = typeof name === "string" ? `container ${quoteText(name)}: ` : "";
  if (verdict === "allowed") return `${container}as the runtime asks`;
  return `${container}${faults.map(({ check }) => check).join(", ") || "refused"}`;
}

function distinctTitle(title: string, taken: ReadonlySet<string>): string {
  if (!taken.has(title)) return title;
  let number = 2;
  while (taken.has(`${title} (${number})`)) number++;
  return `${title} (${number})`;
}

/** @returns the path of the copy; undefined where the policy does not come from YAML with one workload */
async function copyYaml({ object, file }: FoundPolicy, directory: string): Promise<string | undefined> {
  if (object === undefined || !/\.ya?ml$/.test(file)) return undefined;
  const bytes = await readBytes(file, "YAML file", MAX_YAML_BYTES);
  const objects = parseInput(bytes, file, new Problems())?.objects ?? [];
  if (objects.filter((candidate) => podSpecValue(candidate) !== undefined).length !== 1) return undefined;
  const path = join(directory, basename(file));
  await writeFileAtomically(path, bytes, { exclusive: true });
  return path;
}

interface Recorded {
  readonly file: CaseFile;
  readonly cases: readonly TestCase[];
  /** The YAML file that was copied. */
  readonly yaml: string | undefined;
  readonly isYamlMissing: boolean;
}

function printResult({ file, cases, yaml, isYamlMissing }: Recorded, { label }: FoundPolicy, io: Io): void {
  if (io.format === "json") {
    const recorded = cases.map(({ description, kind, allowed }) => ({ description, kind, allowed }));
    io.out(resultJson("policy-record", { file: file.path, cases: recorded, yaml: yaml ?? null, isYamlMissing }));
    return;
  }
  for (const { description, kind, allowed } of cases) {
    io.out(`Recorded in ${file.path}: ${kind}, ${quoteText(description)}, wanted ${allowed ? "allowed" : "denied"}`);
  }
  if (yaml !== undefined) io.out(`Copied the YAML of ${label} to ${yaml}`);
  if (isYamlMissing) io.out(`Put the YAML of ${label} beside it, which policy test makes the policy from`);
}
