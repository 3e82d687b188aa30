"""BaseMailer: what `Mailer` and `AsyncMailer` have in common, which is all but the waiting."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.mailer.diversion import diversion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from typing import Unpack

    from sesmail.mail.message import Email, EmailFields
    from sesmail.mail.outgoing import Outgoing
    from sesmail.mail.problem import Problem
    from sesmail.mailer.defaults import Defaults
    from sesmail.mailer.reports import MailLike, TemplatedFields
    from sesmail.policies.attempt import Attempt
    from sesmail.policies.flow import Flow
    from sesmail.templates.engine import Engine
    from sesmail.templates.mail import Mail
    from sesmail.transports.base import Transport

    TemplatesLike = Engine | str | PathLike[str]

URL = "SESMAIL_URL"


class BaseMailer:
    """Holds the transport and the composer. What costs something to import is imported when one is built."""

    _awaits = False

    def __init__(
        self,
        transport: str | Transport | None,
        defaults: Defaults,
        on_attempt: Callable[[Attempt], object] | None,
        templates: TemplatesLike | None,
    ) -> None:
        from os import environ

        from sesmail.mailer.composer import Composer

        self._transport = _connected(environ.get(URL, "") if transport is None else transport, on_attempt)
        self._transport.admit(awaited=self._awaits)
        self._composer = Composer(defaults, self._transport.limits, None if templates is None else _engine(templates))

    @property
    def transport(self) -> Transport:
        """What carries the mails."""
        return self._transport

    def render(
        self,
        template: str | Mail,
        context: Mapping[str, object] | None = None,
        /,
        *,
        locale: str = "",
        **fields: Unpack[EmailFields],
    ) -> Email:
        r"""The mail that a template and a context make, or a `Mail`; ``fields`` say the rest, and stand above both.

        >>> from sesmail import Mailer
        >>> from sesmail.templates import Templates
        >>> templates = Templates({"code.subject.txt": "Your code", "code.txt": "It is {{ code }}."})
        >>> mailer = Mailer("memory://", sender="shop@example.com", templates=templates)
        >>> mail = mailer.render("code", {"code": 4711}, to="ada@example.org")
        >>> mail.subject, mail.text
        ('Your code', 'It is 4711.\n')
        >>> mailer.send(mail).failed
        ()

        ``send(template="code", context={"code": 4711}, to=…)`` is the same in one step. Nothing here waits, in either
        mailer. Raises `TemplateError`, which names template, line and variable.
        """
        asked: TemplatedFields = {"context": context or {}, "locale": locale, **fields}  # type: ignore[typeddict-item]
        if isinstance(template, str):
            asked["template"] = template
            return self._composer.email(None, asked)
        return self._composer.email(template, asked)

    def compose(self, mail: MailLike, *, locale: str = "") -> Email:
        """The mail as `send` would have it: rendered where there is a template, with what the mailer adds.

        >>> from sesmail import Mailer
        >>> Mailer("null://", sender="shop@example.com").compose({"to": "ada@example.org", "text": "Hi"}).sender
        Address('shop@example.com')

        It takes what `send_many` takes. ``locale`` stands above what the mail says. Hooks are not run.
        """
        from sesmail.mailer.rows import asked
        from sesmail.templates.mail import Mail

        email, fields = asked({}, mail)
        fields.pop("envelope", None)
        if locale and (isinstance(email, Mail) or "template" in fields):
            fields["locale"] = locale
        return self._composer.email(email, fields)

    def _way_out(self) -> Transport:
        """The transport, or what a test has put in its way."""
        return diversion() or self._transport

    def _asked_of_ses(self, outgoing: Outgoing) -> Flow[list[Problem]]:
        """What SES itself has against a mail, in each Region on its way."""
        from sesmail.policies.online import online_problems

        return online_problems(self._way_out(), outgoing)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._transport!r})"


def _connected(transport: str | Transport, on_attempt: Callable[[Attempt], object] | None) -> Transport:
    if transport == "":
        raise SetupError(f"no transport: give a URL, such as Mailer('memory://'), or set {URL}")
    if isinstance(transport, str):
        from sesmail.connect import connect

        transport = connect(transport, on_attempt=on_attempt)
    elif on_attempt is not None:
        raise SetupError(
            "on_attempt goes with a URL, around whose ways it is put; around a transport of yours, put"
            " sesmail.policies.Observe yourself"
        )
    if isinstance(transport, type) or not hasattr(transport, "admit"):
        name = getattr(transport, "__name__", type(transport).__name__)
        raise SetupError(f"expected a URL or a transport, not {name}; a transport has admit, send and asend")
    return transport


def _engine(templates: TemplatesLike) -> Engine:
    from os import PathLike

    if isinstance(templates, str | PathLike):
        from sesmail.templates.templates import Templates

        return Templates(templates)
    if isinstance(templates, type) or not hasattr(templates, "render"):
        name = getattr(templates, "__name__", type(templates).__name__)
        raise SetupError(f"templates are a folder or an engine, such as sesmail.templates.Templates, and not {name}")
    return templates
