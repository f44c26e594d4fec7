import { prepareExt4Volume } from "../../lib/ext4-volume.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { openEncryptedVolume } from "../../initializer/encrypted-volume.ts";
import { createRoleLog } from "./role-log.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { untilAborted } from "../../lib/until-aborted.ts";

/** `contrast initializer cryptsetup`; its definition is in `cryptsetup-definition.ts`. */
export const cryptsetupCommand: CommandImplementation = {
  async run({ flags }, io) {
    const { env, signal } = io;
    const { log } = createRoleLog(flags, io);
    const prepareFileSystem = (device: string, mountPoint: string): Promise<void> =>
      prepareExt4Volume({ device, mountPoint, env, signal, log });
    const volume = {
      devicePath: flags.string("device-path"),
      mountPoint: flags.string("mount-point"),
      keyFile: flags.string("secret-file"),
    };
    await openEncryptedVolume(volume, { prepareFileSystem, env, log, signal });
    await writeFileAtomically(flags.string("done-file"), "", { mode: 0o644 });
    log.info("ready; waiting for a signal");
    await untilAborted(signal);
  },
};
