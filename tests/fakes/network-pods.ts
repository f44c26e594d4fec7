import { afterAll } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type FollowedProcess, followed } from "./followed-process.ts";
import { hasPrograms, isPermitted } from "./peers.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** How a program in a pod ended. */
export interface PodOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A network namespace and a file system of its own: what the containers of a pod see. */
export interface NetworkPod {
  readonly ipv4: string;
  readonly ipv6: string;
  /** Its file system as the test sees it: `join(directory, "ready")` is the pod's `/ready`. */
  readonly directory: string;
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<PodOutcome>;
  readonly start: (words: readonly string[], env?: Readonly<Record<string, string>>) => FollowedProcess;
}

const PROGRAMS = ["unshare", "nsenter", "setpriv", "mount", "chroot", "ip", "iptables", "ip6tables", "curl", "openssl"];
const REPOSITORY = join(import.meta.dir, "../..");
/** What a pod sees of this machine; everything else in its file system is its own. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev"];
const SHARED = [...SYSTEM, tmpdir(), REPOSITORY, dirname(process.execPath)].filter((path) => existsSync(path));
const PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Whether this machine lets a test make network namespaces and redirect connections in them. */
export function canMakePods(subject: string): boolean {
  const rule = ["-t", "mangle", "-A", "PREROUTING", "-p", "tcp", "-j", "TPROXY", "--on-port", "1"];
  return (
    hasPrograms(subject, ...PROGRAMS) &&
    isPermitted(subject, "unshare", "--net", "--mount", "iptables", ...rule) &&
    isPermitted(subject, "unshare", "--net", "--mount", "ip6tables", ...rule)
  );
}

/** Makes two pods that see each other and nothing else. Each knows both by their names, from its `/etc/hosts`. */
export type MakePods = (first: readonly string[], second: readonly string[]) => Promise<[NetworkPod, NetworkPod]>;

/**
 * A place for pods of a group of tests; to be called where `afterAll()` may stand. Nothing has a name outside of the
 * pods, and everything in them ends with this process, however that ends.
 */
export function podScene(): MakePods {
  const scene: Scene = { directory: temporaryDirectory(), children: new Set(), keepers: [] };
  afterAll(async () => {
    for (const child of scene.children) child.kill("SIGKILL");
    for (const keeper of scene.keepers) {
      await keeper.stdin.end();
      await keeper.exited;
    }
  });
  return async (first, second) => {
    const hosts = `127.0.0.1 localhost\n10.7.0.1 ${first.join(" ")}\n10.7.0.2 ${second.join(" ")}\n`;
    const [one, other] = await Promise.all([startPod(scene, 1, hosts), startPod(scene, 2, hosts)]);
    await inPod(one, `ip link add eth0 type veth peer name eth0 netns ${other.pid}`);
    for (const pod of [one, other]) {
      // Nobody else can have its addresses, and asking the link for that takes a second.
      const isOwn = "for link in all eth0; do echo 0 > /proc/sys/net/ipv6/conf/$link/accept_dad; done";
      const addresses = `ip addr add ${pod.ipv4}/24 dev eth0 && ip addr add ${pod.ipv6}/64 dev eth0`;
      await inPod(pod, `${isOwn} && ip link set lo up && ${addresses} && ip link set eth0 up`);
    }
    return [one, other];
  };
}

/** What ends with the tests. */
interface Scene {
  readonly directory: string;
  readonly children: Set<FollowedProcess["child"]>;
  readonly keepers: Bun.Subprocess<"pipe", "pipe", "inherit">[];
}

async function inPod(pod: NetworkPod, script: string): Promise<void> {
  const { status, stderr } = await pod.run(["sh", "-c", script]);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/** Starts the process that keeps a pod: it ends at the end of its standard input, which is that of this process. */
async function startPod(scene: Scene, number: number, hosts: string): Promise<NetworkPod & { readonly pid: number }> {
  const outside = mkdtempSync(join(scene.directory, "pod-"));
  const directory = join(outside, "root");
  for (const path of [...SHARED, "/root"]) mkdirSync(join(directory, path), { recursive: true });
  writeFileSync(join(outside, "hosts"), hosts);
  writeFileSync(join(outside, "resolv.conf"), "");
  const setup = [
    "set -e",
    ...SHARED.map((path) => `mount --bind ${path} ${join(directory, path)}`),
    // Envoys that run beside each other have shared memory of one name.
    `mount -t tmpfs tmpfs ${directory}/dev/shm`,
    ...["hosts", "resolv.conf"].map((file) => `mount --bind ${outside}/${file} ${directory}/etc/${file}`),
    "echo ready",
    `exec chroot ${directory} cat`,
  ].join("\n");
  const keeper = Bun.spawn(["unshare", "--net", "--mount", "sh", "-c", setup], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  scene.keepers.push(keeper);
  await keeper.stdout.getReader().read();
  const enter = ["nsenter", "-t", String(keeper.pid), "--net", "--mount", "--root", "--wd"];
  const spawn = (words: readonly string[], env: Readonly<Record<string, string>>): FollowedProcess["child"] => {
    const child = Bun.spawn([...enter, "setpriv", "--pdeathsig", "KILL", ...words], {
      env: { PATH, HOME: "/root", ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    scene.children.add(child);
    void child.exited.then(() => scene.children.delete(child));
    return child;
  };
  return {
    pid: keeper.pid,
    ipv4: `10.7.0.${number}`,
    ipv6: `fd07::${number}`,
    directory,
    start: (words, env = {}) => followed(spawn(words, env)),
    run: async (words, env = {}) => {
      const child = spawn(words, env);
      const [stdout, stderr] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      return { status: await child.exited, stdout, stderr };
    },
  };
}
