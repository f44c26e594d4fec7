import { Problems } from "../../lib/problems.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { diffPolicies } from "../../policy/diff/diff-policies.ts";
import type { PolicyDifference } from "../../policy/diff/policy-change.ts";
import { renderDifference } from "../../policy/diff/render-difference.ts";
import { findPolicies } from "../../policy/find/find-policies.ts";
import { paintFor } from "../../terminal/colour.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { reportWidth } from "../../terminal/report-width.ts";

/** `contrast policy diff`; its definition is in `policy-diff-definition.ts`. */
export const policyDiffCommand: CommandImplementation = {
  async run({ positionals }, io) {
    const [oldPath = "", newPath = ""] = positionals;
    const problems = new Problems();
    const before = await collectProblem(problems, () => findPolicies([oldPath], io));
    const after = await collectProblem(problems, () => findPolicies([newPath], io));
    problems.throwIfAny("Cannot compare policies");
    const differences = diffPolicies(before ?? [], after ?? []);
    const isSame = differences.every(({ status }) => status === "same");
    if (io.format === "json") io.out(resultJson("policy-diff", { ok: isSame, workloads: differences }));
    else printText(differences, isSame, io);
    return isSame ? 0 : 1;
  },
};

function printText(differences: readonly PolicyDifference[], isSame: boolean, io: Io): void {
  const paint = paintFor(io);
  const width = reportWidth(io.columns());
  const lines = differences.flatMap((difference) => renderDifference(difference, paint, width));
  const isRewritten = isSame && differences.some(({ before, after }) => before?.hashHex !== after?.hashHex);
  const ending = isRewritten
    ? ["The policies allow the same, but their texts differ; to a Coordinator they are two policies"]
    : isSame
      ? ["The policies are the same"]
      : [];
  io.write(`${[...lines, ...ending].join("\n")}\n`);
}
