import type { Finding } from "../../lib/finding.ts";
import { parseNamespace } from "../../resources/object-name.ts";
import { parseNodeSelector } from "../../resources/node-selector.ts";
import { runtimeResources } from "../../resources/node-installer.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { printResources, unpinnedImages } from "./print-resources.ts";
import { platformChoice } from "./resource-choices.ts";

/** `contrast resources runtime`; its definition is in `resources-definition.ts`. */
export const resourcesRuntimeCommand: CommandImplementation = {
  async run({ flags }, io) {
    const nodeSelector = parseNodeSelector(flags.strings("node-selector"));
    const namespace = parseNamespace(flags.string("namespace"));
    // A binding names its ServiceAccount with the namespace, so it cannot be left to whoever applies the objects.
    if (namespace === undefined) {
      const message = 'invalid argument "" for "--namespace" flag: the node installer needs a namespace';
      throw new UsageError("terminal/invalid-argument", message);
    }
    const { platform, runtimeHandler, images } = await platformChoice(flags);
    const objects = runtimeResources({ platform, runtimeHandler, namespace, nodeSelector, images });
    const found = [
      ...(flags.isSet("reference-values-file") ? [] : [buildName(runtimeHandler)]),
      ...unpinnedImages(objects),
    ];
    const fields = { platform: platform.display, runtimeHandler, namespace };
    await printResources("resources-runtime", objects, fields, found, flags, io);
  },
};

function buildName(runtimeHandler: string): Finding {
  const message = `the runtime has the name of this build, ${runtimeHandler}; a node installer of a release installs it under another`;
  const hint = "Give a table with the name of your release with --reference-values-file, here and to generate.";
  return { severity: "warning", message, hint };
}
