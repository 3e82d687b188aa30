"""AppMailer: the `Mailer` of an application. It knows when the application is tested, and tells of what it sends.

Rule 1: while ``TESTING``, nothing leaves: mails go into a mailbox. ``TESTING`` is looked at with each mail, since many
        suites set it after the application was made. ``SESMAIL_CATCH`` says otherwise.
Rule 2: a mailbox that a test holds (`capture`, the fixture ``mailbox``) comes before everything.
Rule 3: a test that holds a local SES (the fixture ``local_ses``) means its mails to go there. So they do, if the mailer
        can lead nowhere else: it was made while this very box was open, and its URL leaves to the environment where SES
        is.
"""

from __future__ import annotations

from os import environ
from threading import Lock

from flask import Flask

from sesmail.connect.grammar import Group, Line, parse
from sesmail.errors import MailError, SetupError
from sesmail.integrations.flask.mail_templates import engine_of
from sesmail.integrations.flask.settings import Settings
from sesmail.integrations.flask.signals import Announced, is_anybody_listening
from sesmail.integrations.flask.site import Site
from sesmail.mailer.diversion import diversion
from sesmail.mailer.mailer import Mailer
from sesmail.transports.base import Transport
from sesmail.transports.url import TransportUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sesmail.mailer.base import TemplatesLike
    from sesmail.mailer.hooks import After, Before
    from sesmail.policies.attempt import Attempt
    from sesmail.testing.mailbox import Mailbox

LOCAL_SES = "SESMAIL_LOCAL_SES"  # the URL of the box that a test holds: the fixture sets it
_SAYS_IT = {"sender": "SENDER", "reply_to": "REPLY_TO", "headers": "HEADERS", "tags": "TAGS"}


class AppMailer(Mailer):
    """Made by `SesMail.init_app`; used like any `Mailer`, with or without an application context."""

    def __init__(
        self,
        app: Flask,
        name: str,
        settings: Settings,
        *,
        templates: TemplatesLike | None,
        before: Before | Iterable[Before],
        after: After | Iterable[After],
        on_attempt: Callable[[Attempt], object] | None,
    ) -> None:
        self.name = name
        self.site = Site(app, settings.base_url, f"{settings.prefix}BASE_URL")
        self._app = app
        self._catch_key = f"{settings.prefix}CATCH"
        self._mailbox: Mailbox | None = None
        self._lock = Lock()
        transport = self._said_way(settings)
        self._box = environ.get(LOCAL_SES, "") if isinstance(transport, str) and _leads_to_box(transport) else ""
        try:
            super().__init__(
                transport,
                sender=settings.sender,
                reply_to=settings.reply_to,
                headers=settings.headers,
                tags=settings.tags,
                configuration_set=settings.text("CONFIGURATION_SET"),
                before=before,
                after=after,
                on_attempt=on_attempt,
                templates=engine_of(app, settings, self.site, templates),
            )
        except MailError as error:
            key = _SAYS_IT.get(error.field.partition("[")[0].partition(".")[0], "CONFIGURATION_SET")
            raise SetupError(f"app.config[{settings.prefix + key!r}] is wrong: {error.reason}") from error

    def _said_way(self, settings: Settings) -> str | Transport:
        if settings.url:
            return settings.url
        if self.is_caught:
            return "null://"
        key = f"{settings.prefix}URL"
        raise SetupError(
            f"there is no way out: set app.config[{key!r}], such as 'ses://eu-west-1', or {key} in the environment;"
            " an app without one is to be TESTING before init_app"
        )

    # ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_caught(self) -> bool:
        """Whether mails go into the mailbox."""
        said = self._app.config.get(self._catch_key)
        return bool(said) if said is not None else bool(self._app.testing) and not self._is_at_box

    @property
    def _is_at_box(self) -> bool:
        box = getattr(self, "_box", "")  # it is asked once before it is known
        return bool(box) and environ.get(LOCAL_SES) == box

    @property
    def mailbox(self) -> Mailbox:
        """What was caught: by a test's own mailbox where there is one, else by the application's."""
        from sesmail.testing.mailbox import Mailbox
        from sesmail.transports.memory import MemoryTransport

        caught = diversion()
        if isinstance(caught, MemoryTransport):
            box = Mailbox()
            box.transport = caught
            return box
        if not self.is_caught:
            raise SetupError(f"there is a mailbox while the app is TESTING, or where {self._catch_key} is true")
        with self._lock:
            if self._mailbox is None:
                self._mailbox = Mailbox()
            return self._mailbox

    def _way_out(self) -> Transport:
        way = diversion() or (self.mailbox.transport if self.is_caught else self._transport)
        return Announced(way, self._app, self.name) if is_anybody_listening() else way


def _leads_to_box(line: str) -> bool:
    """Whether all ways of a line are SES, and where that is, is for the environment to say."""

    def leads(tree: Line) -> bool:
        if isinstance(tree, Group):
            return all(leads(member) for member in tree.members)
        url = TransportUrl.parse(tree.url)
        return url.scheme in ("ses", "ses+v1") and "endpoint_url" not in url.options

    return leads(parse(line))
