/**
 * Whether programs that tests need beside the product are installed. Where one is missing, the tests are skipped with
 * one line that says so; in CI that is an error.
 *
 * @param subject what the tests are about, named in the line
 */
export function hasPrograms(subject: string, ...names: readonly string[]): boolean {
  const missing = names.filter((name) => Bun.which(name) === null);
  if (missing.length > 0) skipped(subject, `need ${missing.join(", ")}`);
  return missing.length === 0;
}

/** Whether this process may do something special, tried with a command that ends with status 0 if so. */
export function isPermitted(subject: string, ...command: readonly string[]): boolean {
  const [program = ""] = command;
  if (!hasPrograms(subject, program)) return false;
  const { exitCode } = Bun.spawnSync([...command], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  if (exitCode !== 0) skipped(subject, `"${command.join(" ")}" is not permitted`);
  return exitCode === 0;
}

function skipped(subject: string, reason: string): void {
  if (process.env["CI"] === "true") throw new Error(`${subject}: ${reason}`);
  console.warn(`skipped: ${subject}: ${reason}`);
}
