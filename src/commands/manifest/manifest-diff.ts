import { sha256Hex } from "../../lib/digest.ts";
import { diffManifests } from "../../manifest/diff-manifests.ts";
import type { ChangeArea, ChangeKind, ManifestChange } from "../../manifest/manifest-change.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { readManifest } from "../read-manifest.ts";

const AREAS: Readonly<Record<ChangeArea, string>> = {
  policies: "Workloads",
  "reference-values": "Reference values",
  "workload-owners": "Workload owners",
  "seedshare-owners": "Seed share owners",
  other: "Other fields",
};

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  added: "+",
  removed: "-",
  changed: "~",
  raised: "↑",
  lowered: "↓",
};

/** `contrast manifest diff`; its definition is in `manifest-definition.ts`. */
export const manifestDiffCommand: CommandImplementation = {
  async run({ positionals }, io) {
    const [oldPath = "", newPath = ""] = positionals;
    const before = await readManifest(oldPath, io);
    const after = await readManifest(newPath, io);
    const changes = diffManifests(before.manifest, after.manifest);
    const sameBytes = sha256Hex(before.bytes) === sha256Hex(after.bytes);
    if (io.format === "json") {
      io.out(resultJson("manifest-diff", { ok: changes.length === 0, sameBytes, changes }));
    } else {
      printText(changes, sameBytes, io);
    }
    return changes.length === 0 ? 0 : 1;
  },
};

function printText(changes: readonly ManifestChange[], sameBytes: boolean, io: Io): void {
  for (const [area, list] of Map.groupBy(changes, (change) => change.area)) {
    io.out(AREAS[area]);
    for (const change of list) for (const line of changeLines(change)) io.out(`  ${line}`);
  }
  if (changes.length === 0 && !sameBytes) {
    io.out("The manifests mean the same, but their bytes differ; to verify they are two manifests");
  } else if (changes.length === 0) {
    io.out("The manifests are the same");
  }
}

function changeLines({ kind, subject, field, before, after }: ManifestChange): readonly string[] {
  const head = `${SIGNS[kind]} ${subject}${field === undefined ? "" : `: ${field}`} ${kind}`;
  if (before === undefined && after === undefined) return [head];
  if (before === undefined || after === undefined) return [`${head}: ${before ?? after}`];
  const line = `${head}: ${before} → ${after}`;
  return line.length <= 110 ? [line] : [head, `    was ${before}`, `    now ${after}`];
}
