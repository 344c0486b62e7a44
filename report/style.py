"""The style of pages: one column, light or dark as the reader's system has it. Pure: values only.

The colours are those of the window (`ui/window/look.py`). Lines of plots keep a contrast of 3 to 1
on the ground, and text one of 4.5 to 1 (WCAG 2.2, 1.4.11 and 1.4.3); two lines of one plot differ
in their dashes too.
"""

LIGHT = {
    "ground": "#f4f6f9",
    "card": "#ffffff",
    "edge": "#c9d0da",
    "text": "#14181f",
    "muted": "#4d5866",
    "accent": "#0b57c4",
    "line-1": "#0b57c4",
    "line-2": "#b4450a",
    "line-3": "#1f7f37",
    "fault": "#b42924",
    "mark": "#ffe9b8",
}
DARK = {
    "ground": "#0d1117",
    "card": "#161b24",
    "edge": "#333b48",
    "text": "#f2f5f8",
    "muted": "#a8b3c2",
    "accent": "#9cc4ff",
    "line-1": "#7fb2ff",
    "line-2": "#ffab6b",
    "line-3": "#6fd28a",
    "fault": "#ff8a85",
    "mark": "#5a4410",
}

PLOT_RULES = {
    "axis": "stroke:{edge};fill:none",
    "label": "fill:{muted};font-size:12px;font-family:sans-serif;font-weight:400",
    "line-1": "stroke:{line-1};fill:none;stroke-width:1.8",
    "line-2": "stroke:{line-2};fill:none;stroke-width:1.8;stroke-dasharray:6 3",
    "line-3": "stroke:{line-3};fill:none;stroke-width:1.8;stroke-dasharray:2 3",
    "area-1": "fill:{line-1};fill-opacity:.75;stroke:none",
    "area-2": "fill:{line-2};fill-opacity:.75;stroke:none",
    "area-3": "fill:{line-3};fill-opacity:.75;stroke:none",
    "word-1": "fill:{line-1};font-family:sans-serif;font-weight:400",
    "word-2": "fill:{line-2};font-family:sans-serif;font-weight:400",
    "word-3": "fill:{line-3};font-family:sans-serif;font-weight:400",
    "limit": "stroke:{muted};fill:none;stroke-dasharray:3 3",
    "outage": "fill:{fault};fill-opacity:.18;stroke:none",
    "event": "stroke:{fault};fill:none;stroke-width:1.4",
    "event-label": "fill:{fault};font-size:12px;font-family:sans-serif;font-weight:400",
    "touch": "fill:none;stroke:none;pointer-events:all",
}
"""The rule of each class that a plot may use; a name in braces is a colour."""


def plot_style(colours: dict[str, str]) -> str:
    """Return the rules of plots in fixed colours, for a picture of them."""
    return "".join(f".{name}{{{_coloured(rule, colours)}}}\n" for name, rule in PLOT_RULES.items())


def _coloured(rule: str, colours: dict[str, str]) -> str:
    for name, colour in colours.items():
        rule = rule.replace(f"{{{name}}}", colour)
    return rule


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


_AS_VARIABLES = {name: f"var(--{name})" for name in LIGHT}

STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}\n"
    f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}\n"
    """*{box-sizing:border-box}
body{margin:0 auto;max-width:58rem;padding:2rem 1.2rem 4rem;background:var(--ground);
color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:0}
h2{font-size:1.15rem;margin:0 0 .8rem}
p{margin:0 0 .8rem}
header p{margin:.3rem 0 1.4rem}
a{color:var(--accent)}
.muted{color:var(--muted);font-size:.9rem}
.lead{font-size:1.1rem;max-width:46rem}
section{background:var(--card);border:1px solid var(--edge);border-radius:12px;
padding:1.1rem 1.2rem;margin:1.2rem 0}
section>:last-child{margin-bottom:0}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:1rem;
margin:0 0 .8rem}
.figures dt{color:var(--muted);font-size:.85rem}
.figures dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.figures dd.muted{font-size:.85rem}
figure{margin:0 0 1.4rem;overflow-x:auto}
figcaption{font-weight:600;margin-bottom:.3rem}
svg{display:block;width:100%;min-width:34rem;height:auto}
table{border-collapse:collapse;width:100%;margin:0 0 .8rem}
th{color:var(--muted);font-size:.85rem;font-weight:600}
th,td{padding:.35rem .7rem .35rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--edge)}
.numbers th:not(:first-child),.numbers td:not(:first-child){text-align:right;
font-variant-numeric:tabular-nums}
@media print{section{break-inside:avoid}}
""" + plot_style(_AS_VARIABLES)
)
"""The style sheet of a page."""
