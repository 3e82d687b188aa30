"""Links in mails: what happens when somebody opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from sesmail.local.control.asked import Asked, NotSo
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.message import HttpReply
from sesmail.local.lists.subscriptions import Subscription, unsubscribe
from sesmail.local.verification.mails import open_link

_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_FORM = """\
<!doctype html><title>Unsubscribe</title>
<form method="post"><p>{address} gets no more of {what}.</p><button>Unsubscribe</button></form>
"""


def verify(asked: Asked) -> HttpReply:
    """What the owner of an address sees who opens the link of a verification mail."""
    opened = open_link(asked.box, asked.name)
    if opened is None:
        raise NotSo(404, "no verification mail has this link, or none any more")
    link, is_verified = opened
    asked.box.keeper.changed()
    url = link.success_url if is_verified else link.failure_url
    if url:
        return HttpReply(302, {"Location": url})
    told = f"{link.address} is verified." if is_verified else "This link is too old, or nobody asks for it any more."
    return HttpReply(200 if is_verified else 410, _TEXT, told.encode())


def ask_to_leave(asked: Asked) -> HttpReply:
    """A page with a button. Opening a link changes nothing: programs that look at mails do so too (RFC 8058 1)."""
    with _as_refusals():
        subscription = Subscription.parse(asked.name)
    about = {"address": escape(subscription.address), "what": escape(_what(subscription))}
    return HttpReply(200, _HTML, _FORM.format(**about).encode())


def leave(asked: Asked) -> HttpReply:
    """One click (RFC 8058), by a mail program or by the button."""
    with _as_refusals():
        subscription = unsubscribe(asked.box, asked.name)
    return HttpReply(200, _TEXT, f"{subscription.address} gets no more of {_what(subscription)}.".encode())


def _what(subscription: Subscription) -> str:
    return subscription.topic or subscription.contact_list


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise NotSo(404 if fault.kind is FaultKind.NOT_FOUND else 400, fault.message) from fault
