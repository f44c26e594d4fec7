import { unpackLzma } from "../../src/measure/tdx/lzma.ts";

/** Made by `xz --format=lzma`: text that repeats, all bytes, zeros, and text again; 1206 bytes. */
export const PACKED = Uint8Array.fromHex(
  "5d00000004b6040000000000000036994849b4ffcc581050e1ba15bf33086b1fbb95d6561037bfc122943725270fdb1bd66f3ce636eb08258ef8223d6eec0df9eb79b987812651c3bc5cbda416ca8b676006d5fbe4e8e88020bd5e71597baad901befb0f62661bbf933634d200791a2589c66ab62b5f191aa14b06f4b7efda82b5d3f319395ac12e23c6e546862eeaf9c5f05d526a6fb835a96587d639b852a1ff98252aac283530040c9ef9367f7f5852606491a6cbaf6ac5b3ac7425126fb99af5b2b0bf2c6389e7a9d44f3162e8339c560dbe3f4b386c58167df314e7199a5d78f7858442be725e2fb03802cae2de820b8071843221a369581328134ea569de896822c47db3d5302a2f01be034f526787096016689e2180323a4cc21688b0ac07831897ffff575b4000",
);

/**
 * Made by liblzma from `distantText()`: each kind of distance, and some that are mostly bits as likely 0 as 1; 70,987
 * bytes.
 */
export const PACKED_DISTANCES = Uint8Array.fromHex(
  "5d000004004b15010000000000004abc5e05b29c680e1e4ff84bdfc31787b1fcfbb183793a711176d8d6a2c20555159308f759af664b3cbed8615e27749f0d5facac918810fe11bf32412f3a46149255336f4ebbd06cc22ffa35a0bc585246b522f26b140d869ad483e5aad245afc62890ac95960f01eeafdc8f5a62f8982c2ebc27d04a438e4c4e5c5c04f5af376928e599aae9bb5a0061df06f936cbf28e655cf6df89580660d6f304f480fff6b1dd4caf0101c4ca2bce1e712c90dbe9905bc0d5afc9710b14c29b4e1460575a625c5f0e54aaf49520c221f98aa303b9cb428265ec7d265ac12631cb23551e06a0e12112dc10f4a31f127d90dc9eedc240657e6f1d932cbe5aaf3895b38135cd75f28d49e175242e53a40456e60eee3e5fd531fa662302f905ceee55e158831d9da69b0770742650842a5bb17a06959b48f678e26b02ee17e8e5d95bcfe53d95bb36acc470165997bc0e2df5fdff692638cf8ff44770472e5ddd08bd74b14aa974d6ad8ae20608eeaeac7c3746cab867098a287a033b7af0ce35347a007e528e2378a2ebbe485678cfa54da5935742eea92e91d098d42e9a8fdd367c801673e3e5b13271055a3aab78343bde1769124ce7eac9413346e8b029bd57cb3c6838950acb922e064fc5936cb0c06fa9f371835a11b7327a4001f5f526b3d132c45b2d65c46f712e138a981116b2d806c52746dea6b8fbecc526ac23f7f8c94c13c46c674372780cd35d1a97bf712e495718375948db197773e17b61edf0cff42559426cd1964a1f1ff246a1b666f9c19d64d6dd2c7411b91e78ffd1112c258a936d11c5417b6c0ae38b683b39e5a6db83b6b020bb06176e58477b3848148fab18c02adfb90c205389983fc1911c14eda8300150e8e74f32645734f6144340c1d9e9cfcfffff998d980f",
);

/** What `PACKED_DISTANCES` holds: bytes that follow no pattern, each piece again at a distance of its length. */
export function distantText(): Uint8Array {
  let state = 1;
  const piece = (length: number): readonly number[] =>
    Array.from({ length }, () => {
      state = (state * 75 + 74) % 65537;
      return state & 0xff;
    });
  const repeated = [2, 3, 4, 6, 8, 13, 17, 25, 34, 49, 65, 97, 120].flatMap((length) => {
    const bytes = piece(length);
    return length < 4 ? [...bytes, ...bytes, ...bytes] : [...bytes, ...bytes];
  });
  const far = Array.from({ length: 6 }, () => piece(8));
  return Uint8Array.from([...repeated, ...far.flat(), ...new Uint8Array(70_000), ...far.toReversed().flat()]);
}

/** A section with the text `QEMU FW CFG`, packed by liblzma into a section, and that again: nine times in all. */
export const PACKED_NINE_TIMES = Uint8Array.fromHex(
  "e501000298584eee143959429d6edc7bd79403cf180001005d00000400ab010000000000000055803c002acdea4d81605d05c9d8077f7a6de19d2db93611d2089781550021781dc934e37daff1b106a0dad42eefed90a0634e0bde774e22a9d344b55317ba03e0b94806037ceeb905c0c8da5289b8bbc5edf1725f46a0f0bf489a6c1a6e2dffe15dbef8a20ea72dc4fb4cd9f1ec1e7417348799172c17fd2f1e2f3d004a411e2a7ef25ba7331078db2f26584413a6877f24a2a7ae639f4f0260e65130a4b35f8a39a4b61a271a7cbdcf3867ca3b296a6c7c0cc0c6d1597658484d1d349052b298a145522e2357bc788d1c41553596d2e4be4d8fce6f6d2caeb46ce6336f6ebf297fd4b83861f0e7dd0c1ef5e231be6ec6126ea69d96dcf712c434ddce6aff1838679982cb2446c973a40126abc45444ed893ddf8d3afe8c54fe04b49f4b3320cccf82a9248db446d846a01ccf17dd16e890cd9faeefa3429f4fd381321188bb5cdb39a72891bf65f75a32cf996c644601849b2daae860f1ae069be1c26fa66ac43368dd7e0744048ea52b85228e456d0da1d1b245308e10b30f2d1d865255451cd7c2cbd157b68edc876b4fd609fbea2745d13fd983777143ed930183fc935fcefe63a2dc00d531a3a5f80ed1dcb382d462d1a87561d54605ffff7e728000",
);

/** What is in packed sections that are packed in each other. */
export function unpackTimes(section: Uint8Array, times: number): Uint8Array {
  let content = section;
  for (let time = 0; time < times; time += 1) {
    const unpacked = unpackLzma(content.subarray(24), 10_000);
    if (unpacked === undefined) throw new Error("the sample is damaged");
    content = unpacked;
  }
  return content;
}
