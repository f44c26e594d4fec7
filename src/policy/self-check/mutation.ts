import { sha256Hex } from "../../lib/digest.ts";
import type { Json } from "../../lib/json.ts";
import { applyPatchOperation, type JsonPatchOperation } from "../json-patch.ts";
import type { ContainerPolicy, PolicyData } from "../policy-data.ts";
import { renderPrettyJson } from "../pretty-json.ts";
import type { ContainerModel, PodModel } from "./pod-model.ts";
import type { ContainerParts } from "./runtime-requests.ts";

/** A container, what the runtime will ask for it, and what its policy says. */
export interface ContainerMutationInput {
  readonly pod: PodModel;
  readonly model: ContainerModel;
  readonly parts: ContainerParts;
  readonly policy: ContainerPolicy;
  readonly data: PolicyData;
}

/** One difference between a genuine request and one that the policy must refuse. */
export interface Mutation {
  readonly check: string;
  /** Text of the part of the policy that decides; everything else is as in a request that is allowed. */
  readonly part: string;
  readonly patch: readonly JsonPatchOperation[];
}

/** Text of a part of a policy, or the digest of a long one, to compare it with the same part of another. */
export function partText(part: unknown): string {
  const text = renderPrettyJson(part);
  return text.length > 64 ? sha256Hex(text) : text;
}

/** The request after a mutation. */
export function mutated(request: Json, patch: readonly JsonPatchOperation[]): Json {
  return patch.reduce(applyPatchOperation, request);
}

/** A patch that replaces the value at a JSON Pointer. */
export function replaced(path: string, value: Json): JsonPatchOperation {
  return { op: "replace", path, value };
}

/** A patch that puts a value at the end of a list. */
export function appended(path: string, value: Json): JsonPatchOperation {
  return { op: "add", path: `${path}/-`, value };
}

/** A mutation that changes one value. */
export function change(check: string, part: string, path: string, value: Json): Mutation {
  return { check, part, patch: [replaced(path, value)] };
}

/** A mutation that adds an element to a list. */
export function addition(check: string, part: string, path: string, value: Json): Mutation {
  return { check, part, patch: [appended(path, value)] };
}
