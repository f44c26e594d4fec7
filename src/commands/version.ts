import { COMMIT, VERSION } from "../lib/build-info.ts";
import type { CommandImplementation } from "../terminal/command-definition.ts";
import { resultJson } from "../terminal/json-result.ts";

/** The text of `contrast --version`; its first line is stable, the rest is for people. */
export function versionText(): string {
  return `contrast version ${VERSION}\n`;
}

/** Runs `contrast version`. */
export const versionCommand: CommandImplementation = {
  async run({ flags }, io) {
    if (flags.boolean("notices")) {
      const { THIRD_PARTY_NOTICES } = await import("./third-party-notices.ts");
      io.write(THIRD_PARTY_NOTICES);
      return;
    }
    if (io.format === "json") io.out(resultJson("version", { version: VERSION, commit: COMMIT }));
    else io.write(versionText());
  },
};
