/** Files that the bundler embeds: imported with type "file", the value is a path that node:fs can read. */
declare module "*.wasm" {
  const path: string;
  export default path;
}

/** A module that is unpacked when it is needed. */
declare module "*.wasm.zst" {
  const path: string;
  export default path;
}

/** Rego sources, imported with type "text". */
declare module "*.rego" {
  const text: string;
  export default text;
}
