import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { Html, html } from "../../../../src/policy/describe/page/html.ts";
import { renderPage } from "../../../../src/policy/describe/page/render-page.ts";
import { bareText, describeFound, foundIn } from "../../../fakes/found-policies.ts";
import { podYaml } from "../../../fakes/policy-input.ts";

const HOSTILE = `</style></td><script>alert(1)</script><img src=x onerror=alert(1)>" onload='x' \u202e\u001b[31m &amp;`;

describe("html()", () => {
  test("escapes texts, and passes what is markup already", () => {
    // Another name, so that the formatter leaves the template alone.
    const tag = html;
    const made = tag`<a title="${`"'<>&`}">${new Html("<b>")}${undefined}${7}${[tag`<i>`, tag`${"<"}`]}</a>`;
    expect(made.markup).toBe('<a title="&quot;&#39;&lt;&gt;&amp;"><b>7<i>&lt;</a>');
  });
  test("writes out what hides or reorders text", () => {
    expect(html`${"a\u202eb\u0000\u001b"}`.markup).toBe("a\\u202eb\\u0000\\u001b");
  });
});

describe("renderPage()", () => {
  const pages = async (...policies: Parameters<typeof describeFound>[0][]) =>
    renderPage(await Promise.all(policies.map(async (policy) => await describeFound(policy))));

  test("allows its own style by its hash, and nothing else", async () => {
    const page = await pages(await foundIn(podYaml()));
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy.replaceAll("&#39;", "'")).toBe(
      `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`,
    );
  });
  test("names no address, font or script", async () => {
    const page = await pages(await foundIn(podYaml()), await foundIn(podYaml("tty: true")));
    expect(page).not.toMatch(
      /<(?:script|link|img|iframe|object|embed|base|form)\b|\ssrc=|@import|url\(|\sstyle=|\son\w+=/i,
    );
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith("#"))).toBe(true);
  });
  test("lets no text of a policy become markup", async () => {
    const data = {
      containers: [
        {
          OCI: {
            Annotations: { "io.kubernetes.cri.container-name": HOSTILE, [HOSTILE]: HOSTILE },
            Process: { Args: [HOSTILE], Env: [`${HOSTILE}=${HOSTILE}`], Cwd: HOSTILE },
            Mounts: [{ destination: HOSTILE, source: HOSTILE, type_: HOSTILE, options: [HOSTILE] }],
            Linux: { MaskedPaths: [HOSTILE], Sysctl: { [HOSTILE]: HOSTILE }, Devices: [{ Path: HOSTILE }] },
          },
          image: HOSTILE,
          storages: [{ driver: HOSTILE, mount_point: HOSTILE }],
          devices: [{ container_path: HOSTILE }],
          exec_commands: [[HOSTILE]],
        },
      ],
      request_defaults: { [HOSTILE]: true, CopyFileRequest: [HOSTILE], ExecProcessRequest: { regex: [HOSTILE] } },
      common: { [HOSTILE]: HOSTILE },
      sandbox: { allowed_guest_hooks: [HOSTILE] },
    };
    const found = bareText(`package agent_policy\n\npolicy_data := ${JSON.stringify(data)}`, {
      label: HOSTILE,
      namespace: HOSTILE,
      file: HOSTILE,
      manifests: [HOSTILE],
    });
    const page = await pages(found);
    const body = page.slice(page.indexOf("<body>"));
    const tags = new Set([...body.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = ""]) => name));
    expect([...tags].toSorted((left, right) => (left < right ? -1 : 1))).toEqual(
      "a article body code dd details div dl dt footer h1 h2 h3 h4 header html li main nav p section span strong summary table tbody td th thead tr ul".split(
        " ",
      ),
    );
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/);
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(15);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });
  test("begins with the containers of the YAML", async () => {
    const page = await pages(await foundIn(podYaml()));
    const names = [...page.matchAll(/>(main|pause)</g)].map(([, name]) => name);
    expect(names.slice(0, 2)).toEqual(["main", "pause"]);
  });
  test("gives every container an anchor of its own", async () => {
    const named = (name: string) => ({ OCI: { Annotations: { "io.kubernetes.cri.container-name": name } } });
    const containers = [named("a"), named("a"), named("UPPER CASE"), named("gaps"), named("pod")];
    const page = await pages(bareText(`package x\n\npolicy_data := ${JSON.stringify({ containers })}`));
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
