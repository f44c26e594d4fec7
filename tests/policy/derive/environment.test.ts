import { describe, expect, test } from "bun:test";
import { derive, deriveMain, IMAGE, podYaml } from "../../fakes/policy-input.ts";

const CONFIGS = `
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: prod}, data: {B: "2", A: "1"}, binaryData: {BIN: aGk=, RAW: /w==}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: other}, data: {A: other}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sec, namespace: prod}, data: {PW: c2VjcmV0, BOTH: b2xk}, stringData: {USER: admin, BOTH: new}}
`;

/** The environment of a container whose pod comes with ConfigMaps and Secrets. */
async function envOf(container: string, spec = ""): Promise<readonly string[]> {
  const { data, errors } = await derive(podYaml(container, spec) + CONFIGS);
  return data?.containers[1]?.OCI.Process.Env ?? errors;
}

/** The entries after those of image and runtime. */
async function ownEnvOf(container: string): Promise<readonly string[]> {
  return (await envOf(container)).slice(3);
}

describe("derivePolicyData(), environment", () => {
  test("begins with image, terminal and host name", async () => {
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    expect(await envOf("")).toEqual([path, "LANG=C", "HOSTNAME=$(host-name)"]);
    expect(await envOf("tty: true")).toEqual([path, "LANG=C", "TERM=xterm", "HOSTNAME=$(host-name)"]);
  });
  test("gives an image without PATH the runtime's", async () => {
    const facts = { [IMAGE]: { config: { Entrypoint: ["x"], Env: ["A=b=c", "HOSTNAME=own"] } } };
    const main = await deriveMain("", "", { facts });
    expect(main.OCI.Process.Env).toEqual([
      "A=b=c",
      "HOSTNAME=own",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
  });
  test("lets the pause container be without host name", async () => {
    const { data } = await derive(podYaml());
    expect(data?.containers[0]?.OCI.Process.Env).toHaveLength(1);
  });
  test.each<[string, string, readonly string[]]>([
    ["a value", "{name: A, value: b=c}", ["A=b=c"]],
    ["an empty value", "{name: A}", ["A="]],
    ["the last of several values", "{name: A, value: b}, {name: A, value: c}", ["A=c"]],
    ["a value of a ConfigMap", "{name: A, valueFrom: {configMapKeyRef: {name: conf, key: A}}}", ["A=1"]],
    ["a binary value that is text", "{name: A, valueFrom: {configMapKeyRef: {name: conf, key: BIN}}}", ["A=hi"]],
    ["a value of a Secret", "{name: A, valueFrom: {secretKeyRef: {name: sec, key: PW}}}", ["A=secret"]],
    ["stringData before data", "{name: A, valueFrom: {secretKeyRef: {name: sec, key: BOTH}}}", ["A=new"]],
    [
      "nothing for an optional key",
      "{name: A, valueFrom: {secretKeyRef: {name: sec, key: no-key, optional: true}}}",
      [],
    ],
    [
      "nothing for an optional object",
      "{name: A, valueFrom: {configMapKeyRef: {name: none, key: A, optional: true}}}",
      [],
    ],
    ["a label", `{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}`, ["A=shop"]],
    ["an annotation", `{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['team']"}}}`, ["A=blue"]],
    ["the namespace", "{name: A, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}", ["A=prod"]],
    ["the service account", "{name: A, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}", ["A=default"]],
    ["the name", "{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}", ["A=$(sandbox-name)"]],
    ["the uid", "{name: A, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}", ["A=$(pod-uid)"]],
    ["the node", "{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}", ["A=$(node-name)"]],
    ["the address", "{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}", ["A=$(pod-ip)"]],
    ["the addresses", "{name: A, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}", ["A=$(pod-ips)"]],
    ["the address of the host", "{name: A, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}", ["A=$(host-ip)"]],
    ["the addresses of the host", "{name: A, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}", ["A=$(host-ips)"]],
    ["a resource", "{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}", ["A=$(resource-field)"]],
    [
      "references to earlier variables",
      '{name: A, value: b}, {name: C, value: "$(A)$$(A)$(D)"}, {name: D, value: e}',
      ["A=b", "C=b$(A)$(D)", "D=e"],
    ],
    [
      "references to field values",
      '{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: URL, value: "http://$(IP):80"}',
      ["IP=$(pod-ip)", "URL=http://$(pod-ip):80"],
    ],
    ["references to earlier values of the same name", '{name: A, value: b}, {name: A, value: "$(A)c"}', ["A=bc"]],
  ])("takes %s", async (_, entries, expected) => {
    expect(await ownEnvOf(`env: [${entries}]`)).toEqual(expected);
  });
  test("does not expand values that come from elsewhere", async () => {
    const yaml = podYaml(
      'env: [{name: A, value: b}, {name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}, {name: D, value: "$(C)"}]',
    );
    const config = '\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: prod}, data: {k: "$(A)"}}';
    const { data } = await derive(yaml + config);
    expect(data?.containers[1]?.OCI.Process.Env?.slice(3)).toEqual(["A=b", "C=$(A)", "D=$(A)"]);
  });
  test("takes the namespace of the request where the object names none", async () => {
    const yaml = podYaml("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]");
    const { data } = await derive(yaml.replace("namespace: prod, ", ""));
    expect(data?.containers[1]?.OCI.Process.Env).toContain("A=$(sandbox-namespace)");
  });
  test("takes the service account of the pod", async () => {
    const env = "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}]";
    expect(await envOf(env, "serviceAccountName: robot, serviceAccount: old")).toContain("A=robot");
    expect(await envOf(env, "serviceAccount: old")).toContain("A=old");
  });
  test("lets the pod override image and runtime", async () => {
    expect((await envOf("env: [{name: HOSTNAME, value: h}, {name: LANG, value: de}]")).slice(1)).toEqual([
      "LANG=de",
      "HOSTNAME=h",
    ]);
  });
  test("imports whole objects in order, with prefix, below env", async () => {
    const own = await ownEnvOf(
      "env: [{name: P_A, value: own}], envFrom: [{prefix: P_, configMapRef: {name: conf}}, {secretRef: {name: sec}}, {configMapRef: {name: none, optional: true}}]",
    );
    expect(own).toEqual(["P_A=own", "P_B=2", "P_BIN=hi", "BOTH=new", "PW=secret", "USER=admin"]);
  });
  test("lets env refer to imported variables", async () => {
    const own = await ownEnvOf('env: [{name: X, value: "$(A)"}], envFrom: [{configMapRef: {name: conf}}]');
    expect(own).toContain("X=1");
  });
  test.each<[string, string, string]>([
    [
      "an unknown ConfigMap",
      "env: [{name: A, valueFrom: {configMapKeyRef: {name: none, key: A}}}]",
      "policy/reference-unresolved spec.containers[0].env[0].valueFrom.configMapKeyRef",
    ],
    [
      "an unknown key",
      "env: [{name: A, valueFrom: {secretKeyRef: {name: sec, key: none}}}]",
      "policy/reference-unresolved spec.containers[0].env[0].valueFrom.secretKeyRef",
    ],
    [
      "binary data that is no text",
      "env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: RAW}}}]",
      "policy/reference-unresolved spec.containers[0].env[0].valueFrom.configMapKeyRef",
    ],
    [
      "an unknown import",
      "envFrom: [{secretRef: {name: none}}]",
      "policy/reference-unresolved spec.containers[0].envFrom[0]",
    ],
    [
      "an unknown label",
      `env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['no']"}}}]`,
      "policy/reference-unresolved spec.containers[0].env[0].valueFrom.fieldRef",
    ],
    [
      "an unknown field",
      "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.priority}}}]",
      "policy/field-unsupported spec.containers[0].env[0].valueFrom.fieldRef",
    ],
    [
      "an unknown source",
      "env: [{name: A, valueFrom: {fileKeyRef: {path: x}}}]",
      "policy/field-unsupported spec.containers[0].env[0]",
    ],
    [
      "a literal token in a value",
      'env: [{name: A, value: "x$(sandbox-name)"}]',
      "policy/token-in-text spec.containers[0].env[0]",
    ],
    [
      "an escaped token in a value",
      'env: [{name: A, value: "$$(pod-ip)"}]',
      "policy/token-in-text spec.containers[0].env[0]",
    ],
    [
      "the character that opens tokens",
      String.raw`env: [{name: A, value: "\0(pod-ip)"}]`,
      "policy/token-in-text spec.containers[0].env[0]",
    ],
    ["a literal token in an argument", 'args: [a, "$(node-name)"]', "policy/token-in-text spec.containers[0].args[1]"],
    ["a literal token in a command", 'command: ["$$(cpath)"]', "policy/token-in-text spec.containers[0].command[0]"],
  ])("refuses %s", async (_, container, expected) => {
    expect(await envOf(container)).toEqual([expected]);
  });
  test("refuses a literal token in an imported value and in the image", async () => {
    const config =
      '\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: prod}, data: {k: "$(pod-uid)"}}';
    const imported = await derive(podYaml("envFrom: [{configMapRef: {name: c}}]") + config);
    expect(imported.errors).toEqual(["policy/token-in-text spec.containers[0].envFrom"]);
    const facts = { [IMAGE]: { config: { Entrypoint: ["$(pod-ip)"], Env: ["A=$(host-ip)"] } } };
    const { errors } = await derive(podYaml(), { facts });
    expect(errors).toEqual([
      "policy/token-in-text spec.containers[0].image",
      "policy/token-in-text spec.containers[0].image",
    ]);
  });
  test("warns about references that nothing defines, and about annotations that the cluster adds", async () => {
    const yaml = podYaml(
      `env: [{name: A, value: "$(NONE)"}, {name: B, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['x/y']"}}}], args: ["$(GONE)"], securityContext: {runAsUser: 7}`,
    );
    const { warnings, data } = await derive(yaml);
    expect(warnings).toEqual([
      "policy/annotation-unknown spec.containers[0].env[1].valueFrom.fieldRef",
      "policy/variable-undefined spec.containers[0].env[0]",
      "policy/variable-undefined spec.containers[0].args[0]",
    ]);
    expect(data?.containers[1]?.OCI.Process.Env).toContain("B=$(todo-annotation)");
  });
});
