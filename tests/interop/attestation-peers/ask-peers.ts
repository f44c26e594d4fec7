import { spawnSync } from "node:child_process";
import { goPeer } from "../../fakes/go-peer.ts";

/** What the program in Go reads: one piece of evidence and what it is judged by. Bytes are base64. */
export interface PeerCase {
  readonly tee: "snp" | "tdx";
  readonly at: Date;
  readonly roots?: string | undefined;
  readonly revocation: boolean;
  readonly extension?: string;
  readonly raw?: string;
  readonly snp?: {
    readonly product: string;
    readonly vcek?: string | undefined;
    readonly vlek?: string | undefined;
    readonly crl?: string | undefined;
    readonly expected?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly tdx?: {
    readonly useCollateral: boolean;
    readonly collateral: readonly PeerAnswer[];
    readonly expected?: Readonly<Record<string, unknown>> | undefined;
  };
}

/** One answer of Intel's services. */
export interface PeerAnswer {
  /** What tells its address apart. */
  readonly part: string;
  readonly body: string;
  readonly header: string;
  readonly chain: string;
}

/** Undefined for acceptance, else the library's reason. */
export type PeerAnswers = readonly (string | undefined)[];

const ANSWER = "answer ";

/** Lets the libraries of Google judge all cases, in one process. */
export function askPeers(cases: readonly PeerCase[]): PeerAnswers {
  const program = goPeer(import.meta.dir);
  const input = cases.map((one) => `${JSON.stringify(one)}\n`).join("");
  const run = spawnSync(program, { input, maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  const lines = run.stdout.toString().split("\n");
  const answers = lines.flatMap((line) => (line.startsWith(ANSWER) ? [line.slice(ANSWER.length)] : []));
  return answers.map((answer) => (answer === "accepted" ? undefined : String(JSON.parse(answer))));
}

/** Bytes as Go reads them from JSON. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
