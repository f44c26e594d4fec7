import { readTables, type Tables } from "../../generate/manifest-inputs.ts";
import { counted } from "../../lib/counted.ts";
import { VERSION } from "../../lib/build-info.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { rulesText } from "../../policy/rules-text.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** Looks at what this program expects of images and hosts. */
export async function checkTables(options: DoctorOptions, examination: Examination): Promise<Tables | undefined> {
  const tables = await examination.attempt("program.tables", () => readTables(options), {
    hint: "Correct the file that the flag names, or leave the flag out.",
  });
  const rules = sha256Hex(rulesText()).slice(0, 12);
  const handlers = tables?.referenceValues.size ?? 0;
  const images = tables?.images.size ?? 0;
  examination.conclude(
    "program.tables",
    `contrast ${VERSION}, policy rules ${rules}…, ${counted(handlers, "runtime handler")}, ${counted(images, "image")}`,
  );
  return tables;
}
