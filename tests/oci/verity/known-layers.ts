/** One layer whose image and root hash were published or computed by somebody else. */
export interface KnownLayer {
  readonly name: string;
  readonly gzip: string;
  readonly archiveHash: string;
  readonly imageBytes: number;
  readonly special: { readonly image: string; readonly root: string };
  /** Differs only where link targets are longer than 100 bytes. */
  readonly classic?: { readonly image: string; readonly root: string };
}

/** Small archives with the answers of the reference program: nothing, one file, one of each kind, long links. */
export const KNOWN_LAYERS: readonly KnownLayer[] = [
  {
    name: "an empty archive",
    gzip: "H4sIAAAAAAACA2NgGAWjYBSMVAAALq+17wAEAAA=",
    archiveHash: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    imageBytes: 8192,
    special: {
      image: "0cb7a0859b774c2d9649ea5a2e6a01842eb15c62b26c5adf0165e4056b9a61ef",
      root: "67450082ab56da1aecc5eae2f18d980cd9e7306e79334a1a826a91cfd90114a8",
    },
  },
  {
    name: "one file",
    gzip:
      "H4sIAAAAAAACA8tIzcnJ1yupKGGgHTAAAjMTEzANBOg0SBaJDRI3NzMwZVAwYKADKC0uSSwCWskwMkEGKP65GEbBKB" +
      "gFo2AUjDAAAAmyFwwACAAA",
    archiveHash: "12d9a49f75f7448581b60bd85c8296be5b06b5da927211845bf021886f495a05",
    imageBytes: 8192,
    special: {
      image: "9d2256eadd976c0fb743eb50f6b6f68d926b46e68a75c2ebcaa4eb060e259728",
      root: "bf6ac46a371b8a842b04f9c9e943e3f38da6fd1206cce15dc157a3bd193574a2",
    },
  },
  {
    name: "links, whiteouts, an opaque directory, a device",
    gzip:
      "H4sIAAAAAAACA+2YTWrDMBCFte4pfILoX4Ls21UvodgGF0KsynbSXa+eieJFYyhtFxIqms/YMwjDCD+eRnI/t5Qkhg" +
      "FW6xiBbYw5V1ooa5mK40YbQRpNMrBMswtQktRJD/p7N02XLq3+Rqnv9ZfmUX8OY5o0DPVPThjHef+xZ3DFlN6fh7cT" +
      "nYYnglTg/8GFLmWNH/2/zTmXCvzPcyxOlfsfjJ68Ruz/1v5ef3hbcdKIZQo09QQr13/9xNR5n2P/x61mX+OK2vgf1g" +
      "uG/T8Hn8+vL9gF6+XsQhHnv8fcaKnx/JdL/91l2LWuHfpi9n9MQEvA9T8Do5+L9L+y6P9c+t/8H+/Rvxfify0k+j8H" +
      "XX8u0v83/dH/efQ/Lcdj8v8/xvzF/8bA+V/+J/3vc+drlARBEKRwrg8j/rEAHgAA",
    archiveHash: "f0184dac1173dc6b5f9c8c8b051cc2b2b4f3523bd3034f1c343f1dd2d0737f3d",
    imageBytes: 16384,
    special: {
      image: "f615f6d4dea6ea3c26c41ebdce7f63e3b5448b5928a5667ec8f36d2169bbdf1d",
      root: "ffd124381cb4dcccc5723214003ef221980b6aa15f6c129b1e1f2d343bdfc676",
    },
  },
  {
    name: "links with long targets",
    gzip:
      "H4sIAAAAAAAC/+3UsQ6CMBDG8XuUPgFXaK+3ustLwEKIBBPFRN/e6uCADDj0atL7LWUj5Cv/aewRErMRE73PaH1uPA" +
      "dPDgyBgNt16S7GQKEqrPDQnuehHedTwv03dv9sXnO92p/5tf9R909uwXsWoP7CFPvfSfSfeX//XbDegmkkLqf2P3v/" +
      "G+u++u9Z+y/y+fjITBucUy/wjt/7T96F2H+Jy1n4/6+UKtcTPGgvwAASAAA=",
    archiveHash: "84c81a880a7bc565131682fb82094ff5e03760e987c3c5cfa5dfd62c3ed67a52",
    imageBytes: 12288,
    classic: {
      image: "fd607c2a49c4f6e1d008d83933120682ad73d96b33757e6c7edfc7ada8488bc2",
      root: "7b2a8e17aadef9cdc1212fbd702ae007deb64ea73e0f1a68942c7505035e992d",
    },
    special: {
      image: "96e02c6ad669a255779d0f5316c9e12a6067d7e4eb1b4c7582add1926980de60",
      root: "b18bc453f649f7ee01493d7c0d1be20e9232defec05a438f9767e4468d42e6f4",
    },
  },
];
