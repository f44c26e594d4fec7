import { stat } from "node:fs/promises";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { collectBytes } from "../../lib/byte-stream.ts";
import { readFileRange } from "../../lib/file-range.ts";
import { DOCKER_ARCHIVE_MARKER } from "./docker-archive.ts";
import { type LocalFiles, archiveFiles, directoryFiles } from "./local-files.ts";
import { LAYOUT_MARKER } from "./oci-layout.ts";

/** Images on disk, and in which of the formats. */
export interface LocalImages {
  readonly format: "oci-layout" | "docker-archive";
  readonly files: LocalFiles;
}

/**
 * Looks at a directory or tar archive and tells which kind of image store it is. Where both kinds of marker are there,
 * as in archives of newer Docker versions, the OCI layout counts, because it can prove digests.
 *
 * @throws ContrastError `oci/archive-invalid`
 */
export async function openLocalImages(path: string): Promise<LocalImages> {
  const refuse = (fact: string, hint?: string): ContrastError =>
    new ContrastError("oci/archive-invalid", `Cannot read image source "${path}": ${fact}`, {
      hint,
      details: { path },
    });
  const found = await stat(path).catch((error: unknown) => {
    throw refuse(messageOf(error));
  });
  if (!found.isDirectory() && !found.isFile()) throw refuse("neither a directory nor a file");
  if (found.isFile() && (await isCompressed(path))) {
    throw refuse("the archive is compressed", "Unpack it first with gunzip or zstd -d.");
  }
  const files = found.isDirectory() ? directoryFiles(path) : await archiveFiles(path, found.size);
  if ((await files.find(LAYOUT_MARKER)) !== undefined) return { format: "oci-layout", files };
  if ((await files.find(DOCKER_ARCHIVE_MARKER)) !== undefined) return { format: "docker-archive", files };
  throw refuse("neither an OCI layout nor a docker-archive", "Make one with: skopeo copy docker://IMAGE oci:DIRECTORY");
}

async function isCompressed(path: string): Promise<boolean> {
  const start = await collectBytes(
    readFileRange(path, 0, 4),
    4,
    () => new ContrastError("lib/internal", "Cannot read"),
  );
  const [a, b] = start;
  return (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5);
}
