"""Fresh: templates whose imports know the mail in the making.

Jinja runs a template that is imported once, and keeps what it has set for all mails that follow. A greeting that it has
translated would stay in the language of the first mail, and a picture that it has embedded would be missing from the
second. So what does more than define macros runs for each mail anew.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import cached_property
from types import CodeType
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.runtime import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jinja2.environment import TemplateModule


class FreshTemplate(Template):
    """A template that is imported anew by each mail, unless it only defines macros."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002 - Jinja's word
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """As Jinja makes one, with its globals in one mapping: a chain of two is copied name by name for each mail."""
        return super().from_code(environment, code, dict(globals), uptodate)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._only_defines:
            return super()._get_default_module(ctx)
        return self.make_module()

    @cached_property
    def _only_defines(self) -> bool:
        environment = self.environment
        if environment.loader is None or self.name is None:
            return False
        source, _, _ = environment.loader.get_source(environment, self.name)
        return all(_defines(node) for node in environment.parse(source, self.name).body)


def _defines(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Macro):
        return True
    if isinstance(node, nodes.Assign):
        return isinstance(node.node, nodes.Const)
    return isinstance(node, nodes.Output) and all(isinstance(one, nodes.TemplateData) for one in node.nodes)
