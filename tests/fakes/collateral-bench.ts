import { afterAll } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import { AMD_TEST_TIME, type AmdChip, amdChip, collateralItem } from "./amd-chip.ts";
import { callCommand } from "./call-command.ts";
import { createIntelPlatform, type IntelPlatform } from "./intel-platform.ts";
import { type RecordedIo, recordIo } from "./recorded-io.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { startVendorServices, type VendorServices } from "./vendor-services.ts";
import type { Io } from "../../src/terminal/io.ts";

const chip = amdChip();
const platform = createIntelPlatform({ now: AMD_TEST_TIME });

/** One machine of each vendor, the vendors' services, and a user with a cache and a directory of files. */
export interface CollateralBench {
  readonly chip: AmdChip;
  readonly platform: IntelPlatform;
  readonly services: VendorServices;
  /** What the services publish, by a word for each piece. */
  readonly items: Readonly<
    Record<"vcek" | "crl" | "chain" | "tcbInfo" | "qeIdentity" | "pckCrl" | "rootCrl", CollateralItem>
  >;
  /** Where the commands keep collateral. */
  readonly cacheDirectory: string;
  readonly now: () => Date;
  readonly advance: (ms: number) => void;
  /** Writes a file and returns its path. */
  readonly file: (name: string, content: Uint8Array | string) => string;
  /** Runs `contrast collateral …` with the fake roots, and the fake services where the command takes mirrors. */
  readonly run: (words: readonly string[], change?: Partial<Io>) => Promise<RecordedIo>;
  /** The same; gives the JSON object that it prints, also where the command fails. */
  readonly json: (...words: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
}

/** Starts a bench whose services publish everything. */
export async function collateralBench(): Promise<CollateralBench> {
  const directory = temporaryDirectory();
  const file: CollateralBench["file"] = (name, content) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const roots = file("roots.pem", chip.authority.rootsPem + platform.rootPem);
  const items = publishedItems();
  const services = await startVendorServices(...Object.values(items));
  afterAll(services.stop);
  let nowMs = AMD_TEST_TIME.getTime();
  const now = (): Date => new Date(nowMs);
  const cacheBase = join(directory, "cache");
  const run: CollateralBench["run"] = async (words, change = {}) => {
    const io = recordIo({ env: { CONTRAST_CACHE_DIR: cacheBase }, now, ...change });
    await callCommand(["collateral", ...words, ...flagsFor(words[0] ?? "")], io);
    return io;
  };
  const flagsFor = (command: string): readonly string[] => {
    const trust = ["--insecure-trust-roots", roots];
    if (command === "import" || command === "prune") return trust;
    return [...trust, "--kds-mirror", services.mirrors.kds, "--pcs-mirror", services.mirrors.pcs];
  };
  return {
    chip,
    platform,
    services,
    items,
    cacheDirectory: join(cacheBase, "kds-insecure"),
    now,
    advance: (ms) => void (nowMs += ms),
    file,
    run,
    json: async (...words) => {
      const printed: string[] = [];
      await run(words, { format: "json", out: (line) => void printed.push(line) }).catch((error: unknown) => {
        if (printed.length === 0) throw error;
      });
      return JSON.parse(printed.join("")) as Record<string, unknown>;
    },
  };
}

function publishedItems(): CollateralBench["items"] {
  const [vcek, crl] = chip.collateralItems();
  const [tcbInfo, qeIdentity, pckCrl, rootCrl] = platform.collateralItems();
  if (!vcek || !crl || !tcbInfo || !qeIdentity || !pckCrl || !rootCrl) throw new Error("a fake lacks collateral");
  const chain = collateralItem(
    { kind: "amd-chain", product: "Milan", signingKey: "VCEK" },
    new TextEncoder().encode(chip.authority.chainPem("VCEK")),
  );
  return { vcek, crl, chain, tcbInfo, qeIdentity, pckCrl, rootCrl };
}

/** `state` by vendor's address of the pieces in the JSON of a command. */
export function statesOf(result: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const collateral = result["collateral"] as readonly { readonly url: string; readonly state: string }[];
  return Object.fromEntries(collateral.map(({ url, state }) => [url, state]));
}

/** The same state for all of some pieces, as `statesOf` gives it. */
export function allIn(state: string, ...items: readonly CollateralItem[]): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(({ need }) => [collateralUrl(need), state]));
}
