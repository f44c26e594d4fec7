import { afterAll } from "bun:test";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { attestedDeployment, type AttestedDeployment } from "../fakes/attested-deployment.ts";
import {
  type FakeCoordinator,
  type FakeCoordinatorOptions,
  startFakeCoordinator,
} from "../fakes/coordinator-server.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { startVendorServices, type VendorServices } from "../fakes/vendor-services.ts";
import { contrastBinary } from "./binary.ts";
import { type Outcome, outcomeOf } from "./run-binary.ts";

/** How a run went. */
export interface AttestOutcome extends Outcome {
  readonly elapsedMs: number;
}

/** How a run is made. */
export interface AttestCall {
  /** Added to an environment that holds only PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Command that runs the program, such as `unshare`. */
  readonly wrapper?: readonly string[];
  /** Interrupts the run. */
  readonly signal?: AbortSignal;
  /** The run mostly waits, so it need not wait for its turn too. */
  readonly isIdle?: boolean;
}

/** Flags that make the fake hardware of a deployment's directory trusted, with all its collateral at hand. */
export const TRUST = ["--offline", "--collateral", "collateral.tar", "--insecure-trust-roots", "roots.pem"] as const;

/** Tests of one file run side by side; more programs than this at once would only wait for each other. */
const MAX_RUNNING = 3;

/** Where the tests of one file run the program, with the servers that they need. */
export class AttestBench {
  readonly #root = temporaryDirectory();
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor() {
    afterAll(async () => {
      for (const close of this.#closers) await close();
    });
  }

  /** An empty directory. */
  directory(): string {
    return mkdtempSync(join(this.#root, "d-"));
  }

  /** A deployment in a directory of its own. */
  deployment(tee: "snp" | "tdx" = "tdx"): AttestedDeployment {
    return attestedDeployment(tee, this.directory());
  }

  /** A copy of a directory, so that a run cannot disturb others. */
  copyOf(directory: string): string {
    const copy = this.directory();
    cpSync(directory, copy, { recursive: true });
    return copy;
  }

  /** A Coordinator on the machine of a deployment, until all tests have run. */
  async coordinator(deployment: AttestedDeployment, options: FakeCoordinatorOptions = {}): Promise<FakeCoordinator> {
    return this.#kept(await startFakeCoordinator({ evidence: deployment.evidence, ...options }));
  }

  /** The vendors' services, until all tests have run. */
  async vendorServices(...items: readonly CollateralItem[]): Promise<VendorServices> {
    const services = await startVendorServices(...items);
    this.#closers.push(services.stop);
    return services;
  }

  /** Stops something when all tests have run. */
  onEnd(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Runs the compiled binary in a directory that is also its home. */
  async run(directory: string, words: readonly string[], call: AttestCall = {}): Promise<AttestOutcome> {
    const binary = await contrastBinary();
    const isCounted = call.isIdle !== true;
    if (isCounted) await this.#slot();
    try {
      const startedMs = performance.now();
      const child = Bun.spawn([...(call.wrapper ?? []), binary, ...words], {
        cwd: directory,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: join(directory, "home"), ...call.env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        ...(call.signal === undefined ? {} : { signal: call.signal, killSignal: "SIGINT" }),
      });
      const outcome = await outcomeOf(child);
      return { ...outcome, elapsedMs: performance.now() - startedMs };
    } finally {
      if (isCounted) {
        this.#running--;
        this.#waiting.shift()?.();
      }
    }
  }

  /** The same with `--format json`, and the object that it prints. */
  async runJson(
    directory: string,
    words: readonly string[],
    call: AttestCall = {},
  ): Promise<AttestOutcome & { readonly json: AttestJson }> {
    const outcome = await this.run(directory, [...words, "--format", "json"], call);
    return { ...outcome, json: JSON.parse(outcome.stdout) as AttestJson };
  }

  #kept(server: FakeCoordinator): FakeCoordinator {
    this.#closers.push(server.close);
    return server;
  }

  async #slot(): Promise<void> {
    this.#running++;
    if (this.#running <= MAX_RUNNING) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** What `--format json` prints, as far as tests look at it. */
export interface AttestJson {
  readonly schema: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly class?: string;
  readonly insecure?: boolean;
  readonly verdict?: VerdictJson;
  readonly seedSharesBackup?: string | null;
  readonly written?: readonly string[];
}

/** The verdict in results for programs. */
export interface VerdictJson {
  readonly outcome: string;
  readonly groups: readonly { readonly name: string; readonly checks: readonly CheckJson[] }[];
  readonly collateral: readonly { readonly name: string; readonly origin: string; readonly note?: string }[];
}

/** One row of it. */
export interface CheckJson {
  readonly id: string;
  readonly outcome: string;
  readonly code?: string;
  readonly reason?: string;
  readonly remedy?: string;
}
