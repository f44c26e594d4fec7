import type { Json } from "../../lib/json.ts";

/** One question to the policy, in the order in which the agent would be asked. */
export interface SelfCheckStep {
  /** Container that the request is about; `pod` for requests about the sandbox. */
  readonly container: string;
  /** Entry point, such as `CreateContainerRequest`. */
  readonly kind: string;
  /** What the request is, or how it differs from a genuine one. */
  readonly check: string;
  readonly allowed: boolean;
  /** Builds the complete request. */
  readonly request: () => Json;
  /**
   * The part of the policy that alone decides, as text. Two steps with the same check, part and difference get the same
   * answer, because everything else in them is as in a request that is allowed.
   */
  readonly decidedBy?: string;
  /** How the request differs from an allowed one, as text. */
  readonly difference?: string;
}
