import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import {
  decodeInitdataAnnotation,
  encodeInitdataAnnotation,
} from "../../../src/policy/initdata/initdata-annotation.ts";
import { initdataDigests } from "../../../src/policy/initdata/initdata-digests.ts";
import { INITDATA_ALGORITHMS, type InitdataAlgorithm } from "../../../src/policy/initdata/initdata.ts";
import { parseInitdata } from "../../../src/policy/initdata/parse-initdata.ts";
import { renderInitdata } from "../../../src/policy/initdata/render-initdata.ts";
import { codeOf } from "../../fakes/error-code.ts";

const POLICY = `package agent_policy\n\ndefault AllowRequests := false # 'yes' "no" \\\n\npolicy_data := {"a": "é \u2028"}`;

function document(text: string, algorithm: InitdataAlgorithm = "sha256"): string {
  return renderInitdata({ algorithm, data: new Map([["policy.rego", text]]) });
}

const readBack = (text: string): string | undefined => parseInitdata(document(text), "d").data.get("policy.rego");

describe("renderInitdata()", () => {
  test("shows the policy as it is", () => {
    expect(document("a := 1\n")).toBe(
      `version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n"policy.rego" = '''\na := 1\n'''\n`,
    );
  });

  test("escapes what no literal can hold, quotes and backslashes for people", () => {
    expect(document(`'''"\\\n`)).toEndWith(String.raw`"policy.rego" = "'''\"\\\u000a"` + "\n");
  });

  test("sorts members by name", () => {
    const data = new Map([
      ["z", "1"],
      ["policy.rego", "2"],
      ["aa.toml", "3"],
    ]);
    expect(renderInitdata({ algorithm: "sha512", data })).toEndWith(
      `[data]\n"aa.toml" = '''\n3'''\n"policy.rego" = '''\n2'''\nz = '''\n1'''\n`,
    );
  });

  test.each(["'''", "a'", "''", "\r\n", "\n\nx", "", "\u0000\u007f", "\ufeffx", "\t", "\\", '"""', "x\\\ny"])(
    "keeps %j",
    (text) => {
      expect(readBack(text)).toBe(text);
    },
  );

  test("keeps any text under any name", () => {
    const special = fc.constantFrom("'", "'''", '"', "\\", "\n", "\r", "\t", "\u0000");
    const other = fc.integer({ min: 0, max: 0xd7ff }).map((code) => String.fromCharCode(code));
    const text = fc.array(fc.oneof(special, other), { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 4 }), (entries) => {
        const data = new Map(Object.entries(entries));
        const parsed = parseInitdata(renderInitdata({ algorithm: "sha384", data }), "d");
        expect(parsed.algorithm).toBe("sha384");
        expect(new Map(parsed.data)).toEqual(data);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("parseInitdata()", () => {
  const whole = document(POLICY);
  test.each([
    ["policy/initdata-version", whole.replace("0.1.0", "0.2.0")],
    ["policy/initdata-algorithm", whole.replace("sha256", "sha1")],
    ["policy/initdata-algorithm", whole.replace("sha256", "toString")],
    ["policy/initdata-invalid", whole.replace("[data]", "[data]\nnumber = 1")],
    ["policy/initdata-invalid", whole.replace("[data]", "[data.constructor]")],
    ["policy/initdata-invalid", whole.replace("[data]", "more = 1\n[data]")],
    ["policy/initdata-invalid", whole.replace("[data]", "[other]")],
    ["policy/initdata-invalid", 'version = "0.1.0"\nalgorithm = "sha256"\ndata = 1979-05-27\n'],
    ["policy/initdata-invalid", 'version = "0.1.0"\nalgorithm = "sha256"\ndata = ["a"]\n'],
    ["policy/initdata-invalid", 'algorithm = "sha256"\n[data]\n'],
    ["lib/toml-invalid", whole.slice(0, -4)],
    ["lib/toml-invalid", "x".repeat(16 * 1024 * 1024 + 1)],
  ])("refuses with %s", (code, text) => {
    expect(codeOf(() => parseInitdata(text, "d"))).toBe(code as never);
  });

  test("keeps members with the names of JavaScript's own", () => {
    const text = whole.replace("[data]", '[data]\nconstructor = "c"\n__proto__ = "p"');
    expect([...parseInitdata(text, "d").data.keys()]).toEqual(["constructor", "__proto__", "policy.rego"]);
  });
});

describe("decodeInitdataAnnotation()", () => {
  const decode = (annotation: string): string => decodeInitdataAnnotation(annotation, "annotation");
  test("gives the document back, byte for byte", () => {
    expect(decode(encodeInitdataAnnotation(document(POLICY)))).toBe(document(POLICY));
    expect(encodeInitdataAnnotation(document(POLICY))).toBe(encodeInitdataAnnotation(document(POLICY)));
  });

  test.each(["", "%%%%", "AAAA", `${encodeInitdataAnnotation("x")}AAAA`])("refuses %j", (annotation) => {
    expect(codeOf(() => decode(annotation))).toBe("policy/initdata-invalid");
  });

  test("refuses a document that is larger than guests take", () => {
    const bomb = encodeInitdataAnnotation("x".repeat(16 * 1024 * 1024 + 1));
    expect(codeOf(() => decode(bomb))).toBe("policy/initdata-invalid");
  });

  test("refuses what is not UTF-8", () => {
    const bytes = Buffer.from(Bun.gzipSync(Uint8Array.of(0xff, 0xfe))).toString("base64");
    expect(codeOf(() => decode(bytes))).toBe("lib/text-not-utf8");
  });
});

describe("initdataDigests()", () => {
  test.each(["sha256", "sha384", "sha512"] as const)("fits %s to the fields of the hardware", (algorithm) => {
    const expected = createHash(algorithm).update(document(POLICY, algorithm)).digest();
    const { digest, hostData, mrConfigId } = initdataDigests(document(POLICY, algorithm), algorithm);
    expect(digest).toBe(expected.toString("hex"));
    expect(expected).toHaveLength(INITDATA_ALGORITHMS[algorithm]);
    const field = (size: number): string =>
      expected
        .toString("hex")
        .padEnd(128, "0")
        .slice(0, 2 * size);
    expect(hostData).toBe(field(32));
    expect(mrConfigId).toBe(field(48));
  });
});
