import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasPrograms } from "./peers.ts";

/** A certificate authority and a server certificate for 127.0.0.1, all PEM. */
export interface TestCertificates {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes fresh certificates with the openssl program.
 *
 * @param directory for the files
 * @returns undefined where openssl is not installed
 */
export function makeTestCertificates(directory: string): TestCertificates | undefined {
  if (!hasPrograms("TLS connections", "openssl")) return undefined;
  const path = (name: string): string => join(directory, name);
  const openssl = (args: string): void => {
    execFileSync("openssl", args.split(" "), { cwd: directory, stdio: "ignore" });
  };
  const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  openssl(`req -x509 ${newKey} -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority`);
  openssl(`req ${newKey} -keyout server.key -out server.csr -subj /CN=server`);
  writeFileSync(path("server.ext"), "subjectAltName=IP:127.0.0.1\n");
  const signing = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext";
  openssl(`x509 -req -in server.csr ${signing} -out server.pem`);
  const read = (name: string): string => readFileSync(path(name), "utf8");
  return { ca: read("ca.pem"), key: read("server.key"), cert: read("server.pem") };
}
