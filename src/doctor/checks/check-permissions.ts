import { fileFacts } from "../../lib/file-facts.ts";
import type { CheckId } from "../check-catalogue.ts";
import type { Examination } from "../examination.ts";

/** Bits of everybody but the owner. */
const OTHERS = 0o077;

/** Looks at whether only its owner can read a private key; a key that is missing, or a directory, is for other checks. */
export async function checkPermissions(check: CheckId, path: string, examination: Examination): Promise<void> {
  const facts = await fileFacts(path);
  if (facts === undefined || facts.isDirectory || (facts.mode & OTHERS) === 0) return;
  examination.warn(check, {
    file: path,
    message: "others than its owner can read the private key",
    actual: facts.mode.toString(8).padStart(4, "0"),
    expected: "0600",
    hint: `Run "chmod 600 ${path}"; if somebody else may have read the key, replace it by a new one.`,
  });
}
