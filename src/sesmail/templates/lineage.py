"""Lineage: what a template extends, and which blocks all of that has, as far as the sources tell."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes

from sesmail.templates.kept import Kept

Names = frozenset[str]
_NONE: Names = frozenset()
_MOST_KNOWN = 1000
_NO_HTML = ("subject", "text")


@dataclass(frozen=True, slots=True)
class Ancestry:
    """One template by itself."""

    parents: Names | None
    """What it extends; None where only a rendering can tell."""
    blocks: Names


class Lineage:
    """Asked before each mail, and read once for each template."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: Kept[str, Ancestry] = Kept(_MOST_KNOWN, forgets=environment.auto_reload)

    def of(self, name: str) -> Ancestry:
        """What the source of this template tells."""
        return self._known.get(name, lambda: self._read(name))

    def blocks(self, name: str, below: Names = _NONE) -> Names | None:
        """The blocks that it has or inherits; None where only a rendering can tell."""
        own = self.of(name)
        if own.parents is None or name in below:
            return None
        found = own.blocks
        for parent in own.parents:
            try:
                inherited = self.blocks(parent, below | {name})
            except TemplateSyntaxError:
                raise
            except TemplateError:  # it is not there: the rendering says where it is named
                return None
            if inherited is None:
                return None
            found |= inherited
        return found

    def _read(self, name: str) -> Ancestry:
        assert self._environment.loader is not None  # noqa: S101 - ours has one
        source, _, _ = self._environment.loader.get_source(self._environment, name)
        tree = self._environment.parse(source, name)
        blocks = list(tree.find_all(nodes.Block))
        for block in blocks:
            _check(block, name)
        return Ancestry(_extended(tree), frozenset(block.name for block in blocks))


def _extended(tree: nodes.Template) -> Names | None:
    named = [extends.template for extends in tree.find_all(nodes.Extends)]
    names = [name.value for name in named if isinstance(name, nodes.Const) and isinstance(name.value, str)]
    return frozenset(names) if len(names) == len(named) else None


def _check(block: nodes.Block, template: str) -> None:
    """A layout may have a block of HTML that is called ``text``. It would be missing from the page."""
    if block.name in _NO_HTML and any("</" in data.data for data in block.find_all(nodes.TemplateData)):
        what = "text part" if block.name == "text" else "subject"
        raise TemplateSyntaxError(
            f"the block {block.name!r} is the {what} of the mail, and there is HTML in it: call it otherwise",
            block.lineno,
            template,
        )
