import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../lib/error-codes.ts";
import { ContrastError, messageChainOf } from "../lib/errors.ts";

/** Headers of HTTP/2 carry it, whose peers set limits of their own. */
const MAX_MESSAGE_CHARACTERS = 4096;

const { FailedPrecondition, InvalidArgument, Internal, PermissionDenied, Unavailable } = Code;

/**
 * The status that a client gets for an error of a handler. What is not here gets what the API of the handler has for
 * everything else.
 *
 * @see coordinator.md 2.5; where version 1.4 answers `Internal` to what is no fault of it, these are the later statuses
 */
const STATUS: Partial<Record<ErrorCode, Code>> = {
  "coordinator/recovery-mode": FailedPrecondition,
  "coordinator/no-manifest": FailedPrecondition,
  "coordinator/history-failed": Internal,
  "coordinator/answer-too-large": Internal,

  "coordinator/transition-hash-invalid": InvalidArgument,
  "coordinator/request-too-large": InvalidArgument,
  "coordinator/manifest-unreadable": InvalidArgument,
  "coordinator/updates-disabled": PermissionDenied,
  "coordinator/caller-unknown": PermissionDenied,
  "coordinator/caller-key-unsupported": PermissionDenied,
  "coordinator/owner-digest-invalid": PermissionDenied,
  "coordinator/caller-not-owner": PermissionDenied,
  "coordinator/seed-share-owners-changed": PermissionDenied,
  "coordinator/transition-stale": FailedPrecondition,
  "coordinator/transition-signature-invalid": PermissionDenied,
  "coordinator/manifest-invalid": InvalidArgument,
  "coordinator/history-full": FailedPrecondition,
  "coordinator/seed-share-key-invalid": InvalidArgument,
  "coordinator/seed-failed": Internal,
  "coordinator/ca-failed": Internal,
  "coordinator/store-failed": Internal,
  "coordinator/history-changed": FailedPrecondition,

  "coordinator/already-recovered": FailedPrecondition,
  "coordinator/nothing-to-recover": FailedPrecondition,
  "coordinator/seed-invalid": InvalidArgument,
  "coordinator/recovery-failed": InvalidArgument,
  "coordinator/owner-key-invalid": FailedPrecondition,
  "coordinator/recovery-denied": PermissionDenied,
  "coordinator/recovered-concurrently": FailedPrecondition,

  "coordinator/policy-unknown": PermissionDenied,
  "coordinator/manifest-replaced": Unavailable,
};

/**
 * Makes the status of an error. Its text is that of the error with all causes, which say what a client can do; of errors
 * that are no `ContrastError` nothing is told.
 *
 * @param fallback for errors without a status of their own
 */
export function statusOf(error: unknown, fallback: Code): ConnectError {
  if (!(error instanceof ContrastError)) return new ConnectError("internal error", fallback);
  const text = messageChainOf(error);
  const message = text.length > MAX_MESSAGE_CHARACTERS ? `${text.slice(0, MAX_MESSAGE_CHARACTERS)}…` : text;
  // Half of a character, which the cut can leave, has no place in a header.
  return new ConnectError(message.toWellFormed(), STATUS[error.code] ?? fallback);
}
