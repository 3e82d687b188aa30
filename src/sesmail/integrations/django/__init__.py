"""Django: its mail through sesmail, its templates as an engine, and a place in its checks, commands and tests.

Outside in: `backend` is what Django calls, `shared` keeps the mailers, `settings`, `aliases` and `inherited` read what
is said, `letter` reads a message, with `people`, `headers`, `bodies`, `files` and `wishes` for its parts and `draft`
for what is read so far; `finished` is a mail that Django writes, and `stored` one that SES makes. `apps`, `checks` and
`management` are the app, `engine` renders, `testing` is for tests.
"""

from __future__ import annotations

from sesmail._door import door

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
__getattr__ = door(__name__, _HOME, extra="django", worlds=("django",))
