import { createHash } from "node:crypto";
import type { PolicyDescription, Weight } from "../description.ts";
import { inReadingOrder } from "../reading-order.ts";
import { Html, html } from "./html.ts";
import { containerAnchor, policyAnchor, policyArticle } from "./policy-article.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** Nothing but this style: no script, image, frame or form, whatever a policy writes into the page. */
const CONTENT_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(PAGE_STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** One piece, so that what is hashed is what stands between the tags. */
const STYLE_ELEMENT = new Html(`<style>${PAGE_STYLE}</style>`);

/**
 * One page about policies that needs nothing else: no network, no script, no font. Every text of a policy is escaped, as
 * whoever wrote the policy may be an attacker.
 *
 * @returns HTML with a final newline
 */
export function renderPage(described: readonly PolicyDescription[]): string {
  const policies = described.map((policy) => ({ ...policy, containers: inReadingOrder(policy.containers) }));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Execution policies</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <div class="layout">
          <header>
            <h1>Execution policies</h1>
            <p class="quiet">
              What the guests of these workloads allow, where that comes from, and what stays unprotected.
              <strong>Fixed</strong> values cannot be changed by the host; a <strong>pattern</strong> leaves it a
              choice; <strong>any</strong> leaves everything to it.
            </p>
          </header>
          <nav class="contents" aria-label="Contents">
            <ul>
              ${policies.map((policy, index) => contentsEntry(policy, index))}
            </ul>
          </nav>
          <main>
            ${policies.map((policy, index) => policyArticle(policy, index))}
            <footer>Written by contrast policy show. The page loads nothing and can be kept or printed.</footer>
          </main>
        </div>
      </body>
    </html> `;
  return page.markup;
}

function contentsEntry({ label, gaps, containers }: PolicyDescription, index: number): Html {
  const count = (wanted: Weight): Html | undefined => {
    const found = gaps.filter(({ weight }) => weight === wanted).length;
    return found === 0 ? undefined : html` <span class="chip ${wanted}">${found} ${wanted}</span>`;
  };
  return html`<li>
    <a href="#${policyAnchor(index)}"><strong>${label}</strong></a
    >${count("high")}${count("medium")}
    <ul>
      <li><a href="#${policyAnchor(index)}-gaps">Not protected</a></li>
      ${containers.map(
        (container, position) =>
          html`<li><a href="#${containerAnchor(index, container, position)}">${container.name}</a></li> `,
      )}
    </ul>
  </li> `;
}
