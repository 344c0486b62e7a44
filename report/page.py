"""A page of a report: its parts, and the HTML document made of them. Pure: no I/O, no clock.

The document stands alone: it loads nothing, and its policy forbids it to. `ui/window/page_image.py`
paints the same parts, except `Markup`, as a picture.
"""

import base64
import hashlib
import html
from dataclasses import dataclass
from typing import NewType

from core.program import NAME, VERSION
from report.style import STYLE

Markup = NewType("Markup", str)
"""HTML whose text has been escaped."""

GENERATOR = f'<meta name="generator" content="{NAME} report'
"""The beginning of a tag by which a page of ours is recognized."""
IMAGE_MARK = "visavis report"
"""A text in the picture of a page, for the same purpose."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.

    Attributes:
        is_muted: True for what is less important, such as a note.
    """

    text: str
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: its name, its value with the unit, and a remark or ""."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures side by side."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column is text, the others are numbers if `is_numeric`."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_numeric: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, with a caption above it.

    Attributes:
        svg: one `<svg>` element with a `viewBox`, whose text has been escaped. Its colours come
            from the classes in `report/style.py`, or are its own.
        caption: what it shows.
        alternative: the same in words, for those who cannot see it.
    """

    svg: str
    caption: str
    alternative: str = ""


Block = Text | Figures | Table | Plot | Markup


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page below its own heading; "" is no heading."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page.

    Attributes:
        title: what it is about, such as "Your call with Bee".
        subtitle: when, and of which file.
        lead: what a hurried reader needs, one paragraph each.
        script: JavaScript of ours, never text of a file; it runs after all else.
        style: further rules of CSS, for `Markup`.
    """

    title: str
    subtitle: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    script: str = ""
    style: str = ""


def escape(text: str) -> Markup:
    """Return a text as HTML, for an element or a quoted attribute."""
    return Markup(html.escape(text))


def to_html(page: Page) -> str:
    """Return the whole document."""
    script = f"<script>{page.script}</script>\n" if page.script else ""
    lead = "".join(f'<p class="lead">{escape(text)}</p>\n' for text in page.lead)
    sections = "".join(_section(section) for section in page.sections)
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(page.script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'{GENERATOR} {VERSION}">\n'
        f"<title>{escape(page.title)}</title>\n<style>\n{STYLE}{page.style}</style>\n</head>\n"
        f"<body>\n<header>\n<h1>{escape(page.title)}</h1>\n"
        f'<p class="muted">{escape(page.subtitle)}</p>\n</header>\n'
        f"<main>\n{lead}{sections}</main>\n{script}</body>\n</html>\n"
    )


def _policy(script: str) -> str:
    """Return the policy of a page: nothing is loaded or sent, and only our script runs."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scripts = f"script-src 'sha256-{digest}'; " if script else ""
    return (
        f"default-src 'none'; {scripts}style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _section(section: Section) -> str:
    heading = f"<h2>{escape(section.heading)}</h2>\n" if section.heading else ""
    return f"<section>\n{heading}{''.join(_block(block) for block in section.blocks)}</section>\n"


def _block(block: Block) -> str:
    match block:
        case Text():
            kind = ' class="muted"' if block.is_muted else ""
            return f"<p{kind}>{escape(block.text)}</p>\n"
        case Figures():
            return f'<dl class="figures">\n{"".join(map(_figure, block.figures))}</dl>\n'
        case Table():
            return _table(block)
        case Plot():
            label = escape(block.alternative or block.caption)
            return (
                f"<figure>\n<figcaption>{escape(block.caption)}</figcaption>\n"
                f'<div role="img" aria-label="{label}">{block.svg}</div>\n</figure>\n'
            )
        case _:
            return block


def _figure(figure: Figure) -> str:
    remark = f'<dd class="muted">{escape(figure.remark)}</dd>' if figure.remark else ""
    return f"<div><dt>{escape(figure.name)}</dt><dd>{escape(figure.value)}</dd>{remark}</div>\n"


def _table(table: Table) -> str:
    kind = ' class="numbers"' if table.is_numeric else ""
    heading = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.heading)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in table.rows
    )
    return f"<table{kind}>\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
