// Serves a page to workloads of the mesh: node server.mjs HOST:PORT [CLIENT]
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [address, client] = process.argv.slice(2);
if (address === undefined) throw new Error("usage: node server.mjs HOST:PORT [CLIENT]");
const directory = process.env.CONTRAST_TLS_DIR ?? "/contrast/tls-config";
const [, host, port] = /^(.*):([0-9]+)$/.exec(address);

const options = {
  ca: readFileSync(`${directory}/mesh-ca.pem`),
  cert: readFileSync(`${directory}/certChain.pem`),
  key: readFileSync(`${directory}/key.pem`),
  requestCert: true,
  rejectUnauthorized: true,
};
const server = createServer(options, (request, response) => {
  const certificate = request.socket.getPeerX509Certificate();
  const isWelcome = client === undefined || certificate.checkHost(client, { subject: "never" }) !== undefined;
  // Every workload of the mesh gets this far; who may do what is for the application to say.
  if (isWelcome) response.end(`Hello ${certificate.subject.replace("CN=", "")}\n`);
  else response.writeHead(403).end("not for you\n");
});
server.listen(Number(port), host || "::", () => {
  const { address, port } = server.address();
  console.error(`listening on ${address}:${port}`);
});
