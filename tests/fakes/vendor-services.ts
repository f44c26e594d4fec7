import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import type { CollateralMirrors } from "../../src/attestation/collateral/mirror.ts";
import { answerHeaders, vendorUrl } from "../../src/simulator/vendor-answer.ts";

/** How an answer goes wrong. */
export type ServiceTrouble =
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: "redirect"; readonly location: string }
  /** Another body than the one that was published; an empty one is possible. */
  | { readonly kind: "body"; readonly body: Uint8Array | string }
  /** Header and value that replace the published ones; undefined leaves the header out. */
  | { readonly kind: "header"; readonly name: string; readonly value: string | undefined }
  /** Sends 2 MiB. */
  | { readonly kind: "oversized" }
  /** Never answers, or stops in the middle of the body. */
  | { readonly kind: "stall"; readonly after: "nothing" | "header" }
  /** Closes the connection, before the header or within the body. */
  | { readonly kind: "reset"; readonly after: "nothing" | "header" };

/** What to do about request number `count` (from 1) for an address; undefined answers as published. */
export type TroubleScript = (url: string, count: number) => ServiceTrouble | undefined;

/** AMD's and Intel's services on loopback, as mirrors of the real ones. */
export interface VendorServices {
  /** Base addresses for `--kds-mirror` and `--pcs-mirror`. */
  readonly mirrors: CollateralMirrors & { readonly kds: string; readonly pcs: string };
  /** Vendors' addresses that were asked for, in order. */
  readonly requests: string[];
  /** Serves these; what was served before under the same address is replaced. */
  publish(...items: readonly CollateralItem[]): void;
  trouble: TroubleScript;
  readonly stop: () => void;
}

/** Starts the services on a free port; without a publication they answer 404. */
export async function startVendorServices(...published: readonly CollateralItem[]): Promise<VendorServices> {
  const items = new Map<string, CollateralItem>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = vendorUrl((request.url ?? "").replace(/^\/(?:kds|pcs)/, "")) ?? "";
    requests.push(url);
    const trouble = services.trouble(url, requests.filter((other) => other === url).length);
    answer(response, items.get(url), trouble);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services: VendorServices = {
    mirrors: { kds: `${base}/kds`, pcs: `${base}/pcs` },
    requests,
    publish: (...more) => {
      for (const item of more) items.set(collateralUrl(item.need), item);
    },
    trouble: () => undefined,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  services.publish(...published);
  return services;
}

function answer(response: ServerResponse, item: CollateralItem | undefined, trouble: ServiceTrouble | undefined): void {
  const body = item?.body;
  // A body of another length may follow.
  const { "content-length": _length, ...headers } = item === undefined ? {} : answerHeaders(item);
  switch (trouble?.kind) {
    case "status":
      response.writeHead(trouble.status, trouble.retryAfter === undefined ? {} : { "retry-after": trouble.retryAfter });
      response.end("trouble");
      break;
    case "redirect":
      response.writeHead(302, { location: trouble.location }).end();
      break;
    case "body":
      response.writeHead(200, headers).end(trouble.body);
      break;
    case "header": {
      const { [trouble.name]: _replaced, ...others } = headers;
      const value = trouble.value === undefined ? {} : { [trouble.name]: trouble.value };
      response.writeHead(200, { ...others, ...value }).end(body);
      break;
    }
    case "oversized":
      response.writeHead(200, headers).end(new Uint8Array(2 * 1024 * 1024));
      break;
    case "stall":
      if (trouble.after === "header") response.writeHead(200, headers).write("a");
      break;
    case "reset":
      if (trouble.after === "nothing") response.destroy();
      else response.writeHead(200, { ...headers, "content-length": "100" }).write("a", () => response.destroy());
      break;
    case undefined:
      if (body === undefined) response.writeHead(404).end("unknown");
      else response.writeHead(200, headers).end(body);
  }
}
