"""SesMail: the Flask extension. It keeps no application; each has its mailers in ``app.extensions["sesmail"]``."""

from __future__ import annotations

from weakref import finalize

from flask import Flask, current_app, has_app_context

from sesmail.errors import SetupError
from sesmail.integrations.flask.app_mailer import AppMailer
from sesmail.integrations.flask.commands import command_group
from sesmail.integrations.flask.holder import Holder
from sesmail.integrations.flask.settings import Settings, prefix_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Unpack

    from sesmail.mail.envelope import Envelope
    from sesmail.mail.message import Email, EmailFields
    from sesmail.mail.outgoing import SendResult
    from sesmail.mail.problem import Problem
    from sesmail.mailer.base import TemplatesLike
    from sesmail.mailer.hooks import After, Before
    from sesmail.mailer.reports import MailLike, MailReport, ManyReport, TemplatedFields
    from sesmail.policies.attempt import Attempt
    from sesmail.templates.mail import Mail
    from sesmail.testing.mailbox import Mailbox


class SesMail:
    """Sends the mail of Flask applications.

    >>> from flask import Flask
    >>> from sesmail.integrations.flask import SesMail
    >>> mail = SesMail()
    >>> def create_app(**config: object) -> Flask:
    ...     app = Flask("shop")
    ...     app.config.update(SESMAIL_URL="ses://eu-west-1", SESMAIL_SENDER="shop@example.com", **config)
    ...     mail.init_app(app)
    ...     return app
    >>> with create_app(TESTING=True).app_context():
    ...     mail.send(to="ada@example.org", subject="Hi", text="Hello").failed
    ...     mail.mailbox.assert_one(to="ada@example.org").subject
    ()
    'Hi'

    ``SesMail(app)`` does both at once. An extension serves several applications, and an application may have several:
    ``SesMail(name="news")`` reads ``SESMAIL_NEWS_URL`` and so on. What is code and no configuration is said here:
    ``templates``, in place of those of the application, and the hooks of `Mailer`.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        name: str = "",
        templates: TemplatesLike | None = None,
        before: Before | Iterable[Before] = (),
        after: After | Iterable[After] = (),
        on_attempt: Callable[[Attempt], object] | None = None,
    ) -> None:
        prefix_of(name)  # is it one?
        self._name = name
        self._templates = templates
        self._before = before
        self._after = after
        self._on_attempt = on_attempt
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the configuration, and make the mailer. What is wrong with it is raised here, and not by the first mail.

        What the application configures later is not seen, but for ``TESTING`` and ``SESMAIL_CATCH``.
        """
        holder = Holder.of(app)
        holder.check(self._name)
        mailer = AppMailer(
            app,
            self._name,
            Settings.read(self._name, app.config, app.root_path),
            templates=self._templates,
            before=self._before,
            after=self._after,
            on_attempt=self._on_attempt,
        )
        holder.add(mailer)
        # When the application is gone, or the program ends. The transport must not know the application.
        finalize(app, mailer.transport.close)
        if command_group.name not in app.cli.commands:
            app.cli.add_command(command_group)

    def of(self, app: Flask) -> AppMailer:
        """The mailer of an application, for code that runs without its context, such as a thread."""
        return Holder.of(app).mailer(self._name)

    @property
    def mailer(self) -> AppMailer:
        """The mailer of the current application."""
        if not has_app_context():
            raise SetupError(
                "mail is sent in the context of an application: put it into 'with app.app_context():', or take"
                " mail.of(app)"
            )
        return self.of(current_app)

    # ── what the current application's mailer does ───────────────────────────────────────────────────────────────

    def send(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        **fields: Unpack[TemplatedFields],
    ) -> SendResult:
        """Send one mail: see `Mailer.send`."""
        return self.mailer.send(email, envelope=envelope, **fields)

    def send_many(
        self,
        mails: Iterable[MailLike] | None = None,
        *,
        rows: Iterable[MailLike] | None = None,
        concurrency: int = 1,
        on_result: Callable[[MailReport], object] | None = None,
        keep_failures: int = 100,
        **common: Unpack[TemplatedFields],
    ) -> ManyReport:
        """Send many mails to the end, and count how they ended: see `Mailer.send_many`."""
        return self.mailer.send_many(
            mails,
            rows=rows,
            concurrency=concurrency,
            on_result=on_result,
            keep_failures=keep_failures,
            **common,
        )

    def render(
        self,
        template: str | Mail,
        context: Mapping[str, object] | None = None,
        /,
        *,
        locale: str = "",
        **fields: Unpack[EmailFields],
    ) -> Email:
        """The mail that a template and a context make: see `Mailer.render`."""
        return self.mailer.render(template, context, locale=locale, **fields)

    def check(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        online: bool = False,
        **fields: Unpack[TemplatedFields],
    ) -> list[Problem]:
        """All that can be said against a mail before it is sent: see `Mailer.check`."""
        return self.mailer.check(email, envelope=envelope, online=online, **fields)

    def url_for(
        self,
        endpoint: str,
        /,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: object,
    ) -> str:
        """The absolute URL of an endpoint, on ``SESMAIL_BASE_URL``: for links in mails, whoever asked for them.

        Flask's own takes the host from the request, which anybody can send. A link to set a new password then leads to
        a stranger's site. What begins with ``_`` means what it means there; only ``_external=False`` is refused.
        """
        return self.mailer.site.url_for(
            endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
        )

    @property
    def mailbox(self) -> Mailbox:
        """What was caught while the application is tested: see `sesmail.testing`."""
        return self.mailer.mailbox

    def __repr__(self) -> str:
        return f"SesMail(name={self._name!r})"
