import { ContrastError } from "../../lib/errors.ts";
import { explainDenial } from "../../policy/explain/explain-denial.ts";
import { explanationJson } from "../../policy/explain/explanation-json.ts";
import { ExplainingSession } from "../../policy/explain/explaining-session.ts";
import { findWorkload } from "../../policy/explain/find-workload.ts";
import { renderExplanation } from "../../policy/explain/render-explanation.ts";
import type { RequestExplanation } from "../../policy/explain/request-explanation.ts";
import { visibleText } from "../../lib/visible-text.ts";
import type { FoundPolicy } from "../../policy/find/find-policies.ts";
import { paintFor } from "../../terminal/colour.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { readDenial } from "./read-denial.ts";

/** `contrast policy explain`; its definition is in `policy-explain-definition.ts`. */
export const policyExplainCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const { denial, policy } = await readDenial(flags, positionals, io);
    io.signal.throwIfAborted();
    const session = await ExplainingSession.open(policy.text);
    const resources = flags.strings("resources");
    const object = resources.length === 0 ? policy.object : await findWorkload(resources, policy, session.view);
    if (object === undefined && resources.length > 0) {
      io.log.warn("the workload of the policy is not in the resources", { policy: policy.label });
    }
    const optional = (flag: string): string | undefined => flags.string(flag) || undefined;
    const options = { kind: optional("kind"), container: optional("container"), object };
    const explanations = await explainDenial(denial, session, options, io.signal);
    if (io.format === "json") printJson(explanations, policy, session, io);
    else printText(explanations, policy, io);
    assertAllowed(explanations);
  },
};

function printJson(
  explanations: readonly RequestExplanation[],
  { label, hashHex, file }: FoundPolicy,
  { isOurs }: ExplainingSession,
  io: Io,
): void {
  const policy = { label, hashHex, file, rules: isOurs ? "embedded" : "other" };
  const ok = explanations.every(({ verdict }) => verdict === "allowed");
  io.out(resultJson("policy-explain", { ok, policy, requests: explanations.map(explanationJson) }));
}

/** What is allowed needs no explanation; of many requests it is only counted. */
function printText(explanations: readonly RequestExplanation[], { label, file }: FoundPolicy, io: Io): void {
  const paint = paintFor(io);
  const refused = explanations.filter(({ verdict }) => verdict !== "allowed");
  const shown = explanations.length === 1 ? explanations : refused;
  const title = visibleText(`${label.startsWith("policy ") ? label : `policy of ${label}`} (${file})`);
  const lines = [paint("quiet", title), ...shown.flatMap((explanation) => renderExplanation(explanation, paint))];
  const allowed = explanations.length - refused.length;
  if (explanations.length > 1) lines.push(`${allowed} of ${explanations.length} requests allowed`);
  io.write(`${lines.join("\n")}\n`);
}

/** "Could not decide" weighs less than a refusal that is certain: the pod does not start either way. */
function assertAllowed(explanations: readonly RequestExplanation[]): void {
  const count = (...verdicts: readonly RequestExplanation["verdict"][]): number =>
    explanations.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const total = explanations.length;
  const [denied, undecided] = [count("denied"), count("unknown", "error")];
  const details = { denied, undecided };
  if (denied > 0) {
    throw new ContrastError("policy/request-denied", `Policy denied ${denied} of ${total} requests`, { details });
  }
  if (undecided > 0) {
    throw new ContrastError("policy/request-undecided", `Cannot decide ${undecided} of ${total} requests`, {
      hint: "Get the whole request from the agent's log; the policy also has to have a rule for its kind.",
      details,
    });
  }
}
