"""The transcript in the page, and the box that finds in it. Pure: no I/O, no clock.

The script only hides messages and marks letters in text that is there; it makes no HTML of it.
"""

from collections.abc import Iterable
from datetime import date

from report.chat_transcript import Message, Transcript
from report.page import Markup, escape

FORMAT_OF_DAY = "%A, %d %B %Y"

STYLE = """.find{display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;position:sticky;
top:0;background:var(--card);padding:.5rem 0;margin:0 0 .6rem;z-index:1}
.find[hidden]{display:none}
.find input{flex:1 1 14rem;min-width:0;font:inherit;color:inherit;background:var(--ground);
border:1px solid var(--muted);border-radius:8px;padding:.4rem .7rem}
.find output{color:var(--muted);font-size:.9rem;font-variant-numeric:tabular-nums}
.chat{list-style:none;margin:0;padding:0}
.chat>li{content-visibility:auto;contain-intrinsic-size:auto 3.4rem;padding:.35rem .7rem;
border-left:3px solid var(--line-2);margin:0 0 .5rem}
.chat>li.own{border-color:var(--line-1)}
.chat>li.day{border:0;padding-left:0;color:var(--muted);font-weight:600}
.chat>li[hidden]{display:none}
.chat b{font-size:.9rem}
.chat time,.chat .note{color:var(--muted);font-size:.85rem;margin-left:.5rem}
.chat p{margin:0;white-space:pre-wrap;unicode-bidi:plaintext}
mark{background:var(--mark);color:inherit}
@media print{.find{display:none}.chat>li{content-visibility:visible}}
"""

SCRIPT = """'use strict';
(() => {
  const box = document.querySelector('.find');
  const input = box.querySelector('input');
  const output = box.querySelector('output');
  const rows = [...document.querySelectorAll('.chat>li')];
  const messages = rows.filter((row) => !row.classList.contains('day'));
  const texts = messages.map((row) => row.querySelector('p'));
  const keys = messages.map((row, at) =>
    (row.querySelector('b').textContent + '\\n' + texts[at].textContent).toLowerCase());
  const MOST_MARKED = 1000;
  let marked = [];
  let timer = 0;
  const mark = (element, wanted) => {
    const text = element.textContent;
    const key = text.toLowerCase();
    if (key.length !== text.length || !key.includes(wanted)) return;
    const parts = [];
    let from = 0;
    for (let at = key.indexOf(wanted); at >= 0; at = key.indexOf(wanted, from)) {
      const found = document.createElement('mark');
      found.textContent = text.slice(at, at + wanted.length);
      parts.push(text.slice(from, at), found);
      from = at + wanted.length;
    }
    element.replaceChildren(...parts, text.slice(from));
    marked.push(element);
  };
  const find = () => {
    const wanted = input.value.trim().toLowerCase();
    for (const element of marked) element.textContent = element.textContent;
    marked = [];
    let count = 0;
    messages.forEach((row, at) => {
      const isFound = keys[at].includes(wanted);
      row.hidden = !isFound;
      if (!isFound) return;
      count += 1;
      if (wanted && count <= MOST_MARKED) mark(texts[at], wanted);
    });
    for (const row of rows) if (row.classList.contains('day')) row.hidden = Boolean(wanted);
    output.textContent = wanted
      ? (count ? `${count} of ${messages.length} messages` : 'No message has this') : '';
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      input.value = '';
      find();
    }
  });
  box.hidden = false;
})();
"""
"""Shows the messages that hold what is typed, with their writers' names looked through too."""

_FIND = (
    '<div class="find" hidden><label for="find">Find</label>'
    '<input id="find" type="search" autocomplete="off" spellcheck="false"'
    ' placeholder="a word or a name"><output for="find" aria-live="polite"></output></div>\n'
)


def show_transcript(chat: Transcript) -> Markup:
    """Return the box and all messages, with a line where a day begins."""
    return Markup(f'{_FIND}<ol class="chat">\n{"".join(_rows(chat.messages))}</ol>\n')


def _rows(messages: Iterable[Message]) -> Iterable[str]:
    day: date | None = None
    for message in messages:
        if message.at is not None and message.at.date() != day:
            day = message.at.date()
            yield f'<li class="day">{escape(f"{message.at:{FORMAT_OF_DAY}}")}</li>\n'
        yield _row(message)


def _row(message: Message) -> str:
    kind = ' class="own"' if message.is_own else ""
    at = ""
    if message.at is not None:
        moment = escape(message.at.isoformat(timespec="seconds"))
        at = f'<time datetime="{moment}">{message.at:%H:%M:%S}</time>'
    lost = "" if message.is_delivered else '<span class="note">not delivered</span>'
    name = f"<b><bdi>{escape(message.name)}</bdi></b>"
    return f"<li{kind}>{name}{at}{lost}<p>{escape(message.text)}</p></li>\n"
