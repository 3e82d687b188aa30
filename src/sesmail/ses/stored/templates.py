"""StoredTemplates: the tool for the templates that SES keeps of an account in a Region.

Rule 1: what it does is an `Errand`: ``answer()`` does it now, ``await aanswer()`` without blocking the loop.
Rule 2: SES takes one call a second of each operation. They are paced, and one that is told to slow down waits and is
        made again; it was not done. No other call is repeated: what changes something may have been done.
Rule 3: a push makes calls for what differs only, and reads what the folder has. It deletes when it is told to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import (
    AccountError,
    ConnectFailed,
    CredentialsMissing,
    SendError,
    SetupError,
    TemplateError,
    Throttled,
)
from sesmail.ses.call import ApiFault, Call, Client, Parameters, Reply
from sesmail.ses.faults import account_error, asked_error
from sesmail.ses.stored.content import checked_name, read_data
from sesmail.ses.stored.difference import Difference
from sesmail.ses.stored.errand import Errand, Pause, Steps, work
from sesmail.ses.stored.folder import Folder, Place, check_names, reason_against
from sesmail.ses.stored.kept import KeptTemplate, TemplateEntry

T = TypeVar("T")
APART_S = 1.05
"""How long after another of its kind a call is made: SES takes one a second, and its seconds are not ours."""
TRIES = 5
_PAGE = 100
_CHANGES = ("CreateEmailTemplate", "UpdateEmailTemplate", "DeleteEmailTemplate")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did, or with ``dry_run`` would do: templates by name."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]


class StoredTemplates:
    """Creates, changes, lists, tries and deletes templates, and keeps a folder of them in step with SES.

    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.credentials import Credentials
    >>> from sesmail.transports import SesTransport
    >>> with LocalSes() as ses:
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     transport = SesTransport("us-east-1", credentials=keys, endpoint_url=ses.url)
    ...     templates = transport.templates
    ...     templates.create("welcome", subject="Welcome, {{name}}", text="Hello {{name}}").answer()
    ...     print([one.name for one in templates.list().answer()])
    ...     transport.close()
    ['welcome']

    Each method gives an `Errand`, of which ``answer()`` or ``await aanswer()`` does it. What goes wrong is an
    `AccountError`, which names the operation, or a `TemplateError` for a template that SES could not render. The client
    stays whose it was.
    """

    def __init__(
        self, client: Client, *, clock: Clock = SYSTEM_CLOCK, on_change: Callable[[str], None] | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._on_change = on_change
        self._free_from: dict[str, float] = {}

    # ── one template ─────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, name: str, *, subject: str, text: str = "", html: str = "", check: bool = True) -> Errand[None]:
        """Make one. With ``check`` it is read first, and `TemplateError` says what SES could not render."""
        template = _checked(KeptTemplate(checked_name(name), subject, text, html), check=check)
        return self._errand(lambda: self._write("CreateEmailTemplate", template))

    def update(self, name: str, *, subject: str, text: str = "", html: str = "", check: bool = True) -> Errand[None]:
        """Put other texts in the place of all that one has."""
        template = _checked(KeptTemplate(checked_name(name), subject, text, html), check=check)
        return self._errand(lambda: self._write("UpdateEmailTemplate", template))

    def delete(self, name: str) -> Errand[None]:
        """Delete one. Mails that name it fail from now on."""
        checked_name(name)
        return self._errand(lambda: self._delete(name))

    def get(self, name: str) -> Errand[KeptTemplate]:
        """One with its texts."""
        checked_name(name)
        return self._errand(lambda: self._get(name))

    def list(self) -> Errand[tuple[TemplateEntry, ...]]:
        """All of them, the newest first."""
        return self._errand(self._list)

    def test_render(self, name: str, data: Mapping[str, object]) -> Errand[str]:
        """What SES makes of one with these data: the text of a mail without its people. Nothing is sent."""
        text = json.dumps(dict(read_data(data)), ensure_ascii=False)
        parameters = {"TemplateName": checked_name(name), "TemplateData": text}
        return self._errand(lambda: self._test_render(parameters))

    # ── a folder ─────────────────────────────────────────────────────────────────────────────────────────────────

    def diff(self, folder: Place) -> Errand[Difference]:
        """In what the folder is not what SES keeps."""
        return self._errand(lambda: self._diff(Folder(folder), check=False))

    def push(self, folder: Place, *, delete: bool = False, dry_run: bool = False, check: bool = True) -> Errand[Pushed]:
        """Have SES keep what is in the folder. All is read before the first change.

        ``delete`` deletes what the folder has not. With ``check`` a template that SES could not render stops it, with
        file and line, before anything is changed.
        """
        return self._errand(lambda: self._push(Folder(folder), delete=delete, dry_run=dry_run, check=check))

    def pull(self, folder: Place) -> Errand[tuple[str, ...]]:
        """Write all that SES keeps into the folder, and give the names. Other files there stay as they are."""
        return self._errand(lambda: self._pull(Folder(folder)))

    # ── how it is done ───────────────────────────────────────────────────────────────────────────────────────────

    def _write(self, operation: str, template: KeptTemplate) -> Steps[None]:
        yield from self._call(operation, template.parameters)
        self._has_changed(template.name)

    def _delete(self, name: str) -> Steps[None]:
        yield from self._call("DeleteEmailTemplate", {"TemplateName": name})
        self._has_changed(name)

    def _has_changed(self, name: str) -> None:
        if self._on_change:
            self._on_change(name)

    def _get(self, name: str) -> Steps[KeptTemplate]:
        return KeptTemplate.of((yield from self._call("GetEmailTemplate", {"TemplateName": name})).values)

    def _get_all(self, names: Iterable[str]) -> Steps[dict[str, KeptTemplate]]:
        found = {}
        for name in names:
            found[name] = yield from self._get(name)
        return found

    def _list(self) -> Steps[tuple[TemplateEntry, ...]]:
        found: dict[str, TemplateEntry] = {}  # one that is made meanwhile moves the others on to the next page
        token, seen = "", set[str]()
        while token not in seen:  # a list that turns in a circle would never end
            seen.add(token)
            there = {"NextToken": token} if token else {}
            reply = yield from self._call("ListEmailTemplates", {"PageSize": _PAGE, **there})
            found |= {entry.name: entry for entry in _listed(reply.values)}
            token = str(reply.values.get("NextToken") or "")
        return tuple(found.values())

    def _test_render(self, parameters: Parameters) -> Steps[str]:
        reply = yield from self._call("TestRenderEmailTemplate", parameters)
        return str(reply.values.get("RenderedTemplate") or "")

    def _compared(
        self, folder: Folder, *, check: bool, may_be_empty: bool = True
    ) -> Steps[tuple[dict[str, KeptTemplate], Difference]]:
        here = yield from work(folder.read)
        if not (here or may_be_empty):
            raise SetupError(
                "there is no template in the folder, and delete would delete all that SES keeps. Look whether it is the"
                " right one; single templates are deleted by their names"
            )
        for template in here.values():
            _checked(template, check=check)
        check_names(here)
        names = [entry.name for entry in (yield from self._list())]
        there = yield from self._get_all([name for name in names if name in here])
        gone = tuple(sorted(name for name in names if name not in here))
        return here, Difference.between(there, here, gone=gone)

    def _diff(self, folder: Folder, *, check: bool) -> Steps[Difference]:
        _, difference = yield from self._compared(folder, check=check)
        return difference

    def _push(self, folder: Folder, *, delete: bool, dry_run: bool, check: bool) -> Steps[Pushed]:
        here, difference = yield from self._compared(folder, check=check, may_be_empty=not delete)
        gone = difference.gone if delete else ()
        if not dry_run:
            deeds: tuple[tuple[str, tuple[str, ...], Callable[[str], Steps[None]]], ...] = (
                ("created", difference.added, lambda name: self._write("CreateEmailTemplate", here[name])),
                ("updated", difference.changed, lambda name: self._write("UpdateEmailTemplate", here[name])),
                ("deleted", gone, self._delete),
            )
            yield from _each_done(deeds)
        return Pushed(difference.added, difference.changed, gone, difference.same)

    def _pull(self, folder: Folder) -> Steps[tuple[str, ...]]:
        names = sorted(entry.name for entry in (yield from self._list()))
        check_names(names)  # before any of them is asked for
        templates = yield from self._get_all(names)
        good = {name: one for name, one in templates.items() if not reason_against(one)}
        yield from work(partial(folder.write, good.values()))
        bad = [f"{name} ({reason_against(one)})" for name, one in templates.items() if name not in good]
        if bad:
            raise TemplateError(
                f"not pulled, since no file could hold it: {', '.join(bad)}. Mend it at SES; the others were pulled",
                template=next(name for name in names if name not in good),
            )
        return tuple(names)

    def _errand(self, begin: Callable[[], Steps[T]]) -> Errand[T]:
        return Errand(begin, self._client, self._clock)

    # ── a call ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _call(self, operation: str, parameters: Parameters) -> Steps[Reply]:
        call = Call("sesv2", operation, parameters)
        tried = 0
        while True:
            tried += 1
            wait_s = self._turn(operation)
            if wait_s > 0:
                yield Pause(wait_s)
            try:
                reply: Reply = yield call
            except ApiFault as fault:
                is_too_fast = isinstance(asked_error(fault, region=self._client.region), Throttled)
                if tried == TRIES or not is_too_fast:
                    raise account_error(fault, region=self._client.region) from fault
                yield Pause(tried * APART_S)
            except (SendError, CredentialsMissing) as error:
                raise self._broken(error, operation) from error
            else:
                return reply

    def _turn(self, operation: str) -> float:
        """How long until it is this call's turn, which is taken."""
        now = self._clock.now()
        turn = max(now, self._free_from.get(operation, now))
        self._free_from[operation] = turn + APART_S
        return turn - now

    def _broken(self, error: Exception, operation: str) -> AccountError:
        """What went wrong on the way, without the words on mails that such an error has."""
        stage = getattr(error, "stage", "")
        why = str(error) if isinstance(error, ConnectFailed | CredentialsMissing) else type(error).__name__
        advice = "it may be done or not: look, and do it again" if operation in _CHANGES else "it may be asked again"
        text = (
            f"SES in {self._client.region} gave no answer to {operation} ({why}{stage and f', at {stage}'}); {advice}"
        )
        return AccountError(text, operation=operation, code=getattr(error, "code", ""), retryable=True)


def named(error: AccountError, name: str, done: Mapping[str, Sequence[str]]) -> AccountError:
    """The same error with the template that it is about, and what was done before."""
    before = ", ".join([f"{deed} {', '.join(names)}" for deed, names in done.items() if names])
    text = f"{name}: {error}. Done before: {before or 'nothing'}"
    return AccountError(
        text,
        operation=error.operation,
        code=error.code,
        request_id=error.request_id,
        retryable=error.retryable,
    )


def _each_done(deeds: Sequence[tuple[str, tuple[str, ...], Callable[[str], Steps[None]]]]) -> Steps[None]:
    done: dict[str, list[str]] = {}
    for deed, names, do in deeds:
        for name in names:
            try:
                yield from do(name)
            except AccountError as error:
                raise named(error, name, done) from error
            done.setdefault(deed, []).append(name)


def _checked(template: KeptTemplate, *, check: bool) -> KeptTemplate:
    if check:
        template.check()
    return template


def _listed(values: Parameters) -> Iterator[TemplateEntry]:
    listed = values.get("TemplatesMetadata")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and one.get("TemplateName"):
            yield TemplateEntry.of(one)
