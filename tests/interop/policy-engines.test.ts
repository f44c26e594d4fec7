import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readText } from "../../src/lib/files.ts";
import { Problems } from "../../src/lib/problems.ts";
import { completeRequest } from "../../src/policy/complete-request.ts";
import { parseImageFacts } from "../../src/policy/image-facts.ts";
import { findTestDirectories } from "../../src/policy/policy-test/find-test-directories.ts";
import { preparePolicyTest } from "../../src/policy/policy-test/prepare-policy-test.ts";
import { loadProfile } from "../../src/policy/profiles.ts";
import {
  cargo,
  decideWithContrast,
  decideWithOpa,
  decideWithRegorus,
  opa,
  type PeerSession,
  type Verdict,
} from "../fakes/policy-peers.ts";
import { RULE_CASES } from "../fakes/rule-cases.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { vectorsFolder } from "../fakes/vectors.ts";

const mustRun = process.env["CI"] === "true";
if (cargo === null && !mustRun) console.log("skipped: policy rules in regorus, no cargo found");
if (opa === null && !mustRun) console.log("skipped: policy rules in OPA, no opa found");

const TIMEOUT_MS = 400_000; // the first run compiles two versions of regorus

interface Expected {
  readonly session: PeerSession;
  readonly verdicts: readonly Verdict[];
}

const vectors = vectorsFolder("kata-policy");

/** The shared vectors under the settings that they were written for. */
async function vectorSessions(folder: string): Promise<readonly Expected[]> {
  const facts = join(folder, "images.json");
  const images = parseImageFacts(await readText(facts, "image facts"), facts);
  const settings = await loadProfile("upstream");
  const problems = new Problems();
  const sessions: Expected[] = [];
  for (const directory of await findTestDirectories([folder])) {
    const prepared = await preparePolicyTest(directory, settings, images, problems);
    if (prepared === undefined) throw new Error(JSON.stringify(problems.errors));
    const { policyDataText, cases } = prepared;
    const requests = cases.map(({ kind, request }) => ({ kind, request: completeRequest(kind, request) }));
    const verdicts = cases.map(({ allowed }) => (allowed ? "allow" : "deny"));
    sessions.push({ session: { policyDataText, requests }, verdicts });
  }
  return sessions;
}

/** What the rules are tested with one check at a time; requests that prepare the state are all allowed. */
function ruleSessions(): readonly Expected[] {
  return RULE_CASES.map(({ policy, first, last, allowed }) => ({
    session: { policyDataText: JSON.stringify(policy, null, 2), requests: [...first, last] },
    verdicts: [...first.map(() => "allow"), allowed ? "allow" : "deny"],
  }));
}

async function allSessions(): Promise<readonly Expected[]> {
  return [...(vectors === undefined ? [] : await vectorSessions(vectors)), ...ruleSessions()];
}

describe("policy rules", () => {
  test("are decided by this program as expected", async () => {
    const expected = await allSessions();
    const verdicts = await decideWithContrast(expected.map(({ session }) => session));
    expect(verdicts).toEqual(expected.map((each) => each.verdicts));
  });

  test.skipIf(cargo === null && !mustRun)(
    "are decided alike by the engine of the guests and by a current one",
    async () => {
      const expected = await allSessions();
      const { guest, current } = decideWithRegorus(
        expected.map(({ session }) => session),
        temporaryDirectory(),
      );
      expect(guest).toEqual(expected.map((each) => each.verdicts));
      expect(current).toEqual(expected.map((each) => each.verdicts));
    },
    TIMEOUT_MS,
  );

  test.skipIf(opa === null && !mustRun)(
    "are decided alike by OPA, as text and with the policy as data",
    async () => {
      for (const [form, expected] of [
        ["text", vectors === undefined ? [] : await vectorSessions(vectors)],
        ["data", await allSessions()],
      ] as const) {
        const sessions = expected.map(({ session }) => session);
        const verdicts = await decideWithOpa(sessions, temporaryDirectory(), form);
        expect(verdicts).toEqual(expected.map((each) => each.verdicts));
      }
    },
    TIMEOUT_MS,
  );
});
