import { guidBytes } from "../../src/measure/guid-bytes.ts";

/** Changes of a fake; what is absent is as in a kernel of today. */
export interface FakeBzImage {
  readonly protocol?: number;
  readonly takesHighInitrd?: boolean;
  readonly measures?: boolean;
  readonly certificateBytes?: number;
}

/** A kernel image of 8 KiB with setup header, EFI stub (two sections that are not in order) and signatures at its end. */
export function fakeBzImage(fake: FakeBzImage = {}): Uint8Array {
  const certificateBytes = fake.certificateBytes ?? 0;
  const bytes = Uint8Array.from(
    { length: 0x2000 + certificateBytes },
    (_, index) => (index * 11 + (index >> 7)) & 0xff,
  );
  const view = new DataView(bytes.buffer);
  bytes.set([0x4d, 0x5a]);
  view.setUint32(0x3c, 0x40, true);
  view.setUint32(0x40, 0x4550, true);
  view.setUint16(0x46, 2, true);
  view.setUint16(0x54, 0xa0, true);
  view.setUint16(0x58, 0x20b, true);
  view.setUint32(0x58 + 60, 0x400, true);
  view.setUint32(0x58 + 108, 6, true);
  view.setUint32(0x58 + 112 + 32, 0x2000, true);
  view.setUint32(0x58 + 112 + 36, certificateBytes, true);
  setSection(view, 0, 0x1000, 0xc00);
  setSection(view, 1, 0x400, 0xc00);
  bytes[0x1f1] = 1;
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, fake.protocol ?? 0x20f, true);
  bytes[0x211] = 1;
  view.setUint32(0x22c, 0x7fffffff, true);
  view.setUint16(0x236, fake.takesHighInitrd === false ? 0 : 2, true);
  if (fake.measures !== false) {
    const guid = guidBytes("96751a3d-72f4-41a6-a794-ed5d0e67ae6b");
    bytes.set(guid.subarray(0, 8), 0x1800);
    bytes.set(guid.subarray(8), 0x1820);
  }
  return bytes;
}

/** Sections stand behind the optional header of 160 bytes. */
function setSection(view: DataView, index: number, start: number, size: number): void {
  const at = 0x58 + 0xa0 + 40 * index;
  view.setUint32(at + 16, size, true);
  view.setUint32(at + 20, start, true);
}
