import type { Json } from "../../lib/json.ts";
import type { ContainerPolicy, PolicyData } from "../policy-data.ts";
import type { ProcessModel } from "./containerd-process.ts";
import { addition, change, type Mutation, partText } from "./mutation.ts";
import type { ContainerModel } from "./pod-model.ts";
import { admitsVariable } from "./process-mutations.ts";
import { refusal } from "./refusal.ts";
import { execProcessRequest } from "./runtime-requests.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

const KIND = "ExecProcessRequest";
const ADDED_VARIABLE = "PYTHONPATH=/tmp/added";

/** The commands that the kubelet runs in a container, and what nobody may run there. */
export function* execSteps(
  { container, id }: ContainerModel,
  process: ProcessModel,
  policy: ContainerPolicy,
  data: PolicyData,
): Generator<SelfCheckStep> {
  const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  const commands = handlers.map((handler) => handler?.exec?.command).filter((command) => command !== undefined);
  // The environment was tried when the container was created; one command of a run is enough to try it again.
  const literal = { ...process, Env: process.Env.filter((entry) => policy.OCI.Process.Env?.includes(entry)) };
  for (const command of commands) {
    const request = (): Json => execProcessRequest(id, literal, command);
    yield { container: name, kind: KIND, check: "command of a probe or hook", request, allowed: true };
    const whole = (): Json => execProcessRequest(id, process, command);
    yield {
      container: name,
      kind: KIND,
      check: "environment of a command",
      request: whole,
      allowed: true,
      decidedBy: "",
    };
  }
  const [command = ["/bin/sh"]] = commands;
  const base = (): Json => execProcessRequest(id, { ...process, Env: [] }, command);
  const mutations = [
    ...(commands.length === 0 ? [] : processMutations(process, policy, data.request_defaults)),
    // Which commands a pattern of the settings means is up to the user.
    ...(data.request_defaults.ExecProcessRequest.regex.length > 0
      ? []
      : commandMutations(commands.length > 0, policy, data)),
  ];
  for (const mutation of mutations) yield refusal(name, KIND, mutation, base);
}

function processMutations(
  process: ProcessModel,
  policy: ContainerPolicy,
  requests: PolicyData["request_defaults"],
): readonly Mutation[] {
  const own = policy.OCI.Process;
  const user = partText(own.User);
  const capabilities = { Bounding: ["CAP_SYS_ADMIN"], Effective: [], Inheritable: [], Permitted: [], Ambient: [] };
  return [
    change("container that does not exist", "state", "/container_id", "0".repeat(64)),
    change("user of the command", user, "/process/User/UID", process.User.UID + 1),
    change("group of the command", user, "/process/User/GID", process.User.GID + 1),
    change("working directory of the command", own.Cwd, "/process/Cwd", `${process.Cwd}x`),
    change("privileges of the command", "", "/process/NoNewPrivileges", !process.NoNewPrivileges),
    change("user of the command as text", "", "/string_user", { uid: "0", gid: "0", additionalGids: [] }),
    change("capabilities of the command", "", "/process/Capabilities", capabilities),
    ...(admitsVariable(requests, ADDED_VARIABLE)
      ? []
      : [addition("variable of the command", "", "/process/Env", ADDED_VARIABLE)]),
  ];
}

function commandMutations(named: boolean, policy: ContainerPolicy, data: PolicyData): readonly Mutation[] {
  const listed = [...policy.exec_commands, ...data.request_defaults.ExecProcessRequest.allowed_commands];
  const isListed = (command: readonly string[]): boolean =>
    listed.some((known) => JSON.stringify(known) === JSON.stringify(command));
  const part = partText(policy.exec_commands);
  const foreign = data.containers.flatMap((other) => other.exec_commands).find((command) => !isListed(command));
  const unknown = ["/bin/sh", "-c", "added"];
  return [
    ...(named ? [addition("argument of the command", part, "/process/Args", "--added")] : []),
    ...(isListed(unknown) ? [] : [change("command that the pod does not name", part, "/process/Args", unknown)]),
    ...(foreign === undefined
      ? []
      : [change("command of another container", partText([part, foreign]), "/process/Args", [...foreign])]),
  ];
}
