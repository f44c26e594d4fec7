import { join } from "node:path";
import { findOpa } from "../../scripts/policy-wasm/opa-tool.ts";

/**
 * Whether what a test needs beside the product is there. Where it is missing, the test is skipped with one line that
 * says so; with CI=true that is an error, so that nothing is skipped unseen.
 *
 * @param subject what the test is about, named in the line
 * @param need what is missing, such as `need openssl`
 */
export function isReady(subject: string, isThere: boolean, need: string): boolean {
  if (isThere) return true;
  if (process.env["CI"] === "true") throw new Error(`${subject}: ${need}`);
  console.warn(`skipped: ${subject}: ${need}`);
  return false;
}

/** Whether programs are installed. */
export function hasPrograms(subject: string, ...names: readonly string[]): boolean {
  const missing = names.filter((name) => Bun.which(name) === null);
  return isReady(subject, missing.length === 0, `need ${missing.join(", ")}`);
}

/** Whether this process may do something special, tried with a command that ends with status 0 if so. */
export function isPermitted(subject: string, ...command: readonly string[]): boolean {
  const [program = ""] = command;
  if (!hasPrograms(subject, program)) return false;
  const { exitCode } = Bun.spawnSync([...command], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  return isReady(subject, exitCode === 0, `"${command.join(" ")}" is not permitted`);
}

/** The pinned version of OPA; empty where it is not installed. */
export const OPA = findOpa(join(import.meta.dir, "../..")) ?? "";

/** Whether OPA is installed in the pinned version. */
export function hasOpa(subject: string): boolean {
  return isReady(subject, OPA !== "", "need opa in the pinned version");
}
