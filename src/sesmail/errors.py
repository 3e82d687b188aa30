"""Every error that sesmail raises, in one tree.

::

    SesmailError
    ├── MailError              the mail itself is wrong; nothing was tried
    │   ├── InvalidAddress     (also ValueError)
    │   ├── InvalidHeader      (also ValueError)
    │   ├── TooLarge
    │   └── Unsupported        this way out cannot carry that
    ├── SetupError             the program is set up wrong
    │   ├── MissingExtra       (also ImportError)
    │   ├── UnknownScheme
    │   ├── UnknownOption
    │   └── CredentialsMissing
    ├── Withheld               a policy said no; nothing was sent
    │   ├── UnverifiedRecipients · UnverifiedSender   (also NotVerified)
    │   └── Suppressed
    ├── SendError              it was tried
    │   ├── ConnectFailed · TimedOut · ConnectionLost · Unavailable · Throttled · QuotaExceeded
    │   ├── Rejected
    │   │   └── RejectedUnverified (also NotVerified)
    │   ├── PartlySent
    │   ├── AuthFailed · AccessDenied · CredentialsExpired · SendingPaused · NotFound
    │   └── AllFailed          (also ExceptionGroup)
    ├── AccountError           a call that is not a send
    ├── TemplateError
    ├── EventError
    │   ├── BadSignature
    │   └── UnknownTopic
    └── NotVerified            beside the tree: the facts that both verification errors share

Three rules hold everywhere:

1. The text says what is wrong, where, and the cure. It never quotes the mail: what was wrong travels as an attribute.
2. Decide by class and attribute, never by text. Whatever concerns a mail answers ``retryable`` and ``outcome``.
3. Every error pickles with its attributes, so it survives a task queue or a process pool.
"""

from __future__ import annotations

from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self


class Outcome(StrEnum):
    """How a mail ended for one recipient.

    >>> from sesmail import Outcome
    >>> Outcome.NOT_SENT.is_final
    False
    """

    SENT = "sent"
    """The provider took the mail. Delivery itself is only known from later events."""
    REFUSED = "refused"
    """The provider said no for good. Sending the same mail again cannot help."""
    WITHHELD = "withheld"
    """A policy of yours said no. Nothing left the machine."""
    NOT_SENT = "not_sent"
    """It surely did not go out. Sending again cannot make a second mail."""
    UNKNOWN = "unknown"
    """The line broke after the body left. Sending again may make a second mail."""

    @property
    def is_final(self) -> bool:
        """True when nothing is left to do: the mail is out, or must not go out."""
        return self in (Outcome.SENT, Outcome.REFUSED, Outcome.WITHHELD)


class SesmailError(Exception):
    """The root: ``except SesmailError`` catches whatever this library raises on purpose."""

    def __reduce__(self) -> tuple[Callable[..., SesmailError], tuple[object, ...]]:
        # Exception's own __reduce__ calls the class with `args` only, which loses keyword-only facts.
        return _revive, (type(self), self.args, self.__dict__.copy())


def _revive(cls: type[SesmailError], args: tuple[object, ...], facts: dict[str, object]) -> SesmailError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


# ── the mail itself ──────────────────────────────────────────────────────────────────────────────────────────────


class MailError(SesmailError):
    """The mail itself is wrong and nothing was tried: mend the mail, do not retry.

    ``field`` says where, from the outside in: ``to[2].name``.
    """

    retryable = False
    outcome = Outcome.NOT_SENT

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason

    def inside(self, place: str) -> Self:
        """Put the field into a larger one: ``name`` inside ``to[2]`` is ``to[2].name``. Gives the error itself back."""
        joint = "." if self.field and not self.field.startswith("[") else ""
        self.field = f"{place}{joint}{self.field}"
        return self


class InvalidAddress(MailError, ValueError):
    """This is not an address that mail can go to. Ask its owner for the right one; ``value`` holds what was given.

    ``value`` is the text or the pair; of anything else, which may not pickle, it is the type's name.
    """

    def __init__(self, reason: str, *, field: str = "", value: object = None) -> None:
        super().__init__(reason, field=field)
        texts = value if isinstance(value, tuple) else (value,)
        self.value = value if all(isinstance(text, str | None) for text in texts) else type(value).__name__


class InvalidHeader(MailError, ValueError):
    """This text must not go into a header or parameter, such as a line break in a subject. Clean it at its source."""


class TooLarge(MailError):
    """The mail or a part of it is larger than the way out takes: send a link in place of the file."""

    def __init__(self, reason: str, *, size: int, limit: int, field: str = "") -> None:
        super().__init__(reason, field=field)
        self.size = size
        self.limit = limit


class Unsupported(MailError):
    """This way out cannot carry ``feature``. Take one of ``instead``, or leave the feature out."""

    def __init__(self, reason: str, *, feature: str, instead: Sequence[str] = (), field: str = "") -> None:
        super().__init__(reason, field=field)
        self.feature = feature
        self.instead = tuple(instead)


# ── the program's set-up ─────────────────────────────────────────────────────────────────────────────────────────


class SetupError(SesmailError):
    """The program is set up wrong, whatever the mail: mend the configuration and start again."""


class MissingExtra(SetupError, ImportError):
    """An optional package is not installed. The text holds the ``pip install`` line to run."""

    def __init__(self, *, package: str, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs the package {package}: pip install "sesmail[{extra}]"')
        self.package = package
        self.extra = extra
        self.purpose = purpose


class UnknownScheme(SetupError):
    """No transport answers to this URL scheme. Take one of ``known``; the text names the nearest."""

    def __init__(self, scheme: str, *, known: Iterable[str]) -> None:
        self.scheme = scheme
        self.known = tuple(known)
        super().__init__(f"unknown scheme {scheme!r}{_nearest(scheme, self.known)}")


class UnknownOption(SetupError):
    """This option does not exist there. Take one of ``known``; the text names the nearest."""

    def __init__(self, option: str, *, known: Iterable[str], where: str) -> None:
        self.option = option
        self.known = tuple(known)
        self.where = where
        super().__init__(f"{where} has no option {option!r}{_nearest(option, self.known)}")


class CredentialsMissing(SetupError):
    """No credentials were found. Give the program a role, a profile or keys; ``looked_in`` lists what was tried."""

    def __init__(self, reason: str, *, looked_in: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.looked_in = tuple(looked_in)


def _nearest(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    match = get_close_matches(word, known, n=1, cutoff=0.5)
    if match:
        return f"; did you mean {match[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""


# ── verification: the facts that the guard's no and SES's own no share ───────────────────────────────────────────


class NotVerified(SesmailError):
    """An identity is not verified in this Region: verify it there, or ask AWS for production access.

    ``except NotVerified`` catches both the sandbox guard's no (nothing was sent) and SES's own. ``senders`` and
    ``recipients`` hold the identities, ``region`` the Region that was asked.
    """

    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    region: str = ""


# ── a policy's no ────────────────────────────────────────────────────────────────────────────────────────────────


class Withheld(SesmailError):
    """A policy of yours said no and nothing was sent. Not a fault: change the policy or leave the recipients out.

    It is no `SendError`, so that no retry or failover catches a deliberate no by accident.
    """

    retryable = False
    outcome = Outcome.WITHHELD

    def __init__(self, reason: str, *, policy: str = "", recipients: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.policy = policy
        self.recipients = tuple(recipients)


class UnverifiedRecipients(Withheld, NotVerified):
    """The account is in the SES sandbox and these recipients are not verified: verify them or leave the sandbox."""

    def __init__(self, reason: str, *, recipients: Sequence[str], region: str, policy: str = "") -> None:
        super().__init__(reason, policy=policy, recipients=recipients)
        self.region = region


class UnverifiedSender(Withheld, NotVerified):
    """The sender, or where bounces or replies go to, is not verified in this Region. Nothing was sent: verify it."""

    def __init__(self, reason: str, *, senders: Sequence[str], region: str, policy: str = "") -> None:
        super().__init__(reason, policy=policy)
        self.senders = tuple(senders)
        self.region = region


class Suppressed(Withheld):
    """These recipients bounced or complained before. Do not mail them; take one off the list only if its owner asks."""


# ── a send that was tried ────────────────────────────────────────────────────────────────────────────────────────


class SendError(SesmailError):
    """It was tried and went wrong. Ask ``retryable`` (may the same mail succeed later?) and ``outcome`` (is it out?).

    ``code`` is the provider's code, ``stage`` where it broke (``connect``, ``auth``, ``mail``, ``data``, ``reply``),
    ``request_id`` what AWS support asks for, ``retry_after_s`` a pause that the provider asked for, and ``recipients``
    those whom the error is about (empty: all of them). Each class has its usual answers; one error may differ. Where
    nobody got it and not all for the same reason, ``results`` holds a `RecipientResult` for each.
    """

    retryable: bool = False
    outcome: Outcome = Outcome.NOT_SENT
    results: tuple[object, ...] = ()

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool | None = None,
        outcome: Outcome | None = None,
        code: str = "",
        stage: str = "",
        request_id: str = "",
        retry_after_s: float | None = None,
        recipients: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        if retryable is not None:
            self.retryable = retryable
        if outcome is not None:
            self.outcome = outcome
        self.code = code
        self.stage = stage
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.recipients = tuple(recipients)


class ConnectFailed(SendError):
    """No connection came about (name, route, port, TLS): nothing was sent. Retry; if it lasts, look at the network."""

    retryable = True


class TimedOut(SendError):
    """No answer came in time. Look at ``outcome``: with ``unknown`` the mail may be out, and a retry may double it."""

    outcome = Outcome.UNKNOWN


class ConnectionLost(SendError):
    """The line broke in the middle. Look at ``outcome``: with ``unknown`` the mail may be out."""

    outcome = Outcome.UNKNOWN


class Unavailable(SendError):
    """The provider has a fault of its own (5xx, temporary service failure). Retry later with growing pauses."""

    retryable = True


class Throttled(SendError):
    """Too many recipients a second. Slow down and retry; the account's rate is counted in recipients, not mails."""

    retryable = True


class QuotaExceeded(SendError):
    """The quota of the rolling 24 hours is used up. Retry in hours, not seconds, or ask AWS for a larger one."""

    retryable = True


class Rejected(SendError):
    """The provider refused this very mail. Do not retry: mend the mail; ``code`` and the text say what it disliked."""

    outcome = Outcome.REFUSED


class RejectedUnverified(Rejected, NotVerified):
    """SES refused because identities are not verified in this Region. Verify them there, or leave the sandbox."""

    def __init__(
        self,
        reason: str,
        *,
        senders: Sequence[str] = (),
        recipients: Sequence[str] = (),
        region: str = "",
        code: str = "",
        stage: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(reason, code=code, stage=stage, request_id=request_id, recipients=recipients)
        self.senders = tuple(senders)
        self.region = region


class PartlySent(SendError):
    """It went to some recipients and not to others. Never send the whole mail again: only ``recipients`` lack it."""

    outcome = Outcome.UNKNOWN


class AuthFailed(SendError):
    """The credentials are wrong. Check key, secret and Region (an SMTP password belongs to one Region)."""


class AccessDenied(SendError):
    """The credentials are right but may not do this. Add ``action`` on ``resource`` to the IAM policy."""

    def __init__(
        self,
        reason: str,
        *,
        action: str = "",
        resource: str = "",
        code: str = "",
        stage: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(reason, code=code, stage=stage, request_id=request_id)
        self.action = action
        self.resource = resource


class CredentialsExpired(SendError):
    """The session's credentials ran out. Fetch new ones and retry; refreshable credentials do it on their own."""

    retryable = True


class SendingPaused(SendError):
    """Sending is paused for the account or configuration set. Read AWS's mail about it; retrying makes it worse."""


class NotFound(SendError):
    """What the mail names is not there: a configuration set, template, tenant or endpoint. Check the Region too."""


class AllFailed(SendError, ExceptionGroup[Exception]):
    """Every way out failed; ``exceptions`` holds one error per way, in order. Read the first, then the rest.

    ``retryable`` is true when one of the ways may work later, ``outcome`` is unknown as soon as one of them is.
    """

    def __new__(cls, reason: str, errors: Sequence[SendError]) -> Self:
        return ExceptionGroup.__new__(cls, reason, errors)

    def __init__(self, reason: str, errors: Sequence[SendError]) -> None:
        unknown = any(error.outcome is Outcome.UNKNOWN for error in errors)
        refused = all(error.outcome is Outcome.REFUSED for error in errors)
        super().__init__(
            reason,
            retryable=any(error.retryable for error in errors),
            outcome=Outcome.UNKNOWN if unknown else Outcome.REFUSED if refused else Outcome.NOT_SENT,
        )
        self.args = (reason, tuple(errors))

    def __str__(self) -> str:
        return f"{self.message} ({len(self.exceptions)} ways tried; the first said: {self.exceptions[0]})"

    def derive(self, excs: Sequence[Exception], /) -> ExceptionGroup[Exception]:  # type: ignore[override]
        # `except*` splits a group; a half of it no longer says that *all* ways failed, so it is a plain group.
        return ExceptionGroup(self.message, excs)


# ── all the rest ─────────────────────────────────────────────────────────────────────────────────────────────────


class AccountError(SesmailError):
    """A call about the account failed, one that sends nothing. ``operation`` names it; retry it if ``retryable``."""

    def __init__(
        self, reason: str, *, operation: str, code: str = "", request_id: str = "", retryable: bool = False
    ) -> None:
        super().__init__(reason)
        self.operation = operation
        self.code = code
        self.request_id = request_id
        self.retryable = retryable


class TemplateError(SesmailError):
    """A template cannot be rendered: mend ``template`` at ``line``, or give it ``variable``.

    Where it is about several rows of data, ``results`` holds a `RecipientResult` for each recipient.
    """

    results: tuple[object, ...] = ()

    def __init__(self, reason: str, *, template: str, line: int | None = None, variable: str = "") -> None:
        super().__init__(reason)
        self.template = template
        self.line = line
        self.variable = variable


class EventError(SesmailError):
    """What arrived is no event that can be trusted or read. Answer with an error and do not act on it."""


class BadSignature(EventError):
    """The signature does not fit: somebody else wrote this, or it was changed on the way. Drop it."""


class UnknownTopic(EventError):
    """Rightly signed, but from a topic that you did not allow. Add ``topic`` to the list only if it is yours."""

    def __init__(self, reason: str, *, topic: str) -> None:
        super().__init__(reason)
        self.topic = topic
