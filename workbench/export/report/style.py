"""What a report looks like: on paper black on white, on a screen as light or dark as the person has it. Nothing is fetched for it.

The colours are the window's (gui/tokens.py), which an export cannot know; a test compares them.
"""

from __future__ import annotations

STYLE = """
:root { --page: #FFFFFF; --card: #F8F9FB; --text: #1A1E26; --text2: #4A5364; --line: #DFE3E9; --accent: #4653D6;
  --right: 0 114 178; --wrong: 213 94 0; --ok: #0B7A52; --oktint: #E2F4EC; --err: #C02B30; --errtint: #FCE8E8;
  --violet: #7A3FC0; --violettint: #F1E8FB; --muted: #ECEEF2; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #15171C; --card: #22262E; --text: #E9EBF0; --text2: #AEB5C2;
  --line: #323844; --accent: #8B98FF; --right: 86 180 233; --wrong: 230 159 0; --ok: #45C48F; --oktint: #1D352F; --err: #FF7A76;
  --errtint: #402629; --violet: #C79BFF; --violettint: #332A45; --muted: #2C313B; } }
* { box-sizing: border-box; }
html { background: var(--page); -webkit-text-size-adjust: 100%; }
body { max-width: 960px; margin: 0 auto; padding: 32px 24px 48px; color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 4px; font-weight: 600; }
h2 { font-size: 20px; margin: 40px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); font-weight: 600; }
h3 { font-size: 15px; margin: 20px 0 6px; font-weight: 600; }
p { margin: 8px 0; max-width: 46em; }
ul, ol { margin: 8px 0; padding-left: 20px; max-width: 46em; } li { margin: 3px 0; }
.quiet, small, footer, .caption { color: var(--text2); font-size: 13px; }
.caption { margin: 16px 0 4px; }
.lead { font-size: 16px; margin-top: 16px; }
.pill { display: inline-block; font-size: 13px; line-height: 24px; padding: 0 10px; border-radius: 12px; vertical-align: 4px;
  white-space: nowrap; color: var(--text2); background: var(--muted); }
.pill.completed { color: var(--ok); background: var(--oktint); } .pill.failed { color: var(--err); background: var(--errtint); }
.pill.early_stopped { color: var(--violet); background: var(--violettint); }
.tag { display: inline-block; margin: 0 6px 4px 0; padding: 0 8px; border-radius: 10px; background: var(--muted); font-size: 13px; }
.note, .failure { margin: 16px 0; padding: 10px 14px; border-left: 3px solid var(--line); background: var(--card); }
.note p { white-space: pre-wrap; margin: 4px 0 0; } .failure { border-color: var(--err); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(144px, 1fr)); gap: 10px; margin: 24px 0 0; }
.tiles > div { padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  display: flex; flex-direction: column; }
.tiles span { font-size: 13px; color: var(--text2); } .tiles strong { font-size: 19px; font-weight: 600; white-space: nowrap; }
.wide { overflow-x: auto; margin: 8px 0; }
figure { margin: 0; } figure .wide { background: #FFFFFF; border-radius: 8px; }
figure svg { display: block; width: 100%; min-width: 620px; height: auto; }
figure svg text { font-family: "DejaVu Sans", Verdana, "Noto Sans", sans-serif !important; }
table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line); vertical-align: bottom; }
th { font-weight: 600; color: var(--text2); font-size: 12px; line-height: 1.35; } .n { text-align: right; white-space: nowrap; } th.n { white-space: normal; }
thead th { max-width: 7.4em; overflow-wrap: normal; }
td.n { padding-left: 8px; } tr.marked td { font-weight: 600; background: var(--muted); }
.beside { display: flex; flex-wrap: wrap; gap: 8px 40px; align-items: flex-start; } .beside > div { max-width: 100%; }
.matrix { border-collapse: separate; border-spacing: 2px; } .matrix th, .matrix td { border: 0; padding: 3px 7px; }
.matrix td { border-radius: 3px; min-width: 34px; } .matrix .none { color: var(--text2); }
.matrix th { white-space: nowrap; font-weight: 400; max-width: 24em; overflow: hidden; text-overflow: ellipsis; }
.matrix .right { background: rgb(var(--right) / var(--share)); } .matrix .wrong { background: rgb(var(--wrong) / var(--share)); }
.s1 { --share: 0.1; } .s2 { --share: 0.16; } .s3 { --share: 0.22; } .s4 { --share: 0.28; } .s5 { --share: 0.34; } .s6 { --share: 0.4; }
.s7 { --share: 0.46; } .s8 { --share: 0.52; }
dl { display: grid; grid-template-columns: minmax(9em, max-content) 1fr; gap: 3px 16px; margin: 6px 0; font-size: 14px; }
dt { color: var(--text2); } dd { margin: 0; } dt.inner { padding-left: 14px; }
.stations { columns: 2; column-gap: 32px; } .station { break-inside: avoid; padding-bottom: 14px; } .station h3 { margin-top: 0; }
.station dl { grid-template-columns: 1fr 1.1fr; font-size: 13px; } .dot { color: var(--accent); font-size: 9px; vertical-align: 2px; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; }
pre { padding: 12px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto;
  white-space: pre-wrap; }
details { margin: 12px 0; } summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); }
@media (max-width: 640px) { body { padding: 20px 16px 32px; } .stations { columns: 1; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; } .station dl { grid-template-columns: 1fr 1fr; gap: 3px 12px; } }
@page { size: A4; margin: 16mm 15mm; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h1 { font-size: 20pt; } h2 { font-size: 13pt; margin: 18pt 0 6pt;
    padding-top: 8pt; } .lead { font-size: 10.5pt; } .tiles { margin-top: 12pt; grid-template-columns: repeat(4, 1fr); }
  .tiles strong { font-size: 13pt; }
  h1, h2, h3, .caption, thead, h2 + p { break-after: avoid; } tr, section > dl, .tiles > div, figure, .matrix, .note, .failure, .together { break-inside: avoid; }
  thead { display: table-header-group; } .wide { overflow: visible; } figure svg { min-width: 0; }
  table { font-size: 8.5pt; } th, td { padding: 2pt 7pt 2pt 0; } td.n { padding-left: 4pt; }
  .pill, .tag, .matrix td, tr.marked td, .tiles > div { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  footer { break-before: avoid; margin-top: 16pt; padding-top: 6pt; } p, li { orphans: 3; widows: 3; } }
"""
