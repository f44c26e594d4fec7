import type { DecidingSession } from "./deciding-session.ts";

/** Rules that decide for any number of policies. */
export interface DecidingEngine {
  /**
   * Begins the life of a sandbox under a policy, with an empty state.
   *
   * @param policyDataText the value of `policy_data` as JSON text
   */
  open(policyDataText: string): DecidingSession;
}
