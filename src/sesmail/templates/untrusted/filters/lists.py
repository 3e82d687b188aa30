"""Lists: filters that take several things. They give lists, never generators, so all is counted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from jinja2 import TemplateRuntimeError, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context

from sesmail.templates.untrusted.arithmetic import reckon
from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.filters.paths import folded, getter, getters
from sesmail.templates.untrusted.rounds import Rounds
from sesmail.templates.untrusted.value import Value

Path = str | int | None


class Group(NamedTuple):
    """What ``groupby`` gives."""

    grouper: Value
    list: list[Value]


def _same(value: Value) -> Value:
    return value


def listed(values: Iterable[object]) -> list[object]:
    """All of it, one step each."""
    return list(Rounds(values))


def _sorted(items: list[Value], key: Callable[[Value], Value], *, reverse: bool = False) -> list[Value]:
    """What is compared is paid for each time that it will be."""
    keys = [key(item) for item in items]
    budget().look_at(keys, times=max(1, len(items).bit_length()))
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return [items[place] for place in order]


@pass_context
def _sort(context: Context, value: Iterable[Value], reverse: bool = False, case_sensitive: bool = False,
          attribute: Path = None) -> list[Value]:  # fmt: skip
    read = getters(context.environment, attribute)
    fold = _same if case_sensitive else folded
    return _sorted(listed(value), lambda item: [fold(part) for part in read(item)], reverse=reverse)


def _extreme(pick: Callable[..., Value]) -> Callable[..., Value]:
    @pass_context
    def apply(context: Context, value: Iterable[Value], case_sensitive: bool = False, attribute: Path = None) -> Value:
        items = listed(value)
        if not items:
            return context.environment.undefined("min and max of nothing")
        read = getter(context.environment, attribute)
        keys = [read(item) if case_sensitive else folded(read(item)) for item in items]
        budget().look_at(keys)
        return items[pick(range(len(items)), key=keys.__getitem__)]

    return apply


@pass_context
def _unique(
    context: Context, value: Iterable[Value], case_sensitive: bool = False, attribute: Path = None
) -> list[Value]:
    read = getter(context.environment, attribute)
    seen: set[Value] = set()
    kept = []
    for item in listed(value):
        key = read(item) if case_sensitive else folded(read(item))
        budget().look_at(key)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


@pass_context
def _groupby(context: Context, value: Iterable[Value], attribute: Path, default: Value = None,
             case_sensitive: bool = False) -> list[Group]:  # fmt: skip
    read = getter(context.environment, attribute, default)
    fold = _same if case_sensitive else folded

    def key(item: Value) -> Value:
        return fold(read(item))

    groups = [list(items) for _, items in groupby(_sorted(listed(value), key), key)]
    return [Group(read(items[0]), items) for items in groups]


@pass_context
def _sum(context: Context, value: Iterable[Value], attribute: Path = None, start: Value = 0) -> Value:
    read = getter(context.environment, attribute)
    total = start
    for item in listed(value):
        total = reckon("+", total, read(item))
    return total


@pass_context
def _map(context: Context, value: Iterable[Value], *args: Value, **kwargs: Value) -> list[Value]:
    items = listed(value)
    if not args and "attribute" in kwargs:
        read = getter(context.environment, kwargs.pop("attribute"), kwargs.pop("default", None))
        if kwargs:
            raise TemplateRuntimeError("map takes an attribute and a default, or a filter and what that takes")
        return [read(item) for item in items]
    if not args:
        raise TemplateRuntimeError("map takes an attribute, or the name of a filter")
    function = context.environment.filters[named(context.environment.filters, args[0])]
    return [function(context, item, *args[1:], **kwargs) for item in items]


def _picking(*, wanted: bool, has_path: bool) -> Callable[..., Value]:
    @pass_context
    def apply(context: Context, value: Iterable[Value], *args: Value, **kwargs: Value) -> list[Value]:
        rest = list(args)
        if has_path and not rest:
            raise TemplateRuntimeError("selectattr and rejectattr take an attribute")
        read = getter(context.environment, rest.pop(0) if has_path else None)
        test = rest.pop(0) if rest else None
        if test is not None:
            named(context.environment.tests, test)

        def is_picked(item: Value) -> bool:
            if test is None:
                return bool(read(item))
            return bool(context.environment.call_test(test, read(item), rest, kwargs, context))

        return [item for item in listed(value) if is_picked(item) is wanted]

    return apply


def named(table: Mapping[str, object], name: object) -> str:
    """The name of a filter or test in the table. A template may name those only that it could write itself."""
    if not isinstance(name, str) or name not in table:
        raise SecurityError("there is no filter or test of that name for templates")
    return name


@pass_context
def _first(context: Context, value: Iterable[Value]) -> Value:
    return next(iter(Rounds(value)), context.environment.undefined("nothing has no first item"))


@pass_context
def _last(context: Context, value: Value) -> Value:
    items = value if isinstance(value, list | tuple | str | range) else listed(value)
    return items[-1] if items else context.environment.undefined("nothing has no last item")


def _reversed(value: Value) -> Value:
    return value[::-1] if isinstance(value, str) else listed(value)[::-1]


def _slice(value: Iterable[Value], slices: int, fill_with: Value = None) -> list[list[Value]]:
    items = listed(value)
    budget().room(slices)
    budget().step(slices)
    size, larger = divmod(len(items), slices)
    columns = []
    start = 0
    for number in range(slices):
        end = start + size + (number < larger)
        column = items[start:end]
        if fill_with is not None and number >= larger:
            column.append(fill_with)
        columns.append(column)
        start = end
    return columns


def _batch(value: Iterable[Value], linecount: int, fill_with: Value = None) -> list[list[Value]]:
    items = listed(value)
    rows = [items[start : start + linecount] for start in range(0, len(items), linecount)]
    if rows and fill_with is not None:
        budget().room(linecount)
        rows[-1] += [fill_with] * (linecount - len(rows[-1]))
    return rows


def _items(value: Value) -> list[Value]:
    if isinstance(value, Undefined):
        return list(value)
    if not isinstance(value, Mapping):
        raise TemplateRuntimeError("items takes a dict")
    return list(value.items())


def _dictsort(value: Value, case_sensitive: bool = False, by: str = "key", reverse: bool = False) -> list[Value]:
    if by not in ("key", "value"):
        raise TemplateRuntimeError("dictsort sorts by key or by value")
    place = int(by == "value")
    fold = _same if case_sensitive else folded
    return _sorted(_items(value), lambda pair: fold(pair[place]), reverse=reverse)


LISTS: dict[str, Callable[..., Value]] = {
    "batch": _batch,
    "count": len,
    "dictsort": _dictsort,
    "first": _first,
    "groupby": _groupby,
    "items": _items,
    "last": _last,
    "length": len,
    "list": listed,
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "reject": _picking(wanted=False, has_path=False),
    "rejectattr": _picking(wanted=False, has_path=True),
    "reverse": _reversed,
    "select": _picking(wanted=True, has_path=False),
    "selectattr": _picking(wanted=True, has_path=True),
    "slice": _slice,
    "sort": _sort,
    "sum": _sum,
    "unique": _unique,
}
