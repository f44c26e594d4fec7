import type { ContainerDescription, Gap, PolicyDescription, Room, Row, Section, Weight } from "../description.ts";
import { originText, placeText, roleText, rulesText, trustText } from "../description-words.ts";
import { Html, html } from "./html.ts";

const ROOM_CLASSES: Readonly<Record<Room, Weight>> = { fixed: "note", pattern: "medium", any: "high" };
const ROOM_WORDS: Readonly<Record<Room, string>> = { fixed: "fixed", pattern: "pattern", any: "any" };

/** Sections whose rows are about names as a policy writes them, not about words. */
const NAMED = new Set(["environment", "mounts", "storages", "annotations"]);

/** Name of the anchor of a policy on the page. */
export function policyAnchor(index: number): string {
  return `policy-${index + 1}`;
}

/** Name of the anchor of one of its containers: the position makes it unique, the name tells it to people. */
export function containerAnchor(index: number, { name }: ContainerDescription, position: number): string {
  const suffix = /^[a-z0-9-]{1,63}$/.test(name) ? `-${name}` : "";
  return `${policyAnchor(index)}-${position}${suffix}`;
}

/** One policy as an article. */
export function policyArticle(policy: PolicyDescription, index: number): Html {
  const { label, namespace, gaps, containers, pod } = policy;
  const title = namespace === "" ? html`${label}` : html`${label} <span class="quiet">in namespace ${namespace}</span>`;
  return html`<article id="${policyAnchor(index)}">
    <h2>${title}</h2>
    ${factList(policy)}
    <h3 id="${policyAnchor(index)}-gaps">What this policy does not protect</h3>
    ${gaps.length === 0 ? html`<p>Nothing that this program knows of.</p>` : gaps.map((gap) => gapBlock(gap))}
    ${containers.map((container, position) => containerSection(container, containerAnchor(index, container, position)))}
    ${
      pod.length === 0
        ? undefined
        : html`<h3 id="${policyAnchor(index)}-pod">Pod</h3>
            ${pod.map((section) => sectionBlock(section))}`
    }
  </article> `;
}

function factList(policy: PolicyDescription): Html {
  const { hashHex, place, sizeBytes, carrier, trust, rules, settings } = policy;
  const trustClass = trust === "trusted" ? "good" : trust === "missing" ? "high" : "medium";
  const trustWord = trust === "trusted" ? "known" : trust === "missing" ? "unknown" : "not checked";
  const shipped =
    settings === undefined
      ? "not known"
      : settings.changes === 0
        ? `as shipped (${settings.profile})`
        : `${settings.changes} differ from profile ${settings.profile}`;
  return html`<dl class="facts">
    <dt>Policy</dt>
    <dd><code>${hashHex}</code></dd>
    <dt>From</dt>
    <dd>
      ${placeText(place)}, ${sizeBytes.toLocaleString("en")} bytes${carrier === "initdata" ? ", in initdata" : ""}
    </dd>
    <dt>Manifest</dt>
    <dd><span class="chip ${trustClass}">${trustWord}</span> ${trustText(policy)}</dd>
    <dt>Rules</dt>
    <dd>
      <span class="chip ${rules.embedded ? "good" : "high"}">${rules.embedded ? "known" : "unknown"}</span>
      ${rulesText(policy)}
    </dd>
    <dt>Settings</dt>
    <dd>${shipped}</dd>
  </dl> `;
}

function gapBlock({ id, weight, title, why, action, concerns }: Gap): Html {
  const isOpen = weight === "note" ? "" : " open";
  const head = html`<summary><span class="chip ${weight}">${weight}</span>${title}</summary>`;
  return html`<details class="gap is-${weight}" data-gap="${id}" ${new Html(isOpen)}>
    ${head}
    <p>${why}</p>
    <p><strong>To do:</strong> ${action}</p>
    <ul>
      ${concerns.map((concern) => html`<li><code>${concern}</code></li>`)}
    </ul>
  </details> `;
}

function containerSection(container: ContainerDescription, anchor: string): Html {
  const place = container.place === undefined ? undefined : html`, ${placeText(container.place)}`;
  return html`<section id="${anchor}">
    <h3>Container ${container.name}</h3>
    <p class="quiet">${roleText(container)}${place}</p>
    ${container.sections.map((section) => sectionBlock(section))}
  </section> `;
}

function sectionBlock({ id, title, note, rows }: Section): Html {
  const own = rows.filter(({ routine }) => routine === undefined);
  const routine = rows.filter((row) => row.routine === true);
  if (rows.length === 0 && note === undefined) return html``;
  return html`<h4 data-section="${id}">${title}</h4>
    ${note === undefined ? undefined : html`<p class="quiet">${note}</p>`}
    ${own.length === 0 ? undefined : rowTable(own, NAMED.has(id))}
    ${
      routine.length === 0
        ? undefined
        : html`<details class="routine">
            <summary>${own.length === 0 ? "" : "and "}${routine.length} that every pod has</summary>
            ${rowTable(routine, NAMED.has(id))}
          </details>`
    } `;
}

function rowTable(rows: readonly Row[], areNames: boolean): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col">Allowed</th>
        <th scope="col">Room</th>
        <th scope="col">Where it comes from</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => tableRow(row, areNames))}
    </tbody>
  </table>`;
}

function tableRow({ subject, value, room, note, origin }: Row, isName: boolean): Html {
  const head = isName ? html`<span class="value">${subject}</span>` : html`${subject}`;
  const remark = note === undefined ? undefined : html`<span class="remark">${note}</span>`;
  const text = value === "" ? html`<span class="quiet">empty</span>` : html`<span class="value">${value}</span>`;
  return html`<tr>
    <td>${head}</td>
    <td>${text}${remark}</td>
    <td><span class="chip ${ROOM_CLASSES[room]}">${ROOM_WORDS[room]}</span></td>
    <td>${originText(origin)}</td>
  </tr> `;
}
