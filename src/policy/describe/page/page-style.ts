/**
 * The style of the page. It names no font and no image to be fetched, takes the colours of the reader's system, turns
 * tables into blocks on narrow screens, and opens everything for paper. Contrast of text is at least 4.5 to 1.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --text: #1c2128; --quiet: #57606a; --ground: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --link: #0550ae;
  --high: #b3261e; --high-ground: #fdecea; --medium: #8a4600; --medium-ground: #fff4e0;
  --note: #41505f; --note-ground: #eef1f4; --good: #1a6b34; --good-ground: #e6f4ea;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --quiet: #a5b0bb; --ground: #12171d; --panel: #1a2129; --line: #343e4a; --link: #82b8ff;
    --high: #ffa198; --high-ground: #3c1a1b; --medium: #f2c078; --medium-ground: #37290f;
    --note: #b6c2cf; --note-ground: #252d37; --good: #7ddc96; --good-ground: #14301d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; color: var(--text); background: var(--ground);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
}
code, .value { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
a { color: var(--link); }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.5rem; margin: 0 0 .75rem; }
h3 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h4 { font-size: 1rem; margin: 1.75rem 0 .4rem; }
p { margin: .4rem 0; max-width: 46rem; }
.quiet { color: var(--quiet); }
.layout { max-width: 82rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
.contents { font-size: .925rem; }
.contents ul { list-style: none; margin: 0; padding: 0; }
.contents ul ul { margin: .1rem 0 .6rem .75rem; padding-left: .75rem; border-left: 2px solid var(--line); }
.contents li { margin: .2rem 0; overflow-wrap: anywhere; }
.contents a { text-decoration: none; }
.contents a:hover, .contents a:focus { text-decoration: underline; }
@media (min-width: 70rem) {
  .layout { display: grid; grid-template-columns: 16rem minmax(0, 1fr); column-gap: 3rem; }
  header, main { grid-column: 2; }
  .contents { grid-area: 1 / 1 / span 2; position: sticky; top: 2rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto; }
}
header { margin-bottom: 2.5rem; }
article { margin-bottom: 5rem; }
article + article { padding-top: 2.5rem; border-top: 3px solid var(--line); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.25rem; margin: 0 0 1.5rem; padding: 1rem 1.25rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.chip { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.high { color: var(--high); background: var(--high-ground); }
.medium { color: var(--medium); background: var(--medium-ground); }
.note { color: var(--note); background: var(--note-ground); }
.good { color: var(--good); background: var(--good-ground); }
.gap { margin: .6rem 0; border: 1px solid var(--line); border-left-width: 4px; border-radius: .4rem; padding: .65rem 1rem; break-inside: avoid; }
.gap.is-high { border-left-color: var(--high); }
.gap.is-medium { border-left-color: var(--medium); }
.gap.is-note { border-left-color: var(--note); }
.gap summary { cursor: pointer; font-weight: 600; }
.gap summary .chip { margin-right: .5rem; }
.gap ul { margin: .5rem 0; padding-left: 1.25rem; }
.gap li { overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .925rem; table-layout: fixed; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .8rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:nth-child(1) { width: 21%; }
th:nth-child(3) { width: 6rem; }
th:nth-child(4) { width: 23%; }
.remark { display: block; color: var(--quiet); font-size: .85rem; }
details.routine { margin: .5rem 0; }
details.routine > summary { cursor: pointer; color: var(--quiet); font-size: .9rem; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .85rem; }
@media (max-width: 44rem) {
  .layout { padding: 1.25rem 1rem 3rem; }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; padding: .75rem 1rem; }
  .facts dd { margin-bottom: .5rem; }
  table, tbody { display: block; width: 100%; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: grid; grid-template-columns: minmax(0, 1fr) max-content; column-gap: .75rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td { border: 0; padding: .1rem 0; grid-column: 1 / -1; }
  td:nth-child(1) { font-weight: 600; grid-area: 1 / 1; }
  td:nth-child(3) { grid-area: 1 / 2; }
  td:nth-child(4) { color: var(--quiet); font-size: .85rem; }
  .contents { margin-bottom: 2rem; }
}
@media print {
  :root { --text: #000; --ground: #fff; --panel: #fff; --quiet: #444; }
  body { font-size: 10pt; }
  .layout { display: block; max-width: none; padding: 0; }
  .contents { position: static; max-height: none; }
  article { break-before: page; }
  h2, h3, h4 { break-after: avoid; }
  tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; height: auto; }
}
`;
