/** What the page of a load test has beyond report.html: tiles and pictures. */
export const PAGE_STYLE = `
:root { --a: #0969da; --b: #1a7f37; --c: #8250df; --d: #cf222e; --limit: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --a: #58a6ff; --b: #3fb950; --c: #bc8cff; --d: #ff7b72; --limit: #ff7b72; } }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; }
.tile span { display: block; color: var(--soft); font-size: .9rem; } .tile b { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
figure { margin: .75rem 0; overflow-x: auto; } svg { display: block; width: 100%; min-width: 34rem; font: 12px system-ui, sans-serif; }
svg text { fill: var(--soft); } svg .head { fill: var(--text); font-weight: 600; font-size: 13px; }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); } .line.c { stroke: var(--c); } .line.d { stroke: var(--d); }
.line.plan { stroke: var(--soft); stroke-dasharray: 3 4; } .limit { stroke: var(--limit); stroke-dasharray: 7 4; stroke-width: 1.4; }
.bar { fill: var(--a); opacity: .75; } .hover { fill: transparent; } .hover:hover { fill: var(--soft); opacity: .18; }
`
