"""AsyncMailer: the `Mailer` for asyncio. Nothing that it does blocks the loop."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.mailer.base import BaseMailer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
    from typing import Self, Unpack

    from sesmail.mail.address import AddressesLike, AddressLike
    from sesmail.mail.envelope import Envelope
    from sesmail.mail.message import Email, EmailFields, Headers
    from sesmail.mail.outgoing import Outgoing, SendResult
    from sesmail.mail.problem import Problem
    from sesmail.mailer.base import TemplatesLike
    from sesmail.mailer.hooks import After, AsyncBefore
    from sesmail.mailer.reports import MailLike, MailReport, ManyReport, TemplatedFields
    from sesmail.mailer.stored import Bulk, StoredRun
    from sesmail.policies.attempt import Attempt
    from sesmail.ses.stored.content import RowLike
    from sesmail.templates.mail import Mail
    from sesmail.transports.base import Transport

_READERS = 4  # threads that read attachments


class AsyncMailer(BaseMailer):
    """Sends mail through a transport, awaited. It is used like `Mailer`; what is said there holds here.

    >>> import asyncio
    >>> from sesmail import AsyncMailer
    >>> async def main() -> None:
    ...     async with AsyncMailer("memory://", sender="shop@example.com") as mailer:
    ...         result = await mailer.send(to="ada@example.org", subject="Your order", text="It is on its way.")
    ...     print(result.failed)
    >>> asyncio.run(main())
    ()

    Hooks may be async. Attachments that are read when needed are read in a thread. A send that is cancelled while it is
    under way may be out or not. One mailer may be used by several loops. A transport that cannot be awaited is refused
    when the mailer is built.
    """

    _awaits = True

    def __init__(
        self,
        transport: str | Transport | None = None,
        *,
        sender: AddressLike | None = None,
        reply_to: AddressesLike | None = (),
        headers: Headers = (),
        tags: Mapping[str, str] | None = None,
        configuration_set: str = "",
        before: AsyncBefore | Iterable[AsyncBefore] = (),
        after: After | Iterable[After] = (),
        on_attempt: Callable[[Attempt], object] | None = None,
        templates: TemplatesLike | None = None,
    ) -> None:
        from sesmail.lines.threads import Threads
        from sesmail.mailer.defaults import Defaults
        from sesmail.mailer.hooks import AsyncHooks

        defaults = Defaults.of(
            sender=sender, reply_to=reply_to, headers=headers, tags=tags, configuration_set=configuration_set
        )
        super().__init__(transport, defaults, on_attempt, templates)
        self._hooks = AsyncHooks(before, after)
        self._readers = Threads(_READERS, "sesmail-reader")

    async def send(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        **fields: Unpack[TemplatedFields],
    ) -> SendResult:
        """Send one mail: see `Mailer.send`."""
        mail = await self._hooks.before(self._composer.email(email, fields))
        result = await self._way_out().asend(await self._outgoing(mail, envelope))
        await self._hooks.after(result)
        return result

    async def _outgoing(self, email: Email, envelope: Envelope | None) -> Outgoing:
        if all(file.is_read for file in email.attachments):
            return self._composer.outgoing(email, envelope)
        return await self._readers.run(lambda: self._composer.outgoing(email, envelope))

    async def send_many(
        self,
        mails: Iterable[MailLike] | AsyncIterable[MailLike] | None = None,
        *,
        rows: Iterable[MailLike] | AsyncIterable[MailLike] | None = None,
        concurrency: int = 1,
        on_result: Callable[[MailReport], object] | None = None,
        keep_failures: int = 100,
        **common: Unpack[TemplatedFields],
    ) -> ManyReport:
        """Send many mails to the end, and count how they ended: see `Mailer.send_many`.

        ``concurrency`` is how many tasks send at once. ``mails`` may be an async generator, ``on_result`` async.
        """
        from contextlib import aclosing

        from sesmail.mailer.hooks import awaited
        from sesmail.mailer.reports import Tally

        with Tally(keep_failures) as tally:
            async with aclosing(self.iter_many(mails, rows=rows, concurrency=concurrency, **common)) as reports:
                async for report in reports:
                    if on_result is not None:
                        await awaited(on_result(report))
                    tally.add(report)
        return tally.report()

    def iter_many(
        self,
        mails: Iterable[MailLike] | AsyncIterable[MailLike] | None = None,
        *,
        rows: Iterable[MailLike] | AsyncIterable[MailLike] | None = None,
        concurrency: int = 1,
        **common: Unpack[TemplatedFields],
    ) -> AsyncGenerator[MailReport, None]:
        """The same, lazily: see `Mailer.iter_many`. Close it (``contextlib.aclosing``) if you leave it early."""
        from functools import partial

        from sesmail.mailer.many import at_least_one, in_tasks, in_turn_awaited
        from sesmail.mailer.rows import check_one_of

        check_one_of(mails, rows, common)
        source, attempt = mails if mails is not None else rows or (), partial(self._attempt, common)
        if at_least_one(concurrency) == 1:
            return in_turn_awaited(attempt, source)
        return in_tasks(attempt, source, concurrency)

    async def _attempt(self, common: TemplatedFields, index: int, mail: MailLike) -> MailReport:
        from sesmail.mailer.hooks import is_its_own
        from sesmail.mailer.reports import MailReport
        from sesmail.mailer.rows import asked

        try:
            email, fields = asked(common, mail)
            result = await self.send(email, **fields)
        except SetupError:
            raise
        except BaseException as exc:
            if not is_its_own(exc):
                raise
            return MailReport(index, mail, error=exc)
        return MailReport(index, mail, result)

    async def check(
        self,
        email: Email | Mail | None = None,
        /,
        *,
        envelope: Envelope | None = None,
        online: bool = False,
        **fields: Unpack[TemplatedFields],
    ) -> list[Problem]:
        """All that can be said against a mail before it is sent: see `Mailer.check`."""
        outgoing, problems = await self._readers.run(lambda: self._composer.examined(email, fields, envelope))
        if online and outgoing is not None:
            from sesmail._clock import SYSTEM_CLOCK
            from sesmail.policies.flow import arun

            problems += await arun(self._asked_of_ses(outgoing), SYSTEM_CLOCK)
        return problems

    async def close(self) -> None:
        """Let the transport free what it holds. A later send opens it anew."""
        self._readers.close()
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # ── templates that SES keeps ─────────────────────────────────────────────────────────────────────────────────

    async def send_stored(
        self, template: str, /, *, data: Mapping[str, object] | None = None, **fields: Unpack[EmailFields]
    ) -> SendResult:
        """Send a mail that SES makes of a template that it keeps: see `Mailer.send_stored`."""
        from sesmail.mailer.stored import one_stored, stored_email

        email = await self._hooks.before(stored_email(self._composer, fields))
        result = await self._way_out().asend(one_stored(self._composer, template, data, email))
        await self._hooks.after(result)
        return result

    async def send_stored_many(
        self,
        template: str,
        rows: Iterable[RowLike] | AsyncIterable[RowLike],
        /,
        *,
        data: Mapping[str, object] | None = None,
        most_rows: int = 50,
        concurrency: int = 1,
        on_result: Callable[[MailReport], object] | None = None,
        keep_failures: int = 100,
        **fields: Unpack[EmailFields],
    ) -> ManyReport:
        """Send a mail of a stored template for each row: see `Mailer.send_stored_many`.

        ``concurrency`` is how many tasks send at once. ``rows`` may be an async generator, ``on_result`` async.
        """
        from contextlib import aclosing
        from functools import partial

        from sesmail.mailer.hooks import awaited
        from sesmail.mailer.many import at_least_one, in_tasks, in_turn_awaited
        from sesmail.mailer.reports import Tally
        from sesmail.mailer.stored import StoredRun

        run = StoredRun(self._composer, template, data, most_rows, fields)
        attempt, bulks = partial(self._attempt_stored, run), run.bulks_awaited(rows)
        alone = at_least_one(concurrency) == 1
        done = in_turn_awaited(attempt, bulks) if alone else in_tasks(attempt, bulks, concurrency)
        with Tally(keep_failures) as tally:
            async with aclosing(bulks), aclosing(done) as reports:
                async for several in reports:
                    for report in several:
                        if on_result is not None:
                            await awaited(on_result(report))
                        tally.add(report)
        return tally.report()

    async def _attempt_stored(self, run: StoredRun, _: int, bulk: Bulk) -> list[MailReport]:
        from sesmail.mailer.hooks import is_its_own

        if not bulk.rows:
            return bulk.bad
        try:
            was = run.email(bulk)
            email = await self._hooks.before(was)
            result = await self._way_out().asend(run.outgoing(bulk, email, was))
            await self._hooks.after(result)
        except SetupError:
            raise
        except BaseException as exc:
            if not is_its_own(exc):
                raise
            return run.failed(bulk, exc)
        return run.reports(bulk, result)
