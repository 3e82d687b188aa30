"""Background: a mail that is sent after the response, as far as that can be done well.

Rule 1: a mail that cannot be made is an error before the response, while somebody can still be told. What its hooks
        and its way out say to it comes later: hooks may await, and may change it.
Rule 2: what goes wrong afterwards reaches nobody by itself, and no less where only some are without their mail. It is
        logged and told to ``on_failure``, and the tasks behind it run all the same, whatever ``on_failure`` raises: an
        error in a background task would keep them from it.
Rule 3: a mail that must go out is no background task. If the process ends, it is lost, and nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from starlette.background import BackgroundTasks

from sesmail._logging import ERROR, log
from sesmail.errors import SetupError
from sesmail.mail.message import Email
from sesmail.mailer.async_mailer import AsyncMailer
from sesmail.mailer.hooks import awaited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from sesmail.mail.envelope import Envelope
    from sesmail.mailer.reports import MailFields, TemplatedFields
    from sesmail.templates.mail import Mail

OnFailure = Callable[[Email, Exception], object]


def send_after_response(
    tasks: BackgroundTasks,
    mailer: AsyncMailer,
    mail: Email | Mail | None = None,
    /,
    *,
    envelope: Envelope | None = None,
    on_failure: OnFailure | None = None,
    **fields: Unpack[TemplatedFields],
) -> None:
    """Have a mail sent when the response is out: an `Email`, a `Mail`, or the fields of one by keyword.

    >>> import asyncio
    >>> from starlette.background import BackgroundTasks
    >>> from sesmail import AsyncMailer
    >>> from sesmail.integrations.fastapi import send_after_response
    >>> from sesmail.testing import capture
    >>> tasks, mailer = BackgroundTasks(), AsyncMailer("null://", sender="shop@example.com")
    >>> send_after_response(tasks, mailer, to="ada@example.org", subject="Welcome")
    >>> with capture() as mailbox:
    ...     asyncio.run(tasks())
    >>> mailbox.last.subject
    'Welcome'

    The mail is made now, of its template too, and raises what is wrong with it. Later, ``on_failure`` is told of a mail
    that did not go out to everyone, and of the error: `PartlySent` where it went to some. It may be async.
    """
    if not isinstance(mailer, AsyncMailer):
        raise SetupError(f"what runs after the response is awaited: give an AsyncMailer, not {type(mailer).__name__}")
    if mail is not None and fields:
        raise SetupError("send_after_response takes a mail, or the fields of one, and not both")
    email = mailer.compose(cast("MailFields", fields) if mail is None else mail)
    tasks.add_task(_send, mailer, email, envelope, on_failure)


async def _send(mailer: AsyncMailer, email: Email, envelope: Envelope | None, on_failure: OnFailure | None) -> None:
    try:
        result = await mailer.send(email, envelope=envelope)
        result.raise_if_any_failed()
    except Exception as error:  # noqa: BLE001 - the response is out, and nobody would hear of it
        log(ERROR, "a mail in the background was not sent: %s", type(error).__name__, traceback=True)
        await _tell(on_failure, email, error)


async def _tell(on_failure: OnFailure | None, email: Email, failure: Exception) -> None:
    if on_failure is None:
        return
    try:
        await awaited(on_failure(email, failure))
    except Exception as error:  # noqa: BLE001 - so it is here
        log(ERROR, "on_failure of a mail in the background failed: %s", type(error).__name__, traceback=True)
