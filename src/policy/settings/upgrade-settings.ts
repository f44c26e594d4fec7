import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { Settings } from "../settings.ts";

/**
 * Gives a settings file what later versions added to the format, so that files of Contrast 1.4 and Kata 3.13 keep
 * working. A file that is up to date only gets the keys that upstream does not know.
 *
 * | old | new |
 * |---|---|
 * | `common.svc_name` | `common.svc_name_downward_env`, also as token in `allow_env_regex` |
 * | `common.mount_source_cpath` | `common.cpath` (the directory of mount sources) |
 * | `common.cpath` inside `Root.Path` | `common.root_path`; `Root.Path` becomes `$(root_path)` |
 * | `kata_config.confidential_guest` | picks `volumes.emptyDir` and `.configMap` among their two forms |
 * | disk emptyDir as local directory | `cluster_config.emptydir_type` = `local` |
 * | no request rules for interfaces, routes, neighbours, diagnostics | those of the base |
 *
 * @param base the settings of the platform; fills what the file cannot know
 * @see kata-containers `src/tools/genpolicy/genpolicy-settings.json`, versions 3.13 and newer
 */
export function upgradeSettings(file: Json, base: Settings): Json {
  if (!isJsonObject(file)) return file;
  const upgraded = isLegacy(file) ? upgradeLegacy(file, base) : file;
  const { dynamic_annotations, image_verification, check_oci_version } = base.common;
  return {
    ...upgraded,
    common: filled(upgraded["common"], { dynamic_annotations, image_verification, check_oci_version }),
    sandbox: filled(upgraded["sandbox"], { allowed_guest_hooks: base.sandbox.allowed_guest_hooks }),
  };
}

/** Members that are missing are added; anything but an object stays for the schema to refuse. */
function filled(value: Json | undefined, defaults: JsonObject): Json {
  if (value === undefined) return null;
  return isJsonObject(value) ? { ...defaults, ...value } : value;
}

function isLegacy(file: JsonObject): boolean {
  const common = memberOf(file, "common");
  return (
    common["root_path"] === undefined &&
    (common["svc_name"] !== undefined || common["mount_source_cpath"] !== undefined)
  );
}

function upgradeLegacy(file: JsonObject, base: Settings): JsonObject {
  const confidential = memberOf(file, "kata_config")["confidential_guest"] === true;
  return {
    ...file,
    pause_container: withRootToken(file["pause_container"]),
    other_container: withRootToken(file["other_container"]),
    volumes: upgradeVolumes(file["volumes"], confidential, base),
    common: upgradeCommon(file, base),
    kata_config: filled(file["kata_config"], {
      // A guest that pulls images has no shared file system that could hold a watched copy.
      enable_configmap_secret_storages: !confidential && base.common.image_verification === "none",
    }),
    cluster_config: filled(file["cluster_config"], {
      guest_pull: base.cluster_config.guest_pull,
      emptydir_type: "local",
    }),
    request_defaults: upgradeRequests(file["request_defaults"], base),
    devices: filled(file["devices"] ?? {}, base.devices),
  };
}

function upgradeCommon(file: JsonObject, base: Settings): Json {
  const common = file["common"];
  if (!isJsonObject(common)) return common ?? null;
  const { svc_name, mount_source_cpath, ...rest } = common;
  const rootPath = memberOf(memberOf(file, "other_container"), "Root")["Path"];
  const cpath = common["cpath"];
  return {
    spath: base.common.spath,
    ...rest,
    ...(mount_source_cpath === undefined ? {} : { cpath: mount_source_cpath }),
    ...(svc_name === undefined ? {} : { svc_name_downward_env: svc_name }),
    ...(typeof rootPath === "string" && typeof cpath === "string"
      ? { root_path: rootPath.replaceAll("$(cpath)", () => cpath) }
      : {}),
  };
}

function withRootToken(template: Json | undefined): Json {
  if (!isJsonObject(template) || !isJsonObject(template["Root"])) return template ?? null;
  return { ...template, Root: { ...template["Root"], Path: "$(root_path)" } };
}

function upgradeVolumes(volumes: Json | undefined, confidential: boolean, base: Settings): Json {
  if (!isJsonObject(volumes)) return volumes ?? null;
  const { emptyDir_encrypted, emptyDir_plain } = base.volumes;
  const picked = confidential
    ? { emptyDir: volumes["confidential_emptyDir"] ?? null, configMap: volumes["confidential_configMap"] ?? null }
    : {};
  return { emptyDir_encrypted, emptyDir_plain, ...volumes, ...picked };
}

function upgradeRequests(requests: Json | undefined, base: Settings): Json {
  if (!isJsonObject(requests)) return requests ?? null;
  const { UpdateRoutesRequest, UpdateInterfaceRequest, AddARPNeighborsRequest, GetDiagnosticDataRequest } =
    base.request_defaults;
  const create = memberOf(requests, "CreateContainerRequest");
  const patterns = create["allow_env_regex"];
  const renamed = Array.isArray(patterns)
    ? patterns.map((pattern: Json) =>
        typeof pattern === "string" ? pattern.replaceAll("$(svc_name)", "$$(svc_name_downward_env)") : pattern,
      )
    : (patterns ?? null);
  return {
    UpdateRoutesRequest,
    UpdateInterfaceRequest,
    AddARPNeighborsRequest,
    GetDiagnosticDataRequest,
    ...requests,
    CreateContainerRequest: { ...create, allow_env_regex: renamed },
  };
}

function memberOf(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}
