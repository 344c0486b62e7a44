"""Setting keys: the values a setting allows, in words and as a check. Pure: no I/O, no clock.

Both come from the types of the structs, so that the words always agree with the check.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
from msgspec import inspect

from cli.scalars import parse_decimal, parse_truth, parse_whole

SettingValue: TypeAlias = str | int | float | bool | None


class SettingKey(msgspec.Struct, frozen=True):
    """One setting.

    Attributes:
        name: dotted, as in `--set`.
        default: its value if no source sets it.
        kind: its type, apart from null.
        is_optional: whether it may be null.
    """

    name: str
    default: SettingValue
    type: Any
    kind: inspect.Type
    is_optional: bool

    def describe(self) -> str:
        """Return its type and range, such as "a whole number from 0 to 65535"."""
        return _describe(self.kind) + (", or null" if self.is_optional else "")

    def convert(self, text: str) -> SettingValue | None:
        """Return the value of a typed `text`, or None if it has another type.

        Does not check the range.
        """
        match self.kind:
            case inspect.BoolType():
                return parse_truth(text)
            case inspect.IntType():
                return parse_whole(text)
            case inspect.FloatType():
                return parse_decimal(text)
            case _:
                return text

    def takes(self, value: object) -> bool:
        """Return whether `value` has the type and range of this key; an int counts as a float."""
        if isinstance(value, float) and not math.isfinite(value):
            return False
        try:
            msgspec.convert(value, self.type, strict=True)
        except msgspec.ValidationError:
            return False
        return True


def list_keys(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[SettingKey]:
    """Yield every key of the struct and of its inner structs, in order."""
    for field in msgspec.structs.fields(struct):
        kind = inspect.type_info(field.type)
        if isinstance(kind, inspect.StructType):
            yield from list_keys(kind.cls, f"{prefix}{field.name}.")
            continue
        is_optional = isinstance(kind, inspect.UnionType)
        if isinstance(kind, inspect.UnionType):
            (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
        yield SettingKey(f"{prefix}{field.name}", field.default, field.type, kind, is_optional)


def show_value(value: object) -> str:
    """Return a value as it would be written in a file, cut to fit into a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, (str, int, float, bool)):
        return "a group of keys"
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in json.dumps(value, ensure_ascii=False)
    )
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _describe(kind: inspect.Type) -> str:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=least, le=most, multiple_of=step):
            multiple = {None: "", 2: "an even number"}.get(step, f"a multiple of {step}")
            return f"{multiple or 'a whole number'} from {least} to {most}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number from {least:g} to {most}"
        case inspect.LiteralType(values=values):
            return " or ".join(str(value) for value in values)
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            least = least or 0
            what = "an address" if pattern else "text"
            return f"{what} of {least} to {most} characters"
        case _:
            raise TypeError(f"no words for {kind}")
