import { describe, expect, test } from "bun:test";
import { planRestarts, renderNames, workloadsOf } from "../../src/client/restart-hint.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";

const HASH = (byte: string): string => byte.repeat(32);

const manifest = changedManifest((plain) => {
  plain.Policies = {
    [HASH("aa")]: { SANs: ["web", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/web" },
    [HASH("BB")]: { SANs: ["db", "*"], WorkloadSecretID: "my own id" },
    [HASH("cc")]: { SANs: ["job", "*"], WorkloadSecretID: "" },
    [HASH("dd")]: { SANs: [], WorkloadSecretID: "" },
    [HASH("ee")]: { SANs: ["coordinator"], WorkloadSecretID: "", Role: "coordinator" },
    [HASH("ff")]: { SANs: ["other coordinator"], WorkloadSecretID: "" },
  };
});
const WORKLOADS = workloadsOf(manifest, [new Uint8Array(32).fill(0xff)]);

describe("workloadsOf()", () => {
  test("names workloads as kubectl does, else by their secret or first name, and leaves Coordinators out", () => {
    expect(WORKLOADS).toEqual([
      { name: "deployment/web -n shop", policyHash: HASH("aa") },
      { name: "my own id", policyHash: HASH("bb") },
      { name: "job", policyHash: HASH("cc") },
      { name: HASH("dd"), policyHash: HASH("dd") },
    ]);
  });
});

describe("planRestarts()", () => {
  test("tells new policies from those of the manifest before, in any letter case", () => {
    const previous = changedManifest((plain) => {
      plain.Policies = { [HASH("AA")]: { SANs: [], WorkloadSecretID: "" } };
    });
    const { changed, unchanged } = planRestarts(WORKLOADS, previous);
    expect(unchanged.map(({ policyHash }) => policyHash)).toEqual([HASH("aa")]);
    expect(changed.length).toBe(3);
  });

  test("counts everything as changed where the manifest before is unknown", () => {
    expect(planRestarts(WORKLOADS, undefined)).toEqual({ changed: WORKLOADS, unchanged: [] });
  });
});

describe("renderNames()", () => {
  test("ends after twenty names", () => {
    const many = Array.from({ length: 23 }, (_, index) => ({ name: `w${index}`, policyHash: "" }));
    expect(renderNames(many)).toEndWith("w18, w19, and 3 more");
    expect(renderNames(many.slice(0, 2))).toBe("w0, w1");
  });
});
