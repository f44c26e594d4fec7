import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast service-mesh`: the role that puts Envoy in front of a workload. */
export const serviceMeshDefinition: CommandDefinition = {
  name: "service-mesh",
  summary: "Run the mesh sidecar of a workload",
  description: [
    "Runs inside of a confidential VM behind the Initializer, which generate arranges. It writes the configuration of Envoy, redirects new TCP connections from outside of the pod to it, makes the file of --ready-file, and then becomes Envoy: same process, same output.",
    "The environment says what to do: CONTRAST_INGRESS_PROXY_CONFIG, CONTRAST_EGRESS_PROXY_CONFIG and CONTRAST_ADMIN_PORT have the text of the annotations of a workload, CONTRAST_MESH_IPV6 and CONTRAST_MESH_UDP are --ipv6 and --udp; a host may leave variables out, so give the flags where it matters. CONTRAST_LOG_LEVEL is the level of our own log where --log-level is not given, info by default.",
    "Words behind -- are passed to Envoy. Started by the name service-mesh, as from a link to this program, all words are, but for --ipv6=MODE and --udp=MODE in front.",
  ].join("\n\n"),
  examples: [
    { comment: "As in a pod", command: "contrast service-mesh -l debug" },
    {
      comment: "See what it would do",
      command: "CONTRAST_INGRESS_PROXY_CONFIG=web#8080#false contrast service-mesh --dry-run",
    },
  ],
  positionals: { usage: "[-- words for Envoy...]", minimum: 0, maximum: Number.POSITIVE_INFINITY },
  flags: [
    {
      name: "envoy-log-level",
      short: "l",
      type: "string",
      value: "LEVEL",
      summary: "Level of Envoy's log, passed to Envoy as -l",
    },
    {
      name: "ipv6",
      type: "string",
      value: "MODE",
      choices: ["ignore", "refuse", "protect"],
      summary: "What happens to new connections over IPv6; ignore unless given",
    },
    {
      name: "udp",
      type: "string",
      value: "MODE",
      choices: ["ignore", "refuse"],
      summary: "What happens to UDP and all else but TCP and ICMP; ignore unless given",
    },
    {
      name: "envoy",
      type: "string",
      value: "PROGRAM",
      default: "envoy",
      files: [],
      summary: "Envoy, a path or a name that PATH finds",
    },
    {
      name: "tls-dir",
      type: "string",
      value: "DIR",
      default: "/contrast/tls-config",
      directories: true,
      summary: "Directory with the certificates and the key of the workload",
    },
    {
      name: "config-file",
      type: "string",
      value: "FILE",
      default: "/envoy-config.yml",
      files: [],
      summary: "File to write Envoy's configuration to",
    },
    {
      name: "ready-file",
      type: "string",
      value: "FILE",
      default: "/ready",
      files: [],
      summary: "Empty file that is made when the rules are in place, for startup probes",
    },
    { name: "no-iptables", type: "boolean", summary: "Leave the packet filter as it is" },
    {
      name: "dry-run",
      type: "boolean",
      summary: "Print Envoy's configuration and the rules as shell commands, and do nothing",
    },
    { name: "print-config", type: "boolean", summary: "Print Envoy's configuration only, and do nothing" },
    {
      name: "print-rules",
      type: "string",
      value: "FORM",
      choices: ["shell", "restore", "json"],
      summary:
        "Print the rules only, as shell commands, as input of iptables-restore and ip6tables-restore, or as data, and do nothing",
    },
  ],
  exclusive: [["dry-run", "print-config", "print-rules"]],
  load: async () => (await import("./service-mesh.ts")).serviceMeshCommand,
};
