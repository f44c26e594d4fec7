import { describe, expect, test } from "bun:test";
import { wordsOfCall } from "../../src/cli/role-by-name.ts";

describe("wordsOfCall()", () => {
  test.each(["service-mesh", "/bin/service-mesh", "./service-mesh"])("runs the sidecar as %s", (name) => {
    expect(wordsOfCall(name, ["-l", "debug", "--help"])).toEqual(["service-mesh", "--", "-l", "debug", "--help"]);
  });

  test("keeps words about IPv6 and UDP that stand in front", () => {
    const words = wordsOfCall("service-mesh", ["--ipv6=protect", "--udp=refuse", "-l", "debug", "--udp=x"]);
    expect(words).toEqual(["service-mesh", "--ipv6=protect", "--udp=refuse", "--", "-l", "debug", "--udp=x"]);
    expect(wordsOfCall("service-mesh", ["--udp=refuse"])).toEqual(["service-mesh", "--udp=refuse", "--"]);
    expect(wordsOfCall("service-mesh", [])).toEqual(["service-mesh", "--"]);
  });

  test.each(["contrast", "/service-mesh/contrast", "my-service-mesh", "service-mesh.old"])(
    "changes nothing as %s",
    (name) => {
      expect(wordsOfCall(name, ["generate"])).toEqual(["generate"]);
    },
  );
});
