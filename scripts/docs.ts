// Writes docs/reference/, docs/man/, each room's README and the table of rooms in CONTRIBUTING
// from command definitions, error table and list of rooms. With --check it only compares.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PROGRAM } from "../src/cli/root-definition.ts";
import { pageName, renderCommandPage } from "./docs/command-page.ts";
import { commandPaths, isShown } from "./docs/command-paths.ts";
import { renderErrorsPage } from "./docs/errors-page.ts";
import { renderManPage } from "./docs/man-page.ts";
import { readRooms, renderRoomPage, withRoomTable } from "./docs/room-pages.ts";

const root = join(import.meta.dir, "..");
const folders = ["docs/reference", "docs/man"];

async function formatted(markdown: string): Promise<string> {
  const child = Bun.spawn([process.execPath, "fmt", "--stdin-filepath=page.md"], {
    cwd: root,
    stdin: new Blob([markdown]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [status, text] = await Promise.all([child.exited, new Response(child.stdout).text()]);
  if (status !== 0) throw new Error(`Cannot format Markdown: exit status ${status}`);
  return text;
}

async function pages(): Promise<ReadonlyMap<string, string>> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly version: string };
  const result = new Map<string, string>();
  for (const path of (await commandPaths([PROGRAM.root])).filter(isShown)) {
    const page = pageName(path);
    result.set(`docs/reference/${page}`, await formatted(renderCommandPage(PROGRAM, path)));
    result.set(`docs/man/${basename(page, ".md")}.1`, renderManPage(PROGRAM, path, `v${version}`));
  }
  result.set("docs/reference/errors.md", await formatted(renderErrorsPage()));
  const rooms = await readRooms(root);
  for (const room of rooms) {
    result.set(`src/${room.name}/README.md`, await formatted(renderRoomPage(room, rooms)));
  }
  const contributing = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  result.set("CONTRIBUTING.md", await formatted(withRoomTable(contributing, rooms)));
  return result;
}

async function existingFiles(): Promise<readonly string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder)).catch(() => []);
      return names.map((name) => `${folder}/${name}`);
    }),
  );
  return lists.flat();
}

async function main(): Promise<void> {
  const wanted = await pages();
  const stale: string[] = [];
  for (const [path, content] of wanted) {
    const current = await readFile(join(root, path), "utf8").catch(() => undefined);
    if (current !== content) stale.push(path);
  }
  const surplus = (await existingFiles()).filter((path) => !wanted.has(path));
  if (process.argv.includes("--check")) {
    for (const path of [...stale, ...surplus]) console.error(`not current: ${path} (run "npm run docs")`);
    process.exitCode = stale.length + surplus.length === 0 ? 0 : 1;
    return;
  }
  for (const path of surplus) await rm(join(root, path));
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), wanted.get(path) ?? "");
  }
  console.log(`${wanted.size} pages, ${stale.length} written, ${surplus.length} removed`);
}

await main();
