import { Code, type ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../lib/error-codes.ts";

/** Methods of the user API. */
export type UserApiMethod = "SetManifest" | "GetManifests" | "Recover";

/** Methods of either API. */
export type ApiMethod = UserApiMethod | "NewMeshCert";

/** What a status means for the user. */
export interface StatusMeaning {
  readonly code: ErrorCode;
  readonly hint?: string;
}

interface StatusRule {
  readonly status: readonly Code[];
  readonly method?: ApiMethod;
  /** Part of the server's text. */
  readonly text?: RegExp;
  readonly meaning: StatusMeaning;
}

const { FailedPrecondition, Internal, InvalidArgument, PermissionDenied, ResourceExhausted } = Code;

/** The first rule that fits decides. Versions differ in the status of some situations, hardly in the text. */
const RULES: readonly StatusRule[] = [
  {
    status: [FailedPrecondition, Internal],
    text: /recovery mode/,
    meaning: { code: "rpc/recovery-needed", hint: 'Recover the Coordinator with "contrast recover".' },
  },
  {
    status: [FailedPrecondition, Internal],
    text: /has changed since last read|recovered concurrently/,
    meaning: {
      code: "rpc/changed-concurrently",
      hint: 'Run "contrast verify" to see what is in force, then try again.',
    },
  },
  {
    status: [FailedPrecondition],
    text: /no manifest configured/,
    meaning: { code: "rpc/no-manifest", hint: 'Set a manifest first, with "contrast set".' },
  },
  {
    status: [FailedPrecondition],
    text: /already recovered/,
    meaning: { code: "rpc/already-recovered", hint: 'The Coordinator is running; check it with "contrast verify".' },
  },
  {
    status: [FailedPrecondition],
    text: /no persisted transaction/,
    meaning: {
      code: "rpc/nothing-to-recover",
      hint: 'Set a manifest with "contrast set"; check the Coordinator\'s volume.',
    },
  },
  {
    status: [PermissionDenied],
    method: "NewMeshCert",
    meaning: {
      code: "rpc/policy-not-in-manifest",
      hint: "Set a manifest that was generated together with the YAML of this workload.",
    },
  },
  { status: [PermissionDenied], meaning: { code: "rpc/permission-denied" } },
  { status: [InvalidArgument, FailedPrecondition], method: "SetManifest", meaning: { code: "rpc/manifest-refused" } },
  {
    status: [InvalidArgument, FailedPrecondition],
    method: "Recover",
    meaning: {
      code: "rpc/recovery-refused",
      hint: "Check that the seed shares belong to this Coordinator; it stays in recovery mode.",
    },
  },
  {
    status: [ResourceExhausted],
    text: /holds too many/,
    meaning: { code: "rpc/unavailable", hint: "Others keep the Coordinator busy; try again." },
  },
  { status: [ResourceExhausted], method: "SetManifest", meaning: { code: "rpc/request-too-large" } },
  {
    status: [Code.Unavailable],
    meaning: { code: "rpc/unavailable", hint: "Try again; look into the log of the Coordinator if it stays so." },
  },
  {
    status: [Code.DeadlineExceeded],
    meaning: { code: "rpc/timeout", hint: "Try again; look into the log of the Coordinator if it stays so." },
  },
  {
    status: [Code.Unimplemented],
    method: "NewMeshCert",
    meaning: {
      code: "rpc/method-missing",
      hint: "Check that the address is that of the Coordinator's mesh API, normally port 7777.",
    },
  },
  {
    status: [Code.Unimplemented],
    meaning: {
      code: "rpc/method-missing",
      hint: "Check that the address is that of the Coordinator's user API, normally port 1313.",
    },
  },
];

/** What a status of the server means; a status without a rule is the server's failure. */
export function meaningOfStatus({ code, rawMessage }: ConnectError, method: ApiMethod): StatusMeaning {
  const rule = RULES.find(
    (rule) =>
      rule.status.includes(code) &&
      (rule.method === undefined || rule.method === method) &&
      (rule.text === undefined || rule.text.test(rawMessage)),
  );
  return rule?.meaning ?? { code: "rpc/server-failed", hint: "Look into the log of the Coordinator." };
}

/** Whether the server sent a status, as opposed to a transport that failed by itself. */
export function isFromServer({ metadata }: ConnectError): boolean {
  return metadata.has("grpc-status") || metadata.has("grpc-status-details-bin");
}

/**
 * Whether the server does not know the method: by a status, or as a web server says it. Connect uses the same code for
 * answers that break the protocol.
 */
export function isMethodMissing(status: ConnectError): boolean {
  return status.code === Code.Unimplemented && (isFromServer(status) || status.rawMessage === "HTTP 404");
}
