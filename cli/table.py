"""A table on standard output: lined up at a terminal, columns separated by tabs elsewhere."""

import sys
from collections.abc import Iterable, Sequence


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a line of headings and one line for each row.

    Args:
        rows: cleaned texts, as many in each as there are headings.
    """
    if not sys.stdout.isatty():
        for row in (headings, *rows):
            print("\t".join(row))
        return
    # Imported here: it takes 0.1 s, and a program that reads the lines does without.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
