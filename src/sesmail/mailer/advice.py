"""Advice: what readers, their programs and spam filters will not like. `check` gives it; nothing is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sesmail.mail.addr_spec import SPECIAL_USE_DOMAINS
from sesmail.mail.message import Email
from sesmail.mail.outgoing import Outgoing
from sesmail.mail.problem import Problem
from sesmail.mailer.places import places

GMAIL_CLIPS = 102_000  # bytes of HTML, about. What comes later is hidden, and the link to unsubscribe with it
# As an attribute, in a style sheet, and behind the first of a srcset.
_SHOWN = re.compile(r"""(?:\s[\w:\-]+\s*=\s*["']?|url\(\s*["']?|,\s*)cid:([^"'\s<>),]+)""", re.IGNORECASE)
_TEMPLATE_MARK = re.compile(r"\{[{%]")  # those that close one also close two rules of a style sheet


def advice(outgoing: Outgoing) -> Iterator[Problem]:
    """What could be better."""
    for rule in _RULES:
        yield from rule(outgoing.email)
    yield from _special_use_domain(outgoing)


def _special_use_domain(outgoing: Outgoing) -> Iterator[Problem]:
    for field, address in places(outgoing):
        _, dot, last = address.domain.rpartition(".")
        if not dot or last in SPECIAL_USE_DOMAINS:
            yield Problem(
                "special_use_domain",
                field,
                "no mail from the internet reaches this domain",
                "fine in a test; otherwise ask for another address",
            )


def _no_subject(email: Email) -> Iterator[Problem]:
    if not email.subject.strip():
        yield Problem("no_subject", "subject", "there is no subject", "give one")


def _no_text(email: Email) -> Iterator[Problem]:
    if email.html and not email.text:
        yield Problem(
            "no_text",
            "text",
            "there is HTML and no text, which spam filters hold against a mail",
            "say the same as text",
        )


def _empty(email: Email) -> Iterator[Problem]:
    if not (email.text or email.html or email.attachments or email.alternatives):
        yield Problem("empty", "text", "there is nothing in the mail", "give text, HTML or an attachment")


def _gmail_clips(email: Email) -> Iterator[Problem]:
    size = len((email.html or "").encode())
    if size > GMAIL_CLIPS:
        yield Problem(
            "gmail_clips",
            "html",
            f"the HTML has {size:,} bytes, and Gmail hides what comes after some {GMAIL_CLIPS:,}",
            "shorten it, or link to the rest",
        )


def _no_one_click(email: Email) -> Iterator[Problem]:
    if email.unsubscribe and not (email.unsubscribe.url and email.unsubscribe.one_click):
        yield Problem(
            "no_one_click",
            "unsubscribe",
            "List-Unsubscribe is there without List-Unsubscribe-Post, and large receivers want both",
            "give an https URL that takes a POST and asks no question",
        )


def _bulk_without_unsubscribe(email: Email) -> Iterator[Problem]:
    if email.bulk and not email.unsubscribe and not email.ses.contact_list:
        yield Problem(
            "bulk_without_unsubscribe",
            "unsubscribe",
            "whoever cannot unsubscribe from a bulk mail reports it as spam",
            "give unsubscribe",
        )


def _missing_image(email: Email) -> Iterator[Problem]:
    there = {file.content_id for file in email.attachments if file.inline}
    for shown in _shown(email):
        if shown not in there:
            yield Problem(
                "missing_image",
                "html",
                f"the HTML shows cid:{shown[:80]!a}, and no attachment has this content id",
                "attach it inline with that content_id, or write the attachment's cid into the HTML",
            )


def _unused_image(email: Email) -> Iterator[Problem]:
    shown = _shown(email)
    for index, file in enumerate(email.attachments):
        if file.inline and file.content_id not in shown:
            yield Problem(
                "unused_image",
                f"attachments[{index}]",
                "it is inline and no HTML shows it: some readers list it, some hide it",
                "show it by its cid, or attach it without inline",
            )


def _template_marks(email: Email) -> Iterator[Problem]:
    for field, text in (("subject", email.subject), ("text", email.text), ("html", email.html)):
        if text and _TEMPLATE_MARK.search(text):
            yield Problem("template_marks", field, "there are marks of a template in it, such as {{", "render it first")


_RULES: tuple[Callable[[Email], Iterator[Problem]], ...] = (
    _no_subject,
    _no_text,
    _empty,
    _gmail_clips,
    _no_one_click,
    _bulk_without_unsubscribe,
    _missing_image,
    _unused_image,
    _template_marks,
)


def _shown(email: Email) -> dict[str, None]:
    """The content ids that the HTML names, each once and in order."""
    from html import unescape
    from urllib.parse import unquote

    return dict.fromkeys(unquote(found) for found in _SHOWN.findall(unescape(email.html or "")))
