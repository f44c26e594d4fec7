import { afterAll, beforeAll } from "bun:test";
import { goPeer } from "../../fakes/go-peer.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

/** A Coordinator to start; see `scenario.go`. */
export interface Scenario {
  readonly tee: "snp" | "tdx" | "both";
  readonly chain?: Chain;
  readonly evidence?: string;
  readonly trouble?: string;
  readonly nonce?: "sni" | "alpn";
  readonly tls?: "1.2";
  readonly services?: "current" | "legacy";
}

/** Who made the AMD certificates: the program itself, or go-sev-guest, whose names and dates can be refined. */
export type Chain = "own" | "google" | "google-refined";

/** A started one. */
export interface GoCoordinator {
  readonly name: string;
  readonly address: string;
  /** Serves what AMD and Intel serve. */
  readonly mirror: string;
  /** All of Intel's collateral in one file. */
  readonly collateral: string | undefined;
}

/** What manifests have to trust. */
export interface Reference {
  readonly policyHash: string;
  readonly measurement: string;
  readonly minimumTcb: {
    readonly bootloader: number;
    readonly tee: number;
    readonly snp: number;
    readonly microcode: number;
  };
  readonly tdx: object;
}

/** The program in Go, which starts any number of Coordinators and ends with the test file. */
export interface GoCoordinators {
  /** Path of the program. */
  readonly program: string;
  readonly reference: Reference;
  /** PEM files. */
  readonly roots: Readonly<Record<Chain, string>>;
  /** Names of all faults of evidence; those that begin with `fine-`, and the empty one, are none. */
  readonly evidence: { readonly snp: readonly string[]; readonly tdx: readonly string[] };
  start(scenario: Scenario): Promise<GoCoordinator>;
  /** Lets one forget its memory, as the end of its process would. */
  restart(coordinator: GoCoordinator): Promise<void>;
}

/**
 * Builds the program before the tests of a file and ends it after them; to be called where tests are described.
 *
 * @returns what gives the running program to tests
 */
export function useGoCoordinators(): () => GoCoordinators {
  const folder = temporaryDirectory();
  let child: GoProcess | undefined;
  let coordinators: GoCoordinators | undefined;
  beforeAll(async () => {
    const program = goPeer(import.meta.dir);
    child = Bun.spawn([program, "-folder", folder], { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
    coordinators = await createGoCoordinators(program, child);
    // The first build on a machine compiles Go's standard library too.
  }, 300_000);
  afterAll(() => child?.kill());
  return () => {
    if (coordinators === undefined) throw new Error("the Coordinators in Go were not started");
    return coordinators;
  };
}

type GoProcess = Bun.Subprocess<"pipe", "pipe", "ignore">;

async function createGoCoordinators(program: string, child: GoProcess): Promise<GoCoordinators> {
  const answers = linesOf(child.stdout);
  const next = async (): Promise<string> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error("the Coordinators in Go ended");
    return value;
  };
  // One command after the other, so that each gets its own answer.
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (command: object): Promise<string> => {
    const answer = last.then(async () => {
      await child.stdin.write(`${JSON.stringify(command)}\n`);
      await child.stdin.flush();
      return await next();
    });
    last = answer.catch(() => undefined);
    return await answer;
  };
  let count = 0;
  const { reference, roots, evidence } = JSON.parse(await next());
  return {
    program,
    reference,
    roots,
    evidence,
    start: async (scenario) => JSON.parse(await ask({ do: "start", name: `scenario-${count++}`, ...scenario })),
    restart: async ({ name }) => {
      await ask({ do: "restart", name });
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line.startsWith("{"));
  }
  return undefined;
}
