"""Grammar: the parts of a template that an untrusted author may use. What is not named here is refused.

It is read before it is compiled, so an author hears of it with the line, and nothing has run. The walk is a loop and no
recursion, for what nests too deep is one of the things to be found.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NoReturn
from unicodedata import normalize

from jinja2 import TemplateAssertionError, nodes

from sesmail.templates.untrusted.failures import LimitReached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2.lexer import Token

    from sesmail.templates.untrusted.environment import UntrustedEnvironment
    from sesmail.templates.untrusted.limits import UntrustedLimits

_USUAL: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.With,
    nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.Block, nodes.Scope,
    nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport,
    nodes.Assign, nodes.AssignBlock, nodes.Name, nodes.NSRef,
    nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Pos, nodes.Neg,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.Concat,
    nodes.Filter, nodes.Test, nodes.Call, nodes.Getattr, nodes.Getitem, nodes.Slice,
)  # fmt: skip
# A template has no words for these: an extension of the program's own has written them.
_OF_EXTENSIONS: tuple[type[nodes.Node], ...] = (
    nodes.Break, nodes.Continue, nodes.ExprStmt, nodes.ContextReference, nodes.DerivedContextReference,
    nodes.ExtensionAttribute, nodes.ImportedName, nodes.InternalName, nodes.MarkSafeIfAutoescape,
)  # fmt: skip
# Compiling takes a tenth of a millisecond for each part, and `{{a}}` has three of them in five characters.
_CHARACTERS_OF_A_PART = 8
_CHARACTERS_OF_A_TOKEN = 4
_NO_ESCAPING = (nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)


def check(template: nodes.Template, environment: UntrustedEnvironment, name: str | None) -> dict[int, int]:
    """Refuse what is not allowed, and say of each part how many parts it has itself, by its ``id``."""
    most = environment.limits.depth
    parts = environment.limits.source // _CHARACTERS_OF_A_PART
    allowed = (*_USUAL, *_OF_EXTENSIONS) if environment.extensions else _USUAL
    order: list[tuple[nodes.Node, nodes.Node | None]] = []
    heap: list[tuple[nodes.Node, nodes.Node | None, int]] = [(template, None, 0)]
    while heap:
        node, parent, depth = heap.pop()
        if len(order) > parts:
            raise LimitReached("source", environment.limits.source)
        if depth > most:
            raise LimitReached("depth", most)
        if type(node) not in allowed:
            what = "autoescape" if isinstance(node, _NO_ESCAPING) else type(node).__name__
            _refuse(node, name, f"{what} is not for templates of others")
        if (objection := _OBJECTIONS.get(type(node))) is not None and (reason := objection(node, environment)):
            _refuse(node, name, reason)
        order.append((node, parent))
        heap += [(child, node, depth + 1) for child in node.iter_child_nodes()]
    return _sizes(order)


def counted(tokens: Iterable[Token], limits: UntrustedLimits) -> Iterator[Token]:
    """The tokens of a template, as long as there are not too many."""
    most = limits.source // _CHARACTERS_OF_A_TOKEN
    for number, token in enumerate(tokens):
        if number >= most:
            raise LimitReached("source", limits.source)
        yield token


def _sizes(order: list[tuple[nodes.Node, nodes.Node | None]]) -> dict[int, int]:
    sizes = {id(node): 1 for node, _ in order}
    for node, parent in reversed(order):
        if parent is not None:
            sizes[id(parent)] += sizes[id(node)]
    return sizes


def _refuse(node: nodes.Node, name: str | None, reason: str) -> NoReturn:
    raise TemplateAssertionError(reason, node.lineno or 1, name)


_UNDERSCORE = "a name that begins with an underscore is not for templates"


def _attribute(node: nodes.Getattr | nodes.NSRef, _: UntrustedEnvironment) -> str:
    return _UNDERSCORE if node.attr.startswith("_") else ""


def _item(node: nodes.Getitem, _: UntrustedEnvironment) -> str:
    key = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return _UNDERSCORE if isinstance(key, str) and key.startswith("_") else ""


def _keyword(node: nodes.Keyword, _: UntrustedEnvironment) -> str:
    # Python reads compatible characters as one, and the compiler's own arguments begin so.
    return _UNDERSCORE if normalize("NFKC", node.key).startswith("_") else ""


def _filter(node: nodes.Filter, environment: UntrustedEnvironment) -> str:
    return "" if node.name in environment.filters else f"the filter {node.name[:100]!r} is not for templates of others"


def _test(node: nodes.Test, environment: UntrustedEnvironment) -> str:
    return "" if node.name in environment.tests else f"the test {node.name[:100]!r} is not for templates of others"


def _constant(node: nodes.Const, _: UntrustedEnvironment) -> str:
    # The compiler would write the name `inf`.
    return "a number is too large" if isinstance(node.value, float) and not isfinite(node.value) else ""


_OBJECTIONS: dict[type[nodes.Node], Callable[..., str]] = {
    nodes.Getattr: _attribute,
    nodes.NSRef: _attribute,
    nodes.Getitem: _item,
    nodes.Keyword: _keyword,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Const: _constant,
}
