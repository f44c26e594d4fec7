import type { TLSSocket } from "node:tls";
import type { Transport } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-grpc";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import { GZIP } from "./gzip.ts";
import { createHttp2Client } from "./http2-client.ts";
import { FRAME_HEADER_BYTES, limitAnswer } from "./limit-answer.ts";

/** gRPC over one connection. */
export interface GrpcConnection {
  readonly transport: Transport;
  /** Whether the peer has said anything in HTTP/2; it does so as soon as it has accepted the client. */
  readonly hasPeerSpoken: () => boolean;
  /** Ends the connection. */
  readonly close: () => void;
}

/** Longest messages of either direction, in bytes. */
export interface MessageLimits {
  readonly maxAnswerBytes: number;
  readonly maxRequestBytes: number;
}

/** Speaks gRPC on an attested connection; there is no reconnecting. */
export function createGrpcConnection(socket: TLSSocket, endpoint: Endpoint, limits: MessageLimits): GrpcConnection {
  const { maxAnswerBytes, maxRequestBytes } = limits;
  const baseUrl = `https://${renderEndpoint(endpoint)}`;
  const http = createHttp2Client(socket, baseUrl, maxAnswerBytes + FRAME_HEADER_BYTES);
  const transport = createTransport({
    httpClient: limitAnswer(http.request, maxAnswerBytes),
    baseUrl,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [GZIP],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: maxAnswerBytes,
    writeMaxBytes: maxRequestBytes,
  });
  return { transport, hasPeerSpoken: http.hasPeerSpoken, close: http.close };
}
