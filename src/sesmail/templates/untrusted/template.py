"""Template: a compiled template that counts how deep it is included, and whose module is never shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, NoReturn

from jinja2 import Environment, Template
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context

from sesmail.templates.untrusted.budget import budget

if TYPE_CHECKING:
    from sesmail.templates.untrusted.environment import UntrustedEnvironment

Render = Callable[[Context], Iterator[str]]


class UntrustedTemplate(Template):
    """A template of an `UntrustedEnvironment`. It is got from that, never made by hand."""

    environment: UntrustedEnvironment

    def render(self, *args: object, **kwargs: object) -> str:
        """The text, in a rendering of its own if there is none yet."""
        with self.environment.metered():
            return super().render(*args, **kwargs)

    @classmethod
    def from_module_dict(
        cls,
        environment: Environment,
        module_dict: MutableMapping[str, object],
        globals: MutableMapping[str, object],  # noqa: A002
    ) -> NoReturn:
        """Python code that lies about ready-made was compiled without meters."""
        del environment, module_dict, globals
        raise SecurityError("an untrusted template is read from its source, not from a compiled module")

    @classmethod
    def _from_namespace(
        cls,
        environment: Environment,
        namespace: MutableMapping[str, object],
        globals: MutableMapping[str, object],  # noqa: A002
    ) -> Template:
        template = super()._from_namespace(environment, namespace, globals)
        template.root_render_func = _deeper(template.root_render_func)
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # Jinja keeps one for all renderings, with the namespaces and texts in it: one reader's words in another's mail.
        keys = () if ctx is None else ctx.globals_keys - self.globals.keys()
        return self.make_module({key: ctx.parent[key] for key in keys} if ctx is not None else None)


def _deeper(render: Render) -> Render:
    def root(context: Context) -> Iterator[str]:
        meter = budget()
        meter.enter()
        try:
            yield from render(context)
        finally:
            meter.leave()

    return root
