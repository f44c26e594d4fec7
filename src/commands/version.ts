import { COMMIT, VERSION } from "../lib/build-info.ts";
import type { CommandImplementation } from "../terminal/command-definition.ts";
import { resultJson } from "../terminal/json-result.ts";
import { versionText } from "./version-text.ts";

/** The members of a value that the manifest's schema names; `unknown` is where its parser keeps the rest. */
function withoutUnknown(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === "unknown" ? undefined : member)));
}

/** Runs `contrast version`. */
export const versionCommand: CommandImplementation = {
  async run({ flags }, io) {
    if (flags.boolean("notices")) {
      const { THIRD_PARTY_NOTICES } = await import("./third-party-notices.ts");
      io.write(THIRD_PARTY_NOTICES);
    } else if (io.format === "json") {
      const { versionDetails } = await import("./version-details.ts");
      const { images, platforms } = versionDetails();
      io.out(resultJson("version", { version: VERSION, commit: COMMIT, images, platforms: withoutUnknown(platforms) }));
    } else {
      io.write(await versionText());
    }
  },
};
