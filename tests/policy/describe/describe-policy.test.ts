import { describe, expect, test } from "bun:test";
import type { PolicyDescription, Row } from "../../../src/policy/describe/description.ts";
import { bareText, describeFound, foundIn, withDataAt, withText } from "../../fakes/found-policies.ts";
import { IMAGE, podYaml } from "../../fakes/policy-input.ts";

/** YAML in block form, so that every field has a line of its own. */
const YAML = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        team: blue
    spec:
      initContainers:
        - name: prepare
          image: ${IMAGE}
          command: [sh, -c, "true"]
        - name: side
          image: ${IMAGE}
          restartPolicy: Always
      containers:
        - name: main
          image: ${IMAGE}
          args:
            - --node=$(NODE)
            - second
          tty: true
          env:
            - name: LANG
              value: de
            - name: NODE
              valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
            - name: KEY
              valueFrom: {configMapKeyRef: {name: conf, key: A}}
          envFrom:
            - prefix: C_
              configMapRef: {name: conf}
          livenessProbe: {exec: {command: [cat, /tmp/x]}}
          securityContext:
            runAsUser: 100
            readOnlyRootFilesystem: true
          volumeMounts:
            - name: conf
              mountPath: /etc/app/
            - name: disk
              mountPath: /disk
      volumes:
        - name: conf
          configMap: {name: conf}
        - name: disk
          emptyDir: {}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: shop}, data: {A: "1"}}
`;

function rowsOf({ containers }: PolicyDescription, name: string, section: string): readonly Row[] {
  const container = containers.find((candidate) => candidate.name === name);
  return container?.sections.find(({ id }) => id === section)?.rows ?? [];
}

/** Where a row comes from: source, detail and line. */
function originOf(rows: readonly Row[], subject: string): string {
  const { origin } = rows.find((row) => row.subject === subject)!;
  return [origin.source, origin.detail, origin.place?.line].filter((part) => part !== undefined).join(" ");
}

describe("describePolicy()", () => {
  test("names the YAML line of everything that the YAML says", async () => {
    const description = await describeFound(await foundIn(YAML));
    const env = rowsOf(description, "main", "environment");
    expect(["LANG", "NODE", "KEY", "C_A", "PATH", "HOSTNAME"].map((name) => originOf(env, name))).toEqual([
      "yaml env[0].value 27",
      "yaml env[1], spec.nodeName 29",
      "yaml env[2], ConfigMap conf 31",
      "yaml envFrom[0], ConfigMap conf 34",
      "image Env, or the runtime's default",
      "runtime set by the runtime",
    ]);
    const command = rowsOf(description, "main", "command");
    expect(["0", "1", "2"].map((index) => originOf(command, index))).toEqual([
      "image Entrypoint",
      "yaml args[0] 23",
      "yaml args[1] 24",
    ]);
    expect(rowsOf(description, "prepare", "command").map(({ origin }) => origin.detail)).toEqual([
      "command[0]",
      "command[1]",
      "command[2]",
    ]);
    expect(rowsOf(description, "side", "command").map(({ origin }) => origin.detail)).toEqual([
      "Entrypoint, Cmd",
      "Entrypoint, Cmd",
    ]);
    const mounts = rowsOf(description, "main", "mounts");
    expect(
      ["/etc/app/", "/etc/app", "/disk", "/cache"].flatMap((path) =>
        mounts.some(({ subject }) => subject === path) ? [originOf(mounts, path)] : [],
      ),
    ).toEqual(["yaml volumeMounts[0], configMap conf 41", "yaml volumeMounts[1], emptyDir disk 43", "image Volumes"]);
    const process = rowsOf(description, "main", "process");
    expect(
      ["Image", "User", "Directory", "Terminal", "Root file system", "Processes"].map((name) =>
        originOf(process, name),
      ),
    ).toEqual([
      "yaml image 21",
      "yaml securityContext 38",
      "image WorkingDir",
      "yaml tty 25",
      "yaml securityContext.readOnlyRootFilesystem 39",
      "runtime default",
    ]);
    expect(originOf(rowsOf(description, "main", "exec"), "0")).toBe("yaml livenessProbe.exec 36");
    expect(originOf(rowsOf(description, "main", "annotations"), "team")).toContain(
      'annotations["team"]'.replace('["team"]', ".team"),
    );
    expect(description.containers.map(({ name, role }) => [name, role])).toEqual([
      ["pause", "sandbox"],
      ["prepare", "init"],
      ["side", "sidecar"],
      ["main", "container"],
    ]);
  });
  test("says of a bare policy only what is known", async () => {
    const { text } = await foundIn(YAML);
    const description = await describeFound(bareText(text));
    expect(originOf(rowsOf(description, "main", "environment"), "LANG")).toBe("unknown YAML or image");
    expect(originOf(rowsOf(description, "main", "environment"), "HOSTNAME")).toBe("runtime set by the runtime");
    expect(originOf(rowsOf(description, "main", "command"), "1")).toBe("unknown YAML or image");
    expect(originOf(rowsOf(description, "main", "mounts"), "/disk")).toBe(
      "unknown volume of the YAML, or of the image",
    );
    expect(originOf(rowsOf(description, "main", "mounts"), "/proc")).toBe("runtime in every container");
    expect(description.containers.map(({ role }) => role)).toEqual(["sandbox", "unknown", "unknown", "unknown"]);
    expect(description.settings).toEqual({ profile: "metal", changes: 0 });
  });
  test("tells fixed values from patterns and from the host's choice", async () => {
    const rows = rowsOf(await describeFound(await foundIn(YAML)), "main", "environment");
    const rooms = Object.fromEntries(rows.map(({ subject, room }) => [subject, room]));
    expect(rooms).toMatchObject({ LANG: "fixed", NODE: "pattern", HOSTNAME: "pattern", KEY: "fixed" });
    const found = await foundIn(YAML);
    const foreign = await describeFound(withText(found, `# another\n${found.text}`));
    const elsewhere = rowsOf(foreign, "main", "environment").find(({ subject }) => subject === "NODE");
    expect(elsewhere?.room).toBe("any");
  });
  test("marks as injected what generate adds", async () => {
    const yaml = podYaml(
      "volumeMounts: [{name: contrast-secrets, mountPath: /contrast}]",
      `volumes: [{name: contrast-secrets, emptyDir: {}}], initContainers: [{name: contrast-initializer, image: "${IMAGE}"}]`,
    );
    const description = await describeFound(await foundIn(yaml));
    expect(description.containers.map(({ injected }) => injected)).toEqual([false, true, false]);
    expect(originOf(rowsOf(description, "contrast-initializer", "process"), "Image")).toStartWith("contrast injected");
    expect(originOf(rowsOf(description, "main", "mounts"), "/contrast")).toStartWith("contrast injected: certificates");
  });
  test("calls routine exactly what the shipped settings give to every pod", async () => {
    const found = await foundIn(
      podYaml("volumeMounts: [{name: d, mountPath: /d}]", "volumes: [{name: d, emptyDir: {}}]"),
    );
    const shown = async (policy: typeof found) =>
      rowsOf(await describeFound(policy), "main", "mounts")
        .filter(({ routine }) => routine === undefined)
        .map(({ subject }) => subject);
    expect(await shown(found)).toEqual(["/d", "/cache"]);
    // A pattern that somebody widened does not hide among them.
    const mounts = ["containers", 1, "OCI", "Mounts", 7];
    expect(await shown(withDataAt(found, [...mounts, "source"], "^.*$"))).toEqual(["/etc/hosts", "/d", "/cache"]);
    const wide = rowsOf(await describeFound(withDataAt(found, [...mounts, "options"], ["rw"])), "main", "mounts");
    expect(originOf(wide, "/etc/hosts")).toStartWith("unknown not as the shipped settings");
  });
  test("says that the host decides what a mount holds unless its source is plainly inside the guest", async () => {
    const found = await foundIn(
      podYaml("volumeMounts: [{name: d, mountPath: /d}]", "volumes: [{name: d, emptyDir: {}}]"),
    );
    const mounts = ["containers", 1, "OCI", "Mounts"];
    const contentOf = async (type_: string, source: string) => {
      const policy = withDataAt(found, mounts, [{ destination: "/d", source, type_, options: [] }]);
      return rowsOf(await describeFound(policy), "main", "mounts")[0]?.note;
    };
    const inside = "^$(cpath)/$(sandbox-id)/rootfs/local/d$";
    expect(await contentOf("local", inside)).toBe("kept inside the guest");
    expect(await contentOf("bind", "^/run/kata-containers/sandbox/ephemeral/d$")).toBe("kept inside the guest");
    expect(await contentOf("bind", "/dev/fuse")).toBe("files of the guest's kernel");
    for (const [type, source] of [
      ["local", "^.*$"],
      ["local", inside.replace("/d$", "/.*$")],
      ["bind", inside.slice(0, -1)],
      ["bind", `x${inside}`],
      ["bind", "/dev/../run/kata-containers/shared"],
      ["virtiofs", "shared"],
    ] as const) {
      expect([source, await contentOf(type, source)]).toEqual([source, "the host decides what it holds"]);
    }
  });
  test("shows the root hashes of image layers, and devices", async () => {
    const { text } = await foundIn(
      podYaml(
        "volumeDevices: [{name: b, devicePath: /dev/xvda}]",
        "volumes: [{name: b, persistentVolumeClaim: {claimName: c}}]",
      ),
    );
    const storages = [
      { driver: "blk", fstype: "tar", options: ["$(hash0)"], mount_point: "$(layer0)" },
      { driver: "overlayfs", fstype: "fuse3.kata-overlay", options: ["aa:bb", "11:22"], mount_point: "$(root)" },
      { driver: "local", fstype: "local", source: "local", options: [], mount_point: "^/x$" },
    ];
    const description = await describeFound(withDataAt(bareText(text), ["containers", 1, "storages"], storages));
    expect(rowsOf(description, "main", "layers").map(({ subject, value, note }) => [subject, value, note])).toEqual([
      ["layer 0", "11", "layer id aa"],
      ["layer 1", "22", "layer id bb"],
    ]);
    expect(rowsOf(description, "main", "storages").map(({ subject }) => subject)).toEqual(["^/x$"]);
    expect(
      rowsOf(description, "main", "isolation")
        .filter(({ subject }) => subject.startsWith("Device"))
        .map(({ value }) => value),
    ).toEqual(["/dev/xvda", "/dev/xvda"]);
  });
  test("says what it knows of a text without data", async () => {
    const description = await describeFound(bareText("package agent_policy\n"));
    expect(description).toMatchObject({ containers: [], pod: [], rules: { embedded: false }, settings: undefined });
    expect(description.gaps.map(({ id }) => id)).toContain("data-missing");
  });
});
