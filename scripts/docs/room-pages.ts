import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const roomList = v.array(
  v.object({
    name: v.string(),
    rank: v.number(),
    job: v.string(),
    parts: v.optional(v.record(v.string(), v.string()), {}),
  }),
);

/** A folder of `src/` as `.dependency-cruiser.mjs` lists it. */
export type Room = v.InferOutput<typeof roomList>[number];

/** The listed rooms that have a folder. */
export async function readRooms(root: string): Promise<readonly Room[]> {
  const config: unknown = await import(join(root, ".dependency-cruiser.mjs"));
  const { rooms } = v.parse(v.object({ rooms: roomList }), config);
  return rooms.filter(({ name }) => existsSync(join(root, "src", name)));
}

/** A room's README in Markdown: its job, what it may import, its parts. */
export function renderRoomPage(room: Room, rooms: readonly Room[]): string {
  const lower = rooms.filter(({ rank }) => rank < room.rank).map(({ name }) => `\`${name}\``);
  const imports =
    lower.length === 0 ? "Imports no other room." : `May import ${lower.join(", ")}, and nothing else of \`src/\`.`;
  const parts = Object.entries(room.parts).map(([name, job]) => `| \`${name}\` | ${job} |`);
  const table = parts.length === 0 ? [] : [["| Part | Its job |", "| --- | --- |", ...parts].join("\n")];
  const rule = parts.length === 0 ? [] : ["Parts import files of this folder, never each other."];
  return [
    `# ${room.name}`,
    `${room.job}.`,
    `${imports} \`npm run check\` enforces it.`,
    ...table,
    ...rule,
    "Made by `npm run docs` from `.dependency-cruiser.mjs`.",
    "",
  ].join("\n\n");
}

const TABLE_START = "<!-- rooms: made by `npm run docs` from .dependency-cruiser.mjs -->";
const TABLE_END = "<!-- end of rooms -->";

/** A document with the table of rooms between its two marks made anew. */
export function withRoomTable(document: string, rooms: readonly Room[]): string {
  const start = document.indexOf(TABLE_START);
  const end = document.indexOf(TABLE_END);
  if (start < 0 || end < start) throw new Error(`Cannot find "${TABLE_START}" and "${TABLE_END}"`);
  const rows = rooms.map(({ name, rank, job }) => `| ${rank} | [\`${name}\`](src/${name}/README.md) | ${job} |`);
  const table = ["| Rank | Room | Its job |", "| --- | --- | --- |", ...rows].join("\n");
  return `${document.slice(0, start)}${TABLE_START}\n\n${table}\n\n${document.slice(end)}`;
}
