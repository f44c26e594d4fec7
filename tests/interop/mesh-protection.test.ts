import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  beginSidecar,
  CLOSED,
  canRunSidecars,
  DROPPED,
  get,
  IN_VAIN,
  type SidecarTexts,
  showing,
  startApplication,
  startServer,
  startSidecar,
  trusting,
} from "../fakes/mesh-sidecar.ts";
import { meshAuthority, writeMeshFiles } from "../fakes/mesh-workload.ts";
import { type NetworkPod, podScene } from "../fakes/network-pods.ts";

const authority = meshAuthority();
const OPEN6 = "port 8080 of fd07::1, from fd07::2";
const SERVED6 = "of fd07::1, from fd07::1";
const INGRESS = "main#8001#false##metrics#8080#true";
const TLS = "/contrast/tls-config";
const PEER_FILES = ["-CAfile", `${TLS}/mesh-ca.pem`, "-key", `${TLS}/key.pem`, "-cert", `${TLS}/certChain.pem`];

describe.skipIf(!canRunSidecars("protection beyond TCP over IPv4"))("contrast service-mesh", () => {
  const makePods = podScene();

  async function guarded(texts: SidecarTexts): Promise<{ web: NetworkPod; peer: NetworkPod; log: string }> {
    const [web, peer] = await makePods(["web"], ["peer"]);
    writeMeshFiles(join(web.directory, "contrast/tls-config"), authority, ["web", "fd07::1"]);
    writeMeshFiles(join(peer.directory, "contrast/tls-config"), authority, ["peer"]);
    const [sidecar] = await Promise.all([
      startSidecar(web, { ingress: INGRESS, ...texts }),
      startApplication(web, 8001, 8080, 9000),
      startApplication(peer, 7000),
    ]);
    return { web, peer, log: sidecar.said() };
  }

  const overIpv6 = async (peer: NetworkPod, ...flags: readonly string[]): Promise<readonly string[]> => {
    const answers = await Promise.all([
      get(peer, "http://[fd07::1]:8080", ...flags),
      get(peer, "http://[fd07::1]:8001", ...flags),
      get(peer, "http://[fd07::1]:9000", ...flags),
      get(peer, "https://[fd07::1]:8001", ...flags, ...trusting()),
      get(peer, "https://[fd07::1]:9000", ...flags, ...trusting()),
      get(peer, "https://[fd07::1]:9000", ...flags, ...trusting(), ...showing()),
    ]);
    return answers.map((answer) => answer.replace(CLOSED, "closed"));
  };
  /** Whether a datagram from one pod to another is answered. */
  const isAnswered = async (from: NetworkPod, host: string, port: number): Promise<boolean> => {
    const script = `exec 3<>/dev/udp/${host}/${port} && echo question >&3 && timeout 0.5 head -n 1 <&3`;
    return (await from.run(["bash", "-c", script])).stdout === "datagram\n";
  };
  /** Whether a pod reaches a port of another whose link address it must find out first, which IPv6 does by ICMP. */
  const reaches = async (from: NetworkPod, to: NetworkPod): Promise<boolean> => {
    await from.run(["ip", "neigh", "flush", "dev", "eth0"]);
    return (await get(from, `http://[${to.ipv6}]:7000`)) === `port 7000 of ${to.ipv6}, from ${from.ipv6}`;
  };

  test("leaves IPv6 and UDP alone as version 1.4 does, and says so", async () => {
    const { peer, log } = await guarded({});
    expect(log).toContain("connections over IPv6 are not protected");
    const [open8080, open8001, open9000] = await overIpv6(peer);
    expect(open8080).toBe(OPEN6);
    expect([open8001, open9000]).toEqual([8001, 9000].map((port) => `port ${port} of fd07::1, from fd07::2`));
    expect(await Promise.all([isAnswered(peer, "10.7.0.1", 9000), isAnswered(peer, "fd07::1", 9000)])).toEqual([
      true,
      true,
    ]);
  });

  test("treats IPv6 as it treats IPv4 where told to protect it", async () => {
    const { web, peer, log } = await guarded({
      ipv6: "protect",
      egress: "peer#127.0.0.2:80#[fd07::2]:7001",
      adminPort: "9901",
    });
    expect(log).not.toMatch(/not protected|deprecat/i);
    const refused = ["closed", "closed", `port 8001 ${SERVED6}`, "closed", `port 9000 ${SERVED6}`];
    expect(await overIpv6(peer)).toEqual([OPEN6, ...refused]);
    for (const port of [15006, 15007]) {
      const call = get(peer, `https://[fd07::1]:${port}`, ...trusting(), ...showing());
      expect(await call).toMatch(CLOSED);
    }
    expect(await get(peer, "https://web:9000", ...trusting(), ...showing())).toStartWith("port 9000 of 10.7.0.1");
    expect(await reaches(web, peer)).toBe(true);
    await startServer(peer, "-accept", "7001", "-www", "-Verify", "3", "-verify_return_error", ...PEER_FILES);
    expect(await get(web, "http://127.0.0.2")).toContain("Subject: CN=web");
    expect(await get(web, "http://[::1]:9901/ready")).toBe("LIVE\n");
    expect(await get(peer, "http://[fd07::1]:9901/ready")).toMatch(CLOSED);
    expect(await get(peer, "https://[fd07::1]:9901/ready", ...trusting(), ...showing())).toBe("LIVE\n");
  });

  test("drops what is new over IPv6 where told to refuse it, and still reaches others", async () => {
    const { web, peer, log } = await guarded({ ipv6: "refuse" });
    expect(log).not.toContain("not protected");
    expect(await overIpv6(peer, ...IN_VAIN)).toEqual(Array.from({ length: 6 }, () => DROPPED));
    expect(await isAnswered(peer, "fd07::1", 9000)).toBe(false);
    expect(await isAnswered(peer, "10.7.0.1", 9000)).toBe(true);
    expect(await reaches(web, peer)).toBe(true);
    expect(await get(web, "http://[fd07::1]:8001")).toBe(`port 8001 ${SERVED6}`);
    expect(await get(peer, "https://web:9000", ...trusting(), ...showing())).toStartWith("port 9000");
  });

  test.each(["nft", "legacy"] as const)(
    "lets nothing new in where the rules of IPv6 fail, until all can be installed (%s)",
    async (backend) => {
      const [web, peer] = await makePods(["web"], ["peer"]);
      writeMeshFiles(join(web.directory, "contrast/tls-config"), authority, ["web", "fd07::1"]);
      writeMeshFiles(join(peer.directory, "contrast/tls-config"), authority, ["peer"]);
      await Promise.all([startApplication(web, 8001, 8080), startApplication(peer, 7000)]);
      const urls = ["http://web:8080", "http://[fd07::1]:8080", "http://[fd07::1]:8001"];
      const reached = (...flags: readonly string[]): Promise<readonly string[]> =>
        Promise.all(urls.map((url) => get(peer, url, ...flags).then((answer) => answer.replace(CLOSED, "closed"))));
      for (const answer of await reached()) expect(answer).toStartWith("port ");
      const texts = { ingress: INGRESS, ipv6: "protect" };
      const failed = await beginSidecar(web, texts, backend, "mangle");
      await failed.hasSaid("new connections are refused until the rules can be installed");
      await failed.child.exited;
      expect(await reached(...IN_VAIN)).toEqual(urls.map(() => DROPPED));
      expect(await reaches(web, peer)).toBe(true);
      await startSidecar(web, texts, backend);
      expect(await reached()).toEqual([expect.stringContaining("port 8080 of 10.7.0.1"), OPEN6, "closed"]);
    },
  );

  test("drops datagrams that are no answers where told to refuse UDP", async () => {
    const { web, peer } = await guarded({ udp: "refuse" });
    const asked = [isAnswered(peer, "10.7.0.1", 9000), isAnswered(peer, "fd07::1", 9000)];
    expect(await Promise.all(asked)).toEqual([false, false]);
    const asking = [isAnswered(web, "10.7.0.2", 7000), isAnswered(web, "fd07::2", 7000)];
    expect(await Promise.all(asking)).toEqual([true, true]);
    expect(await isAnswered(web, "127.0.0.1", 9000)).toBe(true);
    expect(await get(peer, "https://web:9000", ...trusting(), ...showing())).toStartWith("port 9000");
    expect((await overIpv6(peer))[0]).toBe(OPEN6);
    expect(await reaches(web, peer)).toBe(true);
  });

  test("opens the admin interface to members of the mesh, or to all where an entry says so", async () => {
    const { web, peer } = await guarded({ adminPort: "9901" });
    expect(await get(web, "http://127.0.0.1:9901/ready")).toBe("LIVE\n");
    expect(await get(peer, "http://web:9901/ready")).toMatch(CLOSED);
    expect(await get(peer, "https://web:9901/ready", ...trusting())).toMatch(CLOSED);
    expect(await get(peer, "https://web:9901/ready", ...trusting(), ...showing())).toBe("LIVE\n");
    const stats = await get(peer, "https://web:9901/stats/prometheus", ...trusting(), ...showing());
    expect(stats).toContain('envoy_tcp_prefix="ingress"');
    const open = await guarded({ adminPort: "9901", ingress: "admin#9901#true" });
    expect(await get(open.peer, "http://web:9901/ready")).toBe("LIVE\n");
  });
});
