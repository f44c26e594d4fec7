import { expect, test } from "bun:test";
import { join } from "node:path";

test("a sample of the verification steps is noticed when it is deleted; npm run mutation tries all", async () => {
  const script = join(import.meta.dir, "..", "scripts", "mutation.ts");
  const child = Bun.spawn([process.execPath, script, "--sample", "60", "tdx: row", "src/attestation/tdx"], {
    stderr: "pipe",
  });
  const output = await new Response(child.stdout).text();
  const notice = await new Response(child.stderr).text();
  expect({ status: await child.exited, output, notice }).toMatchObject({
    status: 0,
    output: expect.stringMatching(/\n[1-9]\d* steps deleted in \d+ s, 0 not noticed\n$/),
  });
}, 180_000);
