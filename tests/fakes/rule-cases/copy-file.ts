import { copyFile, copyLinkWithData, IDS, SHARED } from "../rule-requests.ts";
import { noEdit, ruleCase, type Edit, type RuleCase } from "./rule-case.ts";

const copy = (title: string, allowed: boolean, edit: Edit): RuleCase => {
  const request = copyFile();
  edit(request);
  return ruleCase(`copy: ${title}`, allowed, { kind: "CopyFileRequest", request });
};

const oldCopy = (title: string, allowed: boolean, target: string, edit: Edit = noEdit): RuleCase => {
  const request = copyLinkWithData(target);
  edit(request);
  return ruleCase(`copy with data: ${title}`, allowed, { kind: "CopyFileRequest", request });
};

const link =
  (target: string | null, edit: Edit = noEdit): Edit =>
  (request) => {
    request.file_type = "Symlink";
    request.symlink_target = target;
    edit(request);
  };

const TOP = `${SHARED}/${IDS.web}-0123456789abcdef-config`;

export const copyCases: readonly RuleCase[] = [
  copy("file with a name of two letters", true, noEdit),
  copy("directory", true, (r) => (r.file_type = "Directory")),
  copy("other type", false, (r) => (r.file_type = "Unknown")),
  copy("outside of shared files", false, (r) => (r.path = "/etc/passwd")),
  copy("behind other text", false, (r) => (r.path = `/x${r.path}`)),
  copy("upwards", false, (r) => (r.path += "/../../x")),
  copy("link", true, link("..data/ca")),
  copy("link upwards", false, link("a/../../b")),
  copy("link to an absolute path", false, link("/etc")),
  copy("link without target", false, link(null)),
  copy(
    "link in place of a volume",
    false,
    link("a", (r) => (r.path = TOP)),
  ),
  oldCopy("link", true, "..data/ca"),
  copy("other type with a target", false, (r) => {
    link("a")(r);
    r.file_type = "Unknown";
  }),
  copy("link upwards with harmless data", false, (r) => {
    link("../a")(r);
    r.data = [97];
  }),
  oldCopy("link with dots in names", true, "a../..b/.x/y./..."),
  ...["..", "../a", "a/..", "a/../b", "/etc", ""].map((target) => oldCopy(`link to "${target}"`, false, target)),
  oldCopy("link in place of a volume", false, "a", (r) => (r.path = TOP)),
  oldCopy("file", true, "../../content", (r) => (r.file_mode = 0o100644)),
  oldCopy("directory", true, "", (r) => (r.file_mode = 0o40755)),
  oldCopy("device file", false, "", (r) => (r.file_mode = 0o20644)),
  oldCopy("without a type", false, "", (r) => (r.file_mode = 0o644)),
];
