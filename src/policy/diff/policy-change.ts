/** What a change means for whoever relies on the policy: the host may do more, less, or something else. */
export type Effect = "wider" | "narrower" | "other";

/** One difference of two policies. */
export interface PolicyChange {
  readonly effect: Effect;
  readonly kind: "added" | "removed" | "changed" | "moved";
  /** Name of the container; empty for what holds for the whole pod. */
  readonly container: string;
  /** What part it is about, such as `Env`, `Mounts`, `common.cpath`. */
  readonly part: string;
  /** Which element of the part, such as the name of a variable; empty where the part is one value. */
  readonly subject: string;
  /** As text: JSON, or the bare text of a string; undefined where there was nothing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A workload in both sets, or in one of them. */
export interface PolicyDifference {
  readonly label: string;
  readonly namespace: string;
  readonly status: "same" | "changed" | "added" | "removed";
  readonly before: PolicySide | undefined;
  readonly after: PolicySide | undefined;
  /** Unified diff of the rules; empty where they are the same. */
  readonly rules: readonly string[];
  readonly changes: readonly PolicyChange[];
}

/** One of the two policies. */
export interface PolicySide {
  readonly file: string;
  readonly hashHex: string;
  readonly embeddedRules: boolean;
}
