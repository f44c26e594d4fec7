import { isIPv6 } from "node:net";
import { type Endpoint, parseEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError } from "../lib/errors.ts";

/** Where Coordinators serve the mesh API. */
const MESH_API_PORT = 7777;

/**
 * Reads `COORDINATOR_HOST`: a name or address, with a port where it is not 7777. An IPv6 address needs brackets only in
 * front of a port.
 *
 * @throws ContrastError `initializer/coordinator-host-missing`, `atls/endpoint-invalid`
 */
export function parseCoordinatorHost(text: string): Endpoint {
  if (text === "") {
    throw new ContrastError("initializer/coordinator-host-missing", "COORDINATOR_HOST not set", {
      hint: 'Set it to the name of the Coordinator\'s service, such as "coordinator".',
    });
  }
  if (isIPv6(text)) return { host: text, port: MESH_API_PORT };
  const hasPort = /^[^:[]+:|\]:/.test(text);
  return parseEndpoint(hasPort ? text : `${text}:${MESH_API_PORT}`);
}
