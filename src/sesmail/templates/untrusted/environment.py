"""Environment: compiles and renders templates of untrusted authors."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from contextlib import AbstractContextManager

from jinja2 import BaseLoader, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.filters import FILTERS
from jinja2.lexer import TokenStream
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from sesmail.errors import SetupError
from sesmail.templates.untrusted import arithmetic, calling, grammar, reading
from sesmail.templates.untrusted.budget import Budget, budget, is_metered, metered
from sesmail.templates.untrusted.checks import CHECKS
from sesmail.templates.untrusted.failures import EXHAUSTED, LimitReached
from sesmail.templates.untrusted.filters.table import FilterTable
from sesmail.templates.untrusted.limits import UntrustedLimits
from sesmail.templates.untrusted.meters import Meters
from sesmail.templates.untrusted.names import NAMES
from sesmail.templates.untrusted.template import UntrustedTemplate
from sesmail.templates.untrusted.value import Value

_STEPS_OF_LOADING = 50
_BY_NAME = "a template is included by its name"


class UntrustedEnvironment(ImmutableSandboxedEnvironment):
    """A Jinja environment for templates that other people write.

    >>> from jinja2 import DictLoader
    >>> from sesmail.templates.untrusted import UntrustedEnvironment
    >>> environment = UntrustedEnvironment(loader=DictLoader({"hello": "Dear {{ user.name }}"}), autoescape=True)
    >>> environment.get_template("hello").render(user={"name": "<Ada>"})
    'Dear &lt;Ada&gt;'

    It takes what Jinja's own takes, but for bytecode and ``enable_async``. What it is given stays as it is: put a
    filter into ``filters`` or a function into ``globals``, and templates may use it.
    """

    template_class: type[Template] = UntrustedTemplate
    intercepted_binops = frozenset(arithmetic.BINARY)
    intercepted_unops = frozenset(arithmetic.UNARY)

    def __init__(
        self,
        *,
        limits: UntrustedLimits | None = None,
        loader: BaseLoader | None = None,
        autoescape: bool | Callable[[str | None], bool] = True,
        undefined: type[Undefined] = Undefined,
        finalize: Callable[[object], object] | None = None,
        extensions: Sequence[str | type[Extension]] = (),
        trim_blocks: bool = False,
        lstrip_blocks: bool = False,
        keep_trailing_newline: bool = False,
        cache_size: int = 400,
        auto_reload: bool = True,
    ) -> None:
        if hasattr(finalize, "jinja_pass_arg"):
            raise SetupError("finalize takes the value alone here, no context or environment")
        super().__init__(
            loader=loader,
            autoescape=autoescape,
            undefined=undefined,
            extensions=extensions,
            trim_blocks=trim_blocks,
            lstrip_blocks=lstrip_blocks,
            keep_trailing_newline=keep_trailing_newline,
            cache_size=cache_size,
            auto_reload=auto_reload,
            optimized=False,  # the optimizer runs filters while it compiles, before anything is metered
        )
        self.limits = UntrustedLimits() if limits is None else limits
        self.finalizer = finalize
        self._offer()

    def _offer(self) -> None:
        """Jinja's own filters, tests and functions give way to ours; those of extensions stay."""
        own = FilterTable()
        own.update({name: given for name, given in self.filters.items() if name not in FILTERS})
        self.filters = own
        self.tests = CHECKS | {name: given for name, given in self.tests.items() if name not in TESTS}
        kept = {name: given for name, given in self.globals.items() if name not in DEFAULT_NAMESPACE}
        self.globals = {**NAMES, **kept}

    def metered(self) -> AbstractContextManager[Budget]:
        """One rendering: all templates of all environments that are rendered inside share its budget."""
        return metered(self.limits)

    # ── compiling ────────────────────────────────────────────────────────────────────────────────────────────────

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        # Counted while they are read: of dots and brackets a parser makes a hundred times what they take themselves.
        tokens = grammar.counted(super()._tokenize(source, name, filename, state), self.limits)
        return TokenStream(tokens, name, filename)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > self.limits.source:
            raise LimitReached("source", self.limits.source)
        try:
            return super()._parse(source, name, filename)
        except EXHAUSTED as error:
            raise LimitReached("depth", self.limits.depth) from error
        except ValueError as error:  # a number of more digits than Python reads
            raise TemplateSyntaxError("a number is too large", 1, name, filename) from error

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        sizes = grammar.check(source, self, name)
        try:
            return super()._generate(Meters(sizes).visit(source), name, filename, defer_init=defer_init)
        except TemplateSyntaxError:
            raise
        except EXHAUSTED as error:
            raise LimitReached("depth", self.limits.depth) from error
        except AssertionError as error:  # of a name in the filter of a set block, Jinja 3.1 loses track
            raise TemplateSyntaxError("Jinja loses track of a name; set it before", 1, name, filename) from error

    def _compile(self, source: str, filename: str) -> Value:
        try:
            return super()._compile(source, filename)
        except EXHAUSTED as error:
            raise LimitReached("depth", self.limits.depth) from error
        except SyntaxError as error:  # loops twenty deep, a name given twice: Jinja leaves it to Python
            raise TemplateSyntaxError(f"Python refuses it: {error.msg}", 1, None, filename) from error

    # ── loading: the loader says whose templates there are, and it is asked by name only ─────────────────────────

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Value] | None = None,  # noqa: A002
    ) -> Template:
        """The template of that name."""
        return super().get_template(_named(name), parent, globals)

    def select_template(
        self,
        names: Value,
        parent: str | None = None,
        globals: MutableMapping[str, Value] | None = None,  # noqa: A002
    ) -> Template:
        """The first that is there."""
        if not isinstance(names, list | tuple | Undefined):
            raise SecurityError(_BY_NAME)
        return super().select_template(
            names if isinstance(names, Undefined) else list(map(_named, names)), parent, globals
        )

    def get_or_select_template(
        self,
        template_name_or_list: Value,
        parent: str | None = None,
        globals: MutableMapping[str, Value] | None = None,  # noqa: A002
    ) -> Template:
        """The template of that name, or the first that is there."""
        if isinstance(template_name_or_list, str | Undefined):
            return self.get_template(template_name_or_list, parent, globals)  # type: ignore[arg-type]
        return self.select_template(template_name_or_list, parent, globals)

    # ── rendering ────────────────────────────────────────────────────────────────────────────────────────────────

    def getattr(self, obj: Value, attribute: str) -> Value:
        """``obj.attribute``."""
        return reading.attribute(self, obj, attribute)

    def getitem(self, obj: Value, argument: Value) -> Value:
        """``obj[argument]``."""
        return reading.item(self, obj, argument)

    # As Jinja calls them: a template's own keywords come next to these two.
    def call(__self, __context: Context, __obj: Value, *args: Value, **kwargs: Value) -> Value:  # noqa: N805, PYI063
        """``obj(*args, **kwargs)``."""
        return calling.call(__self, __context, __obj, args, kwargs)

    def call_binop(self, context: Context, operator: str, left: Value, right: Value) -> Value:  # noqa: ARG002
        """``left operator right``."""
        return arithmetic.reckon(operator, left, right)

    def call_unop(self, context: Context, operator: str, arg: Value) -> Value:  # noqa: ARG002
        """``-arg``."""
        return arithmetic.signed(operator, arg)


def _named(name: object) -> Value:
    if not isinstance(name, str | Undefined):
        raise SecurityError(_BY_NAME)
    if is_metered():
        budget().step(_STEPS_OF_LOADING)
    return name
