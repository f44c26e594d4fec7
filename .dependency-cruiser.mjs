// Import directions of src/ (style guide, section 2): an import goes to a strictly lower rank or stays in its room.
const ranks = [
  ["lib"],
  ["terminal", "pki", "proto", "rego", "kubernetes"],
  ["oci", "servicemesh", "attestation"],
  ["manifest", "policy", "rpc"],
  ["generate", "coordinator", "initializer"],
  ["commands"],
  ["cli"],
];

const lowerRooms = (rank) => ranks.slice(0, rank).flat();
const rooms = ranks.flat();
const folder = (names) => `^src/(${names.join("|")})/`;

const directions = ranks.flatMap((names, rank) =>
  names.map((room) => ({
    name: `layer-${room}`,
    comment: `src/${room} (rank ${rank}) may import only itself and lower ranks`,
    severity: "error",
    from: { path: `^src/${room}/` },
    to: { path: "^src/", pathNot: `^src/(${[room, ...lowerRooms(rank)].join("|")})/` },
  })),
);

// A sub-room (folder inside a room) may use files of the room itself, never a sibling sub-room.
const siblings = {
  name: "sub-room-siblings",
  severity: "error",
  from: { path: "^src/([^/]+)/([^/]+)/" },
  to: { path: "^src/$1/[^/]+/", pathNot: "^src/$1/$2/" },
};

export default {
  forbidden: [
    ...directions,
    siblings,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "unlisted-room",
      comment: "every folder of src/ needs a rank in this file; only main.ts stands beside the rooms",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/main\\.ts$", folder(rooms)] },
      to: {},
    },
    {
      name: "unlisted-room-target",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: ["^src/main\\.ts$", folder(rooms)] },
    },
    {
      name: "main-is-a-leaf",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/main\\.ts$" },
    },
    {
      name: "main-imports-cli-and-lib-only",
      severity: "error",
      from: { path: "^src/main\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(cli|lib)/" },
    },
    {
      name: "no-index-files",
      severity: "error",
      from: {},
      to: { path: "^src/.*index\\.ts$" },
    },
    {
      name: "no-tests-or-scripts",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|scripts)/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
