"""How the report looks, on a light and on a dark screen."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1, h2, h3 { line-height: 1.2; margin: 1.4em 0 .3em; }
h3 { margin-top: 0; font-weight: 500; opacity: .75; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; }
th:nth-child(n+4), td:nth-child(n+4) { text-align: right; }
td.good { color: #1a7f37; } td.doubtful { color: #9a6700; } td.nothing { color: #848d97; }
section { border-top: 1px solid #8884; margin-top: 1.5rem; }
.row { display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start; }
figure { margin: 0; width: 128px; } figure img { width: 128px; height: 128px; border-radius: 3px; }
figure.dates { width: 260px; } figure.dates img + img { margin-left: 4px; }
figcaption { font-size: 12px; opacity: .8; }
svg.map { width: 260px; height: 260px; border: 1px solid #8886; border-radius: 3px; background: #8882; }
svg.map image { opacity: .8; }
svg.map .raster { fill: none; stroke: #888; } svg.map .hit { fill: #e8590c44; stroke: #e8590c; }
@media print { section { break-inside: avoid; } }
"""
