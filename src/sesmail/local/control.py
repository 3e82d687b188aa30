"""The box's own control, for those who are not in the same Python: what was sent, and what a console or a DNS would do.

Everything is JSON, under ``/_sesmail/``. Region and account are parameters of the query: ``?region=eu-west-1``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, unquote

from sesmail.errors import SetupError
from sesmail.local.box import Box, Start
from sesmail.local.chaos import Chaos
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.keys import DEFAULT_ACCOUNT
from sesmail.local.ledger import SentMail
from sesmail.local.trouble import Trouble

PREFIX = "/_sesmail/"
_JSON = {"Content-Type": "application/json"}


class _NotSo(Exception):
    """The request cannot be done; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Control:
    """Answers requests under ``/_sesmail/``."""

    def __init__(self, box: Box, region: str, chaos: Chaos) -> None:
        self._box = box
        self._region = region
        self._chaos = chaos

    def knows(self, request: HttpRequest) -> bool:
        """Whether a request is for the control and not for SES."""
        return request.path.startswith(PREFIX)

    def answer(self, request: HttpRequest) -> HttpReply:
        """Do what is asked, and tell."""
        kind, _, name = request.path.removeprefix(PREFIX).partition("/")
        run = _CONTROLS.get((request.method, kind, bool(name)))
        if run is None:
            known = ", ".join(f"{m} {PREFIX}{k}{'/…' if n else ''}" for m, k, n in _CONTROLS)
            return _said(404, {"message": f"the control knows: {known}"})
        try:
            with self._box.lock:
                named = dict(parse_qsl(request.query))
                return run(_Asked(self._box, self._chaos, unquote(name), _fields(request), named, self._region))
        except _NotSo as wrong:
            return _said(wrong.status, {"message": str(wrong)})


@dataclass(frozen=True)
class _Asked:
    box: Box
    chaos: Chaos
    name: str
    fields: Mapping[str, Any]
    named: Mapping[str, str]
    usual_region: str

    @property
    def region(self) -> str:
        """The Region that is meant."""
        return self.named.get("region", self.usual_region)

    @property
    def account(self) -> str:
        """The account that is meant."""
        return self.named.get("account", DEFAULT_ACCOUNT)

    def only(self, *known: str) -> Mapping[str, Any]:
        """The fields, if they are all known."""
        unknown = [name for name in self.fields if name not in known]
        if unknown:
            raise _NotSo(400, f"unknown field {unknown[0][:50]!r}; known are {', '.join(known)}")
        return self.fields

    def flag(self, name: str) -> bool | None:
        """A field that is true or false, if it is there."""
        value = self.fields.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise _NotSo(400, f"the field {name} is true or false")

    def number(self, name: str) -> float | None:
        """A field that is a number, if it is there."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)):
            return value
        raise _NotSo(400, f"the field {name} is a number")

    def is_meant(self, mail: SentMail) -> bool:
        """Whether a mail is of the Region and the account that were named, if they were."""
        region, account = self.named.get("region"), self.named.get("account")
        return region in (None, mail.region) and account in (None, mail.account)


def _sent(asked: _Asked) -> HttpReply:
    mails = [_mail(mail) for mail in asked.box.ledger if asked.is_meant(mail)]
    return _said(200, {"total": asked.box.ledger.total, "sent": mails})


def _one_sent(asked: _Asked) -> HttpReply:
    for mail in asked.box.ledger:
        if mail.message_id == asked.name:
            return HttpReply(200, {"Content-Type": "message/rfc822"}, mail.raw)
    raise _NotSo(404, "no mail of this id is in the ledger, or none any more")


def _forget(asked: _Asked) -> HttpReply:
    asked.box.ledger.clear()
    return _said(200, {})


def _events(asked: _Asked) -> HttpReply:
    return _said(200, {"events": [event.payload for event in asked.box.events.all() if asked.is_meant(event.mail)]})


def _identity(asked: _Asked) -> HttpReply:
    does = str(asked.only("do").get("do"))
    handle = IdentityHandle(asked.box, asked.region, asked.name, account=asked.account)
    deeds: Mapping[str, Callable[[], None]] = {
        "verify": handle.verify,
        "fail": handle.fail,
        "verify_mail_from": handle.verify_mail_from,
        "fail_mail_from": handle.fail_mail_from,
    }
    if does not in deeds:
        raise _NotSo(400, f"the field do is one of {', '.join(deeds)}")
    try:
        deeds[does]()
    except SetupError as wrong:
        raise _NotSo(409, str(wrong)) from wrong
    return _said(200, {"identity": handle.name, "status": handle.status})


def _account(asked: _Asked) -> HttpReply:
    asked.only("production", "review", "quota", "rate", "suspended")
    production, suspended = asked.flag("production"), asked.flag("suspended")
    limits = _limits(asked.number("quota"), asked.number("rate"))
    if asked.fields.get("review", "denied") != "denied":
        raise _NotSo(400, 'the field review is "denied"; a review that ends well is "production": true')
    handle = AccountHandle(asked.box, asked.region, account=asked.account)
    if "review" in asked.fields:
        handle.deny_production()
    if production is not None:
        (handle.grant_production if production else handle.enter_sandbox)()
    for name, value in limits.items():
        setattr(handle, name, value)
    if suspended is not None:
        (handle.suspend if suspended else handle.restore)()
    told = {"sandbox": handle.sandbox, "quota": handle.quota, "rate": handle.rate, "suspended": handle.suspended}
    return _said(200, told)


def _limits(quota: float | None, rate: float | None) -> dict[str, float]:
    try:
        Start(quota=quota, rate=rate)
    except SetupError as wrong:
        raise _NotSo(400, str(wrong)) from wrong
    return {name: value for name, value in (("quota", quota), ("rate", rate)) if value is not None}


def _clock(asked: _Asked) -> HttpReply:
    asked.only("advance")
    clock, seconds = asked.box.clock, asked.number("advance")
    if seconds is None:
        raise _NotSo(400, "the field advance is a number of seconds")
    try:
        clock.advance(seconds)
    except ValueError as wrong:
        raise _NotSo(400, str(wrong)) from wrong
    return _said(200, {"now": clock.now()})


def _chaos(asked: _Asked) -> HttpReply:
    happened = [{**mishap.trouble.said, "step": mishap.step} for mishap in asked.chaos.happened]
    return _said(200, {"armed": [trouble.said for trouble in asked.chaos.armed], "happened": happened})


def _arm(asked: _Asked) -> HttpReply:
    seed = asked.number("seed")
    said = {name: value for name, value in asked.fields.items() if name not in ("kind", "seed")}
    if said or "kind" in asked.fields:
        try:
            asked.chaos.arm(Trouble.of(str(asked.fields.get("kind", "")), **said))
        except SetupError as wrong:
            raise _NotSo(400, str(wrong)) from wrong
    if seed is not None:
        asked.chaos.seed(int(seed))
    return _chaos(asked)


def _calm(asked: _Asked) -> HttpReply:
    asked.chaos.clear()
    return _chaos(asked)


_CONTROLS: Mapping[tuple[str, str, bool], Callable[[_Asked], HttpReply]] = {
    ("GET", "sent", False): _sent,
    ("GET", "sent", True): _one_sent,
    ("DELETE", "sent", False): _forget,
    ("GET", "events", False): _events,
    ("POST", "identities", True): _identity,
    ("POST", "account", False): _account,
    ("POST", "clock", False): _clock,
    ("GET", "chaos", False): _chaos,
    ("POST", "chaos", False): _arm,
    ("DELETE", "chaos", False): _calm,
}


def _mail(mail: SentMail) -> dict[str, Any]:
    return {
        "messageId": mail.message_id,
        "time": mail.time.isoformat(),
        "account": mail.account,
        "region": mail.region,
        "service": mail.service,
        "operation": mail.operation,
        "sender": mail.sender,
        "returnPath": mail.return_path,
        "to": mail.to,
        "cc": mail.cc,
        "bcc": mail.bcc,
        "subject": mail.subject,
        "configurationSet": mail.configuration_set,
        "tags": dict(mail.tags),
        "fates": dict(mail.fates),
        "size": len(mail.raw),
    }


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    try:
        fields = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise _NotSo(400, "the body is no JSON object")
    return fields


def _said(status: int, what: Mapping[str, Any]) -> HttpReply:
    return HttpReply(status, _JSON, json.dumps(what).encode())
