"""Plots over the time of a call, as SVG with classes of `report/style.py`. Pure: no I/O, no clock.

A plot has axes with units, a legend, the outages as grey areas, the events as numbered lines, and
the values below the pointer as titles. Own code rather than a library's: one drawing has to serve
a light and a dark page, a pointer, and Qt's painter, in some 20 kB.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 860, 196
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 40, 30
LANE_TOP = 26
"""Lanes have no legend above them."""
LANE_HEIGHT = 26
LEGEND_LETTER = 6.6
"""The width of a letter of 12 pixels, roughly."""
MAX_TITLES = 120
"""Places that show values below the pointer."""
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_MOST_TICKS = 12
_FIRST_BROAD_BAR = 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """A value that holds for a span of time; None if it is unknown."""

    began_s: float
    ended_s: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot: its name in the legend, its points in order, and its look.

    Attributes:
        is_bars: drawn as bars from the axis up.
    """

    name: str
    points: tuple[Point, ...]
    is_bars: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a plot without values: its name, and the spans that are filled."""

    name: str
    spans: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An event, as a numbered line."""

    at_s: float
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The time that all plots of a call share.

    Attributes:
        outages: the spans without a link.
    """

    length_s: float
    marks: tuple[Mark, ...] = ()
    outages: tuple[tuple[float, float], ...] = ()

    def x(self, at_s: float) -> float:
        """Return where a time is."""
        share = min(1.0, max(0.0, at_s / self.length_s)) if self.length_s > 0 else 0.0
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def draw_lines(
    axis: TimeAxis,
    lines: Sequence[Line],
    unit: str,
    *,
    limit: tuple[float, str] | None = None,
) -> str:
    """Return a plot of values over time.

    Args:
        unit: of all values, such as "ms".
        limit: a value that should not be exceeded, and its name.
    """
    values = [p.value for line in lines for p in line.points if p.value is not None]
    highest = max([*values, 0.0])
    if limit is not None and highest >= limit[0] / 3:
        highest = max(highest, limit[0] * 1.1)
    else:
        limit = None
    step = _nice_step(highest)
    top = max(step, math.ceil(highest / step - 1e-9) * step)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    body = [
        *_outages(axis, TOP, HEIGHT),
        *_value_axis(step, top, y, unit),
        *_time_axis(axis, HEIGHT),
    ]
    for place, line in enumerate(lines, 1):
        body += _bars(axis, line, place, y) if line.is_bars else _path(axis, line, place, y)
    if limit is not None:
        body.append(_horizontal("limit", y(limit[0])))
        # In the legend's row, where no line can cross it.
        body.append(f'<path class="limit" d="M{LEFT} 9h22"/>')
        body.append(_text("label", LEFT + 28, 13, limit[1]))
    body += _marks(axis, TOP, HEIGHT)
    body += _legend(lines)
    body += _titles(axis, lines, unit)
    return _svg(HEIGHT, body)


def draw_lanes(axis: TimeAxis, lanes: Sequence[Lane]) -> str:
    """Return a plot that shows when each of several things held."""
    height = LANE_TOP + LANE_HEIGHT * max(1, len(lanes)) + BOTTOM
    body = [*_outages(axis, LANE_TOP, height), *_time_axis(axis, height)]
    for place, lane in enumerate(lanes):
        at_y = LANE_TOP + place * LANE_HEIGHT
        body.append(_text("label", LEFT, at_y + 8, lane.name))
        for began_s, ended_s in lane.spans:
            x = axis.x(began_s)
            width = max(1.0, axis.x(ended_s) - x)
            title = f"{lane.name}: {word_time(began_s)} to {word_time(ended_s)}"
            body.append(
                f'<rect class="area-{place % 3 + 1}" x="{x:.1f}" y="{at_y + 12}"'
                f' width="{width:.1f}" height="9"><title>{escape(title)}</title></rect>'
            )
    body += _marks(axis, LANE_TOP, height)
    return _svg(height, body)


def word_time(at_s: float) -> str:
    """Return a time of a call, such as "0:07" or "1:02:03"."""
    minutes, seconds = divmod(int(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def word_value(value: float, unit: str) -> str:
    """Return a value with as many digits as matter."""
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def _svg(height: int, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">'
        f"{''.join(body)}</svg>"
    )


def _text(kind: str, x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _horizontal(kind: str, y: float) -> str:
    return f'<path class="{kind}" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'


def _nice_step(highest: float) -> float:
    """Return the distance of ticks, 1, 2 or 5 times a power of ten, that makes about four."""
    if highest <= 0:
        return 1.0
    rough = highest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _value_axis(step: float, top: float, y: Callable[[float], float], unit: str) -> Iterator[str]:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    for place in range(round(top / step) + 1):
        value = place * step
        yield _horizontal("axis", y(value))
        yield _text("label", LEFT - 8, y(value) + 4, f"{value:,.{digits}f}", anchor="end")
    yield _text("label", LEFT - 8, 13, unit, anchor="end")


def _time_axis(axis: TimeAxis, height: int) -> Iterator[str]:
    bottom = height - BOTTOM
    step_s = next((s for s in _STEPS_S if axis.length_s / s <= _MOST_TICKS), 0)
    step_s = step_s or math.ceil(axis.length_s / _MOST_TICKS / 86_400) * 86_400
    at_s = 0
    while at_s <= axis.length_s:
        x = axis.x(at_s)
        yield f'<path class="axis" d="M{x:.1f} {bottom}v5"/>'
        yield _text("label", x, bottom + 18, word_time(at_s), anchor="middle")
        at_s += step_s
    yield _horizontal("axis", bottom)


def _outages(axis: TimeAxis, top: int, height: int) -> Iterator[str]:
    for began_s, ended_s in axis.outages:
        x = axis.x(began_s)
        width = max(2.0, axis.x(ended_s) - x)
        yield (
            f'<rect class="outage" x="{x:.1f}" y="{top}" width="{width:.1f}"'
            f' height="{height - top - BOTTOM}"><title>No link</title></rect>'
        )


def _marks(axis: TimeAxis, top: int, height: int) -> Iterator[str]:
    free_from_x = 0.0
    for mark in axis.marks:
        x = axis.x(mark.at_s)
        title = f"<title>{escape(f'{word_time(mark.at_s)} {mark.text}')}</title>"
        yield f'<path class="event" d="M{x:.1f} {top - 4}V{height - BOTTOM}">{title}</path>'
        if x >= free_from_x:
            yield _text("event-label", x, top - 7, str(mark.number), anchor="middle")
            free_from_x = x + 16


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    x: float = WIDTH - RIGHT - sum(40 + len(line.name) * LEGEND_LETTER for line in lines)
    for place, line in enumerate(lines, 1):
        if line.is_bars:
            yield f'<rect class="area-{place}" x="{x + 6:.1f}" y="4" width="10" height="10"/>'
        else:
            yield f'<path class="line-{place}" d="M{x:.1f} 9h22"/>'
        yield _text("label", x + 28, 13, line.name)
        x += 40 + len(line.name) * LEGEND_LETTER


def _path(axis: TimeAxis, line: Line, place: int, y: Callable[[float], float]) -> Iterator[str]:
    steps: list[str] = []
    last: Point | None = None
    for point in line.points:
        if point.value is None:
            last = None
            continue
        at_y = y(max(0.0, point.value))
        command = "M" if last is None else "L"
        if last is None:
            steps.append(f"M{axis.x(point.began_s):.1f} {at_y:.1f}")
            command = "L"
        steps.append(f"{command}{axis.x(point.ended_s):.1f} {at_y:.1f}")
        last = point
    if steps:
        yield f'<path class="line-{place}" d="{"".join(steps)}"/>'


def _bars(axis: TimeAxis, line: Line, place: int, y: Callable[[float], float]) -> Iterator[str]:
    bottom = y(0)
    steps = []
    for point in line.points:
        if not point.value or point.value < 0:
            continue
        began, ended = axis.x(point.began_s), axis.x(point.ended_s)
        gap = 1.0 if ended - began > 3 else 0.0
        width = max(_FIRST_BROAD_BAR, ended - began - gap)
        steps.append(f"M{began:.1f} {bottom:.1f}V{y(point.value):.1f}h{width:.1f}V{bottom:.1f}z")
    if steps:
        yield f'<path class="area-{place}" d="{"".join(steps)}"/>'


def _titles(axis: TimeAxis, lines: Sequence[Line], unit: str) -> Iterator[str]:
    """Yield the values below the pointer; of many spans, each shows the worst value."""
    count = max((len(line.points) for line in lines), default=0)
    each = max(1, math.ceil(count / MAX_TITLES))
    for first in range(0, count, each):
        texts = []
        began_s = ended_s = 0.0
        for line in lines:
            group = line.points[first : first + each]
            known = [point.value for point in group if point.value is not None]
            if group:
                began_s, ended_s = group[0].began_s, group[-1].ended_s
            if known:
                texts.append(f"{line.name} {word_value(max(known), unit)}")
        if not texts:
            continue
        x = axis.x(began_s)
        title = "\n".join([word_time(ended_s), *texts])
        yield (
            f'<rect class="touch" x="{x:.1f}" y="{TOP}" width="{axis.x(ended_s) - x:.1f}"'
            f' height="{HEIGHT - TOP - BOTTOM}"><title>{escape(title)}</title></rect>'
        )
