/**
 * Hears of each call, for metrics. `service` and `method` are those of the descriptor, such as
 * `edgelesssys.contrast.userapi.UserAPI` and `SetManifest`, also where the client used an older name.
 */
export interface GrpcObserver {
  started(service: string, method: string): void;
  /** A whole message of the client was read. */
  received(service: string, method: string): void;
  sent(service: string, method: string): void;
  /** @param code in CamelCase, such as `OK` or `PermissionDenied` */
  handled(service: string, method: string, code: string, seconds: number): void;
}
