import type { ContainerPolicy, PolicyData } from "../policy-data.ts";
import type { ProcessModel } from "./containerd-process.ts";
import { addition, change, type Mutation, partText } from "./mutation.ts";

const PROCESS = "/OCI/Process";

type Requests = PolicyData["request_defaults"];

/** Changes of the command, environment, identity and privileges of a process. */
export function processMutations(
  process: ProcessModel,
  policy: ContainerPolicy,
  requests: Requests,
): readonly Mutation[] {
  const own = policy.OCI.Process;
  const user = partText(own.User);
  return [
    change("terminal", String(own.Terminal), `${PROCESS}/Terminal`, !process.Terminal),
    change("working directory", own.Cwd, `${PROCESS}/Cwd`, `${process.Cwd}x`),
    change("no-new-privileges", String(own.NoNewPrivileges), `${PROCESS}/NoNewPrivileges`, !process.NoNewPrivileges),
    change("user", user, `${PROCESS}/User/UID`, process.User.UID + 1),
    change("group", user, `${PROCESS}/User/GID`, process.User.GID + 1),
    addition("additional group", user, `${PROCESS}/User/AdditionalGids`, 3_999_999_999),
    change("user by name", "", `${PROCESS}/User/Username`, "root"),
    change("SELinux label", "", `${PROCESS}/SelinuxLabel`, "system_u:system_r:spc_t:s0"),
    ...argumentMutations(process.Args, own.Args ?? []),
    ...environmentMutations(process.Env, own.Env ?? [], requests),
    ...capabilityMutations(process, own.Capabilities),
  ];
}

function argumentMutations(args: readonly string[], policyArgs: readonly string[]): readonly Mutation[] {
  const path = `${PROCESS}/Args`;
  const part = partText(policyArgs);
  const fixed = policyArgs.findIndex((text) => !text.includes("$("));
  // No token but that of an unknown annotation stands for more than one line.
  const open = policyArgs.findIndex((text) => text.includes("$(") && !text.includes("$(todo-annotation)"));
  return [
    addition("added argument", part, path, "--added"),
    ...(args.length === 0
      ? []
      : [
          {
            check: "removed argument",
            part,
            patch: [{ op: "remove", path: `${path}/${args.length - 1}` } as const],
          },
        ]),
    ...(fixed === -1 ? [] : [change("changed argument", part, `${path}/${fixed}`, `${args[fixed] ?? ""}x`)]),
    ...(open === -1 ? [] : [change("line break in an argument", part, `${path}/${open}`, `${args[open] ?? ""}\nx`)]),
  ];
}

/** The base request carries no variables, because the policy lets them be missing. */
function environmentMutations(
  env: readonly string[],
  policyEnv: readonly string[],
  requests: Requests,
): readonly Mutation[] {
  // No pattern of a variable that the kubelet adds admits a line break.
  const fixed = env.find((entry) => policyEnv.includes(entry));
  return [
    ...(fixed === undefined ? [] : variable("changed variable", `${fixed}\nchanged`, policyEnv, requests)),
    ...variable("added variable", "LD_PRELOAD=/tmp/added.so", policyEnv, requests),
  ];
}

function variable(check: string, entry: string, policyEnv: readonly string[], requests: Requests): readonly Mutation[] {
  if (admitsVariable(requests, entry)) return [];
  return [addition(check, sameName(policyEnv, entry), `${PROCESS}/Env`, entry)];
}

/** A variable is judged by the policy's entries of its own name and by the patterns of the settings. */
function sameName(policyEnv: readonly string[], entry: string): string {
  const name = entry.slice(0, entry.indexOf("=") + 1);
  return partText(policyEnv.filter((known) => known.startsWith(name)));
}

/** Whether the settings let a variable pass; a pattern that this engine cannot read counts as one that does. */
export function admitsVariable({ CreateContainerRequest: { allow_env_regex } }: Requests, entry: string): boolean {
  return allow_env_regex.some((pattern) => {
    try {
      return new RegExp(`^(?:${pattern.replaceAll(/\$\([a-z0-9_]+\)/g, "[A-Za-z0-9_.-]+")})$`).test(entry);
    } catch {
      return true;
    }
  });
}

function capabilityMutations(
  { Capabilities: sets }: ProcessModel,
  policySets: ContainerPolicy["OCI"]["Process"]["Capabilities"],
): readonly Mutation[] {
  const part = partText(policySets);
  const path = `${PROCESS}/Capabilities`;
  const inSet = (set: "Ambient" | "Bounding" | "Effective" | "Inheritable" | "Permitted"): Mutation[] => {
    const missing = ["CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_CHOWN"].find((name) => !sets[set].includes(name));
    return missing === undefined
      ? []
      : [addition(`added ${set.toLowerCase()} capability`, part, `${path}/${set}`, missing)];
  };
  return (["Bounding", "Effective", "Permitted", "Ambient", "Inheritable"] as const).flatMap(inSet);
}
