import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contrastBinary } from "../e2e/binary.ts";
import type { MeshTexts } from "./mesh-config.ts";
import type { FollowedProcess } from "./followed-process.ts";
import { canMakePods, type NetworkPod } from "./network-pods.ts";
import { isReady } from "./peers.ts";
import { envoyPeer, PYTHON_PEERS_NEED } from "./python-peers.ts";

/** What a sidecar is told beside the texts of the annotations. */
export interface SidecarTexts extends MeshTexts {
  readonly ipv6?: string;
  readonly udp?: string;
}

/** The annotations of the deployment guide's example. */
export const GUIDE_ANNOTATIONS: SidecarTexts = {
  ingress: "main#8001#false##metrics#8080#true",
  egress: "backend#127.0.0.2:4001#backend.default:4001",
};

const VARIABLES = {
  adminPort: "CONTRAST_ADMIN_PORT",
  ingress: "CONTRAST_INGRESS_PROXY_CONFIG",
  egress: "CONTRAST_EGRESS_PROXY_CONFIG",
} as const satisfies Record<keyof MeshTexts, string>;

/** Directory of the image's programs in a pod. */
const IMAGE = "/opt/service-mesh";
const SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Whether this machine can run pods with the real Envoy in front. */
export function canRunSidecars(subject: string): boolean {
  return canMakePods(subject) && isReady(subject, envoyPeer() !== undefined, PYTHON_PEERS_NEED);
}

/**
 * Starts the compiled product as its image does: by the name `service-mesh`, with the words that `generate` injects.
 *
 * @param backend family of programs that `iptables` stands for
 * @param failing table of IPv6 whose rules are refused, as by a kernel without it
 */
export async function beginSidecar(
  pod: NetworkPod,
  texts: SidecarTexts,
  backend: "nft" | "legacy" = "nft",
  failing?: "mangle",
): Promise<FollowedProcess> {
  const image = join(pod.directory, IMAGE);
  rmSync(image, { recursive: true, force: true });
  mkdirSync(image, { recursive: true });
  symlinkSync(await contrastBinary(), join(image, "service-mesh"));
  symlinkSync(envoyPeer() ?? "", join(image, "envoy"));
  for (const program of ["iptables", "iptables-restore", "ip6tables", "ip6tables-restore"])
    symlinkSync(`/usr/sbin/${program.replace("tables", `tables-${backend}`)}`, join(image, program));
  if (failing !== undefined) {
    const script = `#!/bin/sh\nrules=$(cat)\ncase "$rules" in *"*${failing}"*) exit 1 ;; esac\necho "$rules" | exec ip6tables-${backend}-restore "$@"\n`;
    rmSync(join(image, "ip6tables-restore"));
    writeFileSync(join(image, "ip6tables-restore"), script, { mode: 0o755 });
  }
  const told = Object.entries(VARIABLES).flatMap(([key, variable]) => {
    const text = texts[key as keyof MeshTexts];
    return text === undefined ? [] : [[variable, text]];
  });
  const env = { ...Object.fromEntries(told), PATH: `${IMAGE}:${SYSTEM_PATH}` };
  // A host may leave out variables, so that what protects more than version 1.4 stands in the arguments.
  const words = (["ipv6", "udp"] as const).flatMap((key) =>
    texts[key] === undefined ? [] : [`--${key}=${texts[key]}`],
  );
  return pod.start([`${IMAGE}/service-mesh`, ...words, "-l", "debug"], env);
}

/** Starts a sidecar and waits until its Envoy serves. */
export async function startSidecar(...call: Parameters<typeof beginSidecar>): Promise<FollowedProcess> {
  const sidecar = await beginSidecar(...call);
  await sidecar.hasSaid("all dependencies initialized. starting workers");
  await sidecar.hasSaid("starting main dispatch loop");
  return sidecar;
}

/** Starts what the sidecar stands in front of. */
export async function startApplication(pod: NetworkPod, ...ports: readonly number[]): Promise<FollowedProcess> {
  const application = pod.start([process.execPath, join(import.meta.dir, "mesh-application.ts"), ...ports.map(String)]);
  await application.hasSaid("listening");
  return application;
}

/** Starts `openssl s_server` and waits until it listens. */
export async function startServer(pod: NetworkPod, ...flags: readonly string[]): Promise<FollowedProcess> {
  const server = pod.start(["sh", "-c", 'exec openssl s_server "$@" >&2', "sh", ...flags]);
  await server.hasSaid("ACCEPT");
  return server;
}

/** Flags by which curl trusts a mesh and shows no certificate. @param directory in the pod, such as that of a stranger */
export function trusting(directory = "/contrast/tls-config"): readonly string[] {
  return ["--cacert", `${directory}/mesh-ca.pem`];
}

/** Flags by which curl is a member of a mesh. */
export function showing(directory = "/contrast/tls-config"): readonly string[] {
  return ["--cert", `${directory}/certChain.pem`, "--key", `${directory}/key.pem`];
}

/**
 * Asks for a page from within a pod.
 *
 * @returns the page, or `curl` with its exit status: 7 refused, 28 dropped, 35 no TLS, 52, 55 and 56 closed, 60 server not trusted
 */
export async function get(pod: NetworkPod, url: string, ...flags: readonly string[]): Promise<string> {
  const { status, stdout } = await pod.run(["curl", "-s", "-g", "--connect-timeout", "10", ...flags, url]);
  return status === 0 ? stdout : `curl ${status}`;
}

/** Flags of curl for calls that nobody is to answer: what is dropped would only be sent again after a second. */
export const IN_VAIN = ["--connect-timeout", "0.8"] as const;

/** What `get()` gives where a peer ends a connection instead of an answer. */
export const CLOSED: RegExp = /^curl (?:35|52|55|56)$/;
/** What `get()` gives where nobody answers at all. */
export const DROPPED = "curl 28";
