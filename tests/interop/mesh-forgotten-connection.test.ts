import { describe, expect, test } from "bun:test";
import { packetRules } from "../../src/servicemesh/rules/packet-rules.ts";
import { renderRestore } from "../../src/servicemesh/rules/rules-text.ts";
import { meshConfig } from "../fakes/mesh-config.ts";
import { canMakePods, type NetworkPod, podScene } from "../fakes/network-pods.ts";
import { hasPrograms } from "../fakes/peers.ts";

/** Says who answers: the proxy on 15006, or the application on 8001. */
const SERVER = `
import socket, threading
def serve(port, name, transparent):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if transparent: s.setsockopt(0, 19, 1)
    s.bind(("0.0.0.0", port)); s.listen(8); print(name, flush=True)
    while True:
        c, _ = s.accept(); c.sendall(name); c.recv(1); c.close()
threading.Thread(target=serve, args=(8001, b"application", False), daemon=True).start()
serve(15006, b"proxy", True)
`;

/** Asks from a port of its own, as often as the same port is used. */
const CLIENT = `
import os, socket, struct
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.settimeout(3)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.bind(("0.0.0.0", 40000)); s.connect(("10.7.0.1", 8001)); print(s.recv(20).decode(), flush=True)
`;

/** Leaves the connection without a word: the end that the server sends is never answered. */
const FALL_SILENT = "iptables -A INPUT -s 10.7.0.1 -j DROP && iptables -A OUTPUT -d 10.7.0.1 -j DROP";

/** Until the server's kernel has given the connection up. */
const WAIT = 'until [ -z "$(ss -Htan dst 10.7.0.2 and sport = :8001)" ]; do sleep 0.1; done';

describe.skipIf(!canMakePods("forgotten connections") || !hasPrograms("forgotten connections", "python3", "ss"))(
  "packetRules()",
  () => {
    const makePods = podScene();
    const shell = async (pod: NetworkPod, script: string): Promise<string> => {
      const { status, stdout, stderr } = await pod.run(["sh", "-c", script]);
      if (status !== 0) throw new Error(stderr);
      return stdout.trim();
    };

    test("leads a connection to the proxy whose predecessor the kernel still remembers as open", async () => {
      const [web, peer] = await makePods(["web"], ["peer"]);
      const rules = packetRules(meshConfig({}), { ipv6: "ignore", udp: "ignore" });
      await shell(
        web,
        `echo 1 > /proc/sys/net/ipv4/tcp_orphan_retries\niptables-restore -n <<'END'\n${renderRestore(rules)}END`,
      );
      const server = web.start(["python3", "-c", SERVER]);
      await shell(web, "until [ $(ss -Htln | wc -l) -ge 2 ]; do sleep 0.05; done");
      const abrupt = `${CLIENT}\nos.system("${FALL_SILENT}")\nos._exit(0)`;
      expect((await peer.run(["python3", "-c", abrupt])).stdout.trim()).toBe("proxy");
      await server.stop("SIGKILL");
      await shell(web, WAIT);
      const again = web.start(["python3", "-c", SERVER]);
      await shell(web, "until [ $(ss -Htln | wc -l) -ge 2 ]; do sleep 0.05; done");
      await shell(peer, "iptables -F");
      expect((await peer.run(["python3", "-c", CLIENT])).stdout.trim()).toBe("proxy");
      await again.stop("SIGKILL");
    }, 20_000);
  },
);
