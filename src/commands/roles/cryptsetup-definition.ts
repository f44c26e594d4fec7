import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast initializer cryptsetup`: opens the encrypted volume of a workload and keeps it mounted. */
export const cryptsetupDefinition: CommandDefinition = {
  name: "cryptsetup",
  summary: "Open the encrypted volume of this workload, mount it, and wait",
  description:
    "Runs as a privileged side container behind the Initializer. A device that is not encrypted yet is encrypted with the workload's secret, which destroys what is on it. When the volume is mounted, the file of --done-file appears; the command then waits for a signal to end.",
  examples: [
    {
      comment: "Mount the volume of a pod",
      command: "contrast initializer cryptsetup --device-path /dev/csi0 --mount-point /state",
    },
  ],
  flags: [
    {
      name: "device-path",
      short: "d",
      type: "string",
      value: "DEVICE",
      required: true,
      files: [],
      summary: "Block device of the volume",
    },
    {
      name: "mount-point",
      short: "m",
      type: "string",
      value: "DIR",
      required: true,
      directories: true,
      summary: "Directory that the volume is mounted on",
    },
    {
      name: "secret-file",
      type: "string",
      value: "FILE",
      default: "/contrast/secrets/workload-secret-seed",
      files: [],
      summary: "File with the secret of the workload, as the Initializer wrote it",
    },
    {
      name: "done-file",
      type: "string",
      value: "FILE",
      default: "/done",
      files: [],
      summary: "Empty file that is made when the volume is mounted, for startup probes",
    },
  ],
  load: async () => (await import("./cryptsetup.ts")).cryptsetupCommand,
};
