import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { renderBootstrap } from "../../src/servicemesh/bootstrap/render-bootstrap.ts";
import { DEFAULT_SIDECAR_OPTIONS } from "../../src/servicemesh/sidecar-plan.ts";
import { meshConfig } from "../fakes/mesh-config.ts";
import {
  canRunSidecars,
  CLOSED,
  get,
  GUIDE_ANNOTATIONS,
  showing,
  startApplication,
  startSidecar,
  trusting,
} from "../fakes/mesh-sidecar.ts";
import { meshAuthority, writeMeshFiles } from "../fakes/mesh-workload.ts";
import type { FollowedProcess } from "../fakes/followed-process.ts";
import { type NetworkPod, podScene } from "../fakes/network-pods.ts";
import { envoyPeer } from "../fakes/python-peers.ts";

const authority = meshAuthority();
const other = meshAuthority();
const FROM_PROXY = "of 10.7.0.1, from 10.7.0.1";

describe.skipIf(!canRunSidecars("traffic through Envoy"))("contrast service-mesh with the guide's example", () => {
  const makePods = podScene();
  let web: NetworkPod;
  let backend: NetworkPod;
  let sidecar: FollowedProcess;

  beforeAll(async () => {
    [web, backend] = await makePods(["web"], ["backend.default"]);
    writeMeshFiles(join(web.directory, "contrast/tls-config"), authority, ["web"]);
    writeMeshFiles(join(backend.directory, "contrast/tls-config"), authority, ["backend"]);
    writeMeshFiles(join(backend.directory, "stranger"), other, ["web"]);
    [sidecar] = await Promise.all([
      startSidecar(web, GUIDE_ANNOTATIONS),
      startSidecar(backend, {}),
      startApplication(web, 8001, 8080, 9000),
      startApplication(backend, 4001),
    ]);
  });

  test("becomes Envoy with the configuration of the reference", () => {
    expect(readlinkSync(`/proc/${sidecar.child.pid}/exe`)).toEndWith(envoyPeer()!);
    const file: unknown = JSON.parse(readFileSync(join(web.directory, "envoy-config.yml"), "utf8"));
    // Its digest is that of the reference, which tests/servicemesh/bootstrap sees.
    expect(file).toEqual(renderBootstrap(meshConfig(GUIDE_ANNOTATIONS), DEFAULT_SIDECAR_OPTIONS));
    expect(existsSync(join(web.directory, "ready"))).toBe(true);
    expect(sidecar.said()).not.toMatch(/deprecat/i);
  });

  test("asks for no certificate where client authentication is off", async () => {
    expect(await get(backend, "https://web:8001", ...trusting())).toBe(`port 8001 ${FROM_PROXY}`);
    expect(await get(backend, "https://web:8001", ...trusting(), ...showing())).toBe(`port 8001 ${FROM_PROXY}`);
  });

  test("refuses a stranger even where client authentication is off", async () => {
    expect(await get(backend, "https://web:8001", ...trusting(), ...showing("/stranger"))).toMatch(CLOSED);
  });

  test("lets members of the mesh in at every other port", async () => {
    expect(await get(backend, "https://web:9000", ...trusting(), ...showing())).toBe(`port 9000 ${FROM_PROXY}`);
    const old = ["--tls-max", "1.2"];
    expect(await get(backend, "https://web:9000", ...trusting(), ...showing(), ...old)).toBe(`port 9000 ${FROM_PROXY}`);
  });

  test("refuses there those without certificate, and strangers", async () => {
    expect(await get(backend, "https://web:9000", ...trusting())).toMatch(CLOSED);
    expect(await get(backend, "https://web:9000", ...trusting(), ...showing("/stranger"))).toMatch(CLOSED);
    expect(await get(backend, "https://web:9000", ...trusting(), "--tls-max", "1.2")).toMatch(CLOSED);
  });

  test("refuses plain text but at the port without TLS", async () => {
    expect(await get(backend, "http://web:8080")).toBe("port 8080 of 10.7.0.1, from 10.7.0.2");
    expect(await get(backend, "http://web:8001")).toMatch(CLOSED);
    expect(await get(backend, "http://web:9000")).toMatch(CLOSED);
  });

  test("shows a certificate that only those of the mesh trust", async () => {
    expect(await get(backend, "https://web:8001", ...trusting("/stranger"))).toBe("curl 60");
    const wrongName = ["--resolve", "backend:8001:10.7.0.1"];
    expect(await get(backend, "https://backend:8001", ...trusting(), ...wrongName)).toBe("curl 60");
  });

  test.each([15006, 15007])("leads nowhere at its own port %d", async (port) => {
    expect(await get(backend, `http://web:${port}`)).toMatch(CLOSED);
    expect(await get(backend, `https://web:${port}`, ...trusting(), ...showing())).toMatch(CLOSED);
  });

  test("leaves connections within the pod alone", async () => {
    expect(await get(web, "http://10.7.0.1:9000")).toBe(`port 9000 ${FROM_PROXY}`);
    expect(await get(web, "http://127.0.0.1:9000")).toBe("port 9000 of 127.0.0.1, from 127.0.0.1");
  });

  test("carries plain text of the application to a peer behind its own sidecar", async () => {
    expect(await get(web, "http://127.0.0.2:4001")).toBe("port 4001 of 10.7.0.2, from 10.7.0.2");
    expect(await get(web, "http://backend.default:4001")).toMatch(CLOSED);
  });

  test("carries a megabyte there and back", async () => {
    const post = "curl -s --data-binary @/root/sent http://127.0.0.2:4001";
    const script = `head -c 1000000 /dev/urandom > /root/sent && ${post} | cmp - /root/sent`;
    expect(await web.run(["sh", "-c", script])).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
