import * as v from "valibot";
import { integer, integerOrString, optional, passedOn } from "./field-schema.ts";

const exec = v.looseObject({ command: optional(v.array(v.string())) });
const httpGet = v.looseObject({
  path: optional(v.string()),
  port: integerOrString,
  host: optional(v.string()),
  scheme: optional(v.string()),
  httpHeaders: passedOn,
});
const tcpSocket = v.looseObject({ port: integerOrString, host: optional(v.string()) });

/** A liveness, readiness or startup probe. */
export const probe = v.looseObject({
  exec: optional(exec),
  httpGet: optional(httpGet),
  tcpSocket: optional(tcpSocket),
  grpc: optional(v.looseObject({ port: integer, service: optional(v.string()) })),
  initialDelaySeconds: optional(integer),
  timeoutSeconds: optional(integer),
  periodSeconds: optional(integer),
  successThreshold: optional(integer),
  failureThreshold: optional(integer),
  terminationGracePeriodSeconds: optional(integer),
});

const hook = v.looseObject({
  exec: optional(exec),
  httpGet: optional(httpGet),
  tcpSocket: optional(tcpSocket),
  sleep: passedOn,
});

/** `lifecycle` of a container. */
export const lifecycle = v.looseObject({
  postStart: optional(hook),
  preStop: optional(hook),
  stopSignal: optional(v.string()),
});
