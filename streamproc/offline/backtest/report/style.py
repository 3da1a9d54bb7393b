"""The page's look: readable on a phone, on a desk, in the dark and on paper."""

CSS = """
:root { --ink: #1c2530; --soft: #5c6773; --paper: #fff; --card: #f6f7f9; --line: #d9dee4;
  --s0: #1f6fb2; --s1: #d9772b; --s2: #4d9a4d; --s3: #8c6bb1; --s4: #c9a227; --s5: #7f8c8d; --s6: #b0413e;
  --good: #2e7d32; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a0a9b4; --paper: #14181d; --card: #1d232a;
  --line: #38414b; --s0: #6bb0ec; --s1: #f0a35e; --s2: #86cf86; --s3: #b79bdb; --s4: #e3c65b; --s5: #a9b4b5;
  --s6: #e07a76; --good: #81c784; --bad: #f28b82; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 68rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: .5rem 0; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0 0 .3rem; font-size: 1.05rem; } p { margin: .4rem 0; }
.soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); }
.cards { display: grid; gap: 1rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; min-width: 0; }
.wide { grid-column: 1 / -1; }
.card p { font-size: .95rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none; }
.facts b { display: block; font-size: 1.4rem; }
svg { width: 100%; height: auto; display: block; font: 13px system-ui, sans-serif; }
svg text { fill: var(--soft); } .grid { stroke: var(--line); } .whisker { stroke: var(--s0); stroke-width: 3; }
.mark { stroke: var(--bad); stroke-dasharray: 5 4; stroke-width: 1.5; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); }
.s4 { fill: var(--s4); } .s5 { fill: var(--s5); } .s6 { fill: var(--s6); }
.line { fill: none; stroke-width: 2; } .line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); }
.line.s2 { stroke: var(--s2); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.2rem; list-style: none; margin: .2rem 0; padding: 0;
  font-size: .9rem; }
.legend li::before { content: "■ "; } .k0::before { color: var(--s0); } .k1::before { color: var(--s1); }
.k2::before { color: var(--s2); } .k3::before { color: var(--s3); } .k4::before { color: var(--s4); }
.k5::before { color: var(--s5); } .k6::before { color: var(--s6); }
@media (max-width: 480px) { svg { font-size: 15px; } }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .8rem; }
th, td { text-align: right; padding: .15rem .3rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
"""
