import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Sources whose steps are deleted, and the tests that could notice. */
export interface Room {
  readonly name: string;
  /** A folder; with `isFlat` without the folders in it. */
  readonly sources: string;
  readonly isFlat?: boolean;
  readonly tests: readonly string[];
  /** Whether its answers are verdicts. */
  readonly hasRows?: boolean;
}

/** The rooms that verify or that talk to whom they do not trust. */
export const ROOMS: readonly Room[] = [
  { name: "snp", sources: "src/attestation/snp", tests: ["tests/attestation/snp/"], hasRows: true },
  { name: "tdx", sources: "src/attestation/tdx", tests: ["tests/attestation/tdx/"], hasRows: true },
  { name: "atls", sources: "src/attestation/atls", tests: ["tests/attestation/atls/"] },
  { name: "pki", sources: "src/pki", tests: ["tests/pki/"] },
  { name: "attestation", sources: "src/attestation", isFlat: true, tests: ["tests/attestation/", "tests/commands/"] },
  { name: "collateral", sources: "src/attestation/collateral", tests: ["tests/attestation/collateral/"] },
  { name: "rpc", sources: "src/rpc", tests: ["tests/rpc/", "tests/attestation/atls/"] },
  {
    name: "coordinator",
    sources: "src/coordinator",
    isFlat: true,
    tests: [
      "tests/coordinator/authority.test.ts",
      "tests/coordinator/foundation.test.ts",
      "tests/coordinator/mesh-api.test.ts",
      "tests/coordinator/mesh-certificate.test.ts",
      "tests/coordinator/recover.test.ts",
      "tests/coordinator/seal.test.ts",
      "tests/coordinator/set-manifest.test.ts",
      "tests/coordinator/user-api.test.ts",
    ],
  },
  { name: "client", sources: "src/client", tests: ["tests/client/", "tests/commands/"] },
];

/** The source files of a room, below the root of a project. */
export function sourcesOf({ sources, isFlat = false }: Room, root: string): readonly string[] {
  return readdirSync(join(root, sources), { recursive: !isFlat })
    .map((name) => join(sources, String(name)))
    .filter((path) => path.endsWith(".ts"))
    .toSorted();
}
