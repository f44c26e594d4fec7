import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

/** By code: what is known about requests that policies refuse, and about texts that tell of them. */
export const REFUSAL_EXPLANATIONS = {
  "policy/request-denied": {
    causes: [
      "The YAML, a webhook or an operator has changed the pod since its policy was made.",
      "The runtime of the node is of another platform or version than the policy was made for.",
      "The host asks for something that the pod did not.",
    ],
    actions: [
      "Read which check fails and both sides of it, with contrast policy explain.",
      "Change the YAML back, or run contrast generate again and set the new manifest.",
    ],
  },
  "policy/request-not-found": {
    causes: [
      "The text is not about a refused request, or its part with the request is missing.",
      "It is escaped more than eight times, or encoded otherwise.",
    ],
    actions: [
      "Paste the whole event from kubectl describe pod, with the words is blocked by policy.",
      "Or take the request from the guest agent's log, which it writes at debug level.",
    ],
  },
  "policy/request-kind-unclear": {
    causes: ["The request has only members that several kinds have, such as container_id."],
    actions: ["Name its kind with --kind, such as --kind ExecProcessRequest."],
  },
  "policy/request-undecided": {
    causes: [
      "The kubelet cuts long events, so that the end of the request is missing.",
      "The rules have no answer to this kind of request, which the agent answers with an internal error.",
    ],
    actions: ["Take the whole request from the guest agent's log, which it writes at debug level."],
  },
  "policy/choice-unclear": {
    causes: ["The path holds the policies of several workloads.", "The workload has another name or kind."],
    actions: ["Name the workload with --workload, such as --workload Deployment/web."],
  },
  "policy/case-unchanged": {
    causes: [
      "The directory has a case of this description.",
      "Its cases are of another pod, whose state makes the policy refuse this request.",
      "Another program changed the file at the same time.",
    ],
    actions: ["Give another --description, or record into another directory.", "Run the command again."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
