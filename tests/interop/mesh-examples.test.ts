import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { followed } from "../fakes/followed-process.ts";
import { goPeer } from "../fakes/go-peer.ts";
import { meshAuthority, meshRootKey, writeMeshFiles } from "../fakes/mesh-workload.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const EXAMPLES = join(import.meta.dir, "../../docs/examples/mesh-certificates");
const isHere = hasPrograms("examples of docs/mesh-certificates.md", "go", "node", "python3", "curl", "openssl");

const CLIENTS = ["Go", "Node", "Python", "curl", "OpenSSL"] as const;
const SERVERS = ["Go", "Node", "Python", "OpenSSL"] as const;
type Client = (typeof CLIENTS)[number];
type Server = (typeof SERVERS)[number];

/** How an example is started. */
function example(role: "client" | "server", language: Client): readonly string[] {
  if (language === "Go") return [goPeer(join(EXAMPLES, "go", role), `mesh-certificates-${role}`)];
  if (language === "Node") return ["node", join(EXAMPLES, "node", `${role}.mjs`)];
  if (language === "Python") return ["python3", join(EXAMPLES, "python", `${role}.py`)];
  return [join(EXAMPLES, language.toLowerCase(), `${role}.sh`)];
}

describe.skipIf(!isHere)("examples of docs/mesh-certificates.md", () => {
  const directory = temporaryDirectory();
  const children: Bun.Subprocess[] = [];
  const clients = new Map<Client, readonly string[]>();
  const servers = new Map<Server, readonly string[]>();
  /** Of the servers called web: for everybody in the mesh, and for one client. */
  const ports = new Map<string, number>();

  /** The surroundings of a workload: a certificate of its own, on a machine that trusts strangers. */
  const workload = (name: string): Record<string, string> => ({
    PATH: process.env["PATH"] ?? "",
    CONTRAST_TLS_DIR: join(directory, name),
    SSL_CERT_FILE: join(directory, "stranger/mesh-ca.pem"),
    SSL_CERT_DIR: join(directory, "authorities"),
  });

  async function serve(key: string, server: Server, name: string, ...client: readonly string[]): Promise<void> {
    const command = ["sh", "-c", 'exec "$@" >&2', "sh", ...servers.get(server)!, "127.0.0.1:0", ...client];
    const child = Bun.spawn(command, { env: workload(name), stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    children.push(child);
    const [, port] = await followed(child).hasSaid(/(?:listening on|ACCEPT) .*:([0-9]+)$/m);
    ports.set(key, Number(port));
  }

  /** What a client prints that asks a server called `web`; `refused` where it ends with an error. */
  async function ask(client: Client, server: string, workloadName: string, name = "web"): Promise<string> {
    const command = [...clients.get(client)!, `127.0.0.1:${ports.get(server)}`, name];
    const child = Bun.spawn(command, { env: workload(workloadName), stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [page] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return (await child.exited) === 0 && page !== "" ? page : "refused";
  }

  beforeAll(async () => {
    const rootKey = meshRootKey();
    const authority = meshAuthority(rootKey);
    const next = meshAuthority(rootKey);
    const other = meshAuthority();
    for (const name of ["web", "api", "worker"]) writeMeshFiles(join(directory, name), authority, [name, "*"]);
    writeMeshFiles(join(directory, "stranger"), other, ["web", "api", "*"]);
    // A stranger that trusts the mesh, so that only the other side can refuse it.
    writeMeshFiles(join(directory, "intruder"), other, ["web", "api", "*"], authority);
    writeMeshFiles(join(directory, "old"), authority, ["api", "*"]);
    writeMeshFiles(join(directory, "new"), next, ["web", "*"]);
    for (const name of ["old", "new"]) await Bun.write(join(directory, name, "mesh-ca.pem"), authority.rootPem);
    const hash = Bun.spawnSync(["openssl", "x509", "-hash", "-noout", "-in", join(directory, "stranger/mesh-ca.pem")]);
    const anchor = readFileSync(join(directory, "stranger/mesh-ca.pem"));
    await Bun.write(join(directory, "authorities", `${hash.stdout.toString().trim()}.0`), anchor);
    for (const client of CLIENTS) clients.set(client, example("client", client));
    for (const server of SERVERS) servers.set(server, example("server", server));
    await Promise.all([
      ...SERVERS.map(async (server) => await serve(server, server, "web")),
      ...SERVERS.map(async (server) => await serve(`${server} for api`, server, "web", "api")),
      ...SERVERS.map(async (server) => await serve(`${server} of the root`, server, "new")),
      serve("stranger", "OpenSSL", "intruder"),
    ]);
  });

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(async ({ exited }) => await exited));
  });

  describe.each(CLIENTS)("client in %s", (client) => {
    test("gets pages from members of the mesh, and shows who it is", async () => {
      for (const server of SERVERS) {
        const page = await ask(client, server, "api");
        expect(page, server).toContain(server === "OpenSSL" ? "Subject: CN=api" : "Hello api");
      }
    });

    test("gets pages from members of later manifests where it trusts the root CA", async () => {
      expect(await ask(client, "Go of the root", "old")).toContain("Hello api");
      expect(await ask(client, "Go of the root", "api")).toBe("refused");
    });

    test("refuses a member with another name", async () => {
      expect(await ask(client, "Go", "api", "worker")).toBe("refused");
      // Every certificate has the name "*", which stands for no name at all.
      expect(await ask(client, "Go", "api", "web.default")).toBe("refused");
    });

    test("refuses a stranger with the right name, even on a machine that trusts it", async () => {
      expect(await ask(client, "stranger", "api")).toBe("refused");
      // The same server is good for those that belong to it: it is its certificate that is refused.
      expect(await ask(client, "Go", "intruder")).toBe("refused");
    });
  });

  describe.each(SERVERS)("server in %s", (server) => {
    test("refuses strangers with the right name, even on a machine that trusts them", async () => {
      expect(await ask("OpenSSL", server, "intruder")).toBe("refused");
      expect(await ask("OpenSSL", server, "api")).not.toBe("refused");
    });

    test.each(["-tls1_2", "-tls1_3"])("refuses clients without certificate (%s)", async (version) => {
      const script = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -ign_eof \"$@\"";
      const trust = ["-CAfile", join(directory, "api/mesh-ca.pem"), "-verify_return_error"];
      const call = ["sh", "-c", script, "sh", "-connect", `127.0.0.1:${ports.get(server)}`, version, ...trust];
      const child = Bun.spawn(call, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
      const [page, trouble] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      expect(page).toBe("");
      expect(trouble).toContain("alert");
    });

    test("serves members of earlier manifests where it trusts the root CA", async () => {
      expect(await ask("curl", `${server} of the root`, "old")).not.toBe("refused");
      expect(await ask("curl", server, "old")).not.toBe("refused");
    });

    test("serves one client only where it is told its name", async () => {
      expect(await ask("curl", `${server} for api`, "api")).not.toBe("refused");
      expect(await ask("curl", `${server} for api`, "worker")).toBe("refused");
      expect(await ask("curl", server, "worker")).not.toBe("refused");
    });
  });
});
