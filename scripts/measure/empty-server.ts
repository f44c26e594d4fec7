// An HTTP/2 server over TLS that answers everything with nothing: the least that a Coordinator could be. Compiled and
// run by scripts/bench/coordinator-memory.ts, and told its key and certificate in PEM, and tells where it listens.
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";

const [keyFile = "", certificateFile = ""] = process.argv.slice(2);
const server = createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, (_, response) =>
  response.end(),
);
server.on("sessionError", () => {});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
