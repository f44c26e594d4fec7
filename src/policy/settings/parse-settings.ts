import * as v from "valibot";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, parseJson, type Json } from "../../lib/json.ts";
import { Problems } from "../../lib/problems.ts";
import { renderPath, type Path } from "../../kubernetes/path.ts";
import { upgradeSettings } from "./upgrade-settings.ts";
import { patternFault } from "./pattern-fault.ts";
import { settingsSchema, type Settings } from "../settings.ts";

/** A settings file is a few kilobytes; more is a mistake. */
const SETTINGS_LIMITS = { maxBytes: 1024 * 1024, maxDepth: 32 };

/**
 * Reads a settings file of this program, of Kata's main branch, or of Contrast 1.4 and Kata 3.13.
 *
 * @param text the complete JSON document
 * @param file named in problems
 * @param base settings of the platform, for keys that the file's version did not have; without it all keys are required
 * @returns frozen
 * @throws ProblemsError (`policy/settings-invalid`, `policy/settings-pattern`, `policy/settings-deprecated`)
 * @throws ContrastError `lib/json-invalid`
 */
export function parseSettings(text: string, file: string, base?: Settings): Settings {
  return checkSettings(parseJson(text, `settings "${file}"`, SETTINGS_LIMITS), file, base);
}

/** `parseSettings` for a document that is already in memory. */
export function checkSettings(document: Json, file: string, base?: Settings): Settings {
  const problems = new Problems();
  refuseDeprecated(document, file, problems);
  const result = v.safeParse(settingsSchema, base === undefined ? document : upgradeSettings(document, base));
  for (const issue of result.issues ?? []) {
    const path = renderPath(keysOf(issue.path ?? []));
    const fact = issue.received === "undefined" ? "missing" : `got ${issue.received}`;
    problems.error({
      code: "policy/settings-invalid",
      file,
      path,
      message: `${fact}, need ${issue.expected ?? "a value"}`,
    });
  }
  if (result.success) checkPatterns(result.output, file, problems);
  problems.throwIfAny("Cannot read settings");
  if (!result.success)
    throw new ContrastError("policy/settings-invalid", "Cannot read settings: not of the expected form");
  return deepFreeze(result.output);
}

function keysOf(items: readonly { readonly key: unknown }[]): Path {
  return items.map(({ key }) => (typeof key === "number" ? key : String(key)));
}

function refuseDeprecated(document: Json, file: string, problems: Problems): void {
  const requests = isJsonObject(document) ? document["request_defaults"] : undefined;
  const exec = isJsonObject(requests) ? requests["ExecProcessRequest"] : undefined;
  const commands = isJsonObject(exec) ? exec["commands"] : undefined;
  if (!Array.isArray(commands) || commands.length === 0) return;
  problems.error({
    code: "policy/settings-deprecated",
    file,
    path: "request_defaults.ExecProcessRequest.commands",
    message: "the key is no longer supported",
    hint: "List each command as an array of arguments in allowed_commands.",
  });
}

function checkPatterns(settings: Settings, file: string, problems: Problems): void {
  for (const [path, pattern] of patternsOf(settings)) {
    const fault = patternFault(pattern);
    if (fault === undefined) continue;
    const message = `"${pattern.slice(0, 80)}" is not a pattern of RE2: ${fault}`;
    problems.error({ code: "policy/settings-pattern", file, path, message });
  }
}

/** Every setting that the rules use as a pattern or as a part of one. */
function* patternsOf(settings: Settings): Generator<readonly [path: string, pattern: string]> {
  const { common, request_defaults: requests } = settings;
  const { vfio } = settings.devices;
  const { cpath, root_path, sfprefix, ipv4_a, ip_p, svc_name_downward_env, dns_label } = common;
  yield* Object.entries({ cpath, root_path, sfprefix, ipv4_a, ip_p, svc_name_downward_env, dns_label }).map(
    ([key, pattern]) => [`common.${key}`, pattern] as const,
  );
  for (const [key, value] of Object.entries(common.dynamic_annotations)) {
    const path = renderPath(["common", "dynamic_annotations", key]);
    yield [path, key];
    yield [path, value];
  }
  const lists = [
    ["request_defaults.CreateContainerRequest.allow_env_regex", requests.CreateContainerRequest.allow_env_regex],
    ["request_defaults.CopyFileRequest", requests.CopyFileRequest],
    ["request_defaults.ExecProcessRequest.regex", requests.ExecProcessRequest.regex],
    [
      "request_defaults.UpdateRoutesRequest.forbidden_source_regex",
      requests.UpdateRoutesRequest.forbidden_source_regex,
    ],
    [
      "request_defaults.AddARPNeighborsRequest.forbidden_cidrs_regex",
      requests.AddARPNeighborsRequest.forbidden_cidrs_regex,
    ],
  ] as const;
  for (const [path, patterns] of lists) {
    for (const [index, pattern] of patterns.entries()) yield [`${path}[${index}]`, pattern];
  }
  yield ["devices.vfio.anno_key_regex", vfio.anno_key_regex];
  yield ["devices.vfio.nvidia.gpu_anno_value_regex", vfio.nvidia.gpu_anno_value_regex];
  for (const kind of ["pause_container", "other_container"] as const) {
    for (const [key, value] of Object.entries(settings[kind].Annotations)) {
      if (value.startsWith("^")) yield [renderPath([kind, "Annotations", key]), value];
    }
  }
  for (const [name, template] of Object.entries(settings.volumes)) {
    yield [`volumes.${name}.mount_source`, template.mount_source];
    if ("mount_point" in template) yield [`volumes.${name}.mount_point`, template.mount_point];
  }
}
