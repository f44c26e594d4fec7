import { createFileRegistry, fromBinary, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.ts";

const ROOT = join(import.meta.dir, "../..");
/** Envoy's API as the package has it, one folder for each project. */
const DEPS = join(ROOT, "node_modules/@grpc/grpc-js-xds/deps");
const MODULES = ["envoy-api", "googleapis", "xds", "protoc-gen-validate"];
/** Every message that a bootstrap of ours may hold. */
const ENTRIES = [
  "config/bootstrap/v3/bootstrap.proto",
  "extensions/filters/listener/original_dst/v3/original_dst.proto",
  "extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto",
  "extensions/matching/common_inputs/network/v3/network_inputs.proto",
  "extensions/transport_sockets/tls/v3/tls.proto",
];

/** Compiles Envoy's API and reads what it says of `envoy.config.bootstrap.v3.Bootstrap`. */
export function envoyBootstrapReader(): (json: JsonValue) => JsonValue {
  const directory = temporaryDirectory();
  for (const name of MODULES) cpSync(join(DEPS, name), join(directory, name), { recursive: true });
  // The package has older options for checks than its files use.
  const options = join(directory, "protoc-gen-validate/validate/validate.proto");
  const text = readFileSync(options, "utf8");
  const start = "message StringRules {";
  if (!text.includes("ignore_empty = 26")) {
    writeFileSync(options, text.replace(start, `${start}\n    optional bool ignore_empty = 26;`));
  }
  const modules = MODULES.map((path) => `  - path: ${path}\n`).join("");
  writeFileSync(join(directory, "buf.yaml"), `version: v2\nmodules:\n${modules}`);
  mkdirSync(join(directory, "cache"));
  const paths = ENTRIES.flatMap((entry) => ["--path", `envoy-api/envoy/${entry}`]);
  const command = [join(ROOT, "node_modules/.bin/buf"), "build", "-o", "api.binpb", ...paths];
  const { exitCode, stderr } = Bun.spawnSync(command, {
    cwd: directory,
    env: { ...process.env, BUF_CACHE_DIR: join(directory, "cache") },
  });
  if (exitCode !== 0) throw new Error(`Cannot compile Envoy's API: ${stderr.toString()}`);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(join(directory, "api.binpb"))));
  const bootstrap = registry.getMessage("envoy.config.bootstrap.v3.Bootstrap");
  if (bootstrap === undefined) throw new Error("Envoy's API has no bootstrap");
  return (json) => toJson(bootstrap, fromJson(bootstrap, json, { registry }), { registry });
}
