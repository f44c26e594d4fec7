import type { ExpectedCoordinatorPolicy } from "../../manifest/coordinator-policy-hash.ts";

/** The expected policy of the Coordinator in results for programs. */
export function policyJson({ hashes, source }: ExpectedCoordinatorPolicy): Readonly<Record<string, unknown>> {
  return { hashes: hashes.map((hash) => hash.toHex()), source };
}
