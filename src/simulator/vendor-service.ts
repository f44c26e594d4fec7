import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { CollateralItem } from "../attestation/collateral-need.ts";
import { parseCollateralUrl } from "../attestation/collateral/collateral-url.ts";
import { renderEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { listen } from "../lib/listen.ts";
import { createFreshValue } from "./document-dates.ts";
import type { SimulatedMachine } from "./simulated-machine.ts";
import { answerHeaders, vendorUrl } from "./vendor-answer.ts";

/** What is served, and where. */
export interface VendorServiceOptions {
  readonly machine: Pick<SimulatedMachine, "collateral">;
  /** An address of this computer; 127.0.0.1 where nothing is said. */
  readonly host?: string;
  /** Any free one where nothing is said. */
  readonly port?: number;
  readonly now: () => Date;
}

/** A running service. */
export interface VendorService {
  /** For `--kds-mirror` and `--pcs-mirror`: it answers under the paths of AMD's and of Intel's service. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections. */
  readonly stop: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_CONNECTIONS = 256;
const IDLE_MS = 10_000;

/**
 * Serves what the vendor of a machine would publish about it: AMD's key distribution service and Intel's provisioning
 * certification service. Plain HTTP, without limits of rate; documents are made anew when half of their life is over.
 *
 *     200  as the vendor answers, with Intel's issuer chain in its header
 *     400  a path of a vendor that cannot be read, or another method than GET
 *     404  anything else, such as another chip
 *
 * @throws ContrastError `simulator/service-failed`
 * @see AMD 57230; Intel PCS API v4
 */
export async function startVendorService(options: VendorServiceOptions): Promise<VendorService> {
  const { machine, host = LOOPBACK, now } = options;
  const published = createFreshValue((at) => byUrl(machine.collateral(at)), now);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: IDLE_MS }, (request, response) => {
    answer(request, response, published);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = IDLE_MS;
  const port = await listen(server, { host, port: options.port ?? 0 }).catch((error: unknown) => {
    const address = renderEndpoint({ host, port: options.port ?? 0 });
    throw new ContrastError("simulator/service-failed", `Cannot listen on "${address}": ${messageOf(error)}`, {
      cause: error,
    });
  });
  return { url: `http://${renderEndpoint({ host, port })}`, port, stop: () => stop(server) };
}

function byUrl(items: readonly CollateralItem[]): ReadonlyMap<string, CollateralItem> {
  return new Map(items.map((item) => [item.url, item]));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  published: () => ReadonlyMap<string, CollateralItem>,
): void {
  const { method, url: path = "" } = request;
  const url = vendorUrl(path);
  if (url === undefined) return refuse(response, 404, "no such path");
  if (method !== "GET") return refuse(response, 400, "only GET is answered");
  if (parseCollateralUrl(url) === undefined) return refuse(response, 400, "the parameters cannot be read");
  const item = published().get(url);
  if (item === undefined) return refuse(response, 404, "the simulated machine is another one");
  response.writeHead(200, answerHeaders(item));
  response.end(item.body);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`${reason}\n`);
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
