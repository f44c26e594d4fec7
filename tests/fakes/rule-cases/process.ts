import { POD_NAME } from "../rule-requests.ts";
import { allowed, denied, noEdit, policyOf, type Edit, type RuleCase } from "./rule-case.ts";

export const processCases: readonly RuleCase[] = [
  denied("terminal", "web", (r) => (r.OCI.Process.Terminal = true)),
  denied("working directory", "web", (r) => (r.OCI.Process.Cwd = "/tmp")),
  denied("privilege escalation", "pause", (r) => (r.OCI.Process.NoNewPrivileges = false)),
  denied("user", "web", (r) => (r.OCI.Process.User.UID = 1)),
  denied("group", "web", (r) => (r.OCI.Process.User.GID = 1)),
  denied("extra group", "web", (r) => r.OCI.Process.User.AdditionalGids.push(1)),
  allowed(
    "groups in another order",
    "web",
    (r) => (r.OCI.Process.User.AdditionalGids = [7, 0, 7]),
    (p) => (policyOf(p, "web").OCI.Process.User.AdditionalGids = [0, 7]),
  ),
  ...["Ambient", "Bounding", "Effective", "Inheritable", "Permitted"].map((set) =>
    denied(`${set} capability`, "web", (r) => r.OCI.Process.Capabilities[set].push("CAP_SYS_ADMIN")),
  ),
  denied("capability is missing", "web", (r) => r.OCI.Process.Capabilities.Bounding.pop()),
  allowed("capabilities in another order without prefix", "web", (r) => {
    const sets = r.OCI.Process.Capabilities;
    sets.Bounding = sets.Bounding.map((name: string) => name.slice(4)).toReversed();
  }),
  allowed(
    "privileged capabilities",
    "web",
    (r) => r.OCI.Process.Capabilities.Bounding.push("CAP_SYS_ADMIN"),
    (p) => (policyOf(p, "web").OCI.Process.Capabilities.Bounding = ["$(privileged_caps)"]),
  ),
  allowed(
    "capabilities by name",
    "web",
    (r) => (r.OCI.Process.Capabilities.Bounding = ["CAP_KILL"]),
    (p) => (policyOf(p, "web").OCI.Process.Capabilities.Bounding = ["KILL"]),
  ),
  denied(
    "usual capabilities where the policy has its own",
    "web",
    noEdit,
    (p) => (policyOf(p, "web").OCI.Process.Capabilities.Bounding = ["KILL"]),
  ),
  denied("argument", "web", (r) => (r.OCI.Process.Args[0] = "/bin/sh")),
  denied("extra argument", "web", (r) => r.OCI.Process.Args.push("-x")),
  denied("argument is missing", "web", (r) => r.OCI.Process.Args.pop()),
  denied("no node name in an argument", "web", (r) => (r.OCI.Process.Args[1] = "--node=a b")),
  denied("text before an argument with tokens", "web", (r) => (r.OCI.Process.Args[1] = "x--node=node-1")),
  denied("other pod name in an argument", "web", (r) => (r.OCI.Process.Args[2] = "http://10.1.2.3:80/shop/web-aaaaa")),
  denied("other literal in an argument", "web", (r) => (r.OCI.Process.Args[2] = `http://10.1.2.3x80/shop/${POD_NAME}`)),
  allowed(
    "text before a token that reads like one",
    "blocks",
    (r) => (r.OCI.Process.Args = ["node-name) node-1"]),
    (p) => (policyOf(p, "blocks").OCI.Process.Args = ["node-name) $(node-name)"]),
  ),
  allowed(
    "IPv6 address in an argument",
    "web",
    (r) => (r.OCI.Process.Args[2] = `http://fd00:10::9:80/shop/${POD_NAME}`),
  ),
  allowed(
    "no arguments on either side",
    "blocks",
    (r) => (r.OCI.Process.Args = []),
    (p) => delete policyOf(p, "blocks").OCI.Process.Args,
  ),
  denied("argument where the policy has none", "blocks", noEdit, (p) => delete policyOf(p, "blocks").OCI.Process.Args),
];

const env =
  (index: number, value: string): Edit =>
  (request) => {
    request.OCI.Process.Env[index] = value;
  };

/** Adds variables to the request, and an expression for them to the settings. */
const withVariables = (title: string, expression: string, isAllowed: boolean, ...variables: string[]): RuleCase =>
  (isAllowed ? allowed : denied)(
    title,
    "blocks",
    (r) => r.OCI.Process.Env.push(...variables),
    (p) => p.request_defaults.CreateContainerRequest.allow_env_regex.push(expression),
  );

/** Expressions that may match a line break: with them, each variable has to match alone. */
const ACROSS_LINES = ["^N=[^;]*$", "^N=(?s:.*)$", "^N=[[:^lower:]]*$", "^N=[A-Z=\\n]*$", "^N=[\t-~]*$"];

export const environment: readonly RuleCase[] = [
  ...ACROSS_LINES.flatMap((expression) => [
    withVariables(
      `variable that ${expression} does not match, behind one that it does`,
      expression,
      false,
      "N=A",
      "X=A",
    ),
    withVariables(`variable with a line break that ${expression} matches`, expression, true, "N=A\nX=A"),
  ]),
  withVariables(
    "variables with an expression that is not tied to their ends",
    "^OPEN=|SUFFIX",
    true,
    "OPEN=x",
    "A=SUFFIX2",
  ),
  withVariables("variable that goes on behind a line break", "^OPEN=", true, "OPEN=x\nHOSTNAME=a"),
  withVariables("line of a variable that only looks like its beginning", "^OPEN=", false, "X=x\nOPEN=a"),
  denied("two variables in one", "blocks", (r) => r.OCI.Process.Env.push("HOSTNAME=a\nHOSTNAME=b")),
  denied("other value", "web", env(0, "PATH=/evil")),
  denied("extra variable", "web", (r) => r.OCI.Process.Env.push("LD_PRELOAD=/x")),
  allowed("variables are missing", "web", (r) => (r.OCI.Process.Env = [])),
  allowed(
    "no variables in the policy",
    "blocks",
    (r) => (r.OCI.Process.Env = []),
    (p) => delete policyOf(p, "blocks").OCI.Process.Env,
  ),
  denied("variable without any in the policy", "blocks", noEdit, (p) => {
    delete policyOf(p, "blocks").OCI.Process.Env;
    p.request_defaults.CreateContainerRequest.allow_env_regex = [];
  }),
  denied("host name with a blank", "blocks", (r) => r.OCI.Process.Env.push("HOSTNAME=a b")),
  denied("pod id that is none", "web", env(2, "POD_UID=1")),
  ...["256.1.2.3", "10.1.2", "10.1.2.3 ", "fd00", "g::1", "1:2:3:4:5:6:7:8:9"].map((text) =>
    denied(`address ${text}`, "web", env(3, `ADDRESS=${text}`)),
  ),
  ...["::1", "fd00::1", "fe80::a:b:c:d", "1:2:3:4:5:6:7:8", "::ffff:10.1.2.3"].map((text) =>
    allowed(`address ${text}`, "web", env(3, `ADDRESS=${text}`)),
  ),
  denied("two addresses for one", "web", env(3, "ADDRESS=10.1.2.3,10.1.2.4")),
  denied("list of addresses that ends in a comma", "web", env(4, "ADDRESSES=10.1.2.3,")),
  denied("host name that is none", "web", env(9, "SELF=a b")),
  denied("host addresses that are none", "web", env(10, "HOSTS=a")),
  denied("resource that is no number", "web", env(5, "CPUS=4; rm")),
  denied("literal beside a token", "web", env(7, `URL=http://192.168.0.10:80/?a=c&pod=${POD_NAME}`)),
  denied("other pod in a text with tokens", "web", env(7, "URL=http://192.168.0.10:80/?a=b&pod=other")),
  denied("dot of a literal", "web", env(8, "LITERAL=abc $(date) [x]")),
  denied("service with other text", "web", env(11, "KUBERNETES_SERVICE_HOST=evil.example")),
  denied("token of the settings is not literal text", "web", env(11, "$(svc_name_downward_env)_SERVICE_HOST=10.0.0.1")),
];
