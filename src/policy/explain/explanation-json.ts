import { renderPath } from "../../kubernetes/path.ts";
import type { Fault, Finding, RequestExplanation } from "./request-explanation.ts";

/** Elements of one check beyond these are only counted. */
const MAX_FINDINGS = 1000;

/** An explanation as members of the result for programs; what is not known is left out. */
export function explanationJson(explanation: RequestExplanation): Readonly<Record<string, unknown>> {
  const { kind, verdict, description, error, cut, isReason, containers, nearest, faults, unread, prints } = explanation;
  return {
    kind,
    verdict,
    ...(description === undefined ? {} : { description }),
    ...(error === undefined ? {} : { error }),
    ...(cut === undefined ? {} : { cutAt: renderPath(cut) }),
    isReason,
    nearest: nearest === undefined ? null : { index: nearest.index, name: nearest.name },
    firstCheck: faults[0]?.check ?? null,
    checks: faults.map(faultJson),
    unread,
    containers: containers.map(({ index, name, failed }) => ({ index, name, failed })),
    prints,
  };
}

function faultJson({ check, title, setting, isCertain, findings }: Fault): Readonly<Record<string, unknown>> {
  const more = findings.length - MAX_FINDINGS;
  return {
    check,
    title,
    ...(setting === undefined ? {} : { setting }),
    isCertain,
    findings: findings.slice(0, MAX_FINDINGS).map(findingJson),
    ...(more > 0 ? { more } : {}),
  };
}

function findingJson({ is, path, received, expected, yaml, remedy }: Finding): Readonly<Record<string, unknown>> {
  return {
    is,
    path: renderPath(path),
    ...(received === undefined ? {} : { received }),
    ...(expected === undefined ? {} : { expected }),
    ...(yaml === undefined ? {} : { yaml }),
    remedy,
  };
}
