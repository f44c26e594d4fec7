import { CONTAINERS, rulePolicy } from "../rule-policy.ts";
import { execProcess, IDS } from "../rule-requests.ts";
import { create, noEdit, ruleCase, type Edit, type RuleCase } from "./rule-case.ts";

const exec = (title: string, allowed: boolean, edit: Edit, policy: Edit = noEdit): RuleCase => {
  const request = execProcess();
  edit(request);
  const changed = rulePolicy();
  policy(changed);
  const web = create("web", (r) => (r.OCI.Process.Terminal = changed.containers[CONTAINERS.web].OCI.Process.Terminal));
  return ruleCase(
    `exec: ${title}`,
    allowed,
    { kind: "ExecProcessRequest", request },
    { policy, first: [web, create("blocks")] },
  );
};

const terminal: Edit = (policy) => {
  policy.containers[CONTAINERS.web].OCI.Process.Terminal = true;
};

export const execCases: readonly RuleCase[] = [
  exec("probe", true, noEdit),
  exec("of a container that was not created", false, (r) => (r.container_id = IDS.gpus)),
  exec("of another container's probe", false, (r) => (r.container_id = IDS.blocks)),
  exec("with split arguments", false, (r) => (r.process.Args = ["/probe", "--live", "now"])),
  exec("with a terminal like the container", true, (r) => (r.process.Terminal = true), terminal),
  exec("without a terminal in a container with one", true, noEdit, terminal),
  exec("with a terminal", false, (r) => (r.process.Terminal = true)),
  exec("of a command for all containers", true, (r) => (r.process.Args = ["/bin/ls"])),
  exec("of a command for all containers with a terminal", true, (r) => {
    r.process.Args = ["/bin/ls"];
    r.process.Terminal = true;
  }),
  exec("of a command pattern", true, (r) => (r.process.Args = ["/bin/cat", "/etc/passwd"])),
  exec("outside a command pattern", false, (r) => (r.process.Args = ["/bin/cat", "/etc/../x"])),
  exec("as a user by name", false, (r) => (r.string_user = { uid: "0", gid: "0", additionalGids: [] })),
  exec("with a SELinux label", false, (r) => (r.process.SelinuxLabel = "l")),
  exec("with an AppArmor profile", false, (r) => (r.process.ApparmorProfile = "l")),
  exec("with capabilities", false, (r) => (r.process.Capabilities = { Bounding: [] })),
  exec("elsewhere", false, (r) => (r.process.Cwd = "/tmp")),
  exec("without new privileges", false, (r) => (r.process.NoNewPrivileges = true)),
  exec("as another user", false, (r) => (r.process.User.UID = 1)),
  exec("as another group", false, (r) => (r.process.User.GID = 1)),
  exec("with another group", false, (r) => r.process.User.AdditionalGids.push(1)),
  exec("with another variable", false, (r) => r.process.Env.push("LD_PRELOAD=/x")),
  exec("with the name of another pod", false, (r) => (r.process.Env[2] = "URL=http://192.168.0.10:80/?a=b&pod=other")),
  ruleCase(
    "exec: after removal",
    false,
    { kind: "ExecProcessRequest", request: execProcess() },
    {
      first: [create("web"), { kind: "RemoveContainerRequest", request: { container_id: IDS.web, timeout: 0 } }],
    },
  ),
];
