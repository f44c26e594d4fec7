import { coldPlugCases } from "./rule-cases/cold-plug.ts";
import { copyCases } from "./rule-cases/copy-file.ts";
import { execCases } from "./rule-cases/exec.ts";
import { hostileHost } from "./rule-cases/hostile-host.ts";
import { identity } from "./rule-cases/identity.ts";
import { layers } from "./rule-cases/layers.ts";
import { gpuCases, linuxCases } from "./rule-cases/linux.ts";
import { paths } from "./rule-cases/paths.ts";
import { environment, processCases } from "./rule-cases/process.ts";
import { requestLevel } from "./rule-cases/request.ts";
import type { RuleCase } from "./rule-cases/rule-case.ts";
import { fixed, networkCases, sandboxCases, switches } from "./rule-cases/sandbox.ts";
import { state } from "./rule-cases/state.ts";
import { image, storages } from "./rule-cases/storages.ts";

/** What the rules must allow and deny, one reason at a time. */
export const RULE_CASES: readonly RuleCase[] = [
  ...requestLevel,
  ...identity,
  ...processCases,
  ...environment,
  ...linuxCases,
  ...gpuCases,
  ...coldPlugCases,
  ...paths,
  ...image,
  ...storages,
  ...layers,
  ...state,
  ...execCases,
  ...copyCases,
  ...sandboxCases,
  ...networkCases,
  ...switches,
  ...fixed,
  ...hostileHost,
];
