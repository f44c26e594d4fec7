import { join } from "node:path";
import type { ExpectedStateSources } from "../../client/expected-state.ts";
import type { Logger } from "../../lib/log.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";

/** Written by `generate` when its input holds a Coordinator. */
const COORDINATOR_HASH_FILE = "coordinator-policy.sha256";

/** Where `set`, `verify` and `recover` learn what the Coordinator must be. */
export function expectedStateSources(flags: ParsedFlags, log: Logger): ExpectedStateSources {
  return {
    manifestPath: flags.string("manifest"),
    policyFlag: flags.isSet("coordinator-policy-hash") ? flags.string("coordinator-policy-hash") : undefined,
    policyPath: join(flags.string("workspace-dir"), COORDINATOR_HASH_FILE),
    log,
  };
}
