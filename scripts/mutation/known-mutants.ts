const COLLATERAL = "src/attestation/collateral";

/** Deleted steps that no test can notice, by name, each with the reason. */
export const KNOWN_MUTANTS: Readonly<Record<string, string>> = {
  "snp: row platform-info": "shown without being judged: nothing is expected of it",
  'src/attestation/snp/inspect-amd.ts: throw wrong("VCEK", "it cannot be read")':
    "its rows were refused before; this tells the types so",
  'src/attestation/tdx/signed-json.ts: throw invalid(what, "not an object")':
    "what is no object has no members, which the next step refuses in other words",
  "src/attestation/tdx/pem-chain.ts: throw this.#invalid(`got ${this.#count} certificates in PEM form, the ${name} is missing`)":
    "what is missing is refused as malformed, in other words",
  'src/attestation/prepare-snp.ts: throw new ContrastError("lib/internal", `Cannot verify SNP evidence: nobody asked for ${item.need.kind}`)':
    "SNP evidence needs nothing of Intel; this tells the types so",
  [`${COLLATERAL}/bundle-read.ts: throw refuse(\`it has no \${BUNDLE_INDEX_PATH}\`)`]:
    "without a table of contents, nothing can be read as one: refused in other words",
  [`${COLLATERAL}/bundle-read.ts: throw refuse(\`the issuer chain of \${url} is damaged\`, error)`]:
    "a damaged chain is not that of the file, which the next step refuses in other words",
  [`${COLLATERAL}/read-collateral-file.ts: throw new ContrastError("lib/file-unreadable", \`Cannot read \${what}: \${messageOf(error)}\`, { cause: error })`]:
    "tests run as root, who may list every directory",
  [`${COLLATERAL}/request-collateral.ts: throw invalid(purpose, url, \`answers with the content coding "\${coding.slice(0, 40)}"\`)`]:
    "the body was let go before, so that the next step refuses an empty one",
  "src/attestation/issue/thim.ts: throw invalid(`it answered ${response.status}`)":
    "the body was let go before, so that the next step refuses an empty one",
  'src/simulator/amd/snp-machine.ts: throw new ContrastError("simulator/machine-invalid", "Cannot read simulated machine: its VCEK names no chip")':
    "a VCEK without chip was refused before; this tells the types so",
  "src/attestation/atls/late-certificate/traffic-keys.ts: throw invalid(`an encrypted record has ${body.length} bytes`)":
    "what has no content has no content type, which the next step refuses in other words",
  'src/attestation/atls/serve/hello-reader.ts: throw helloInvalid("another message follows in its record")':
    "bytes behind a ClientHello are refused by the next step, in other words",
  "src/attestation/atls/serve/accept-tls.ts: reject(protocolMissing())":
    "whose hello offers HTTP/2 gets it; this holds should TLS read the hello in another way than we did",
  'src/simulator/guest.ts: throw new ContrastError("simulator/guest-invalid", messageOf(error), { cause: error })':
    "what cannot be read has no members, which the next step refuses in other words",
  'src/simulator/machine.ts: throw new ContrastError("lib/file-unwritable", `Cannot make directory "${path}": ${messageOf(error)}`, { cause…':
    "in a directory that is not there nothing can be written, which the next step says in other words",
  "src/sandbox/control-client.ts: throw notRunning(directory, undefined)":
    "who has no access can ask nobody, which the next step says in other words",
  'src/sandbox/sandbox-directory.ts: throw new ContrastError("lib/file-unwritable", `Cannot delete "${directory.path}": ${messageOf(error)}`, { cau…':
    "tests run as root, who may delete everything",
  'src/sandbox/start-in-background.ts: throw new ContrastError("lib/internal", "Cannot start the sandbox: there is no pipe")':
    "this tells the types that there is the pipe that was asked for",
  "src/sandbox/loopback-request.ts: reject(new Error(`it answered ${response.statusCode}`))":
    "the end of the connection is told next, in other words",
  'src/sandbox/loopback-request.ts: reject(new Error("the connection was closed"))':
    "whatever ends a connection early was told before, as an error",
  'src/rpc/check-mesh-certificate.ts: throw invalid("a certificate is missing")':
    "the reader refuses a text without certificates; this tells the types so",
  'src/rpc/serve/call-routes.ts: throw new ConnectError("internal error", Code.Internal)':
    "every call has its connection; this tells the types so",
  'src/rpc/serve/call-routes.ts: throw new ConnectError("internal error", Code.Internal) (2)':
    "every call has its slot; this tells the types so",
  'src/rpc/serve/call-routes.ts: throw new ConnectError("internal error", Code.Internal) (3)':
    "where there is no answer, Connect makes the same error",
  "src/rpc/serve/request-body.ts: body.fail(signal.reason), { once: true })":
    "Connect stops reading at the same signal; this lets go of what waits",
  "src/rpc/http2-answer.ts: this.fail(lost(error)))":
    "a stream that fails is closed, which ends the answer in the same way",
  "src/measure/snp/id-key.ts: without if (form === undefined) return undefined;":
    "a key in no form is read by nobody; this tells the types so",
  'src/measure/tdx/tdvf-metadata.ts: throw new ContrastError("lib/internal", `Cannot measure: no section of kind ${kind}`)':
    "a list without one was refused before; this tells the types so",
  "src/measure/tdx/lzma.ts: without if (stream.isExhausted) return false;":
    "only ends early what is refused at the end",
  "src/measure/tdx/lzma.ts: without distances.pop();":
    "only keeps the list short: the fifth distance is never asked for",
  "src/measure/tdx/lzma.ts: without 0 in [0, 0, 0, 0]": "encoders repeat no distance that they have not used",
  "src/measure/tdx/lzma.ts: without 0 in [0, 0, 0, 0] (2)": "encoders repeat no distance that they have not used",
  "src/measure/tdx/lzma.ts: without 0 in [0, 0, 0, 0] (3)": "encoders repeat no distance that they have not used",
  "src/measure/tdx/lzma.ts: without 0 in [0, 0, 0, 0] (4)": "encoders repeat no distance that they have not used",
  'src/servicemesh/run-sidecar.ts: without log.info("Contrast service mesh", { version: VERSION });':
    "a line of the log, for people",
  'src/servicemesh/run-sidecar.ts: without log.info("configuration of Envoy written", { file: places.configFile, sha256: sha256Hex(text) });':
    "a line of the log, for people",
  'src/servicemesh/run-sidecar.ts: without log.debug("configuration of Envoy", { json: text });':
    "a line of the log, for people",
  'src/servicemesh/run-sidecar.ts: without log.info("packet-filter rules installed", { rules: rules.length, ipv6: options.ipv6, udp: options.udp });':
    "a line of the log, for people",
  'src/servicemesh/run-sidecar.ts: without log.info("starting Envoy", { path: envoy, args: args.join(" ") });':
    "a line of the log, for people",
  'src/servicemesh/run-sidecar.ts: without log.info("this kernel has no IPv6");': "a line of the log, for people",
  'src/servicemesh/sidecar/check-tls-files.ts: throw new ContrastError("lib/internal", `Cannot read ${what}: none found`)':
    "the reader refuses a text without certificates; this tells the types so",
  "src/servicemesh/sidecar/check-tls-files.ts: throw invalid(`Cannot read ${what}: got a block of type ${type}, want a private key`)":
    "what is in no form of a key cannot be read as one, which the next step says in other words",
  "src/resources/forwarded-services.ts: without name === undefined in name === undefined || problems.errors.length > before":
    "whose name is refused has an error, which the other operand sees; this tells the types so",
  "src/resources/forwarded-services.ts: without if (!(error instanceof ContrastError)) throw error;":
    "the checks throw nothing else; this tells the types so",
  'src/resources/forwarded-services.ts: without typeof port !== "number" in typeof port !== "number" || !isPort(port)':
    "what is no number is no integer either; this tells the types so",
  "src/topology/entry-points.ts: without !isValueMap(path) in !isValueMap(path) || found.length >= MAX_BACKENDS":
    "what is no map has no backend, which is passed over; this tells the types so",
  "src/topology/service-directory.ts: without wanted !== undefined in wanted !== undefined && this.#namespaces.has(wanted)":
    "no namespace is undefined; this tells the types so",
  'src/doctor/checks/check-mesh-certificates.ts: throw new ContrastError("lib/internal", "Cannot use certificates: the chain was empty")':
    "an empty chain was refused before; this tells the types so",
  'src/doctor/checks/check-collateral.ts: without (await isWritableDirectory(directory)) in kind === "directory" && (await isWritableDirectory(directory))':
    "tests run as root, who may write everywhere",
  "src/doctor/checks/check-collateral.ts: without until !== undefined in offline && until !== undefined":
    "everything that a manifest needs has an end; this tells the types so",
  "src/doctor/checks/check-coordinator-policy.ts: without platform in platform && releasedPolicy(platform)":
    "whether there is a platform is asked next; this tells the types so",
  "src/doctor/checks/check-coordinator-policy.ts: without platform === undefined in platform === undefined || released === undefined":
    "without platform nothing was released for it; this tells the types so",
  "src/doctor/checks/check-policies.ts: without ownRules !== undefined in ownRules !== undefined && ownRules !== rulesText()":
    "no policy begins with rules that are not there; this tells the types so",
  "src/doctor/checks/check-collateral.ts: without if (directory === undefined) return;":
    "where there is no path there is nothing, which the next step passes over; this tells the types so",
};
