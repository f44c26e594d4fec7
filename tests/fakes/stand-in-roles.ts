// Stands in for `contrast sandbox child -- coordinator|initializer …`: a program that listens, waits and writes as those
// roles do, without evidence and keys. What it does wrong is said by a file `trouble` in the state directory.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

const words = process.argv.slice(process.argv.indexOf("--") + 1);
const flag = (name: string): string => {
  const start = `--${name}=`;
  return words.find((word) => word.startsWith(start))?.slice(start.length) ?? "";
};
const guest = JSON.parse(readFileSync(flag("insecure-simulated-guest"), "utf8"));

const FILES = ["mesh-ca.pem", "certChain.pem", "key.pem", "coordinator-root-ca.pem"];

process.stdin.on("end", () => process.exit(0)).resume();
console.error(`level=INFO msg="stand-in started" role=${words[0]} policyHash=${guest.policyHash}`);

if (words[0] === "coordinator") {
  const state = flag("state-dir");
  const trouble = join(state, "trouble");
  const kind = existsSync(trouble) ? readFileSync(trouble, "utf8") : "";
  if (kind === "exit") {
    console.error('level=ERROR msg="the stand-in was told to fail"');
    process.exit(3);
  }
  const latest = join(state, "transitions", "latest");
  const hadHistory = existsSync(latest);
  const listen = (address: string, server: ReturnType<typeof createServer>): void => {
    server.listen({ host: "127.0.0.1", port: Number(address.split(":")[1]) });
  };
  if (kind !== "deaf") {
    const server = (): ReturnType<typeof createServer> => createServer((socket) => void socket.destroy());
    for (const name of ["user-api-addr", "mesh-api-addr"]) listen(flag(name), server());
  }
  listen(
    flag("metrics-addr"),
    createHttpServer((_, response) => {
      const generation = existsSync(latest) && !hadHistory ? 1 : 0;
      response.end(`# TYPE x gauge\ncontrast_coordinator_manifest_generation ${generation}\n`);
    }),
  );
} else {
  if (guest.policyHash.startsWith("ff")) {
    console.error('level=ERROR msg="the stand-in has no policy"');
    process.exit(1);
  }
  const directory = flag("output-dir");
  const latest = join(dirname(dirname(directory)), "state", "transitions", "latest");
  setInterval(() => {
    if (!existsSync(latest)) return;
    mkdirSync(join(directory, "tls-config"), { recursive: true });
    for (const name of FILES) writeFileSync(join(directory, "tls-config", name), readFileSync(latest));
    process.exit(0);
  }, 10);
}
