import type { JsonObject } from "../../lib/json.ts";
import { readContainerView } from "./read-container-view.ts";
import { ViewReader } from "./view-reader.ts";
import { readStorages } from "./read-storages.ts";
import type { PolicyView, RequestsView } from "../policy-view.ts";

/** More containers than any pod has; a policy with more is shown up to here and told as incomplete. */
const MAX_CONTAINERS = 1000;

/** Views the data of a policy; what has an unexpected type is left out and named in `faults`. */
export function readPolicyView(raw: JsonObject): PolicyView {
  const reader = new ViewReader();
  const list = reader.list(raw["containers"], "containers");
  if (list.length > MAX_CONTAINERS) reader.fault(`containers[${MAX_CONTAINERS}]`);
  const containers = list
    .slice(0, MAX_CONTAINERS)
    .map((container, index) => readContainerView(container, index, reader));
  const common = reader.map(raw["common"], "common");
  const sandbox = reader.map(raw["sandbox"], "sandbox");
  const verification = reader.text(common["image_verification"], "common.image_verification");
  return {
    containers,
    requests: readRequests(reader.map(raw["request_defaults"], "request_defaults"), reader),
    sandboxStorages: readStorages(sandbox["storages"], "sandbox.storages", reader),
    guestHooks: reader.texts(sandbox["allowed_guest_hooks"], "sandbox.allowed_guest_hooks"),
    common,
    imageVerification: verification === "" ? undefined : verification,
    raw,
    faults: reader.faults,
  };
}

function readRequests(requests: JsonObject, reader: ViewReader): RequestsView {
  const at = (name: string): string => `request_defaults.${name}`;
  const create = reader.map(requests["CreateContainerRequest"], at("CreateContainerRequest"));
  const exec = reader.map(requests["ExecProcessRequest"], at("ExecProcessRequest"));
  const switches = new Map<string, boolean>();
  for (const [name, value] of Object.entries(requests)) if (typeof value === "boolean") switches.set(name, value);
  return {
    envPatterns: reader.texts(create["allow_env_regex"], at("CreateContainerRequest.allow_env_regex")),
    copyFilePatterns: reader.texts(requests["CopyFileRequest"], at("CopyFileRequest")),
    execCommands: [
      ...reader.vectors(exec["allowed_commands"], at("ExecProcessRequest.allowed_commands")),
      // Generators before Kata 3.0 wrote commands here, each as one text.
      ...reader.vectors(exec["commands"], at("ExecProcessRequest.commands")),
    ],
    execPatterns: reader.texts(exec["regex"], at("ExecProcessRequest.regex")),
    switches,
  };
}
