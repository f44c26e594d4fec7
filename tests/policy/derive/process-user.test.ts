import { describe, expect, test } from "bun:test";
import { deriveIdentity, type IdentityInput } from "../../../src/policy/derive/process-user.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/sh\n\nredis:x:1000:1001::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n+::::::\n";
const GROUP = "root:x:0:root\nwheel:x:10:root\nredis:x:1001:redis\naudio:x:29:redis,nobody\nnobody:x:65534:\n";

/** `uid:gid [groups]`, the number of times that the account files were fetched, and the unknown name. */
async function identityOf(input: Partial<IdentityInput>, files = { passwd: PASSWD, group: GROUP }) {
  let fetched = 0;
  const accounts = async () => {
    fetched++;
    return files;
  };
  const identity = await deriveIdentity({ isPause: false, imageUser: "", pod: {}, container: {}, accounts, ...input });
  const { UID, GID, AdditionalGids } = identity.user;
  return {
    user: `${UID}:${GID} [${AdditionalGids.join()}]`,
    fetched,
    unknown: identity.unknownName,
    imageGroups: identity.imageGroups,
  };
}

const EMPTY = { passwd: "", group: "" };

describe("deriveIdentity()", () => {
  test.each<[string, Partial<IdentityInput>, string]>([
    ["root with its groups, without any wish", {}, "0:0 [0,10]"],
    ["a numeric image user with the group of passwd", { imageUser: "1000" }, "1000:1001 [29,1001]"],
    ["a named image user", { imageUser: "redis" }, "1000:1001 [29,1001]"],
    ["no image group for a workload", { imageUser: "1000:65534" }, "1000:1001 [29,1001]"],
    ["an unknown number without group", { imageUser: "4711" }, "4711:0 [0]"],
    [
      "the user of the pod over the image's",
      { imageUser: "redis", pod: { runAsUser: 65_534 } },
      "65534:65534 [29,65534]",
    ],
    [
      "the user of the container over the pod's",
      { pod: { runAsUser: 1 }, container: { runAsUser: 1000 } },
      "1000:1001 [29,1001]",
    ],
    [
      "the group of the pod beside a user of the container",
      { pod: { runAsGroup: 7 }, container: { runAsUser: 1000 } },
      "1000:7 [7,29]",
    ],
    ["the group of the container over all", { pod: { runAsGroup: 7 }, container: { runAsGroup: 8 } }, "0:8 [8,10]"],
    ["no group of an overridden image user", { imageUser: "redis", container: { runAsUser: 4711 } }, "4711:0 [0]"],
    ["fsGroup and supplementalGroups", { pod: { fsGroup: 5, supplementalGroups: [6, 5] } }, "0:0 [0,5,6,10]"],
    [
      "no image groups when they are strict",
      { pod: { supplementalGroupsPolicy: "Strict", supplementalGroups: [6] } },
      "0:0 [0,6]",
    ],
  ])("gives %s", async (_, input, expected) => {
    expect((await identityOf(input)).user).toBe(expected);
  });
  test("skips a group that is called like the user", async () => {
    const files = { passwd: "name:x:2:1::/home/name:/usr/sbin/nologin\n", group: "daemon:x:1:\nname:x:2:name\n" };
    const input = { imageUser: "name", container: { runAsUser: 2, runAsGroup: 1 } };
    expect((await identityOf(input, files)).user).toBe("2:1 [1]");
  });
  test.each<[string, Partial<IdentityInput>, string]>([
    ["the whole image user", { imageUser: "65535:65535" }, "65535:65535 [65535]"],
    ["a named image group", { imageUser: "1000:audio" }, "1000:29 [29]"],
    ["the group of passwd without an image group", { imageUser: "1000" }, "1000:1001 [1001]"],
    ["the user of the pod alone", { imageUser: "65535:65535", pod: { runAsUser: 65_534 } }, "65534:65534 [65534]"],
    ["the identity of the pod", { imageUser: "65535:65535", pod: { runAsUser: 7, runAsGroup: 8 } }, "7:8 [8]"],
    [
      "no fsGroup where the image names a user",
      { imageUser: "65535:65535", pod: { fsGroup: 5 } },
      "65535:65535 [65535]",
    ],
    ["fsGroup where nobody names a user", { pod: { fsGroup: 5 } }, "0:0 [0,5]"],
  ])("gives the pause container %s", async (_, input, expected) => {
    expect((await identityOf({ isPause: true, ...input })).user).toBe(expected);
  });
  test("tells names that the account files lack", async () => {
    expect((await identityOf({ imageUser: "ghost" })).unknown).toBe("ghost");
    expect((await identityOf({ imageUser: "redis" }, EMPTY)).unknown).toBe("redis");
    expect((await identityOf({ isPause: true, imageUser: "1000:ghost" })).unknown).toBe("ghost");
    expect((await identityOf({ imageUser: "ghost", container: { runAsUser: 1 } })).unknown).toBeUndefined();
  });
  test("tells groups that only the image explains", async () => {
    expect((await identityOf({ imageUser: "redis" })).imageGroups).toEqual([29]);
    expect((await identityOf({ imageUser: "redis", pod: { supplementalGroups: [29] } })).imageGroups).toEqual([]);
  });
  test("fetches the account files once, and only where they matter", async () => {
    expect((await identityOf({ imageUser: "redis" })).fetched).toBe(1);
    expect((await identityOf({ isPause: true, imageUser: "65535:65535" })).fetched).toBe(0);
    const explicit = { runAsUser: 1, runAsGroup: 2, supplementalGroupsPolicy: "Strict" };
    expect((await identityOf({ imageUser: "redis", pod: explicit })).fetched).toBe(0);
  });
});
