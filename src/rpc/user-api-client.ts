import type { TLSSocket } from "node:tls";
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-grpc";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import { UserAPI } from "../proto/userapi_pb.ts";
import { GZIP } from "./gzip.ts";
import { createHttp2Client } from "./http2-client.ts";
import { FRAME_HEADER_BYTES, limitAnswer } from "./limit-answer.ts";
import { isMethodMissing } from "./server-status.ts";
import { underLegacyName } from "./service-names.ts";

/** The user API over one connection. */
export interface UserApiClient {
  /** Runs one call, a second time under the old name of the service where the server does not know the first. */
  call<T>(run: (client: Client<typeof UserAPI>) => Promise<T>): Promise<T>;
  /** Ends the connection. */
  readonly close: () => void;
}

/** Histories of manifests with all their policies are large; gRPC's own default of 4 MiB would be too little. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/** Speaks gRPC on an attested connection. */
export function createUserApiClient(socket: TLSSocket, endpoint: Endpoint): UserApiClient {
  const baseUrl = `https://${renderEndpoint(endpoint)}`;
  const http = createHttp2Client(socket, baseUrl, MAX_ANSWER_BYTES + FRAME_HEADER_BYTES);
  const transport = createTransport({
    httpClient: limitAnswer(http.request, MAX_ANSWER_BYTES),
    baseUrl,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [GZIP],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: MAX_ANSWER_BYTES,
    writeMaxBytes: MAX_REQUEST_BYTES,
  });
  const current = createClient(UserAPI, transport);
  const legacy = createClient(UserAPI, underLegacyName(transport));
  let isLegacy = false;
  return {
    call: async (run) => {
      if (isLegacy) return await run(legacy);
      try {
        return await run(current);
      } catch (error) {
        if (!(error instanceof ConnectError) || !isMethodMissing(error)) throw error;
        const answer = await run(legacy);
        isLegacy = true;
        return answer;
      }
    },
    close: http.close,
  };
}
