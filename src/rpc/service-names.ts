import type { Transport } from "@connectrpc/connect";

/** Name of the user API until December 2024; later ones are those of the descriptors. */
const LEGACY_USER_API = "userapi.UserAPI";

/** The same connection, with calls under the name that the user API had before Contrast 1.3. */
export function underLegacyName(transport: Transport): Transport {
  return {
    unary: (method, ...rest) => {
      const parent = { ...method.parent, typeName: LEGACY_USER_API };
      return transport.unary({ ...method, parent }, ...rest);
    },
    stream: (method, ...rest) => {
      const parent = { ...method.parent, typeName: LEGACY_USER_API };
      return transport.stream({ ...method, parent }, ...rest);
    },
  };
}
