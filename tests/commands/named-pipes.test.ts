import { describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { ContrastError } from "../../src/lib/errors.ts";
import { ProblemsError } from "../../src/lib/problems.ts";
import { attestedDeployment } from "../fakes/attested-deployment.ts";
import { callCommand } from "../fakes/call-command.ts";
import { deploymentIo, useCoordinators } from "../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();
const NOBODY = "127.0.0.1:1";

/** Files that are pipes, and the commands that read them. */
const CALLS: readonly (readonly [string, readonly string[]])[] = [
  ["manifest.json", ["verify", "-c", NOBODY]],
  ["coordinator-policy.sha256", ["verify", "-c", NOBODY]],
  ["manifest.json", ["set", "-c", NOBODY, "resources"]],
  ["workload-owner.pem", ["set", "-c", NOBODY, "resources"]],
  ["seed-shares.json", ["recover", "-c", NOBODY]],
  ["seedshare-owner.pem", ["recover", "-c", NOBODY]],
  ["manifest.json", ["manifest", "validate", "manifest.json"]],
  ["kernel", ["measure", "snp", "--firmware", "kernel", "--vcpu-type", "EPYC-v4"]],
];

describe("a named pipe in place of a file", () => {
  test("is given up by every command if nobody writes to it", async () => {
    const ends = CALLS.map(async ([name, words]) => {
      const deployment = attestedDeployment();
      rmSync(deployment.path(name), { force: true });
      execFileSync("mkfifo", [deployment.path(name)]);
      const inPlace = words.map((word) => (word === name || word === "resources" ? deployment.path(word) : word));
      const isClient = words.includes(NOBODY);
      const more = isClient ? ["--workspace-dir", deployment.directory, ...deployment.trustFlags] : [];
      return await callCommand([...inPlace, ...more], deploymentIo(deployment)).then(() => ["no error"], codesOf);
    });
    for (const codes of await Promise.all(ends)) expect(codes).toContain("lib/file-unreadable");
  }, 20_000);

  test("is read once, as a file, if somebody does", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    renameSync(deployment.path("manifest.json"), deployment.path("kept.json"));
    execFileSync("mkfifo", [deployment.path("manifest.json")]);
    spawn("sh", ["-c", 'cat "$1" > "$2"', "sh", deployment.path("kept.json"), deployment.path("manifest.json")]);
    const words = ["verify", "-c", server.address, "--workspace-dir", deployment.directory, ...deployment.trustFlags];
    const io = deploymentIo(deployment);
    await callCommand(words, io);
    expect(io.printed.join("\n")).toContain("Manifest active at Coordinator matches expected manifest");
  });
});

function codesOf(error: unknown): readonly string[] {
  if (error instanceof ProblemsError) return error.problems.map(({ code }) => code);
  return [error instanceof ContrastError ? error.code : String(error)];
}
