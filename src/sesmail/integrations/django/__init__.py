"""Django: its mail through sesmail, its templates as an engine, and a place in its checks, commands and tests.

Outside in: `backend` is what Django calls, `shared` keeps the mailers, `settings`, `aliases` and `inherited` read what
is said, `letter` reads a message, with `people`, `headers`, `bodies`, `files` and `wishes` for its parts and `draft`
for what is read so far; `finished` is a mail that Django writes, and `stored` one that SES makes. `apps`, `checks` and
`management` are the app, `engine` renders, `testing` is for tests.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.integrations.django.backend import EmailBackend as EmailBackend
    from sesmail.integrations.django.engine import DjangoEngine as DjangoEngine
    from sesmail.integrations.django.mailers import get_mailer as get_mailer
    from sesmail.integrations.django.signals import post_send as post_send
    from sesmail.integrations.django.signals import pre_send as pre_send

_HOME = {
    "DjangoEngine": "engine",
    "EmailBackend": "backend",
    "get_mailer": "mailers",
    "post_send": "signals",
    "pre_send": "signals",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above


def __getattr__(name: str) -> object:
    # Late, since Django imports this package while its settings are still being read.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from sesmail.errors import MissingExtra

    try:
        value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "django":
            raise
        raise MissingExtra(package="django", extra="django", purpose=__name__) from exc
    globals()[name] = value
    return value
