import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readText } from "../../src/lib/files.ts";
import { Problems } from "../../src/lib/problems.ts";
import { completeRequest } from "../../src/policy/complete-request.ts";
import { parseImageFacts } from "../../src/policy/policy-test/image-facts.ts";
import { findTestDirectories } from "../../src/policy/policy-test/find-test-directories.ts";
import { preparePolicyTest } from "../../src/policy/policy-test/prepare-policy-test.ts";
import { renderPolicyData } from "../../src/policy/render-policy.ts";
import { selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { loadProfile } from "../../src/policy/settings/profiles.ts";
import { IS_CAMPAIGN } from "../fakes/campaign.ts";
import { hasOpa, hasPrograms } from "../fakes/peers.ts";
import { FEATURES } from "../fakes/pod-features.ts";
import { derive } from "../fakes/policy-input.ts";
import {
  decideWithContrast,
  decideWithOpa,
  decideWithRegorus,
  type PeerSession,
  type RegorusAnswer,
  type Verdict,
} from "../fakes/policy-peers.ts";
import { RULE_CASES } from "../fakes/rule-cases.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { vectorsFolder } from "../fakes/vectors.ts";

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

/** Everything that the self-check asks about pods with every feature, a quarter of them under one profile each; a campaign: all. */
async function selfCheckSessions(): Promise<readonly Expected[]> {
  const sessions: Expected[] = [];
  for (const [number, profile] of (["metal", "upstream", "aks"] as const).entries()) {
    for (const [index, yaml] of Object.values(FEATURES).entries()) {
      if (!IS_CAMPAIGN && index % 12 !== number) continue;
      const policy = await derive(yaml, { profile });
      const { data } = policy;
      if (data === undefined) throw new Error(policy.errors.join("\n"));
      const cases = await selfCheckCases({ ...policy, data });
      const verdicts = cases.map(({ allowed }) => (allowed ? "allow" : "deny"));
      sessions.push({ session: { policyDataText: renderPolicyData(data), requests: cases }, verdicts });
    }
  }
  return sessions;
}

/** What is refused changes no state, so each session can do without most of it; another part in each of them. */
const SAMPLE_OF_REFUSED = IS_CAMPAIGN ? 1 : 8;

function sampleOf({ session, verdicts }: Expected, number: number): Expected {
  const isTaken = (_: unknown, index: number): boolean =>
    verdicts[index] === "allow" || index % SAMPLE_OF_REFUSED === number % SAMPLE_OF_REFUSED;
  const requests = session.requests.filter(isTaken);
  return { session: { ...session, requests }, verdicts: verdicts.filter(isTaken) };
}

/** Sessions for regorus, which takes ten milliseconds for a decision: each of these is decided by OPA as well. */
const SAMPLE_OF_RULED = IS_CAMPAIGN ? 1 : 3;

/** Requests whose refusal says which checks failed. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  CreateContainerRequest: /^container "[a-z0-9.-]+" refuses: [a-z_]+(, [a-z_]+)*$/,
  ExecProcessRequest: /^(?:container "[a-z0-9.-]+" refuses: [a-z_]+(, [a-z_]+)*|unknown container)$/,
  CopyFileRequest: /^file refused: [a-z_]+(, [a-z_]+)*$/,
  CreateSandboxRequest: /^sandbox refuses: [a-z_]+(, [a-z_]+)*$/,
};

/** Answers that print something else than one such line for a refusal, and nothing for all others, alike in both engines. */
function wrongPrints(answers: readonly RegorusAnswer[], { requests }: PeerSession): readonly unknown[] {
  return answers.flatMap((answer, index) => {
    const lines = answer.guestPrints.map((line) => line.replace(/^agent_policy:\d+: /, ""));
    const pattern = answer.guest === "allow" ? undefined : PRINTED[requests[index]!.kind];
    const isRight = pattern === undefined ? lines.length === 0 : lines.length === 1 && pattern.test(lines[0]!);
    const isAlike = JSON.stringify(answer.guestPrints) === JSON.stringify(answer.currentPrints);
    return isRight && isAlike ? [] : [{ ...requests[index], ...answer }];
  });
}

const shared = vectors === undefined ? [] : await vectorSessions(vectors);
const ruled = ruleSessions();
const selfChecked = await selfCheckSessions();
const sampled = selfChecked.map(sampleOf);

describe("policy rules", () => {
  test("are decided by this program as expected", async () => {
    const expected = [...shared, ...ruled, ...selfChecked];
    const verdicts = await decideWithContrast(expected.map(({ session }) => session));
    expect(verdicts).toEqual(expected.map((each) => each.verdicts));
  });

  test.if(hasPrograms("policy rules in regorus", "cargo"))(
    "are decided alike by the engine of the guests and by a current one",
    async () => {
      const expected = [...shared, ...ruled.filter((_, index) => index % SAMPLE_OF_RULED === 0), ...sampled];
      const sessions = expected.map(({ session }) => session);
      const answers = decideWithRegorus(sessions, temporaryDirectory());
      const verdicts = expected.map((each) => [...each.verdicts]);
      expect(answers.map((list) => list.map(({ guest }) => guest))).toEqual(verdicts);
      expect(answers.map((list) => list.map(({ current }) => current))).toEqual(verdicts);
      expect(answers.flatMap((list, index) => wrongPrints(list, sessions[index]!))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.if(hasOpa("policy rules in OPA"))(
    "are decided alike by OPA, as text and with the policy as data",
    async () => {
      for (const [form, expected] of [
        // A process for each text, so that a campaign alone gives OPA the others in this form too.
        ["text", IS_CAMPAIGN ? [...shared, ...sampled] : shared],
        ["data", [...ruled, ...sampled]],
      ] as const) {
        const sessions = expected.map(({ session }) => session);
        const verdicts = await decideWithOpa(sessions, temporaryDirectory(), form);
        expect(verdicts).toEqual(expected.map((each) => each.verdicts));
      }
    },
    TIMEOUT_MS,
  );
});
