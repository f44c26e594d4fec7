import notices from "../../docs/third-party-notices.txt" with { type: "text" };

/** Licences of the software in the binary; made by `npm run docs`. */
export const THIRD_PARTY_NOTICES: string = notices;
