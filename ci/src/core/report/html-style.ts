/** The look of report.html: no outside request, light and dark, readable in a small window. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #fff; --card: #f6f8fa; --line: #d0d7de;
  --passed: #1a7f37; --failed: #cf222e; --error: #8250df; --inconclusive: #9a6700; --awaiting-approval: #0969da; --skipped: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1; --back: #0d1117; --card: #161b22; --line: #30363d;
  --passed: #3fb950; --failed: #ff7b72; --error: #bc8cff; --inconclusive: #d29922; --awaiting-approval: #58a6ff; --skipped: #9198a1; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.8rem; margin: .5rem 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h1 b, .verdict { text-transform: uppercase; letter-spacing: .03em; }
.reason { font-size: 1.15rem; margin: .25rem 0 1rem; overflow-wrap: anywhere; }
.facts { color: var(--soft); } .facts code { color: var(--text); }
.card { background: var(--card); border: 1px solid var(--line); border-left: .4rem solid; border-radius: .4rem; padding: .75rem 1rem; margin: 1rem 0; }
.card h3 { margin: 0 0 .25rem; } .card p { margin: .25rem 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figure img { width: 100%; max-width: 60rem; }
pre { background: var(--back); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; overflow: auto; max-height: 30rem; font-size: .85rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; } .scroll { overflow-x: auto; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } td.wide { overflow-wrap: anywhere; }
li { margin: .25rem 0; overflow-wrap: anywhere; } details { margin: .5rem 0; } summary { cursor: pointer; }
.passed { color: var(--passed); } .failed { color: var(--failed); } .error { color: var(--error); }
.inconclusive { color: var(--inconclusive); } .awaiting-approval { color: var(--awaiting-approval); } .skipped { color: var(--skipped); }
.card.failed, .card.error, .card.inconclusive, .card.awaiting-approval { border-left-color: currentColor; }
.card > :not(h3) { color: var(--text); }
`
