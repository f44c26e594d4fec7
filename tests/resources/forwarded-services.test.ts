import { describe, expect, test } from "bun:test";
import { Problems } from "../../src/lib/problems.ts";
import { forwardedServices, parsePorts } from "../../src/resources/forwarded-services.ts";
import { codeOf } from "../fakes/error-code.ts";
import { objectsFrom } from "../fakes/objects.ts";

const service = (name: string, spec: string, namespace = ""): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}${namespace}}\nspec: ${spec}\n---\n`;

function read(yaml: string, ...names: readonly string[]) {
  const problems = new Problems();
  const services = forwardedServices(objectsFrom(yaml), names, problems);
  const places = (list: Problems["errors"]): readonly string[] => list.map(({ code, path }) => `${code} ${path ?? ""}`);
  return { services, errors: places(problems.errors), warnings: places(problems.warnings) };
}

describe("forwardedServices()", () => {
  test("takes every Service with its TCP ports, each once", () => {
    const yaml =
      service(
        "web",
        "{ports: [{port: 443}, {port: 80, protocol: TCP}, {port: 443, name: again}]}",
        ", namespace: shop",
      ) +
      service("database", "{clusterIP: None, ports: [{port: 5432, targetPort: sql}]}") +
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n---\n" +
      "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: other}\n";
    expect(read(yaml)).toEqual({
      services: [
        { name: "web", namespace: "shop", ports: [443, 80] },
        { name: "database", namespace: undefined, ports: [5432] },
      ],
      errors: [],
      warnings: [],
    });
  });

  test("takes the later of two Services with one name, as a cluster does", () => {
    const yaml = service("web", "{ports: [{port: 80}]}") + service("web", "{ports: [{port: 81}]}");
    expect(read(yaml).services).toEqual([{ name: "web", namespace: undefined, ports: [81] }]);
  });

  test("takes Services of one name in two namespaces", () => {
    const yaml = service("web", "{ports: [{port: 80}]}") + service("web", "{ports: [{port: 81}]}", ", namespace: shop");
    expect(read(yaml).services).toHaveLength(2);
  });

  test("takes Services of several names in one namespace", () => {
    const yaml = ["web", "mail"].map((name) => service(name, "{ports: [{port: 80}]}", ", namespace: shop")).join("");
    expect(read(yaml).services.map(({ name }) => name)).toEqual(["web", "mail"]);
  });

  test("takes only the Services that are named, and says which are missing", () => {
    const yaml = service("web", "{ports: [{port: 80}]}") + service("database", "{ports: [{port: 5432}]}");
    const { services, errors } = read(yaml, "database", "mail");
    expect(services.map(({ name }) => name)).toEqual(["database"]);
    expect(errors).toEqual(["resources/service-missing "]);
  });

  test("leaves ports out that are not TCP, and says so", () => {
    const yaml =
      service("dns", "{ports: [{port: 53, protocol: UDP}, {port: 53}]}") +
      service("time", "{ports: [{port: 123, protocol: UDP}]}") +
      service("none", "{type: ExternalName, externalName: example.com}");
    const { services, warnings } = read(yaml);
    expect(services).toEqual([{ name: "dns", namespace: undefined, ports: [53] }]);
    expect(warnings).toEqual([
      "resources/service-not-tcp spec.ports[0]",
      "resources/service-not-tcp spec.ports[0]",
      "resources/service-not-tcp spec.ports",
      "resources/service-not-tcp spec.ports",
    ]);
  });

  test.each(["[{port: 0}]", "[{port: 65536}]", "[{port: 1.5}]", "[{port: '80'}]", "[{}]", "[80]", "[null]"])(
    "refuses the ports %s",
    (ports) => {
      const { services, errors } = read(service("web", `{ports: ${ports}}`));
      expect(services).toEqual([]);
      expect(errors.join(" ")).toContain("resources/service-invalid spec.ports[0]");
    },
  );

  test("refuses ports that are no list", () => {
    expect(read(service("web", "{ports: {port: 80}}")).errors).toEqual(["resources/service-invalid spec.ports"]);
  });

  test.each(["a".repeat(49), "Web", "-web", "web.shop"])("refuses the name %s", (name) => {
    const { services, errors } = read(service(name, "{ports: [{port: 80}]}"));
    expect(services).toEqual([]);
    expect(errors).toEqual(["resources/name-invalid metadata.name"]);
  });

  test.each(["Shop", "shop/x", "a\\u202e", "$(HOST)", "x".repeat(64)])("refuses the namespace %s", (namespace) => {
    const yaml = `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: "${namespace}"}\nspec: {ports: [{port: 80}]}\n`;
    const { services, errors } = read(yaml);
    expect(services).toEqual([]);
    expect(errors).toEqual(["resources/name-invalid metadata.namespace"]);
  });

  test("refuses a Service without name", () => {
    const yaml = "apiVersion: v1\nkind: Service\nmetadata: {}\nspec: {ports: [{port: 80}]}\n";
    expect(read(yaml).errors).toEqual(["resources/name-invalid metadata.name"]);
  });
});

describe("parsePorts()", () => {
  test("reads each port once, in order", () => {
    expect(parsePorts(["65535", "1", "65535"])).toEqual([65_535, 1]);
  });

  test.each(["", "0", "65536", "1e3", "-1", " 1", "0x10", "99999999999999999999"])("refuses %p", (word) => {
    expect(codeOf(() => parsePorts([word]))).toBe("resources/port-invalid");
  });
});
