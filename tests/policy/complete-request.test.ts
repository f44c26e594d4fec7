import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Json } from "../../src/lib/json.ts";
import { completeRequest } from "../../src/policy/complete-request.ts";
import { REQUEST_SHAPES } from "../../src/policy/request-schema.ts";
import { codeOf } from "../fakes/error-code.ts";
import { createContainer } from "../fakes/rule-requests.ts";

describe("completeRequest()", () => {
  test("gives every kind of value its default", () => {
    expect(completeRequest("CreateSandboxRequest", {})).toEqual({
      hostname: "",
      dns: [],
      storages: [],
      sandbox_pidns: false,
      sandbox_id: "",
      guest_hook_path: "",
      kernel_modules: [],
    });
    expect(completeRequest("RemoveContainerRequest", {})).toEqual({ container_id: "", timeout: 0 });
    expect(completeRequest("SetIPTablesRequest", {})).toEqual({ is_ipv6: false, data: [] });
    expect(completeRequest("ExecProcessRequest", {})).toMatchObject({ string_user: null, process: null });
    expect(completeRequest("MemAgentMemcgConfig", {})).toMatchObject({ disabled: null, swappiness_max: null });
    expect(completeRequest("CreateContainerRequest", { OCI: {} })).toMatchObject({
      OCI: { Annotations: {}, Process: null, Mounts: [], Hooks: null },
    });
  });

  test("goes into messages in lists and messages in messages", () => {
    const request = {
      OCI: { Process: { User: { UID: 7 } }, Linux: { Namespaces: [{ Type: "ipc" }] } },
      storages: [{}],
    };
    expect(completeRequest("CreateContainerRequest", request)).toMatchObject({
      OCI: {
        Process: { User: { UID: 7, GID: 0, AdditionalGids: [], Username: "" }, Capabilities: null },
        Linux: { Namespaces: [{ Type: "ipc", Path: "" }], Sysctl: {}, Seccomp: null },
      },
      storages: [{ driver: "", driver_options: [], fs_group: null, shared: false }],
    });
  });

  test("drops members that a message does not have", () => {
    const route = { device: "eth0", type: "x", __proto__: { gateway: "evil" } };
    const request = { routes: { Routes: [route], routes: [] }, extra: 1 };
    const completed = completeRequest("UpdateRoutesRequest", request);
    expect(Object.keys(Object(completed))).toEqual(["routes"]);
    expect(completed).toMatchObject({ routes: { Routes: [{ device: "eth0", gateway: "" }] } });
    expect(JSON.stringify(completed)).not.toContain("evil");
  });

  test("keeps what is complete", () => {
    const request = createContainer("web");
    expect(completeRequest("CreateContainerRequest", request)).toEqual(request);
  });

  test("gives a copied file the form of current agents", () => {
    const completed = completeRequest("CopyFileRequest", { path: "/a", file_type: "Regular", data: [1] });
    expect(completed).toMatchObject({ path: "/a", file_type: "Regular", symlink_target: null, file_mode: 0 });
    expect(completed).not.toHaveProperty("data");
    expect(completeRequest("CopyFileRequest", { path: "/a" })).toMatchObject({ file_type: "Unknown" });
  });

  test("gives a copied file with data and without type the form of older agents", () => {
    const completed = completeRequest("CopyFileRequest", { path: "/a", data: [1, 255] });
    expect(completed).toMatchObject({ path: "/a", data: [1, 255], file_mode: 0 });
    expect(completed).not.toHaveProperty("file_type");
    expect(completed).not.toHaveProperty("symlink_target");
  });

  test.each(["NoSuchRequest", "", "__proto__", "toString", "createContainerRequest"])("refuses the kind %p", (kind) => {
    expect(codeOf(() => completeRequest(kind, {}))).toBe("policy/request-kind-unknown");
  });

  const wrong: readonly (readonly [string, Json])[] = [
    ["CreateContainerRequest", []],
    ["CreateContainerRequest", null],
    ["CreateContainerRequest", { container_id: null }],
    ["CreateContainerRequest", { container_id: 1 }],
    ["CreateContainerRequest", { sandbox_pidns: 0 }],
    ["CreateContainerRequest", { stdin_port: "1" }],
    ["CreateContainerRequest", { devices: {} }],
    ["CreateContainerRequest", { devices: null }],
    ["CreateContainerRequest", { devices: [null] }],
    ["CreateContainerRequest", { OCI: { Annotations: { a: 1 } } }],
    ["CreateContainerRequest", { OCI: { Annotations: [] } }],
    ["CreateContainerRequest", { OCI: { Process: { Args: ["a", null] } } }],
    ["WriteStreamRequest", { data: [256] }],
    ["WriteStreamRequest", { data: [0.5] }],
    ["WriteStreamRequest", { data: "x" }],
  ];
  test.each(wrong)("refuses a value of another type: %s %j", (kind, request) => {
    expect(codeOf(() => completeRequest(kind, request))).toBe("policy/request-invalid");
  });

  test("either completes or refuses any value, and completing twice changes nothing", () => {
    const kinds = Object.keys(REQUEST_SHAPES);
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.jsonValue(),
        fc.constantFrom("OCI", "storages", "routes", "path"),
        (kind, value, key) => {
          const request = { [key]: value } as Json;
          const code = codeOf(() => {
            const completed = completeRequest(kind, request);
            expect(completeRequest(kind, completed)).toEqual(completed);
          });
          expect(["no error, returned undefined", "policy/request-invalid"]).toContain(code);
        },
      ),
      { seed: 20_261_123, numRuns: 500 },
    );
  });
});
