// Asks a workload of the mesh for a page: node client.mjs HOST:PORT NAME
import { readFileSync } from "node:fs";
import { request } from "node:https";

const [address, name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: node client.mjs HOST:PORT NAME");
const directory = process.env.CONTRAST_TLS_DIR ?? "/contrast/tls-config";
const { hostname, port } = new URL(`https://${address}`);

const options = {
  host: hostname.replace(/^\[|\]$/g, ""),
  port,
  // With `ca`, Node trusts these authorities instead of its own ones.
  ca: readFileSync(`${directory}/mesh-ca.pem`),
  cert: readFileSync(`${directory}/certChain.pem`),
  key: readFileSync(`${directory}/key.pem`),
  // The certificate must be for this name, whatever the address is.
  servername: name,
};
request(options, (response) => {
  response.pipe(process.stdout);
  if (response.statusCode !== 200) process.exitCode = 1;
}).end();
