"""Hooks: functions of the user that run around a send.

A ``before`` hook gets the completed mail and gives the mail to send; to stop it, it raises `Withheld`. An ``after``
hook gets the result. By then the mail is out, so what an ``after`` hook raises is logged and goes no further: whoever
caught it would take the mail for unsent, and send it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from sesmail._logging import ERROR, log
from sesmail.errors import SetupError
from sesmail.mail.message import Email
from sesmail.mail.outgoing import SendResult

Before = Callable[[Email], Email]
AsyncBefore = Callable[[Email], Email | Awaitable[Email]]
After = Callable[[SendResult], object]

Hook = TypeVar("Hook", bound=Callable[..., object])


class Hooks:
    """The hooks of a mailer that waits."""

    def __init__(self, before: Before | Iterable[Before], after: After | Iterable[After]) -> None:
        self._before = _several(before)
        self._after = _several(after)
        every: tuple[Callable[..., object], ...] = (*self._before, *self._after)
        for hook in every:
            if _is_async(hook):
                raise SetupError(f"the hook {_name(hook)} must be awaited, which AsyncMailer does and Mailer does not")

    def before(self, email: Email) -> Email:
        """The mail to send."""
        for hook in self._before:
            email = _mail_of(hook(email), hook)
        return email

    def after(self, result: SendResult) -> None:
        """Tell of what was sent."""
        for hook in self._after:
            try:
                hook(result)
            except Exception:  # noqa: BLE001 - the mail is out: see above
                _log_failure(hook)


class AsyncHooks:
    """The hooks of a mailer that awaits. They may be async, and need not."""

    def __init__(self, before: AsyncBefore | Iterable[AsyncBefore], after: After | Iterable[After]) -> None:
        self._before = _several(before)
        self._after = _several(after)

    async def before(self, email: Email) -> Email:
        """The mail to send."""
        for hook in self._before:
            email = _mail_of(await awaited(hook(email)), hook)
        return email

    async def after(self, result: SendResult) -> None:
        """Tell of what was sent."""
        for hook in self._after:
            try:
                await awaited(hook(result))
            except BaseException as exc:
                if not is_its_own(exc):
                    raise
                _log_failure(hook)


async def awaited(answer: object) -> object:
    """The answer of a function that may be async."""
    return await answer if isinstance(answer, Awaitable) else answer


def is_its_own(exc: BaseException) -> bool:
    """Whether it concerns one mail or hook: not so when somebody cancels the task that we run in."""
    from asyncio import CancelledError, current_task

    if isinstance(exc, CancelledError):
        task = current_task()
        return task is not None and not task.cancelling()
    return isinstance(exc, Exception)


def _several(given: Hook | Iterable[Hook]) -> tuple[Hook, ...]:
    if not callable(given) and not isinstance(given, Iterable):
        raise SetupError(f"a hook is a function, not {type(given).__name__}")
    several = (given,) if callable(given) else tuple(given)
    for hook in several:
        if not callable(hook):
            raise SetupError(f"a hook is a function, not {type(hook).__name__}")
    return several


def _is_async(hook: Callable[..., object]) -> bool:
    from inspect import iscoroutinefunction

    return iscoroutinefunction(hook) or iscoroutinefunction(type(hook).__call__)


def _mail_of(answer: object, hook: Callable[..., object]) -> Email:
    if isinstance(answer, Email):
        return answer
    raise SetupError(f"the hook {_name(hook)} gave {type(answer).__name__} and not the Email to send")


def _log_failure(hook: Callable[..., object]) -> None:
    log(ERROR, "the hook %s failed after the mail was sent", _name(hook), traceback=True)


def _name(hook: Callable[..., object]) -> str:
    return str(getattr(hook, "__qualname__", type(hook).__qualname__))
