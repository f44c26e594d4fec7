import { ContrastError } from "../../lib/errors.ts";
import { isCheck } from "./guide-of.ts";
import { namedPods } from "./named-pods.ts";
import { findRequests, type PastedRequest } from "./pasted-request.ts";
import { findPrintedSteps, findRefusalLines, type PrintedStep, type RefusalLine } from "./refusal-line.ts";
import { quotedTexts } from "./quoted-texts.ts";

/** What a text tells about refused requests, however it was escaped, wrapped or cut. */
export interface Denial {
  /** In the order of the text; earlier ones settle what later ones have to agree with. */
  readonly requests: readonly PastedRequest[];
  /** What our rules printed. */
  readonly refusals: readonly RefusalLine[];
  /** What the rules of upstream printed. */
  readonly steps: readonly PrintedStep[];
  /** Kind that the agent's error names. */
  readonly kind: string | undefined;
  /** Container that an event names. */
  readonly container: string | undefined;
  /** Pods that the text around the refusal names. */
  readonly pods: readonly string[];
}

/** Largest text: a log of many requests. */
export const MAX_DENIAL_BYTES = 32 * 1024 * 1024;

/** What the agent asks its policy by itself, and logs like a request. */
const OWN_QUESTION = "AllowRequestsFailingPolicy";

/** What the agent answers, with the name of the request. */
const BLOCKED = /\b([A-Z][A-Za-z]{2,60}(?:Request|Config)) is blocked by policy/g;

/** Fields of an event, and the words of the kubelet. */
const CONTAINER = /fieldPath:? ?\\{0,64}"?:? ?\\{0,64}"?spec\.(?:init)?[cC]ontainers\{([a-z0-9][-a-z0-9]{0,62})\}/;

/**
 * Finds in a text whatever tells of a refused request: requests themselves (JSON, lines of JSON, the agent's log), events
 * and errors that quote them once or several times, or only what the rules print.
 *
 * @throws ContrastError `policy/request-not-found` for a text that holds nothing of the kind
 */
export function parseDenial(text: string): Denial {
  const requests: PastedRequest[] = [];
  // A request without members tells nothing, so it counts only where there is nothing else.
  if (/^\s*\{\s*\}\s*$/.test(text))
    requests.push({ kind: undefined, request: {}, cut: undefined, description: undefined });
  let layers: readonly string[] = [text];
  for (let depth = 0; layers.length > 0; depth++) {
    const rest: string[] = [];
    for (const layer of layers) {
      const found = findRequests(layer);
      requests.push(...found.requests);
      rest.push(...found.rest);
    }
    layers = rest.flatMap((piece) => quotedTexts(piece, depth));
  }
  const asked = requests.filter(({ kind }) => kind !== OWN_QUESTION);
  const plain = text.replaceAll(/\\+"?/g, (run) => (run.endsWith('"') ? '"' : run));
  const denial: Denial = {
    requests: asked,
    refusals: findRefusalLines(plain, isCheck),
    steps: findPrintedSteps(plain),
    kind: [...text.matchAll(BLOCKED)].at(-1)?.[1],
    container: CONTAINER.exec(text)?.[1],
    pods: namedPods(text),
  };
  if (asked.length === 0 && denial.refusals.length === 0 && denial.steps.length === 0 && denial.kind === undefined) {
    throw new ContrastError("policy/request-not-found", "Cannot explain text: no request and no refusal in it", {
      hint: 'Paste a request as JSON, a line of the agent\'s log, or the event with the words "is blocked by policy".',
    });
  }
  return denial;
}
