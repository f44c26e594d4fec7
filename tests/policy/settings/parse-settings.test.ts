import { beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProblemsError } from "../../../src/lib/problems.ts";
import type { Json } from "../../../src/lib/json.ts";
import { applyPatchOperation } from "../../../src/policy/json-patch.ts";
import { parseSettings } from "../../../src/policy/settings/parse-settings.ts";
import { loadProfile, profileText } from "../../../src/policy/settings/profiles.ts";
import type { Settings } from "../../../src/policy/settings.ts";
import { codeOf } from "../../fakes/error-code.ts";

let metal: Settings;
let text: string;

beforeAll(async () => {
  metal = await loadProfile("metal");
  text = await profileText("metal");
});

/** The shipped settings with some values set, or removed where the value is undefined, as text. */
function edited(edits: Readonly<Record<string, Json | undefined>>): string {
  let document: Json = JSON.parse(text) as Json;
  for (const [path, value] of Object.entries(edits)) document = edit(document, path, value);
  return JSON.stringify(document);
}

function edit(document: Json, path: string, value: Json | undefined): Json {
  if (value === undefined) return applyPatchOperation(document, { op: "remove", path });
  const inList = /\/\d+$/.test(path);
  return applyPatchOperation(document, { op: inList ? "replace" : "add", path, value });
}

/** `code path` of every problem. */
function problemsOf(document: string, base?: Settings): readonly string[] {
  try {
    parseSettings(document, "s.json", base);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return error.problems.map(({ code, path }) => `${code} ${path}`);
  }
}

describe("parseSettings()", () => {
  test("reads what profileText() writes", () => {
    expect(parseSettings(text, "s.json")).toEqual(metal);
  });
  test("ignores unknown keys", () => {
    expect(parseSettings(edited({ "/common/unknown": 1 }), "s.json")).toEqual(metal);
  });
  test("reports every missing key and wrong type at once with its path", () => {
    const document = edited({
      "/common/cpath": undefined,
      "/common/default_caps/3": 7,
      "/request_defaults/ReadStreamRequest": "yes",
      "/pause_container": undefined,
      "/cluster_config/emptydir_type": "block",
    });
    expect(problemsOf(document)).toEqual([
      "policy/settings-invalid pause_container",
      "policy/settings-invalid common.cpath",
      "policy/settings-invalid common.default_caps[3]",
      "policy/settings-invalid cluster_config.emptydir_type",
      "policy/settings-invalid request_defaults.ReadStreamRequest",
    ]);
  });
  test("refuses commands, which allowed_commands has replaced", () => {
    const document = edited({ "/request_defaults/ExecProcessRequest/commands": ["ls"] });
    expect(problemsOf(document)).toEqual(["policy/settings-deprecated request_defaults.ExecProcessRequest.commands"]);
    expect(problemsOf(edited({ "/request_defaults/ExecProcessRequest/commands": [] }))).toEqual([]);
  });
  test.each<[string, string, Json]>([
    ["common.dns_label", "/common/dns_label", "(?=x)"],
    ["common.sfprefix", "/common/sfprefix", "("],
    ['common.dynamic_annotations["a["]', "/common/dynamic_annotations", { "a[": "x" }],
    ["common.dynamic_annotations.a", "/common/dynamic_annotations", { a: "[" }],
    [
      "request_defaults.CreateContainerRequest.allow_env_regex[0]",
      "/request_defaults/CreateContainerRequest/allow_env_regex/0",
      "*",
    ],
    ["request_defaults.CopyFileRequest[0]", "/request_defaults/CopyFileRequest/0", "("],
    ["request_defaults.ExecProcessRequest.regex[0]", "/request_defaults/ExecProcessRequest/regex", [String.raw`(a)\1`]],
    [
      "request_defaults.UpdateRoutesRequest.forbidden_source_regex[1]",
      "/request_defaults/UpdateRoutesRequest/forbidden_source_regex/1",
      ")",
    ],
    [
      "request_defaults.AddARPNeighborsRequest.forbidden_cidrs_regex[0]",
      "/request_defaults/AddARPNeighborsRequest/forbidden_cidrs_regex/0",
      "a{2,1}",
    ],
    ["devices.vfio.anno_key_regex", "/devices/vfio/anno_key_regex", "["],
    ["devices.vfio.nvidia.gpu_anno_value_regex", "/devices/vfio/nvidia/gpu_anno_value_regex", "["],
    [
      'pause_container.Annotations["io.kubernetes.cri.sandbox-id"]',
      "/pause_container/Annotations/io.kubernetes.cri.sandbox-id",
      "^[",
    ],
    ["volumes.configMap.mount_point", "/volumes/configMap/mount_point", "^("],
    ["volumes.emptyDir_memory.mount_source", "/volumes/emptyDir_memory/mount_source", "^("],
  ])("checks the pattern at %s", (path, pointer, value) => {
    expect(problemsOf(edited({ [pointer]: value }))).toEqual([`policy/settings-pattern ${path}`]);
  });
  test("refuses what is not JSON", () => {
    expect(codeOf(() => parseSettings("{", "s.json"))).toBe("lib/json-invalid");
    expect(problemsOf("[]")).toContain("policy/settings-invalid common");
  });
  test("refuses every truncation", () => {
    for (let length = 0; length < text.trimEnd().length; length += 61) {
      expect([length, codeOf(() => parseSettings(text.slice(0, length), "s.json"))]).toEqual([
        length,
        "lib/json-invalid",
      ]);
    }
  });
  test("never fails but with a ContrastError, whatever value stands anywhere", () => {
    const pointers = [
      "/common",
      "/common/cpath",
      "/volumes/emptyDir",
      "/sandbox/storages/0/fs_group",
      "/request_defaults",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...pointers), fc.jsonValue(), (pointer, value) => {
        const document = edited({ [pointer]: value as Json });
        expect(codeOf(() => parseSettings(document, "s.json"))).not.toStartWith("not a ContrastError");
        expect(codeOf(() => parseSettings(document, "s.json", metal))).not.toStartWith("not a ContrastError");
      }),
      { seed: 20_250_601, numRuns: 200 },
    );
  });
  test("takes keys that only Contrast has from the base", () => {
    const document = edited({
      "/common/image_verification": undefined,
      "/common/check_oci_version": undefined,
      "/common/dynamic_annotations": undefined,
      "/sandbox/allowed_guest_hooks": undefined,
    });
    expect(problemsOf(document)).toHaveLength(4);
    expect(parseSettings(document, "s.json", metal)).toEqual(metal);
  });
  test.each(["common", "devices"])("does not fill %s from the base", (key) => {
    expect(problemsOf(edited({ [`/${key}`]: undefined }), metal)).toEqual([`policy/settings-invalid ${key}`]);
  });
});

describe("parseSettings() of a Contrast 1.4 file", () => {
  /** Settings as Contrast 1.4 and Kata 3.13 write them. */
  function legacy(edits: Readonly<Record<string, Json>> = {}): string {
    const root = "$(cpath)/$(bundle-id)/rootfs";
    const { sfprefix, ipv4_a, ip_p, dns_label, default_caps, privileged_caps } = metal.common;
    const { emptyDir, emptyDir_memory, configMap, image_volume } = metal.volumes;
    return edited({
      "/pause_container/Root/Path": root,
      "/other_container/Root/Path": root,
      "/common": {
        cpath: "/run/kata-containers",
        mount_source_cpath: "/run/kata-containers/shared/containers",
        sfprefix,
        ipv4_a,
        ip_p,
        svc_name: "[A-Z]+",
        dns_label,
        default_caps,
        privileged_caps,
      },
      "/kata_config": { confidential_guest: false, oci_version: "1.1.0" },
      "/cluster_config": { pause_container_image: "pause:1" },
      "/volumes": {
        emptyDir,
        emptyDir_memory,
        configMap,
        image_volume,
        confidential_emptyDir: { ...emptyDir, mount_source: "^/confidential/" },
        confidential_configMap: { ...configMap, mount_point: "^/confidential/" },
      },
      "/request_defaults/CreateContainerRequest/allow_env_regex": ["^$(svc_name)_SERVICE_PORT=$(ip_p)$"],
      "/request_defaults/UpdateRoutesRequest": undefined,
      "/request_defaults/UpdateInterfaceRequest": undefined,
      "/request_defaults/AddARPNeighborsRequest": undefined,
      "/request_defaults/GetDiagnosticDataRequest": undefined,
      "/devices": undefined,
      "/sandbox/allowed_guest_hooks": undefined,
      ...edits,
    });
  }

  test("maps the old keys", () => {
    const settings = parseSettings(legacy(), "s.json", metal);
    expect(settings.common.cpath).toBe("/run/kata-containers/shared/containers");
    expect(settings.common.root_path).toBe("/run/kata-containers/$(bundle-id)/rootfs");
    expect(settings.common.svc_name_downward_env).toBe("[A-Z]+");
    expect(settings.common.spath).toBe(metal.common.spath);
    expect(settings.pause_container.Root.Path).toBe("$(root_path)");
    expect(settings.other_container.Root.Path).toBe("$(root_path)");
    expect(settings.request_defaults.CreateContainerRequest.allow_env_regex).toEqual([
      "^$(svc_name_downward_env)_SERVICE_PORT=$(ip_p)$",
    ]);
    expect(settings.request_defaults.UpdateRoutesRequest).toEqual(metal.request_defaults.UpdateRoutesRequest);
    expect(settings.devices).toEqual(metal.devices);
    expect(settings.cluster_config).toEqual({
      pause_container_image: "pause:1",
      guest_pull: true,
      emptydir_type: "local",
      cgroup_mount_extras_allowed: ["nsdelegate", "memory_recursiveprot"],
    });
    expect(settings.common.image_verification).toBe("guest-pull");
    expect(settings.sandbox.allowed_guest_hooks).toEqual(["/usr/share/oci/hooks"]);
  });
  test("writes a storage for ConfigMaps only where files are shared with the host", async () => {
    expect(parseSettings(legacy(), "s.json", metal).kata_config.enable_configmap_secret_storages).toBe(false);
    const upstream = await loadProfile("upstream");
    expect(parseSettings(legacy(), "s.json", upstream).kata_config.enable_configmap_secret_storages).toBe(true);
  });
  test("picks the volumes of a confidential guest", () => {
    const settings = parseSettings(legacy({ "/kata_config/confidential_guest": true }), "s.json", metal);
    expect(settings.volumes.emptyDir.mount_source).toBe("^/confidential/");
    expect(settings.volumes.configMap.mount_point).toBe("^/confidential/");
    expect(settings.kata_config.enable_configmap_secret_storages).toBe(false);
  });
  test("is refused without a base", () => {
    expect(problemsOf(legacy()).length).toBeGreaterThan(5);
  });
});
