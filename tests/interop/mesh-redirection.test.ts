import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  beginSidecar,
  CLOSED,
  canRunSidecars,
  DROPPED,
  GUIDE_ANNOTATIONS,
  get,
  IN_VAIN,
  showing,
  startApplication,
  startServer,
  startSidecar,
  trusting,
} from "../fakes/mesh-sidecar.ts";
import { meshAuthority, writeMeshFiles } from "../fakes/mesh-workload.ts";
import { type NetworkPod, podScene } from "../fakes/network-pods.ts";

const authority = meshAuthority();
const FROM_PEER = "of 10.7.0.1, from 10.7.0.2";
const FROM_PROXY = "of 10.7.0.1, from 10.7.0.1";
/** As `iptables -S` of version 1.8.9 prints them. */
const INSTALLED = [
  "-N CONTRAST_INBOUND",
  "-N CONTRAST_IN_REDIRECT",
  "-A PREROUTING -p tcp -j CONTRAST_INBOUND",
  "-A CONTRAST_INBOUND -i lo -p tcp -j RETURN",
  "-A CONTRAST_INBOUND -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
  "-A CONTRAST_INBOUND -p tcp -j CONTRAST_IN_REDIRECT",
  "-A CONTRAST_IN_REDIRECT -p tcp -m tcp --dport 8001 -j TPROXY --on-port 15007 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
  "-A CONTRAST_IN_REDIRECT -p tcp -m tcp --dport 8080 -j RETURN",
  "-A CONTRAST_IN_REDIRECT -p tcp -j TPROXY --on-port 15006 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
];

describe.skipIf(!canRunSidecars("redirection to Envoy")).each(["nft", "legacy"] as const)(
  "contrast service-mesh with iptables-%s",
  (backend) => {
    const makePods = podScene();
    let web: NetworkPod;
    let peer: NetworkPod;

    /** What a peer gets at an open port, one without client authentication, and one that no entry names. */
    const answers = async (...flags: readonly string[]): Promise<readonly string[]> => {
      const answered = await Promise.all([
        get(peer, "http://web:8080", ...flags),
        get(peer, "http://web:8001", ...flags),
        get(peer, "http://web:9000", ...flags),
        get(peer, "https://web:8001", ...flags, ...trusting()),
        get(peer, "https://web:9000", ...flags, ...trusting(), ...showing()),
      ]);
      return answered.map((answer) => answer.replace(CLOSED, "closed"));
    };
    const rules = async (): Promise<readonly string[]> => {
      const { stdout } = await web.run([`iptables-${backend}`, "-t", "mangle", "-S"]);
      return stdout.split("\n").filter((line) => line !== "" && !line.startsWith("-P "));
    };
    const isReadyFileThere = (): boolean => existsSync(join(web.directory, "ready"));

    beforeAll(async () => {
      [web, peer] = await makePods(["web"], ["peer", "backend.default"]);
      writeMeshFiles(join(peer.directory, "contrast/tls-config"), authority, ["peer"]);
      await startApplication(web, 8001, 8080, 9000);
    });

    test("guards a pod from its rules on, over crashes and restarts", async () => {
      // Before it has run, every port is as the application has opened it: this is why it must run first.
      const open = ["http://web:8080", "http://web:8001", "http://web:9000"].map(async (url) => await get(peer, url));
      expect(await Promise.all(open)).toEqual([8080, 8001, 9000].map((port) => `port ${port} ${FROM_PEER}`));

      // Without certificates it stops before it has changed anything.
      const early = await beginSidecar(web, GUIDE_ANNOTATIONS, backend);
      expect(await early.ended()).toBe(1);
      expect(early.said()).toContain("/contrast/tls-config/key.pem");
      expect(await rules()).toEqual([]);
      expect(isReadyFileThere()).toBe(false);

      writeMeshFiles(join(web.directory, "contrast/tls-config"), authority, ["web"]);
      const first = await startSidecar(web, GUIDE_ANNOTATIONS, backend);
      const served = [
        `port 8080 ${FROM_PEER}`,
        "closed",
        "closed",
        `port 8001 ${FROM_PROXY}`,
        `port 9000 ${FROM_PROXY}`,
      ];
      expect(await answers()).toEqual(served);
      expect(await rules()).toEqual(INSTALLED);
      expect(isReadyFileThere()).toBe(true);

      // Without Envoy nothing gets through but what is open by name.
      expect(await first.stop()).toBe(0);
      expect(await answers(...IN_VAIN)).toEqual([`port 8080 ${FROM_PEER}`, DROPPED, DROPPED, DROPPED, DROPPED]);

      // Between rules and Envoy it is the same: here Envoy does not start, because another program has its port.
      const port = await startServer(web, "-accept", "15006", "-nocert");
      const failing = await beginSidecar(web, GUIDE_ANNOTATIONS, backend);
      expect(await failing.ended()).not.toBe(0);
      expect(await rules()).toEqual(INSTALLED);
      await port.stop("SIGKILL");
      expect(await get(peer, "http://web:9000", ...IN_VAIN)).toBe(DROPPED);

      // A restart finds its own rules, and those of a crash.
      rmSync(join(web.directory, "envoy-config.yml"));
      const second = await startSidecar(web, GUIDE_ANNOTATIONS, backend);
      expect(await answers()).toEqual(served);
      expect(await rules()).toEqual(INSTALLED);
      await second.stop("SIGKILL");
      const third = await startSidecar(web, { ...GUIDE_ANNOTATIONS, ingress: "web#9000#true" }, backend);
      expect(await answers()).toEqual(["closed", "closed", `port 9000 ${FROM_PEER}`, "closed", "closed"]);
      await third.stop();
    });
  },
);
