import { coordinatorResources, SERVICE_TYPES } from "../../resources/coordinator-resources.ts";
import { parseNamespace } from "../../resources/object-name.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { choiceFlag } from "../choice-flag.ts";
import { MAX_REQUEST_FLAG, parseRequestMebibytes } from "../max-request-flag.ts";
import { printResources } from "./print-resources.ts";
import { platformChoice } from "./resource-choices.ts";

/** `contrast resources coordinator`; its definition is in `resources-definition.ts`. */
export const resourcesCoordinatorCommand: CommandImplementation = {
  async run({ flags }, io) {
    const serviceType = choiceFlag(flags, "service-type", SERVICE_TYPES);
    const namespace = parseNamespace(flags.string("namespace"));
    const { platform, runtimeHandler, images } = await platformChoice(flags);
    const { name } = MAX_REQUEST_FLAG;
    const maxRequest = flags.isSet(name) ? parseRequestMebibytes(flags.string(name), `--${name}`) : undefined;
    const choice = { runtimeHandler, namespace, serviceType, images, maxRequestMebibytes: maxRequest };
    const objects = coordinatorResources(choice);
    const fields = { platform: platform.display, runtimeHandler, namespace: namespace ?? null };
    await printResources("resources-coordinator", objects, fields, [], flags, io);
  },
};
