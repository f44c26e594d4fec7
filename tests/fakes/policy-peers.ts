import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rulesText } from "../../src/policy/rules-text.ts";
import type { SessionDecision } from "../../src/rego/deciding-session.ts";
import { PolicyEngine } from "../../src/rego/policy-engine.ts";
import { regorusModule } from "../../src/rego/regorus/regorus-module.ts";
import { RegorusSession } from "../../src/rego/regorus/regorus-session.ts";
import { SharedInstance } from "../../src/rego/regorus/shared-instance.ts";
import { OPA } from "./peers.ts";

/** Requests that are decided in order, with one policy and one state. */
export interface PeerSession {
  /** `policy_data` as JSON text. */
  readonly policyDataText: string;
  readonly requests: readonly PeerRequest[];
}

export interface PeerRequest {
  readonly kind: string;
  /** Complete, as `completeRequest()` makes it. */
  readonly request: unknown;
}

/** `allow`, `deny`, or `error: …`. */
export type Verdict = string;

const crate = join(import.meta.dir, "../interop/regorus");

/** The document that a guest loads. */
const policyText = (policyDataText: string): string => `${rulesText()}\npolicy_data := ${policyDataText}`;

/** Decides with our own engine; the same for every other function here: one list of verdicts for each session. */
export async function decideWithContrast(sessions: readonly PeerSession[]): Promise<readonly (readonly Verdict[])[]> {
  const engine = await PolicyEngine.load();
  return sessions.map(({ policyDataText, requests }) => {
    const session = engine.open(policyDataText);
    return requests.map(({ kind, request }) => answerOf(() => session.decide(kind, request as never)).verdict);
  });
}

/** What this program's module of regorus says: the same as the crates that it is made of, or a defect. */
export async function decideWithModule(
  sessions: readonly PeerSession[],
): Promise<readonly (readonly RegorusAnswer[])[]> {
  const answers: (readonly RegorusAnswer[])[] = [];
  const module = await regorusModule();
  const [guests, currents] = [new SharedInstance(module), new SharedInstance(module)];
  for (const { policyDataText, requests } of sessions) {
    const text = policyText(policyDataText);
    const guest = new RegorusSession(guests, text, { engine: "guest", patienceMs: 60_000 });
    const current = new RegorusSession(currents, text, { engine: "current", patienceMs: 60_000 });
    answers.push(
      requests.map(({ kind, request }) => {
        const [one, other] = [guest, current].map((session) => answerOf(() => session.decide(kind, request as never)));
        return { guest: one!.verdict, current: other!.verdict, guestPrints: one!.prints, currentPrints: other!.prints };
      }),
    );
  }
  return answers;
}

function answerOf(decide: () => SessionDecision): { readonly verdict: Verdict; readonly prints: readonly string[] } {
  try {
    const { allowed, prints = [] } = decide();
    return { verdict: verdict(allowed), prints };
  } catch (error) {
    return { verdict: `error: ${String(error)}`, prints: [] };
  }
}

/** What regorus says about one request: the verdicts of both versions, and what the rules printed in them. */
export interface RegorusAnswer {
  readonly guest: Verdict;
  readonly current: Verdict;
  readonly guestPrints: readonly string[];
  readonly currentPrints: readonly string[];
}

/** Decides with the engine of the guests (regorus 0.2.8) and with a current one, which keep the state themselves. */
export function decideWithRegorus(
  sessions: readonly PeerSession[],
  folder: string,
): readonly (readonly RegorusAnswer[])[] {
  // Sessions with the same policy follow each other, because loading a policy takes longer than deciding.
  const order = [...Map.groupBy(sessions, (session) => session.policyDataText).values()].flat();
  const lines = order.flatMap(({ policyDataText, requests }) => [
    { policy: policyText(policyDataText) },
    ...requests.map(({ kind, request }) => ({ kind, request })),
  ]);
  const file = join(folder, "sessions.jsonl");
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const verdicts = run(regorusPeer(), [file]).trimEnd().split("\n");
  let next = 0;
  const answers = new Map(
    order.map((session) => {
      const own = verdicts.slice(next, (next += session.requests.length));
      return [session, own.map((line) => JSON.parse(line) as RegorusAnswer)];
    }),
  );
  return sessions.map((session) => answers.get(session) ?? []);
}

/** Builds the crate once; its products stay outside of the repository. */
function regorusPeer(): string {
  const target = join(tmpdir(), "contrast-regorus-peer");
  const manifest = join(crate, "Cargo.toml");
  run("cargo", ["build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", target]);
  return join(target, "release", "regorus-peer");
}

/**
 * Decides with OPA's own evaluator. It keeps no state, so each request is given the state that our engine has then.
 *
 * @param form `text`: each policy is loaded as the text that a guest gets; `data`: rules are loaded once, and each
 *   policy is given as data
 */
export async function decideWithOpa(
  sessions: readonly PeerSession[],
  folder: string,
  form: "text" | "data",
): Promise<readonly (readonly Verdict[])[]> {
  const engine = await PolicyEngine.load();
  const verdicts = new Map<PeerSession, readonly Verdict[]>();
  const groups = [...Map.groupBy(sessions, (session) => session.policyDataText)];
  const asked = groups.map(([policyDataText, group], policy) => ({
    policyDataText,
    group,
    questions: group.flatMap(({ requests }) => {
      const session = engine.open(policyDataText);
      return requests.map(({ kind, request }) => {
        const { pstate } = JSON.parse(session.document()) as { pstate: unknown };
        session.decide(kind, request as never);
        return { kind, request, pstate, policy };
      });
    }),
  }));
  const all = { questions: asked.flatMap(({ questions }) => questions), policies: [] as unknown[] };
  for (const { policyDataText } of asked) all.policies.push(JSON.parse(policyDataText));
  const together = form === "data" ? askOpa(folder, rulesText(), all, POLICY_AS_DATA) : [];
  for (const { policyDataText, group, questions } of asked) {
    const answers =
      form === "data" ? together : askOpa(folder, policyText(policyDataText), { questions }, { bind: "", with: "" });
    for (const session of group) verdicts.set(session, answers.splice(0, session.requests.length).map(opaVerdict));
  }
  return sessions.map((session) => verdicts.get(session) ?? []);
}

const POLICY_AS_DATA = { bind: "; own := data.policies[policy]", with: " with data.agent_policy.policy_data as own" };

/**
 * Values of the entry points, one for each question.
 *
 * @param more what else a question is asked with
 */
function askOpa(
  folder: string,
  rules: string,
  data: { readonly questions: readonly unknown[] },
  more: { readonly bind: string; readonly with: string },
) {
  const files = { "policy.rego": rules, "questions.json": JSON.stringify(data) };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const loaded = Object.keys(files).flatMap((name) => ["-d", join(folder, name)]);
  // Request and state are bound to variables first: OPA 1.22 answers wrongly where "with" takes a member of a variable.
  const query = `{n: d | some n; {"kind": kind, "request": request, "pstate": state, "policy": policy} = data.questions[n]${more.bind}
    d := data.agent_policy[kind] with input as request with data.pstate as state${more.with}}`;
  const words = ["eval", "--v0-compatible", "--format", "values", ...loaded, query];
  const [answers] = JSON.parse(run(OPA, words)) as [Readonly<Record<string, unknown>>];
  return data.questions.map((_, number) => answers[number]);
}

function opaVerdict(answer: unknown): Verdict {
  if (typeof answer === "boolean") return verdict(answer);
  if (typeof answer === "object" && answer !== null && "allowed" in answer) return verdict(answer.allowed === true);
  return "error: no rule";
}

const verdict = (allowed: boolean): Verdict => (allowed ? "allow" : "deny");

function run(command: string, words: readonly string[]): string {
  // Collecting a stack for each error takes regorus longer than to parse the rules, which tries one reading after another.
  const env = { ...process.env, RUST_BACKTRACE: "0" };
  const child = spawnSync(command, words, { maxBuffer: 1 << 30, env });
  if (child.status !== 0)
    throw new Error(
      `${command} failed: ${child.stdout.toString()}${child.stderr.toString()}${String(child.error ?? "")}`,
    );
  return child.stdout.toString();
}
