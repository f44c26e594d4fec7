import { join } from "node:path";
import { MESH_CA_FILE, ROOT_CA_FILE } from "../client/set-files.ts";
import { ContrastError } from "../lib/errors.ts";
import { isNamedPipe, namesIn } from "../lib/file-facts.ts";
import type { DoctorOptions } from "./doctor-options.ts";

/**
 * Refuses a workspace with a named pipe in place of a file: reading it would wait for ever. Pipes that a shell makes for
 * its process substitution have no name and are read.
 *
 * @throws ContrastError `lib/file-unreadable`
 */
export async function refusePipes(options: DoctorOptions): Promise<void> {
  const { workspaceDir, verifyDirectory, tlsConfigDirectory, imageReplacementsPath, referenceValuesPath } = options;
  const directories = [verifyDirectory, tlsConfigDirectory].filter((directory) => directory !== undefined);
  const inside = directories.map(async (directory) => {
    return (await namesIn(directory)).map((name) => join(directory, name));
  });
  const files = [
    options.manifestPath,
    options.rulesPath,
    options.settingsPath,
    options.workloadOwnerKeyPath,
    options.seedshareOwnerKeyPath,
    options.seedSharesPath,
    options.coordinatorHashPath,
    join(workspaceDir, ROOT_CA_FILE),
    join(workspaceDir, MESH_CA_FILE),
    imageReplacementsPath,
    referenceValuesPath,
    ...(await Promise.all(inside)).flat(),
  ];
  for (const path of files) {
    if (path === undefined || !(await isNamedPipe(path))) continue;
    throw new ContrastError("lib/file-unreadable", `Cannot examine "${path}": it is a named pipe`, {
      hint: "Move it away, and find out who made it.",
      details: { path },
    });
  }
}
