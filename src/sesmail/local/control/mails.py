"""What was sent, what became of it, and which mails ask somebody to open a link."""

from __future__ import annotations

from typing import Any

from sesmail.local.control.asked import Asked, NotSo, said
from sesmail.local.http.message import HttpReply
from sesmail.local.ledger import SentMail
from sesmail.local.verification.links import VerificationMail


def sent(asked: Asked) -> HttpReply:
    mails = [_mail(mail) for mail in asked.box.ledger if asked.is_meant(mail)]
    return said(200, {"total": asked.box.ledger.total, "sent": mails})


def one_sent(asked: Asked) -> HttpReply:
    for mail in asked.box.ledger:
        if mail.message_id == asked.name:
            return HttpReply(200, {"Content-Type": "message/rfc822"}, mail.raw)
    raise NotSo(404, "no mail of this id is in the ledger, or none any more")


def forget(asked: Asked) -> HttpReply:
    asked.box.ledger.clear()
    asked.box.letters.clear()
    return said(200, {})


def events(asked: Asked) -> HttpReply:
    return said(200, {"events": [event.payload for event in asked.box.events.all() if asked.is_meant(event.mail)]})


def verifications(asked: Asked) -> HttpReply:
    letters = [letter for letter in asked.box.letters if asked.is_meant(letter)]
    return said(200, {"verifications": [_letter(letter) for letter in letters]})


def _letter(letter: VerificationMail) -> dict[str, Any]:
    return {
        "address": letter.address,
        "link": letter.link,
        "messageId": letter.message_id,
        "time": letter.time.isoformat(),
        "account": letter.account,
        "region": letter.region,
        "raw": letter.raw.decode(),
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
