import type { Ioctl, IoctlResult } from "../../src/lib/ioctl.ts";

/** How a request fails. */
export interface SevGuestFailure {
  readonly errno: number;
  readonly firmwareError?: number;
  readonly vmmError?: number;
}

/** One request, as the device sees it. */
export interface SevGuestRequest {
  readonly isExtended: boolean;
  readonly reportData: Uint8Array;
  readonly vmpl: number;
  /** Of the certificate buffer. */
  readonly bufferBytes: number;
}

const EINVAL: SevGuestFailure = { errno: 22 };
const PAGE = 4096;

/**
 * `/dev/sev-guest` in memory: reads the structures that a request points to, by addresses of its own, and answers into
 * them as the driver does.
 *
 * @see Linux drivers/virt/coco/sev-guest/sev-guest.c
 */
export class FakeSevGuestDevice implements Ioctl {
  readonly requests: SevGuestRequest[] = [];
  /** What the host gives beside each report. */
  certificateTable: Uint8Array = new Uint8Array();
  /** Status in the response of the firmware. */
  status = 0;
  /** Size that the response names; that of the report unless set. */
  reportSize: number | undefined;
  /** The size of the buffer that it asks for, whatever it needs. */
  wantedBytes: number | undefined;
  /** Largest certificate buffer that the driver takes. */
  maxBufferBytes = 16 * PAGE;
  /** Looks at a request before it is served; a failure ends it. */
  onRequest: (request: SevGuestRequest, count: number) => SevGuestFailure | undefined = () => undefined;
  readonly #report: (reportData: Uint8Array) => Uint8Array;
  readonly #memory = new Map<bigint, Uint8Array>();
  readonly #descriptor: number;

  constructor(report: (reportData: Uint8Array) => Uint8Array, descriptor = 7) {
    this.#report = report;
    this.#descriptor = descriptor;
  }

  addressOf(bytes: Uint8Array): bigint {
    const address = 0x7f00_0000_0000n + BigInt(this.#memory.size) * 0x10_0000n;
    this.#memory.set(address, bytes);
    return address;
  }

  call(descriptor: number, request: number, argument: Uint8Array): IoctlResult {
    if (descriptor !== this.#descriptor) return { returned: -1, errno: 9 };
    if (argument.length !== 32) throw new Error(`the argument has ${argument.length} bytes`);
    const view = new DataView(argument.buffer, argument.byteOffset, argument.byteLength);
    const failure = this.#serve(request, view);
    view.setUint32(24, failure?.firmwareError ?? 0, true);
    view.setUint32(28, failure?.vmmError ?? 0, true);
    return failure === undefined ? { returned: 0, errno: 0 } : { returned: -1, errno: failure.errno };
  }

  #serve(request: number, argument: DataView): SevGuestFailure | undefined {
    const isExtended = request === 0xc0205302;
    if (!isExtended && request !== 0xc0205300) return { errno: 25 };
    if (argument.getUint8(0) !== 1) return EINVAL;
    const body = this.#at(argument.getBigUint64(8, true), isExtended ? 112 : 96);
    const response = this.#at(argument.getBigUint64(16, true), 4000);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const asked: SevGuestRequest = {
      isExtended,
      reportData: body.slice(0, 64),
      vmpl: view.getUint32(64, true),
      bufferBytes: isExtended ? view.getUint32(104, true) : 0,
    };
    this.requests.push(asked);
    const failure =
      this.onRequest(asked, this.requests.length) ?? (body.subarray(68, 96).some(Boolean) ? EINVAL : undefined);
    if (failure !== undefined) return failure;
    if (isExtended) {
      if (asked.bufferBytes % PAGE !== 0 || asked.bufferBytes > this.maxBufferBytes) return EINVAL;
      const needed = Math.ceil(this.certificateTable.length / PAGE) * PAGE;
      if (needed > asked.bufferBytes || this.wantedBytes !== undefined) {
        view.setUint32(104, this.wantedBytes ?? needed, true);
        return { errno: 28, vmmError: 1 };
      }
      this.#at(view.getBigUint64(96, true), asked.bufferBytes).set(this.certificateTable);
    }
    this.#respond(response, asked.reportData);
    return undefined;
  }

  #respond(response: Uint8Array, reportData: Uint8Array): void {
    const report = this.#report(reportData);
    const view = new DataView(response.buffer, response.byteOffset, response.byteLength);
    view.setUint32(0, this.status, true);
    view.setUint32(4, this.reportSize ?? report.length, true);
    response.set(report, 32);
  }

  #at(address: bigint, size: number): Uint8Array {
    const bytes = this.#memory.get(address);
    if (bytes === undefined || bytes.length < size) throw new Error(`no ${size} bytes at 0x${address.toString(16)}`);
    return bytes;
  }
}
