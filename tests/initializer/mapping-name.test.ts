import { describe, expect, test } from "bun:test";
import { mappingName } from "../../src/initializer/mapping-name.ts";

describe("mappingName()", () => {
  test("gives the name that the original gives", () => {
    expect(mappingName("/dev/csi0", "/state")).toBe("7bfcd783e98dd63a");
  });
});
