"""Lineage: what a template extends, and which blocks all of that has, as far as its source tells."""

from __future__ import annotations

from jinja2 import Environment, Template, TemplateError, nodes

Names = frozenset[str]
_MOST_KNOWN = 1000


class Lineage:
    """Asked before each mail, and read once for each template."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, tuple[Template, Names | None]] = {}

    def parents(self, template: Template) -> Names | None:
        """The templates that it extends; None where only a rendering can tell."""
        name = template.name or ""
        known = self._known.get(name)
        if known is None or known[0] is not template:  # never seen, or changed since
            if len(self._known) >= _MOST_KNOWN:  # one for each customer, say; Jinja forgets them too
                self._known.clear()
            known = self._known[name] = (template, self._read(name))
        return known[1]

    def blocks(self, template: Template) -> Names | None:
        """The blocks that it has or inherits; None where only a rendering can tell."""
        parents = self.parents(template)
        if parents is None:
            return None
        found = frozenset(template.blocks)
        for parent in parents:
            try:
                inherited = self.blocks(self._environment.get_template(parent))
            except TemplateError:  # the rendering says where it is named
                return None
            if inherited is None:
                return None
            found |= inherited
        return found

    def _read(self, name: str) -> Names | None:
        assert self._environment.loader is not None  # noqa: S101 - ours has one
        source, _, _ = self._environment.loader.get_source(self._environment, name)
        named = [extends.template for extends in self._environment.parse(source, name).find_all(nodes.Extends)]
        names = [name.value for name in named if isinstance(name, nodes.Const) and isinstance(name.value, str)]
        return frozenset(names) if len(names) == len(named) else None
