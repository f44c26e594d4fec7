import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { completeRequest } from "../complete-request.ts";
import type { ContainerView } from "../policy-view.ts";
import { REQUEST_SHAPES } from "../request-schema.ts";
import type { Answer, ExplainingSession } from "./explaining-session.ts";
import type { RequestFaults, RuleFinding } from "./explanation-value.ts";
import { fixedRefusal } from "./fixed-refusal.ts";
import { CHECK_NAMES, checksOfKind, guideOf } from "./guide-of.ts";
import { knowledgeOf } from "./known-part.ts";
import { nearestContainer } from "./nearest-container.ts";
import { receivedFinding } from "./received-finding.ts";
import type { ComparedContainer, Fault, RequestExplanation } from "./request-explanation.ts";

/** A request in question, and what is known besides. */
export interface RequestQuestion {
  readonly kind: string;
  readonly request: Json;
  /** Way to what was being read when the text ended; undefined for a complete request. */
  readonly cut: Path | undefined;
  readonly description: string | undefined;
  /** Name of the container that the surroundings of the request tell. */
  readonly container: string | undefined;
  /** The workload, to find what of its YAML governs a refusal. */
  readonly object: KubernetesObject | undefined;
}

const UNDECIDED: Answer = { allowed: undefined, error: undefined, prints: [] };

/**
 * Decides a request under a policy and says why it is refused. A request that was cut is not decided, and changes no
 * state; checks are told as failing only for parts of it that are known.
 *
 * @throws ContrastError `policy/request-kind-unknown`, `policy/request-invalid`, the codes of `ExplainingSession`
 */
export function explainRequest(question: RequestQuestion, session: ExplainingSession): RequestExplanation {
  const { kind, cut, description } = question;
  const request = completeRequest(kind, question.request);
  // Rules of another version may not know members that agents of this one have.
  const asked = !session.isOurs && isWhole(kind, question.request) ? question.request : request;
  const answer = cut === undefined ? session.decide(kind, asked) : UNDECIDED;
  const base = { kind, description, error: answer.error, cut, prints: answer.prints, isReason: session.isOurs };
  const nothing = { containers: [], nearest: undefined, faults: [], unread: [] };
  const verdict = verdictOf(answer, cut);
  if (verdict === "allowed" || verdict === "error") return { ...base, ...nothing, verdict };

  const known: KnownRequest = { ...question, completed: request };
  const first = session.faultsOf(kind, request, []);
  if (first === undefined) return { ...base, ...nothing, verdict };
  const views = session.view?.containers ?? [];
  const containers = comparedContainers(known, comparable(first, session), views);
  const nearest = nearestContainer(containers, views, containerName(question, first), cut !== undefined);
  const faults = comparable(
    nearest === undefined ? first : (session.faultsOf(kind, request, [nearest.index]) ?? first),
    session,
  );
  const failed = [
    ...faults.request,
    ...(nearest?.failed ?? []),
    ...(verdict === "denied" && session.isOurs ? fixedRefusal(kind, session.view) : []),
  ];
  const told = failed.map((check) => faultOf(check, known, faults.findings, views[nearest?.index ?? -1]));
  return {
    ...base,
    verdict: isSurelyDenied(known, containers, faults) && session.isOurs ? "denied" : verdict,
    containers,
    nearest,
    faults: told.filter((fault) => fault !== undefined).toSorted(inOrder),
    unread: cut === undefined ? [] : unreadChecks(known, told),
  };
}

/** What is known is told by the request as it was given; the rules and the reader see it with all its members. */
interface KnownRequest extends RequestQuestion {
  readonly completed: Json;
}

/** Whether a request has all members that agents give it, so that nothing has to be filled in. */
function isWhole(kind: string, request: Json): boolean {
  const shape = REQUEST_SHAPES[kind];
  if (shape?.type !== "message" || !isJsonObject(request)) return false;
  return Object.keys(shape.fields).every((member) => Object.hasOwn(request, member));
}

/** Without what our rules check and the data of other versions do not tell: how images are verified. */
function comparable(faults: RequestFaults, { isOurs, view }: ExplainingSession): RequestFaults {
  if (isOurs || view?.imageVerification !== undefined) return faults;
  const containers = faults.containers.map(({ failed, state }) => ({
    failed: failed.filter((check) => check !== "image"),
    state,
  }));
  return { ...faults, containers };
}

function verdictOf({ allowed, error }: Answer, cut: Path | undefined): RequestExplanation["verdict"] {
  if (cut !== undefined) return "unknown";
  if (error !== undefined || allowed === undefined) return "error";
  return allowed ? "allowed" : "denied";
}

function comparedContainers(
  known: KnownRequest,
  { containers }: RequestFaults,
  views: readonly ContainerView[],
): readonly ComparedContainer[] {
  return containers.map(({ failed, state }, index) => ({
    index,
    name: views[index]?.name ?? String(index),
    failed: [...failed, ...state].filter((check) => knowledgeOfCheck(check, known) === "whole"),
  }));
}

/** Whether what is known of a request is enough to refuse it, whatever was cut off. */
function isSurelyDenied(
  known: KnownRequest,
  containers: readonly ComparedContainer[],
  { request }: RequestFaults,
): boolean {
  if (request.some((check) => knowledgeOfCheck(check, known) === "whole")) return true;
  return containers.length > 0 && containers.every(({ failed }) => failed.some((check) => !check.startsWith("state_")));
}

/** Without its annotations, a request does not tell its container. */
function containerName({ container, cut, kind, request }: RequestQuestion, faults: RequestFaults): string | undefined {
  if (container !== undefined) return container;
  const annotations: Path = ["OCI", "Annotations", "io.kubernetes.cri.container-name"];
  if (kind === "CreateContainerRequest") return knowledgeOf(request, cut, annotations) === "none" ? "" : undefined;
  return faults.containers.length > 0 ? "" : undefined;
}

/** What is known of everything that a check reads: the least of what is about it, and whether all of it is whole. */
function knowledgeOfCheck(check: string, { kind, request, cut }: KnownRequest): "whole" | "part" | "none" {
  const [first, ...others] = guideOf(check, kind).reads.map((path) => knowledgeOf(request, cut, path));
  if (first === "none") return "none";
  return first === "part" || others.some((other) => other !== "whole") ? "part" : "whole";
}

/** @returns undefined where nothing that is known of the request makes the check fail */
function faultOf(
  check: string,
  known: KnownRequest,
  findings: readonly RuleFinding[],
  container: ContainerView | undefined,
): Fault | undefined {
  const { kind, request, completed, cut, object } = known;
  const guide = guideOf(check, kind);
  if (knowledgeOfCheck(check, known) === "none") return undefined;
  const own = findings.filter((finding) => finding.check === check);
  const [about = []] = guide.reads;
  const told = own.length > 0 ? own : [{ check, is: "differs" as const, path: about, expected: undefined }];
  const shown = told.filter(({ path }) => knowledgeOf(request, cut, path) === "whole");
  if (shown.length === 0) return undefined;
  const context = { object, container, guide };
  return {
    check,
    title: guide.title,
    setting: guide.setting,
    isCertain: guide.reads.slice(1).every((path) => knowledgeOf(request, cut, path) === "whole"),
    findings: shown
      .toSorted((left, right) => order(left.path) - order(right.path))
      .map((finding) => receivedFinding(finding, completed, context)),
  };
}

/** Elements of a list in its order. */
function order(path: Path): number {
  const index = path.find((step) => typeof step === "number");
  return typeof index === "number" ? index : -1;
}

function inOrder(left: Fault, right: Fault): number {
  return CHECK_NAMES.indexOf(left.check) - CHECK_NAMES.indexOf(right.check);
}

/** Checks that read something of what was cut off and are not known to fail. */
function unreadChecks(known: KnownRequest, told: readonly (Fault | undefined)[]): readonly string[] {
  const failing = new Set(told.map((fault) => fault?.check));
  return checksOfKind(known.kind).filter((check) => !failing.has(check) && knowledgeOfCheck(check, known) !== "whole");
}
