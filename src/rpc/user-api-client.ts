import type { TLSSocket } from "node:tls";
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import type { Endpoint } from "../attestation/atls/endpoint.ts";
import { MAX_ANSWER_BYTES, MAX_REQUEST_BYTES } from "../proto/message-limits.ts";
import { UserAPI } from "../proto/userapi_pb.ts";
import { createGrpcConnection } from "./grpc-connection.ts";
import { isMethodMissing } from "./server-status.ts";
import { underLegacyName } from "./service-names.ts";

/** The user API over one connection. */
export interface UserApiClient {
  /** Runs one call, a second time under the old name of the service where the server does not know the first. */
  call<T>(run: (client: Client<typeof UserAPI>) => Promise<T>): Promise<T>;
  /** Ends the connection. */
  readonly close: () => void;
}

/** Speaks gRPC on an attested connection. */
export function createUserApiClient(socket: TLSSocket, endpoint: Endpoint): UserApiClient {
  const { transport, close } = createGrpcConnection(socket, endpoint, {
    maxAnswerBytes: MAX_ANSWER_BYTES,
    maxRequestBytes: MAX_REQUEST_BYTES,
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
    close,
  };
}
