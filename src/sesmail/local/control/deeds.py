"""What a person, a console or the DNS would do, and what the time does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sesmail.errors import SetupError
from sesmail.local.box import Start
from sesmail.local.control.asked import Asked, NotSo, said
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.http.message import HttpReply


def identity(asked: Asked) -> HttpReply:
    does = str(asked.only("do").get("do"))
    handle = IdentityHandle(asked.box, asked.region, asked.name, account=asked.account)
    deeds: Mapping[str, Callable[[], None]] = {
        "verify": handle.verify,
        "fail": handle.fail,
        "verify_mail_from": handle.verify_mail_from,
        "fail_mail_from": handle.fail_mail_from,
    }
    if does not in deeds:
        raise NotSo(400, f"the field do is one of {', '.join(deeds)}")
    try:
        deeds[does]()
    except SetupError as wrong:
        raise NotSo(409, str(wrong)) from wrong
    return said(200, {"identity": handle.name, "status": handle.status})


def account(asked: Asked) -> HttpReply:
    asked.only("production", "review", "quota", "rate", "suspended")
    production, suspended = asked.flag("production"), asked.flag("suspended")
    limits = _limits(asked.number("quota"), asked.number("rate"))
    if asked.fields.get("review", "denied") != "denied":
        raise NotSo(400, 'the field review is "denied"; a review that ends well is "production": true')
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
    return said(200, told)


def _limits(quota: float | None, rate: float | None) -> dict[str, float]:
    try:
        Start(quota=quota, rate=rate)
    except SetupError as wrong:
        raise NotSo(400, str(wrong)) from wrong
    return {name: value for name, value in (("quota", quota), ("rate", rate)) if value is not None}


def clock(asked: Asked) -> HttpReply:
    asked.only("advance")
    the_clock, seconds = asked.box.clock, asked.number("advance")
    if seconds is None:
        raise NotSo(400, "the field advance is a number of seconds")
    try:
        the_clock.advance(seconds)
    except ValueError as wrong:
        raise NotSo(400, str(wrong)) from wrong
    return said(200, {"now": the_clock.now()})
