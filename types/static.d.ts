// The libraries the editors' pages load (package.json), by the addresses our server gives them.

declare module "*/idb-keyval.js" {
  export * from "idb-keyval";
}

declare const tus: typeof import("tus-js-client");

interface Buffer extends Uint8Array {} // the types of tus-js-client name Node's
