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
  /** Whether it computes: each of its statements, conditions and members of lists is a step. */
  readonly hasSteps?: boolean;
}

/** The rooms that verify, that talk to whom they do not trust, or whose results others trust without a second look. */
export const ROOMS: readonly Room[] = [
  { name: "snp", sources: "src/attestation/snp", tests: ["tests/attestation/snp/"], hasRows: true },
  { name: "tdx", sources: "src/attestation/tdx", tests: ["tests/attestation/tdx/"], hasRows: true },
  { name: "atls", sources: "src/attestation/atls", tests: ["tests/attestation/atls/"] },
  { name: "pki", sources: "src/pki", tests: ["tests/pki/"] },
  { name: "attestation", sources: "src/attestation", isFlat: true, tests: ["tests/attestation/", "tests/commands/"] },
  { name: "collateral", sources: "src/attestation/collateral", tests: ["tests/attestation/collateral/"] },
  { name: "rpc", sources: "src/rpc", tests: ["tests/rpc/", "tests/attestation/atls/"] },
  { name: "issue", sources: "src/attestation/issue", tests: ["tests/attestation/issue/"] },
  // The crash at each step is slow, and shows in the tests of the history.
  {
    name: "coordinator",
    sources: "src/coordinator",
    isFlat: true,
    tests: testsDirectlyIn("tests/coordinator").filter((path) => !/\/(?:crash|fake-agreement)\./.test(path)),
  },
  { name: "history", sources: "src/coordinator/history", tests: ["tests/coordinator/history/"] },
  { name: "seed", sources: "src/coordinator/seed", tests: ["tests/coordinator/seed/"] },
  { name: "ca", sources: "src/coordinator/ca", tests: ["tests/coordinator/ca/"] },
  { name: "initializer", sources: "src/initializer", tests: ["tests/initializer/"] },
  {
    name: "roles",
    sources: "src/commands/roles",
    tests: ["tests/commands/roles/", "tests/commands/issuer-options.test.ts"],
  },
  { name: "simulator", sources: "src/simulator", tests: ["tests/simulator/"] },
  { name: "sandbox", sources: "src/sandbox", tests: ["tests/sandbox/", "tests/commands/sandbox/"] },
  { name: "sandbox commands", sources: "src/commands/sandbox", tests: ["tests/commands/sandbox/"] },
  { name: "client", sources: "src/client", tests: ["tests/client/", "tests/commands/"] },
  {
    name: "firmware",
    sources: "src/measure",
    isFlat: true,
    tests: [...testsDirectlyIn("tests/measure"), "tests/measure/snp/", "tests/measure/tdx/"],
    hasSteps: true,
  },
  {
    name: "measure snp",
    sources: "src/measure/snp",
    tests: ["tests/measure/snp/", "tests/commands/measure/measure-snp.test.ts"],
    hasSteps: true,
  },
  {
    name: "measure tdx",
    sources: "src/measure/tdx",
    tests: ["tests/measure/tdx/", "tests/commands/measure/measure-tdx.test.ts"],
    hasSteps: true,
  },
  { name: "servicemesh", sources: "src/servicemesh", tests: ["tests/servicemesh/"], hasSteps: true },
  { name: "resources", sources: "src/resources", tests: ["tests/resources/"], hasSteps: true },
  { name: "topology", sources: "src/topology", isFlat: true, tests: ["tests/topology/"], hasSteps: true },
  { name: "doctor", sources: "src/doctor/checks", tests: ["tests/doctor/"], hasSteps: true },
];

function testsDirectlyIn(folder: string): readonly string[] {
  return readdirSync(join(import.meta.dir, "../..", folder))
    .filter((name) => name.endsWith(".test.ts"))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

/** The source files of a room, below the root of a project. */
export function sourcesOf({ sources, isFlat = false }: Room, root: string): readonly string[] {
  return readdirSync(join(root, sources), { recursive: !isFlat })
    .map((name) => join(sources, String(name)))
    .filter((path) => path.endsWith(".ts"))
    .toSorted();
}
