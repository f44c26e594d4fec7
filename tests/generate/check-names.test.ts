import { describe, expect, test } from "bun:test";
import { checkNames } from "../../src/generate/check-names.ts";
import { pathContext, workloadFrom } from "../fakes/objects.ts";

/** Errors about a Deployment, as `code path`. */
function errorsOf(metadata: string, containers = "[{name: main}]", initContainers = "[]"): readonly string[] {
  const { object, workload } = workloadFrom(
    `{apiVersion: apps/v1, kind: Deployment, metadata: ${metadata}, spec: {template: {spec: {containers: ${containers}, initContainers: ${initContainers}}}}}`,
  );
  const context = pathContext();
  checkNames(object.value, workload, context);
  return context.errors();
}

const INVALID = "generate/name-invalid";

describe("checkNames()", () => {
  test.each([
    "{name: web, namespace: shop}",
    "{name: web.front-1.a, namespace: 0-0}",
    "{}",
    '{name: "", namespace: ""}',
  ])("accepts %s", (metadata) => {
    expect(errorsOf(metadata)).toEqual([]);
  });

  test("accepts names of the greatest length, and none longer", () => {
    const label = "a".repeat(63);
    const subdomain = `${`${label}.`.repeat(3)}${"b".repeat(61)}`;
    const metadata = (name: string, namespace: string): string => `{name: ${name}, namespace: ${namespace}}`;
    expect(errorsOf(metadata(subdomain, label), `[{name: ${label}}]`)).toEqual([]);
    expect(errorsOf(metadata(`${subdomain}b`, `${label}a`), `[{name: ${label}a}]`)).toEqual([
      `${INVALID} metadata.name`,
      `${INVALID} metadata.namespace`,
      `${INVALID} spec.template.spec.containers[0].name`,
    ]);
  });

  test.each(["Web", "a_b", "-a", "a-", "a..b", ".a", "a.", "a b", "é", "a\\u001b[31m"])(
    "refuses the name %s",
    (name) => {
      expect(errorsOf(`{name: "${name}"}`)).toEqual([`${INVALID} metadata.name`]);
    },
  );

  test("refuses dots where a single label is needed", () => {
    expect(errorsOf("{name: a, namespace: a.b}", "[{name: ok}, {name: a.b}]", "[{name: X}]")).toEqual([
      `${INVALID} metadata.namespace`,
      `${INVALID} spec.template.spec.initContainers[0].name`,
      `${INVALID} spec.template.spec.containers[1].name`,
    ]);
  });

  test("refuses a pod without containers", () => {
    expect(errorsOf("{name: a}", "[]")).toEqual(["kubernetes/field-missing spec.template.spec.containers"]);
  });
});
