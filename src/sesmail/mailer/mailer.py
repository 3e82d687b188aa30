"""Mailer: sends mail, and waits until it is sent."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.mailer.base import BaseMailer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from typing import Self, Unpack

    from sesmail.mail.address import AddressesLike, AddressLike
    from sesmail.mail.envelope import Envelope
    from sesmail.mail.message import Email, EmailFields, Headers
    from sesmail.mail.outgoing import SendResult
    from sesmail.mail.problem import Problem
    from sesmail.mailer.base import TemplatesLike
    from sesmail.mailer.hooks import After, Before
    from sesmail.mailer.reports import MailLike, MailReport, ManyReport, TemplatedFields
    from sesmail.mailer.stored import Bulk, StoredRun
    from sesmail.policies.attempt import Attempt
    from sesmail.ses.stored.content import RowLike
    from sesmail.templates.mail import Mail
    from sesmail.transports.base import Transport


class Mailer(BaseMailer):
    """Sends mail through a transport.

    >>> from sesmail import Mailer
    >>> mailer = Mailer("memory://", sender="Shop <shop@example.com>")
    >>> result = mailer.send(to="ada@example.org", subject="Your order", text="It is on its way.")
    >>> result.by_recipient["ada@example.org"].outcome
    <Outcome.SENT: 'sent'>

    ``transport`` is a URL or a transport; without one, the environment's ``SESMAIL_URL``. What a mail does not say
    itself comes from the mailer, and what the mailer does not say from ``SESMAIL_FROM``, ``SESMAIL_REPLY_TO`` and
    ``SESMAIL_CONFIGURATION_SET``. Tags and headers are put together name by name. What is empty is not said.

    ``before`` hooks get the completed mail and give the mail to send, or raise `Withheld`. ``after`` hooks get the
    result; what they raise is logged, since the mail is out by then. ``on_attempt`` sees each attempt of each way: one
    send may be several, or none.

    One mailer serves a whole program: it may be used by many threads at once, and after a fork. Used as a context
    manager it closes its transport.
    """

    def __init__(
        self,
        transport: str | Transport | None = None,
        *,
        sender: AddressLike | None = None,
        reply_to: AddressesLike | None = (),
        headers: Headers = (),
        tags: Mapping[str, str] | None = None,
        configuration_set: str = "",
        before: Before | Iterable[Before] = (),
        after: After | Iterable[After] = (),
        on_attempt: Callable[[Attempt], object] | None = None,
        templates: TemplatesLike | None = None,
    ) -> None:
        from sesmail.mailer.defaults import Defaults
        from sesmail.mailer.hooks import Hooks

        defaults = Defaults.of(
            sender=sender, reply_to=reply_to, headers=headers, tags=tags, configuration_set=configuration_set
        )
        super().__init__(transport, defaults, on_attempt, templates)
        self._hooks = Hooks(before, after)

    def send(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        **fields: Unpack[TemplatedFields],
    ) -> SendResult:
        """Send one mail: the fields of an `Email` by keyword, an `Email`, or an `Email` with some fields changed.

        >>> from sesmail import Email, Mailer
        >>> mailer = Mailer("memory://", sender="shop@example.com")
        >>> order = Email(subject="Your order", text="It is on its way.")
        >>> mailer.send(order, to="ada@example.org").failed
        ()

        With ``envelope`` it goes to whom that names, whatever its headers say.

        Raises `MailError` when the mail is wrong, `Withheld` when a hook or a policy says no, and `SendError` when it
        went to nobody. When it went to some, the result says to whom: see `SendResult.raise_if_any_failed`.
        """
        mail = self._hooks.before(self._composer.email(email, fields))
        result = self._way_out().send(self._composer.outgoing(mail, envelope))
        self._hooks.after(result)
        return result

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
        """Send many mails to the end, and count how they ended.

        >>> from sesmail import Mailer
        >>> mailer = Mailer("memory://", sender="shop@example.com")
        >>> readers = ["ada@example.org", "bob@example.org"]
        >>> mailer.send_many({"to": reader, "subject": "News", "text": "There are some."} for reader in readers).sent
        2

        ``mails`` may be a generator: no more than a few are held at a time. One bad mail stops nothing; a `SetupError`,
        which all of them would meet, ends the run. ``concurrency`` is how many are sent at once, each in a thread.
        ``on_result`` sees the report of each mail, in this thread; an error that it raises ends the run as well. The
        answer keeps the first ``keep_failures`` of those that did not go to everyone, with the mails themselves.
        """
        from contextlib import closing

        from sesmail.mailer.reports import Tally

        mails_of = self.iter_many(mails, rows=rows, concurrency=concurrency, **common)
        with Tally(keep_failures) as tally, closing(mails_of) as reports:
            for report in reports:
                if on_result is not None:
                    on_result(report)
                tally.add(report)
        return tally.report()

    def iter_many(
        self,
        mails: Iterable[MailLike] | None = None,
        *,
        rows: Iterable[MailLike] | None = None,
        concurrency: int = 1,
        **common: Unpack[TemplatedFields],
    ) -> Generator[MailReport, None, None]:
        """The same, lazily: mails are sent as their reports are asked for.

        Whoever stops asking stops the sending; with ``concurrency`` some mails more may be out by then.
        """
        from functools import partial

        from sesmail.mailer.many import at_least_one, in_threads, in_turn
        from sesmail.mailer.rows import check_one_of

        check_one_of(mails, rows, common)
        source, attempt = mails if mails is not None else rows or (), partial(self._attempt, common)
        if at_least_one(concurrency) == 1:
            return in_turn(attempt, source)
        return in_threads(attempt, source, concurrency)

    def _attempt(self, common: TemplatedFields, index: int, mail: MailLike) -> MailReport:
        from sesmail.mailer.reports import MailReport
        from sesmail.mailer.rows import asked

        try:
            email, fields = asked(common, mail)
            result = self.send(email, **fields)
        except SetupError:
            raise  # every other mail would meet it too
        except Exception as exc:  # noqa: BLE001 - it stands in the report
            return MailReport(index, mail, error=exc)
        return MailReport(index, mail, result)

    def check(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        online: bool = False,
        **fields: Unpack[TemplatedFields],
    ) -> list[Problem]:
        """All that can be said against a mail before it is sent. Takes what `send` takes.

        >>> from sesmail import Mailer
        >>> mailer = Mailer("memory://", sender="shop@example.com")
        >>> [problem.code for problem in mailer.check(to="ada@localhost", text="Hello")]
        ['no_subject', 'special_use_domain']

        `send` raises the blocking ones, too. Of a mail that cannot be built, it is the first thing that is wrong. Hooks
        are not run. With ``online`` SES is asked as well, in each Region that the mail may go through: who is verified
        there, and whether the account may send.
        """
        outgoing, problems = self._composer.examined(email, fields, envelope)
        if online and outgoing is not None:
            from sesmail._clock import SYSTEM_CLOCK
            from sesmail.policies.flow import run

            problems += run(self._asked_of_ses(outgoing), SYSTEM_CLOCK)
        return problems

    def close(self) -> None:
        """Let the transport free what it holds. A later send opens it anew."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── templates that SES keeps ─────────────────────────────────────────────────────────────────────────────────

    def send_stored(
        self, template: str, /, *, data: Mapping[str, object] | None = None, **fields: Unpack[EmailFields]
    ) -> SendResult:
        """Send a mail that SES makes of a template that it keeps (API v2 only), with this data in its gaps.

        >>> from sesmail import Mailer
        >>> mailer = Mailer("memory://?limits=api", sender="shop@example.com")
        >>> mailer.send_stored("welcome", to="ada@example.org", data={"name": "Ada"}).failed
        ()

        It takes the fields of `send`, but for what the template says: subject, bodies, files. Nothing in ``data`` is
        escaped by SES: what strangers wrote goes through `html.escape` before it goes into HTML.

        Raises what `send` raises; `TemplateError` for a variable that the template prints and the data has not;
        `NotFound` where there is no such template.
        """
        from sesmail.mailer.stored import one_stored, stored_email

        email = self._hooks.before(stored_email(self._composer, fields))
        result = self._way_out().send(one_stored(self._composer, template, data, email))
        self._hooks.after(result)
        return result

    def send_stored_many(
        self,
        template: str,
        rows: Iterable[RowLike],
        /,
        *,
        data: Mapping[str, object] | None = None,
        most_rows: int = 50,
        concurrency: int = 1,
        on_result: Callable[[MailReport], object] | None = None,
        keep_failures: int = 100,
        **fields: Unpack[EmailFields],
    ) -> ManyReport:
        """Send a mail of a stored template for each row, up to 50 recipients in a call, and count how they ended.

        >>> from sesmail import Mailer
        >>> mailer = Mailer("memory://?limits=api", sender="shop@example.com")
        >>> readers = ["ada@example.org", "bob@example.org"]
        >>> rows = ({"to": reader, "data": {"name": reader}} for reader in readers)
        >>> mailer.send_stored_many("news", rows, data={"week": 7}).sent
        2

        A row is a `StoredRow` or a mapping of its fields: ``to``, ``cc``, ``bcc``, ``data``, ``headers``, ``tags``,
        ``unsubscribe``. What ``data`` says is for all rows, and what a row says stands above it, name by name. All else
        is as with `send_many`: each row has a report of its own, and no more than a few calls are held at a time.
        """
        from contextlib import closing
        from functools import partial

        from sesmail.mailer.many import at_least_one, in_threads, in_turn
        from sesmail.mailer.reports import Tally
        from sesmail.mailer.stored import StoredRun

        run = StoredRun(self._composer, template, data, most_rows, fields)
        attempt, bulks = partial(self._attempt_stored, run), run.bulks(rows)
        alone = at_least_one(concurrency) == 1
        done = in_turn(attempt, bulks) if alone else in_threads(attempt, bulks, concurrency)
        with Tally(keep_failures) as tally, closing(done) as reports:
            for several in reports:
                for report in several:
                    if on_result is not None:
                        on_result(report)
                    tally.add(report)
        return tally.report()

    def _attempt_stored(self, run: StoredRun, _: int, bulk: Bulk) -> list[MailReport]:
        if not bulk.rows:
            return bulk.bad
        try:
            was = run.email(bulk)
            email = self._hooks.before(was)
            result = self._way_out().send(run.outgoing(bulk, email, was))
            self._hooks.after(result)
        except SetupError:
            raise  # every other row would meet it too
        except Exception as exc:  # noqa: BLE001 - it stands in the reports
            return run.failed(bulk, exc)
        return run.reports(bulk, result)
