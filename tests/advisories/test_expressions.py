"""Slow work on purpose: every expression, every field and all mail of others, with 100 kB of what is worst."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from contextlib import suppress
from time import process_time
from typing import TYPE_CHECKING, Any, cast

import pytest

import sesmail
from sesmail import Address, Alternative, Attachment, mime
from sesmail.errors import MailError
from tests.advisories import mail, sources

pytestmark = pytest.mark.heavy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sesmail.mail.message import EmailFields

# For 100 kB; the promise is a tenth of it, on a quiet machine. Measuring coverage costs a multiple.
LIMIT_S = 2.0 if sys.gettrace() else 0.5
METHODS = {"match", "search", "fullmatch", "findall", "finditer", "sub", "split"}
Pattern = re.Pattern[Any]  # of text or of bytes
Known = tuple[str, Pattern, frozenset[str]]
Shape = tuple[str, str, str]


def _patterns_in(value: object) -> Iterator[Pattern]:
    kind = type(value)  # what is lazy, as Django's settings, would be made by `isinstance`
    if issubclass(kind, re.Pattern):
        yield cast("Pattern", value)
    elif issubclass(kind, tuple | list | set | frozenset):
        for one in cast("tuple[object, ...]", value):
            yield from _patterns_in(one)
    elif issubclass(kind, dict):
        value = cast("dict[object, object]", value)
        for one in (*value.keys(), *value.values()):
            yield from _patterns_in(one)


def _expressions() -> Iterator[Known]:
    """Every compiled expression of the package, and how its module uses it: to match is cheaper than to search."""
    for info in pkgutil.walk_packages(sesmail.__path__, "sesmail."):
        module = importlib.import_module(info.name)
        tree = ast.parse(inspect.getsource(module))
        used: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
                used.setdefault(node.value.id, set()).add(node.attr)
        # What is called on a name that stands for some pattern, in a loop or as an argument.
        elsewhere = set().union(*(used[name] for name in used if name not in vars(module))) - {"split", "sub"}
        for name, value in vars(module).items():
            for index, pattern in enumerate(_patterns_in(value)):
                methods = used.get(name) or elsewhere or {"match", "search", "fullmatch"}
                yield f"{info.name}.{name}[{index}]", pattern, frozenset(methods)
        yield from _written_in_place(info.name, tree, vars(module))
        yield from _kept_by_functions(info.name, vars(module))


def _written_in_place(module: str, tree: ast.Module, names: dict[str, object]) -> Iterator[Known]:
    """``re.sub(r"…", …)`` and its kin, and ``re.compile`` inside functions where the pattern is no variable."""
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
            assert isinstance(node, ast.Call)
            with suppress(NameError):  # made of a variable: see below
                source = eval(compile(ast.Expression(node.args[0]), "<expression>", "eval"), dict(names))
                if called.attr in METHODS:
                    yield f"{module}:{node.lineno}", re.compile(source), frozenset({called.attr})


def _kept_by_functions(module: str, names: dict[str, object]) -> Iterator[Known]:
    """Functions that keep what they compile, called with what they are called with."""
    if module == "sesmail.mail.characters":
        with suppress(MailError):
            Address("a@example.com", "\0")
    for name, value in names.items():
        if name == "_search_for" and hasattr(value, "cache_info"):
            for characters in ("_CONTROLS", "_BIDI", "_NOT_IN_BODIES"):
                pattern: re.Pattern[str] = value(names[characters])  # type: ignore[operator]
                yield f"{module}.{name}({characters})", pattern, frozenset({"search"})
    if module == "sesmail.mime.parts":
        # The one that is made of a mail's own boundary.
        delimiter = re.compile(rb"(?:\A|\r?\n)--b(--)?[ \t]*(?:\r?\n|\Z)")
        yield f"{module}.Part.spans", delimiter, frozenset({"finditer"})


EXPRESSIONS = {name: (pattern, methods) for name, pattern, methods in _expressions()}
PUMPS = [
    *"aA0 -.@<>()[]\"\\=?_,;:/%+*~'",
    *(
        "é",
        "漢",
        "\n",
        "\r",
        "\t",
        "\0",
        "\r\n",
        "\r\n ",
        "\n\n ",
        '"\\',
        '\\"',
        "\\\\",
        "a ",
        "a.",
        "a-",
        "a@",
        "a,",
        '" ',
    ),
    *(
        "<a",
        "<a>",
        "> ",
        " <",
        "@<",
        "@ ",
        " (",
        '"a"',
        "=?",
        "?=",
        "=?a?q?",
        "=?a?q?b?= ",
        "a=b;",
        "; a=b",
        "; a=",
        ";a",
    ),
    *("A:", "a:\n ", "--b", "\n--b ", "\n--b\n", ".a-", "a--", "xn--", "<>", "a/", " \n", "?a", "<1@b> "),
]
STARTS = ["", '"', "<", "a", "a@", "a/b", '; a="', "=?u?q?", "A:", "\n--b", '"" ', "<a>"]
ENDS = ["", "\0", "!"]


def _seconds(pattern: Pattern, methods: frozenset[str], text: str) -> float:
    subject, nothing = (text.encode(), b"") if isinstance(pattern.pattern, bytes) else (text, "")
    worst = 0.0
    for method in methods:
        began = process_time()
        if method == "finditer":
            for _ in pattern.finditer(subject):
                pass
        elif method == "sub":
            pattern.sub(nothing, subject)
        else:
            getattr(pattern, method)(subject)
        worst = max(worst, process_time() - began)
    return worst


def _hostile(shape: Shape, size: int) -> str:
    start, pump, end = shape
    return start + pump * ((size - len(start) - len(end)) // len(pump)) + end


def test_advisory_ghsa_9h6g_the_expressions_are_all_here() -> None:
    """A list that is empty, or forgets a kind, would prove nothing."""
    names = {name.partition("[")[0].partition("(")[0] for name in EXPRESSIONS}

    assert len(EXPRESSIONS) > 40
    assert {
        "sesmail.mail.mailbox._MISTAKES",
        "sesmail.mail.characters._search_for",
        "sesmail.mime.decoding._WORD",
    } <= names
    written = {
        ast.unparse(node)  # two files may have the same one
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{name}" for name in ("compile", *METHODS)}
    }
    assert len({pattern for pattern, _ in EXPRESSIONS.values()}) >= len(written) - 2


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_advisory_ghsa_9h6g_no_expression_blows_up(name: str) -> None:
    """An expression that tried every way to fail kept a server busy for minutes, with one address or data URI."""
    pattern, methods = EXPRESSIONS[name]
    shapes = [(start, pump, end) for start in STARTS for pump in PUMPS for end in ENDS]
    # The slowest of many small texts are the ones that are slow at full size too.
    slowest = shapes
    for size, keep in ((400, 60), (2000, 5)):
        times = {shape: _seconds(pattern, methods, _hostile(shape, size)) for shape in slowest}
        slowest = sorted(times, key=lambda shape: -times[shape])[:keep]

    for size in (10_000, 100_000):
        for shape in slowest:
            spent = _seconds(pattern, methods, _hostile(shape, size))
            assert spent < LIMIT_S * size / 100_000, (
                f"{spent:.2f} s for {size} characters of {shape!a}: {pattern.pattern!a}"
            )


FIELDS: dict[str, Callable[[str], EmailFields]] = {
    "subject": lambda t: {"subject": t},
    "text": lambda t: {"text": t},
    "html": lambda t: {"html": t},
    "header": lambda t: {"headers": {"X-A": t}},
    "header's name": lambda t: {"headers": {t: "v"}},
    "metadata": lambda t: {"metadata": {t: t}},
    "sender": lambda t: {"sender": t},
    "to": lambda t: {"to": t},
    "to's name": lambda t: {"to": [(t, "a@example.com")]},
    "to's email": lambda t: {"to": [("Ada", t)]},
    "named to": lambda t: {"to": [f"{t} <a@example.com>"]},
    "message id": lambda t: {"message_id": t},
    "references": lambda t: {"references": t},
    "unsubscribe": lambda t: {"unsubscribe": f"https://x.example/{t}"},
    "file's name": lambda t: {"attachments": [Attachment(t, b"")]},
    "file's type": lambda t: {"attachments": [Attachment("a", b"", content_type=t)]},
    "file's parameters": lambda t: {"attachments": [Attachment("a", b"", content_type=f"a/b; {t}")]},
    "file's id": lambda t: {"attachments": [Attachment("a", b"", content_id=t)]},
    "a mail as a file": lambda t: {"attachments": [Attachment("a.eml", t)]},
    "alternative": lambda t: {"alternatives": [Alternative(t, "text/x-y")]},
    "alternative's type": lambda t: {"alternatives": [Alternative("", f"text/x-y; {t}")]},
}
SHAPES: list[Shape] = [("", pump, "") for pump in PUMPS if pump.isprintable()] + [
    ("é", " ", ""),
    ("", " ", "é"),
    ("=?", " ", ""),
    ("x", "  ", "é"),
    ("=?utf-8?q?", "a", "?="),
    ('"', '\\"', ""),
    ("a@", "a.", "b"),
    ("From ", "é", ""),
    ("", "From ", "é"),
    ("", "\n", "é"),
    ("", "From \n", ""),
    ("", "=", "é \n"),
]


def _is_quick(take: Callable[[str], object]) -> None:
    """All shapes at a tenth of the size, and the slowest of them at full size. Refused is as good as done."""
    shapes = SHAPES
    for size, limit_s in ((10_000, LIMIT_S / 3), (100_000, LIMIT_S)):
        times: dict[Shape, float] = {}
        for shape in shapes:
            text = _hostile(shape, size)
            began = process_time()
            with suppress(MailError):
                take(text)
            times[shape] = process_time() - began
            assert times[shape] < limit_s, f"{times[shape]:.2f} s for {size} characters of {shape!a}"
        shapes = sorted(times, key=lambda shape: -times[shape])[:3]


@pytest.mark.parametrize("field", FIELDS)
def test_advisory_ghsa_9h6g_no_field_is_slow(field: str) -> None:
    """The same from the outside, where slow work need not be an expression: build and write, whatever is given."""
    mime.write(mail(to="warm@bücher.example", html="é", metadata={"a": "b"})).to_bytes()
    _is_quick(lambda text: mime.write(mail(**FIELDS[field](text))).to_bytes())


# Mail of others, with a gap for what is hostile.
READ = [
    *(
        f"{name}: {{}}\r\n\r\n"
        for name in [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "References",
            "In-Reply-To",
            "List-Unsubscribe",
            "X-Metadata",
            "X-A",
            "X-Priority",
            "Content-Type",
            "Content-Disposition",
            "Content-Transfer-Encoding",
            "Content-ID",
        ]
    ),
    "Content-Type: a/b; {}\r\n\r\n",
    "Content-Type: a/b; a={}\r\n\r\n",
    'Content-Type: a/b; a="{}\r\n\r\n',
    'Content-Type: a/b; a="{}"\r\n\r\n',
    "Content-Type: a/b; a*={}\r\n\r\n",
    "Content-Type: multipart/mixed; boundary={}\r\n\r\n--a\r\n",
    'Content-Disposition: attachment; filename="{}"\r\n\r\n',
    "Content-Disposition: attachment; filename*=utf-8''{}\r\n\r\n",
    "{}",
    "{}\r\n\r\n",
    "X-A: a\r\n {}\r\n\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
    "Content-Transfer-Encoding: base64\r\n\r\n{}",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{}\r\n--b--",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
]


@pytest.mark.parametrize("template", READ)
def test_advisory_ghsa_9h6g_no_mail_of_others_is_slow(template: str) -> None:
    """The same for mail that comes in, where every header is somebody else's and of any length."""
    mime.read(b"From: warm@example.com\r\nContent-Type: a/b; c=d\r\n\r\n")
    before, _, behind = template.partition("{}")
    _is_quick(lambda text: mime.read(f"{before}{text}{behind}".encode()))
