import { describe, expect, test } from "bun:test";
import { portForwarder } from "../../src/resources/port-forwarder.ts";
import { createImageTable } from "../../src/resources/release-images.ts";
import { leavesOf, textAt } from "../fakes/leaves.ts";

describe("portForwarder()", () => {
  test("makes the pod of the table and nothing else of it", () => {
    const service = { name: "coordinator", namespace: undefined, ports: [1313, 7777] };
    const { "spec.containers[0].command[2]": script, ...fields } = leavesOf(portForwarder(service, createImageTable()));
    expect(fields).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      "metadata.name": "port-forwarder-coordinator",
      "metadata.labels[app.kubernetes.io/name]": "port-forwarder-coordinator",
      "spec.containers[0].name": "port-forwarder",
      "spec.containers[0].image": "ghcr.io/edgelesssys/contrast/port-forwarder:v1.4.1",
      "spec.containers[0].command[0]": "/bin/bash",
      "spec.containers[0].command[1]": "-c",
      "spec.containers[0].env[0].name": "LISTEN_PORTS",
      "spec.containers[0].env[0].value": "1313 7777",
      "spec.containers[0].env[1].name": "FORWARD_HOST",
      "spec.containers[0].env[1].value": "coordinator",
      "spec.containers[0].env[2].name": "FORWARD_PORT",
      "spec.containers[0].env[2].value": "-1",
      "spec.containers[0].ports[0].containerPort": 1313,
      "spec.containers[0].ports[1].containerPort": 7777,
      "spec.containers[0].resources.limits.memory": "50Mi",
      "spec.containers[0].resources.requests.memory": "50Mi",
    });
    // Kubernetes would expand $(NAME) in it before the shell does.
    expect(textAt(script)).not.toContain("$(");
  });

  test("puts the pod into the namespace of its Service", () => {
    const pod = portForwarder({ name: "web", namespace: "shop", ports: [443] }, createImageTable());
    expect(leavesOf(pod)).toMatchObject({
      "metadata.name": "port-forwarder-web",
      "metadata.namespace": "shop",
      "spec.containers[0].env[0].value": "443",
      "spec.containers[0].env[1].value": "web",
    });
  });
});
