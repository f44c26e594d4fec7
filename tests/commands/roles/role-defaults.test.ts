import { describe, expect, test } from "bun:test";
import { DEFAULT_ATLS_LIMITS } from "../../../src/attestation/atls/serve/serve-options.ts";
import { coordinatorDefinition } from "../../../src/commands/roles/coordinator-definition.ts";
import { cryptsetupDefinition } from "../../../src/commands/roles/cryptsetup-definition.ts";
import { initializerDefinition } from "../../../src/commands/roles/initializer-definition.ts";
import { DEFAULT_GRPC_LIMITS } from "../../../src/rpc/serve/grpc-limits.ts";
import type { CommandDefinition } from "../../../src/terminal/command-definition.ts";

function defaultOf({ flags = [] }: CommandDefinition, name: string): unknown {
  const flag = flags.find((one) => one.name === name);
  return flag !== undefined && "default" in flag ? flag.default : undefined;
}

// Pods, dashboards and clients of Contrast 1.4 rely on these; the benches and tests set their own.
describe("roles without flags", () => {
  test.each([
    [coordinatorDefinition, "state-dir", "/mnt/state/history"],
    [coordinatorDefinition, "state-device", "/dev/csi0"],
    [coordinatorDefinition, "user-api-addr", "0.0.0.0:1313"],
    [coordinatorDefinition, "mesh-api-addr", "0.0.0.0:7777"],
    [coordinatorDefinition, "metrics-addr", undefined],
    [coordinatorDefinition, "probe-addr", undefined],
    [initializerDefinition, "output-dir", "/contrast"],
    [initializerDefinition, "retry-interval", "10"],
    [cryptsetupDefinition, "secret-file", "/contrast/secrets/workload-secret-seed"],
    [cryptsetupDefinition, "done-file", "/done"],
  ])("are as pods expect them: %p --%s %p", (definition, name, value) => {
    expect(defaultOf(definition, name)).toBe(value);
  });

  test("have the times of later Coordinators and of the original's keepalive", () => {
    expect(DEFAULT_ATLS_LIMITS.handshakeTimeoutMs).toBe(25_000);
    expect([DEFAULT_GRPC_LIMITS.keepaliveMs, DEFAULT_GRPC_LIMITS.keepaliveAckMs]).toEqual([15_000, 20_000]);
  });
});
