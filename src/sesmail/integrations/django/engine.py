"""DjangoEngine: Django's templates as an engine of sesmail. From a name and a context to subject, text and HTML.

Rule 1: what is written decides what is escaped: HTML is, subject and text are not.
Rule 2: a name that the context has not is an error where it is printed or filtered, and not an empty place in
        somebody's mail. In ``{% if %}`` and ``{% for %}``, and with ``|default``, it counts as nothing, as in Django.
Rule 3: the engine is ours alone. It has the folders, loaders, tags and filters of the project's, and none of its own
        settings reach the project's pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NoReturn

from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError, engines
from django.utils import translation

from sesmail.errors import SetupError, TemplateError
from sesmail.templates.engine import Rendered
from sesmail.templates.text import text_of

NOTHING: Mapping[str, object] = {}
_UNSUBSCRIBE = "unsubscribe_url"
_CACHED = "django.template.loaders.cached.Loader"


class DjangoEngine:
    """Mails out of Django's templates: ``SESMAIL = {"templates": "sesmail.integrations.django.DjangoEngine"}``.

    The mail ``mails/welcome`` is made of ``mails/welcome.subject.txt``, ``mails/welcome.txt`` and
    ``mails/welcome.html``, wherever Django finds them. Without a text, it is made from the HTML. ``locale`` is the
    language in which all three are rendered.

    ``using`` names one of several engines in ``TEMPLATES``.
    """

    def __init__(self, using: str = "") -> None:
        self._using = using
        self._made: tuple[Engine, Engine] | None = None

    @property
    def _engine(self) -> Engine:
        # When it is first needed, since mailers may be made before Django's apps are ready; and anew when Django has
        # made others of the project's, as it does in a test with settings of its own.
        backend = engines[self._using] if self._using else next(iter(_django_engines()), None)
        theirs = getattr(backend, "engine", None)
        if not isinstance(theirs, Engine):
            raise SetupError("there are no Django templates: TEMPLATES has no backend DjangoTemplates of that name")
        if self._made is None or self._made[0] is not theirs:
            self._made = theirs, _engine_like(theirs)
        return self._made[1]

    def render(
        self, name: str, context: Mapping[str, object] = NOTHING, *, locale: str = "", unsubscribe_url: str = ""
    ) -> Rendered:
        """The texts of the mail ``name``. Raises `TemplateError`, which says template, line and variable."""
        variables = {**context, **({_UNSUBSCRIBE: unsubscribe_url} if unsubscribe_url else {})}
        with _spoken(locale):
            subject = self._text(f"{name}.subject.txt", variables, escapes=False)
            text = self._text(f"{name}.txt", variables, escapes=False)
            html = self._text(f"{name}.html", variables, escapes=True)
        if text is None and html is None:
            raise TemplateError(f"there is neither {name}.txt nor {name}.html", template=name)
        if not (text or "").strip():
            text = text_of(html) if html is not None else None
        return Rendered(
            " ".join((subject or "").split()), text.strip("\r\n") + "\n" if text and text.strip() else None, html
        )

    def _text(self, name: str, variables: Mapping[str, object], *, escapes: bool) -> str | None:
        try:
            template = self._engine.get_template(name)
            with _gaps() as gaps:
                text = str(template.render(Context(variables, autoescape=escapes)))
        except TemplateDoesNotExist as exc:
            if str(exc) == name:
                return None
            raise TemplateError(f"it needs {exc}, which is not there", template=name) from exc
        except TemplateSyntaxError as exc:
            raise TemplateError(str(exc), template=name, line=_line(exc)) from exc
        except SetupError:
            raise
        except Exception as exc:
            raise _fault(exc, name) from exc
        if gaps:  # a filter such as `add` catches whatever is raised, and gives nothing
            raise TemplateError("a filter was given a name that is not in the context", template=name)
        return text

    def __repr__(self) -> str:
        return f"DjangoEngine({self._using!r})" if self._using else "DjangoEngine()"


def _django_engines() -> list[object]:
    return [backend for backend in engines.all() if isinstance(getattr(backend, "engine", None), Engine)]


def _engine_like(theirs: Engine) -> Engine:
    return Engine(
        dirs=theirs.dirs,
        loaders=_uncached(theirs.loaders) if theirs.debug else theirs.loaders,
        libraries=theirs.libraries,
        builtins=theirs.builtins[len(Engine.default_builtins) :],
        file_charset=theirs.file_charset,
        string_if_invalid=_MISSING,
        debug=True,  # so that an error says where it came about; nothing is shown to anybody
    )


def _uncached(loaders: Iterable[Any]) -> list[Any]:
    """The loaders without what they keep: who develops sees at once what they write. Django resets only its own."""
    found: list[Any] = []
    for loader in loaders:
        is_cached = isinstance(loader, tuple | list) and loader[0] == _CACHED
        found += _uncached(loader[1]) if is_cached else [loader]
    return found


def _spoken(locale: str) -> AbstractContextManager[object]:
    return translation.override(locale.replace("_", "-").lower()) if locale else nullcontext()


# ── what is missing ──────────────────────────────────────────────────────────────────────────────────────────────


class _Unknown(LookupError):
    """A name that the context has not."""


class _Missing(str):
    """What Django puts in the place of a name that the context has not. It is false, and nothing else can be asked.

    Django looks first whether it is false, so `default` and conditions go on as ever.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def _raise(self, *_: object) -> NoReturn:
        _asked.get().append(self)
        raise _Unknown

    __str__ = __len__ = __iter__ = __html__ = __format__ = __getitem__ = __add__ = __mod__ = __eq__ = _raise
    __hash__ = str.__hash__


_MISSING = _Missing()
_asked: ContextVar[list[_Missing]] = ContextVar("sesmail_django_gaps")


@contextmanager
def _gaps() -> Iterator[list[_Missing]]:
    """What was asked of missing names while a template is rendered."""
    gaps: list[_Missing] = []
    token = _asked.set(gaps)
    try:
        yield gaps
    finally:
        _asked.reset(token)


def _fault(exc: Exception, name: str) -> TemplateError:
    found = getattr(exc, "template_debug", None) or {}
    during = str(found.get("during", ""))
    tag = during.strip("{}% ")
    origin = getattr(getattr(exc, "_culprit_node", None), "origin", None)
    template = str(getattr(origin, "template_name", None) or name)
    if isinstance(exc, _Unknown):
        # Of a tag it is not known which of its names was the one.
        variable = tag.partition("|")[0].strip() if during.startswith("{{") else ""
        what = variable or f"a name in {tag[:60] or 'it'}"
        return TemplateError(f"{what} is not in the context", template=template, line=_line(exc), variable=variable)
    return TemplateError(f"{type(exc).__name__} in {tag[:60] or 'it'}", template=template, line=_line(exc))


def _line(exc: BaseException) -> int | None:
    found = getattr(exc, "template_debug", None) or {}
    line = found.get("line")
    return line if isinstance(line, int) else None
