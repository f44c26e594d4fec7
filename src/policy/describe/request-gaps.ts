import type { Gap } from "./description.ts";
import { commandText } from "./exec-section.ts";
import { type GapInputs, gapUnlessEmpty } from "./gap-inputs.ts";

/** Gaps by requests that the host may make besides creating containers. */
export function requestGaps({ parsed, containers }: GapInputs): readonly Gap[] {
  const { data } = parsed;
  if (data === undefined) return [];
  const { requests } = data;
  const allowed = (name: string): readonly string[] => (requests.switches.get(name) === true ? [name] : []);
  return [
    ...gapUnlessEmpty({
      id: "exec-any-container",
      weight: "high",
      title: "The host may execute commands in every container",
      why: "The settings allow commands in all containers, whatever the pod asks for. Their output goes to the host.",
      action: "Remove them from request_defaults.ExecProcessRequest of the settings.",
      concerns: [...requests.execCommands.map((command) => commandText(command)), ...requests.execPatterns],
    }),
    ...gapUnlessEmpty({
      id: "exec-probes",
      weight: "note",
      title: "The host may run the commands of probes and hooks at any time",
      why: "It chooses when and how often, and sees what they print and whether they succeed.",
      action: "Keep secrets out of their output; use HTTP or TCP probes where that is enough.",
      concerns: containers.flatMap(({ view }) =>
        view.execCommands.map((command) => `${view.name}: ${commandText(command)}`),
      ),
    }),
    ...gapUnlessEmpty({
      id: "logs-visible",
      weight: "medium",
      title: "The host sees everything that containers print",
      why: "Standard output and standard error leave the guest in the clear, which kubectl logs needs.",
      action: "Log nothing secret, or set request_defaults.ReadStreamRequest to false in the settings.",
      concerns: allowed("ReadStreamRequest"),
    }),
    ...gapUnlessEmpty({
      id: "stdin-writable",
      weight: "high",
      title: "The host may type into containers",
      why: "It may write to the standard input of any process.",
      action: "Set request_defaults.WriteStreamRequest to false in the settings.",
      concerns: allowed("WriteStreamRequest"),
    }),
    ...gapUnlessEmpty({
      id: "mounts-changeable",
      weight: "medium",
      title: "The host may change mounts that are kept in memory",
      why: "It may change their options, such as their size, while containers run.",
      action: "Set request_defaults.UpdateEphemeralMountsRequest to false in the settings.",
      concerns: allowed("UpdateEphemeralMountsRequest"),
    }),
    ...gapUnlessEmpty({
      id: "diagnostics-visible",
      weight: "medium",
      title: "The host may read diagnostic data of the guest",
      why: "They can hold what programs of the guest print.",
      action: "Set request_defaults.GetDiagnosticDataRequest to false in the settings.",
      concerns: allowed("GetDiagnosticDataRequest"),
    }),
    ...gapUnlessEmpty({
      id: "guest-hooks",
      weight: "note",
      title: "The host may have hooks of the guest image run",
      why: "They are part of the measured guest, and run when containers start.",
      action: "Remove them from sandbox.allowed_guest_hooks of the settings, unless a GPU needs them.",
      concerns: data.guestHooks,
    }),
    ...gapUnlessEmpty({
      id: "variables-added",
      weight: "note",
      title: "The host may add variables of other names",
      why: "Variables of services, which the kubelet adds, fit patterns of the settings. Programs that read such names, such as SERVICE_HOST, get them from the host.",
      action: "Name every variable that a program reads in the YAML; a variable of the pod cannot be replaced.",
      concerns: requests.envPatterns.length > 0 ? [`${requests.envPatterns.length} patterns of allow_env_regex`] : [],
    }),
  ];
}
