import { type Outcome, runBinary } from "../../e2e/run-binary.ts";
import type { AttestedDeployment } from "../../fakes/attested-deployment.ts";
import { mirrorFlags } from "./attested-by-go.ts";
import type { GoCoordinator } from "./go-coordinator.ts";

/** What a call of the binary with `--format json` told. */
export interface Told {
  readonly status: number | null;
  /** Of the error; undefined after success. */
  readonly code: string | undefined;
  /** Names of checks, in order. */
  readonly failed: readonly string[];
  readonly unknown: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

interface Verdict {
  readonly groups: readonly { readonly checks: readonly { readonly id: string; readonly outcome: string }[] }[];
}

/** Runs a command of the compiled binary against a Coordinator in Go, with collateral from its mirror. */
export async function runContrast(
  deployment: AttestedDeployment,
  { address, mirror }: GoCoordinator,
  words: readonly string[],
  flags: readonly string[] = mirrorFlags(mirror),
): Promise<Told> {
  const all = [...words, "-c", address, "--format", "json", ...flags];
  return told(await runBinary(all, { cwd: deployment.directory }));
}

function told({ status, stdout, stderr }: Outcome): Told {
  if (!stdout.startsWith("{")) throw new Error(`status ${status}, no JSON: ${stdout}${stderr}`);
  const json: { readonly code?: string; readonly verdict?: Verdict } = JSON.parse(stdout);
  const checks = (json.verdict?.groups ?? []).flatMap((group) => group.checks);
  const withOutcome = (wanted: string): readonly string[] =>
    checks
      .filter(({ outcome }) => outcome === wanted)
      .map(({ id }) => id)
      .toSorted();
  return { status, code: json.code, failed: withOutcome("failed"), unknown: withOutcome("unknown"), json: { ...json } };
}
