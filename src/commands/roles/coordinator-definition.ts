import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { REQUEST_MEBIBYTES } from "../../proto/message-limits.ts";
import { MAX_REQUEST_FLAG } from "../max-request-flag.ts";
import { SIMULATED_GUEST_FLAG } from "../simulated-guest-flag.ts";
import { ROLE_COLLATERAL_FLAGS } from "./role-collateral-flags.ts";

/** `contrast coordinator`: the role that keeps the manifest of a deployment and vouches for its workloads. */
export const coordinatorDefinition: CommandDefinition = {
  name: "coordinator",
  summary: "Run the Coordinator of a deployment",
  description: [
    "Runs inside of a confidential VM until it is stopped. It proves itself to users (user API), judges workloads by the manifest that was set, and issues their certificates (mesh API). Its history is kept in the state directory; after a restart it waits for recovery.",
    "The environment can say what flags do not: CONTRAST_STATE_DIR, CONTRAST_STATE_DEVICE, CONTRAST_USER_API_ADDR, CONTRAST_MESH_API_ADDR, CONTRAST_METRICS_ADDR or CONTRAST_METRICS_PORT, CONTRAST_PROBE_ADDR and CONTRAST_MAX_REQUEST_MIB. CONTRAST_METRICS adds the metrics to the address of the probes. CONTRAST_THIM=on or off says whether to ask Azure's service for the certificates of the machine. CONTRAST_LOG_LEVEL is the level of the log where --log-level is not given, info by default; CONTRAST_LOG_SUBSYSTEMS lists, with commas, what else is logged: kds-getter for what is asked of the vendors' services, validator for the verdict about each workload, * for both.",
    "A request of a user has manifest and policies of the whole deployment, some 60 KiB for each workload. How much the Coordinator takes is what --max-request-mib says, or less where its memory is not enough for that; its log tells which. Once a manifest is in force, only workload owners may send more than 64 KiB.",
    "Collateral is kept in memory for a day. SIGTERM or Ctrl-C lets calls under way finish, for 20 s at most.",
  ].join("\n\n"),
  examples: [
    { comment: "As in a pod, with its state on the block device", command: "contrast coordinator" },
    {
      comment: "In a directory, with metrics",
      command: "contrast coordinator --state-dir ./history --state-device= --metrics-addr 127.0.0.1:9102",
    },
  ],
  flags: [
    {
      name: "state-dir",
      type: "string",
      value: "DIR",
      default: "/mnt/state/history",
      directories: true,
      summary: "Directory of the history",
    },
    {
      name: "state-device",
      type: "string",
      value: "DEVICE",
      default: "/dev/csi0",
      files: [],
      summary: "Block device to mount above the state directory; empty for none",
    },
    {
      name: "user-api-addr",
      type: "string",
      value: "HOST:PORT",
      default: "0.0.0.0:1313",
      summary: "Where users are served",
    },
    {
      name: "mesh-api-addr",
      type: "string",
      value: "HOST:PORT",
      default: "0.0.0.0:7777",
      summary: "Where workloads are served",
    },
    {
      name: "metrics-addr",
      type: "string",
      value: "HOST:PORT",
      summary: "Where metrics and probes are served over HTTP; not at all unless given",
    },
    {
      name: "probe-addr",
      type: "string",
      value: "HOST:PORT",
      summary: "Where probes are served over HTTP, port 9102 in later versions; not at all unless given",
    },
    { ...MAX_REQUEST_FLAG, default: String(REQUEST_MEBIBYTES.usual) },
    SIMULATED_GUEST_FLAG,
    ...ROLE_COLLATERAL_FLAGS,
  ],
  load: async () => (await import("./coordinator.ts")).coordinatorCommand,
};
