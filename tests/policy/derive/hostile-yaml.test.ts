import { describe, expect, test } from "bun:test";
import { sandboxNamePattern } from "../../../src/policy/derive/sandbox-name.ts";
import { derive, podYaml } from "../../fakes/policy-input.ts";

const CRI = "io.kubernetes.cri.";

/** A pod whose annotations try to be those of the runtime. */
function annotatedYaml(annotations: Readonly<Record<string, string>>): string {
  return podYaml().replace("annotations: {team: blue}", `annotations: ${JSON.stringify(annotations)}`);
}

describe("derivePolicyData(), texts of a hostile author", () => {
  test.each([
    [`${CRI}sandbox-id`, 0],
    [`${CRI}sandbox-name`, 1],
    [`${CRI}sandbox-log-directory`, 0],
    [`${CRI}container-type`, 1],
    ["nerdctl/network-namespace", 0],
    ["io.katacontainers.pkg.oci.container_type", 1],
  ])("does not take %s from the pod", async (key, index) => {
    const { data: plain } = await derive(podYaml());
    const { data } = await derive(annotatedYaml({ [key]: ".*" }));
    const value = (of: typeof data) => of?.containers[index]?.OCI.Annotations?.get(key);
    expect(value(plain)).toBeDefined();
    expect(value(data)).toBe(value(plain));
  });

  test.each(["{emptyDir: {}", "{emptyDir: {medium: Memory}"])("quotes the name of a volume %s", async (source) => {
    const name = ".*/../../x";
    const spec = `volumes: [${source}, name: "${name}"}]`;
    const { data, errors } = await derive(podYaml(`volumeMounts: [{name: "${name}", mountPath: /data}]`, spec));
    expect(errors).toEqual([]);
    const main = data?.containers[1];
    const quoted = String.raw`\.\*/\.\./\.\./x$`;
    expect(main?.storages[0]?.mount_point).toEndWith(`/${quoted}`);
    const mount = main?.OCI.Mounts?.find(({ destination }) => destination === "/data");
    expect(mount?.source).toEndWith(`/${quoted}`);
  });

  test("refuses a host path that climbs out of the devices", async () => {
    const spec = "volumes: [{name: root, hostPath: {path: /dev/..}}]";
    const { errors } = await derive(podYaml("volumeMounts: [{name: root, mountPath: /root}]", spec));
    expect(errors).toEqual(["policy/volume-unsupported spec.volumes[0]"]);
  });
});

describe("sandboxNamePattern(), texts of a hostile author", () => {
  test.each(["a|.*", ".*", "[a-z]+", "(?i)web", "web$|^x", "a{1,9}", String.raw`\w+`])("quotes %s", (name) => {
    const pattern = new RegExp(sandboxNamePattern("Pod", name, undefined) ?? "");
    expect(pattern.test(name)).toBe(true);
    for (const other of ["web", "a", "x", "WEB", "aa"]) expect(pattern.test(other)).toBe(false);
  });
});
