import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { decodeInitdataAnnotation, encodeInitdataAnnotation } from "../../src/policy/initdata/initdata-annotation.ts";
import { initdataDigests } from "../../src/policy/initdata/initdata-digests.ts";
import { parseInitdata } from "../../src/policy/initdata/parse-initdata.ts";
import { renderInitdata } from "../../src/policy/initdata/render-initdata.ts";
import { isReady } from "../fakes/peers.ts";

const hasPython = isReady(
  "initdata with Python's tomllib and gzip",
  Bun.spawnSync(["python3", "-c", "import tomllib"], { stdout: "ignore", stderr: "ignore" }).exitCode === 0,
  "need python3 of at least 3.11",
);

/** Unpacks each annotation and packs the document again; prints texts and digests as JSON. */
const READER = `
import base64, gzip, hashlib, json, sys, tomllib
result = []
for annotation in json.load(sys.stdin):
    raw = gzip.decompress(base64.b64decode(annotation, validate=True))
    document = tomllib.loads(raw.decode())
    result.append({
        "document": document,
        "digest": hashlib.new(document["algorithm"], raw).hexdigest(),
        "packed": base64.b64encode(gzip.compress(raw)).decode(),
    })
json.dump(result, sys.stdout)
`;

const TEXTS = ["a := 1\n", "'''", "x'", "\r\n\t\u0001", "\n\n", "é \u2028 😀", '"""\\ \\u0041', ""];

describe.if(hasPython)("renderInitdata()", () => {
  test("writes what Python reads, and reads what Python packs", () => {
    const documents = (["sha256", "sha384", "sha512"] as const).flatMap((algorithm) =>
      TEXTS.map((text) =>
        renderInitdata({
          algorithm,
          data: new Map([
            ["policy.rego", text],
            ["k é", text],
          ]),
        }),
      ),
    );
    const input = JSON.stringify(documents.map(encodeInitdataAnnotation));
    const answer = JSON.parse(execFileSync("python3", ["-c", READER], { input, encoding: "utf8" })) as {
      document: { version: string; algorithm: string; data: Record<string, string> };
      digest: string;
      packed: string;
    }[];
    expect(answer).toHaveLength(documents.length);
    for (const [index, text] of documents.entries()) {
      const { document, digest, packed } = answer[index]!;
      const parsed = parseInitdata(text, "d");
      expect(document).toEqual({
        version: "0.1.0",
        algorithm: parsed.algorithm,
        data: Object.fromEntries(parsed.data),
      });
      expect(digest).toBe(initdataDigests(text, parsed.algorithm).digest);
      expect(decodeInitdataAnnotation(packed, "d")).toBe(text);
    }
  });
});
