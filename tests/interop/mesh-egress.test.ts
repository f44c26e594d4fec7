import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { CLOSED, canRunSidecars, get, startServer, startSidecar } from "../fakes/mesh-sidecar.ts";
import { meshAuthority, writeMeshFiles } from "../fakes/mesh-workload.ts";
import { type NetworkPod, podScene } from "../fakes/network-pods.ts";

const authority = meshAuthority();
const other = meshAuthority();
const EGRESS = [
  "member#127.0.0.2:80#peer.default:4001",
  "stranger#127.0.0.3:80#peer.default:4002",
  "plain#127.0.0.4:80#peer.default:4003",
  "nobody#127.0.0.5:80#peer.default:4004",
  "address#127.0.0.6:81#10.7.0.2:4001",
  "unknown#127.0.0.7:80#absent.default:4001",
].join("##");

describe.skipIf(!canRunSidecars("egress through Envoy"))("egress of contrast service-mesh", () => {
  const makePods = podScene();
  let web: NetworkPod;

  /** A web server that demands a certificate of the mesh, with certificates of a directory. */
  const serve = async (pod: NetworkPod, port: number, directory: string): Promise<void> => {
    const files = ["-key", `${directory}/key.pem`, "-cert", `${directory}/certChain.pem`];
    const demand = ["-CAfile", "/member/mesh-ca.pem", "-Verify", "3", "-verify_return_error"];
    await startServer(pod, "-accept", String(port), "-www", ...files, ...demand);
  };

  beforeAll(async () => {
    let peer: NetworkPod;
    [web, peer] = await makePods(["web"], ["peer.default"]);
    writeMeshFiles(join(web.directory, "contrast/tls-config"), authority, ["web"]);
    writeMeshFiles(join(peer.directory, "member"), authority, ["somebody-else"]);
    writeMeshFiles(join(peer.directory, "stranger"), other, ["peer.default", "*"]);
    await Promise.all([
      startSidecar(web, { egress: EGRESS }),
      serve(peer, 4001, "/member"),
      serve(peer, 4002, "/stranger"),
      startServer(peer, "-accept", "4003", "-nocert", "-www"),
    ]);
  });

  test("shows the certificate of the workload to a member of the mesh, whatever its name is", async () => {
    const page = await get(web, "http://127.0.0.2");
    expect(page).toContain("Subject: CN=web");
    expect(page).toContain("Verify return code: 0 (ok)");
    expect(await get(web, "http://127.0.0.6:81")).toContain("Subject: CN=web");
  });

  test.each([
    ["a server of another mesh, though its name is right", "127.0.0.3"],
    ["a server without certificate", "127.0.0.4"],
    ["a port on which nobody listens", "127.0.0.5"],
    ["a name that does not exist", "127.0.0.7"],
  ])("does not speak to %s", async (_, address) => {
    expect(await get(web, `http://${address}`)).toMatch(CLOSED);
  });

  test("listens on the addresses of its entries only", async () => {
    expect(await get(web, "http://127.0.0.8")).toBe("curl 7");
    expect(await get(web, "http://127.0.0.2:81")).toBe("curl 7");
    expect(await get(web, "http://10.7.0.1:80")).toBe("curl 7");
  });
});
