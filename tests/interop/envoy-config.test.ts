import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/lib/json.ts";
import type { Ipv6Mode } from "../../src/servicemesh/protection-modes.ts";
import { sidecarPlan } from "../../src/servicemesh/sidecar-plan.ts";
import { type MeshTexts, meshConfig } from "../fakes/mesh-config.ts";
import { meshAuthority, writeMeshFiles } from "../fakes/mesh-workload.ts";
import { isReady } from "../fakes/peers.ts";
import { envoyPeer, PYTHON_PEERS_NEED } from "../fakes/python-peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const isHere = isReady("configurations in the real Envoy", envoyPeer() !== undefined, PYTHON_PEERS_NEED);

const GUIDE = "backend#127.0.0.2:4001#backend.default:4001";
const TWO = "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080";
/** As many as nobody has. */
const MANY = Array.from({ length: 50 }, (_, index) => `e${index}#127.1.0.${index}:80#svc-${index}.default:80`).join(
  "##",
);

describe.skipIf(!isHere)("sidecarPlan()", () => {
  const directory = temporaryDirectory();
  const tlsDirectory = join(directory, "tls-config");
  writeMeshFiles(tlsDirectory, meshAuthority(), ["web"]);

  /** What Envoy says of a configuration, and whether it would start with it. */
  function validate(bootstrap: JsonObject): { readonly isTaken: boolean; readonly said: string } {
    const file = join(directory, "envoy-config.yml");
    writeFileSync(file, JSON.stringify(bootstrap));
    const command = [envoyPeer() ?? "", "--mode", "validate", "-l", "warning", "-c", file];
    const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdin: "ignore" });
    return { isTaken: exitCode === 0 && stdout.toString().endsWith("OK\n"), said: stderr.toString() };
  }

  test.each<[string, MeshTexts, Ipv6Mode]>([
    ["the guide's example", { ingress: "main#8001#false##metrics#8080#true", egress: GUIDE }, "ignore"],
    ["no entries", {}, "ignore"],
    ["two egress entries", { egress: TWO }, "ignore"],
    ["an admin port", { adminPort: "9901" }, "ignore"],
    ["IPv6", { egress: `${TWO}##six#127.0.0.9:80#[fd07::1]:80`, adminPort: "9901" }, "protect"],
    ["IPv6 refused", { egress: GUIDE }, "refuse"],
    ["fifty egress entries", { egress: MANY }, "ignore"],
  ])("gives a configuration that Envoy takes without a warning: %s", (_, texts, ipv6) => {
    const { bootstrap } = sidecarPlan(meshConfig(texts), { ipv6, udp: "ignore", tlsDirectory });
    expect(validate(bootstrap)).toEqual({ isTaken: true, said: "" });
  });

  test("gives a configuration that Envoy refuses where a file is missing", () => {
    const { bootstrap } = sidecarPlan(meshConfig({}), { ipv6: "ignore", udp: "ignore", tlsDirectory: directory });
    const { isTaken, said } = validate(bootstrap);
    expect(isTaken).toBe(false);
    expect(said).toContain(`Invalid path: ${directory}/mesh-ca.pem`);
  });
});
