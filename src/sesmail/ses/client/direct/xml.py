"""XML: what answers of v1 are made of, and no more than that.

Rule 1: no document type, and so no entity but the five of XML: nothing is fetched, and nothing grows while it is read.
Rule 2: nothing calls itself, so nesting costs no stack; and it has a bound all the same.
"""

from __future__ import annotations

from typing import NoReturn

Node = str | dict[str, "Node"] | list["Node"]

_DEEPEST = 20


def read_xml(data: bytes) -> tuple[str, Node]:
    """The name of the outermost element and what is in it. Raises `ValueError` for what is not read.

    An element is a mapping of those in it, a list where they are all named ``member``, or else a text.

    >>> from sesmail.ses.client.direct.xml import read_xml
    >>> read_xml(b"<a><b>1</b><c><member>x</member><member>y</member></c></a>")
    ('a', {'b': '1', 'c': ['x', 'y']})
    """
    from xml.parsers import expat

    parser = expat.ParserCreate("utf-8")
    tree = _Tree()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.say
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError("this is no XML") from error
    return tree.root


def _refuse(*_: object) -> NoReturn:
    raise ValueError("an answer has no document type")


class _Tree:
    """What grows while the parser reads."""

    def __init__(self) -> None:
        self.root: tuple[str, Node] = ("", "")
        self._open: list[tuple[list[tuple[str, Node]], list[str]]] = []  # of each open element, what is in it

    def start(self, _name: str, _attributes: object) -> None:
        if len(self._open) >= _DEEPEST:
            raise ValueError("an answer is not as deep as that")
        self._open.append(([], []))

    def say(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        inside, texts = self._open.pop()
        node = _node(inside) if inside else "".join(texts)
        if self._open:
            self._open[-1][0].append((name, node))
        else:
            self.root = name, node


def _node(inside: list[tuple[str, Node]]) -> Node:
    if all(name == "member" for name, _ in inside):
        return [node for _, node in inside]
    return dict(inside)
