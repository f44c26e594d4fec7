import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPodIpv6 } from "../../../src/servicemesh/sidecar/pod-ipv6.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const LOOPBACK = "00000000000000000000000000000001 01 80 10 80       lo\n";
const LINK = "fe800000000000000000000000000001 02 40 20 80     eth0\n";
const GLOBAL = "fd070000000000000000000000000001 02 40 00 80     eth0\n";

describe("readPodIpv6()", () => {
  test.each([
    ["", []],
    [LOOPBACK + LINK, []],
    [LOOPBACK + GLOBAL + LINK, ["fd070000000000000000000000000001"]],
    ["odd\n", []],
  ])("reads %j", async (text, reachable) => {
    const file = join(temporaryDirectory(), "if_inet6");
    writeFileSync(file, text);
    expect(await readPodIpv6(file)).toEqual({ isThere: true, reachable });
  });

  test("tells a kernel without IPv6", async () => {
    expect(await readPodIpv6(join(temporaryDirectory(), "missing"))).toEqual({ isThere: false, reachable: [] });
  });
});
