import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { renderBootstrap } from "../../../src/servicemesh/bootstrap/render-bootstrap.ts";
import type { Json } from "../../../src/lib/json.ts";
import type { Ipv6Mode } from "../../../src/servicemesh/protection-modes.ts";
import { meshConfig } from "../../fakes/mesh-config.ts";
import type { MeshTexts } from "../../fakes/mesh-config.ts";

const BACKEND = "backend#127.0.0.2:4001#backend.default:4001";
const TWO = "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080";

function render(texts: MeshTexts, ipv6: Ipv6Mode = "ignore") {
  return renderBootstrap(meshConfig(texts), { tlsDirectory: "/contrast/tls-config", ipv6 });
}

/** JSON with recursively sorted keys and no white space. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("renderBootstrap()", () => {
  // Sizes and digests of the worked examples in the specification.
  test.each([
    [
      "A",
      { ingress: "main#8001#false##metrics#8080#true", egress: BACKEND },
      4551,
      "ca78a08d6bc32f947e7aa067b524fa2a4ca1695746aa402bba8216e8e29958b0",
    ],
    ["B", {}, 3604, "8d90e9d216cb4115f121e7958a3a5658433b13275be053e21fa06ee8b1528893"],
    ["C", { egress: TWO }, 5473, "cba03afe13f324b2b6d2d39abc83159267c66e84ae70e99f53462ad8c8376461"],
    ["D", { adminPort: "9901" }, 3681, "8ed181171e2c4a14c046fde512078a90ef039133feb3ff61e9712cc0c6b1b43e"],
  ])("renders worked example %s", (_name, texts, size, digest) => {
    const text = canonical(render(texts));
    expect({ size: Buffer.byteLength(text), digest: sha256(text) }).toEqual({ size, digest });
  });

  test("does not depend on the ingress list", () => {
    expect(render({ ingress: "a#80#false##b#81#true" })).toEqual(render({}));
  });

  test("is the same bytes every time, in a fixed order of keys", () => {
    // Of our own output: the original's serializer varies its white space.
    const text = JSON.stringify(render({ egress: BACKEND, adminPort: "9901" }));
    expect(sha256(text)).toBe("536c56aa2fcb4b25c01ac1f0ec1633aad5f556eb20e7493d440987ad5796f735");
    expect(Object.keys(render({ adminPort: "9901" }))).toEqual(["admin", "staticResources"]);
  });

  test("stays as it is where IPv6 is refused", () => {
    expect(render({ egress: BACKEND, adminPort: "9901" }, "refuse")).toEqual(
      render({ egress: BACKEND, adminPort: "9901" }),
    );
  });

  test("listens on IPv6 too where that is protected", () => {
    const before = canonical(render({ egress: BACKEND, adminPort: "9901" }));
    const after = canonical(render({ egress: BACKEND, adminPort: "9901" }, "protect"));
    const added = (port: number): string =>
      `"additionalAddresses":[{"address":{"socketAddress":{"address":"::","portValue":${port}}}}],"address":`;
    const wanted = before
      .replace('{"address":"0.0.0.0","portValue":9901}', '{"address":"::","ipv4Compat":true,"portValue":9901}')
      .replace('"dnsLookupFamily":"V4_ONLY","loadAssignment"', '"dnsLookupFamily":"V4_PREFERRED","loadAssignment"')
      .replaceAll(/"address":(?=\{"socketAddress":\{"address":"0\.0\.0\.0","portValue":(\d+))/g, (_all, port) =>
        added(Number(port)),
      );
    expect(after).toBe(wanted);
  });

  test("names the files of another directory", () => {
    const text = canonical(renderBootstrap(meshConfig({ egress: BACKEND }), { tlsDirectory: "/x", ipv6: "ignore" }));
    expect(text).not.toContain("/contrast/");
    for (const file of ["certChain", "key", "mesh-ca"]) expect(text.split(`"/x/${file}.pem"`)).toHaveLength(4);
  });
});
