import { describe, expect, test } from "bun:test";
import { resourcesDefinition } from "../../src/commands/resources/resources-definition.ts";
import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import type { Value } from "../../src/kubernetes/value.ts";
import { coordinatorResources, SERVICE_TYPES } from "../../src/resources/coordinator-resources.ts";
import { createImageTable } from "../../src/resources/release-images.ts";
import { leavesOf } from "../fakes/leaves.ts";

const CHOICE = {
  runtimeHandler: "contrast-cc-k3s-qemu-snp-0a1b2c3d",
  namespace: undefined,
  serviceType: "LoadBalancer",
  images: createImageTable(embeddedImageReplacements()),
} as const;

/** The tables of the released objects, field by field. */
const STATEFUL_SET: Readonly<Record<string, Value>> = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  "metadata.name": "coordinator",
  "spec.replicas": 1,
  "spec.serviceName": "coordinator",
  "spec.selector.matchLabels[app.kubernetes.io/name]": "coordinator",
  "spec.persistentVolumeClaimRetentionPolicy.whenDeleted": "Delete",
  "spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Delete",
  "spec.template.metadata.labels[app.kubernetes.io/name]": "coordinator",
  "spec.template.metadata.annotations[contrast.edgeless.systems/pod-role]": "coordinator",
  "spec.template.spec.runtimeClassName": "contrast-cc-k3s-qemu-snp-0a1b2c3d",
  "spec.template.spec.containers[0].name": "coordinator",
  "spec.template.spec.containers[0].image":
    "ghcr.io/edgelesssys/contrast/coordinator:v1.4.1@sha256:b524bd79efb874437578e38245988ad5d1a36ba99b05bdd0fa55f73da01979b4",
  "spec.template.spec.containers[0].volumeDevices[0].name": "state-device",
  "spec.template.spec.containers[0].volumeDevices[0].devicePath": "/dev/csi0",
  "spec.template.spec.containers[0].securityContext.capabilities.add[0]": "SYS_ADMIN",
  "spec.template.spec.containers[0].ports[0].name": "userapi",
  "spec.template.spec.containers[0].ports[0].containerPort": 1313,
  "spec.template.spec.containers[0].ports[1].name": "meshapi",
  "spec.template.spec.containers[0].ports[1].containerPort": 7777,
  "spec.template.spec.containers[0].readinessProbe.tcpSocket.port": 1313,
  "spec.template.spec.containers[0].readinessProbe.initialDelaySeconds": 1,
  "spec.template.spec.containers[0].readinessProbe.periodSeconds": 5,
  "spec.template.spec.containers[0].resources.limits.memory": "100Mi",
  "spec.template.spec.containers[0].resources.requests.memory": "100Mi",
  "spec.volumeClaimTemplates[0].metadata.name": "state-device",
  "spec.volumeClaimTemplates[0].spec.volumeMode": "Block",
  "spec.volumeClaimTemplates[0].spec.accessModes[0]": "ReadWriteOnce",
  "spec.volumeClaimTemplates[0].spec.resources.requests.storage": "1Gi",
};

const SERVICE: Readonly<Record<string, Value>> = {
  apiVersion: "v1",
  kind: "Service",
  "metadata.name": "coordinator",
  "metadata.annotations[contrast.edgeless.systems/expose-service]": "true",
  "spec.selector[app.kubernetes.io/name]": "coordinator",
  "spec.ports[0].name": "userapi",
  "spec.ports[0].port": 1313,
  "spec.ports[0].protocol": "TCP",
  "spec.ports[0].targetPort": 1313,
  "spec.ports[1].name": "meshapi",
  "spec.ports[1].port": 7777,
  "spec.ports[1].protocol": "TCP",
  "spec.ports[1].targetPort": 7777,
  "spec.type": "LoadBalancer",
};

describe("coordinatorResources()", () => {
  const [statefulSet, service] = coordinatorResources(CHOICE).map((object) => leavesOf(object));

  test("makes the StatefulSet of the table and nothing else of it", () => {
    expect(statefulSet).toEqual(STATEFUL_SET);
  });

  test("makes the Service of the table and nothing else of it", () => {
    expect(service).toEqual(SERVICE);
    expect(coordinatorResources(CHOICE)).toHaveLength(2);
  });

  test("tells the Coordinator how much it may take, and gives it the memory", () => {
    const [large] = coordinatorResources({ ...CHOICE, maxRequestMebibytes: 64 }).map((object) => leavesOf(object));
    const container = "spec.template.spec.containers[0]";
    expect(large).toEqual({
      ...STATEFUL_SET,
      [`${container}.env[0].name`]: "CONTRAST_MAX_REQUEST_MIB",
      [`${container}.env[0].value`]: "64",
      [`${container}.resources.limits.memory`]: "1152Mi",
      [`${container}.resources.requests.memory`]: "1152Mi",
    });
  });

  test("puts both objects into the namespace that is named", () => {
    const objects = coordinatorResources({ ...CHOICE, namespace: "shop" }).map((object) => leavesOf(object));
    expect(objects).toEqual([
      { ...STATEFUL_SET, "metadata.namespace": "shop" },
      { ...SERVICE, "metadata.namespace": "shop" },
    ]);
  });

  test.each(SERVICE_TYPES.slice(1))("does not ask to expose a Service of type %s", (serviceType) => {
    const objects = coordinatorResources({ ...CHOICE, serviceType }).map((object) => leavesOf(object));
    const { "metadata.annotations[contrast.edgeless.systems/expose-service]": _, ...rest } = SERVICE;
    expect(objects[1]).toEqual({ ...rest, "spec.type": serviceType });
  });
});

describe("SERVICE_TYPES", () => {
  test("are the choices of the command line", () => {
    const coordinator = resourcesDefinition.subcommands?.find(({ name }) => name === "coordinator");
    const flags = coordinator !== undefined && "flags" in coordinator ? (coordinator.flags ?? []) : [];
    const flag = flags.find(({ name }) => name === "service-type");
    expect(flag).toMatchObject({ choices: [...SERVICE_TYPES], default: SERVICE_TYPES[0] });
  });
});
