/** Signatures that `openssl speed` verifies in a second of processor time, such as for `ecdsap384`. */
export function opensslVerifyRate(algorithm: string): number {
  const child = Bun.spawnSync(["openssl", "speed", "-seconds", "1", algorithm], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  // The last line: name, seconds for each signature and verification, then both a second.
  const rate = Number(child.stdout.toString().trim().split(/\s+/).at(-1));
  if (child.exitCode !== 0 || !(rate > 0)) throw new Error(`Cannot measure openssl speed ${algorithm}`);
  return rate;
}
