"""Proof that a way sends the mail that was asked for: the sink keeps one, and it is read back."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from benchmarks.mail import Mail, name_and_email
from benchmarks.proof import NotTheMail, prove
from benchmarks.ways.errand import MAILS
from benchmarks.ways.sink import Sink, Speaks
from benchmarks.ways.way import Worker


def prove_sent(name: str, worker: Worker, sink: Sink, speaks: Speaks, mail_name: str) -> None:
    """Have one sent, and raise `NotTheMail` unless the sink got it."""
    mail, before = MAILS[mail_name](), sink.counts()
    sink.keep_one()
    worker.ask("wall_s", 1)
    if (taken := sink.counts().since(before).mails) != 1:
        raise NotTheMail(f"{name}: one mail should be sent, and {taken} were")
    kept = sink.kept()
    if speaks == "ses":
        _prove_call(name, kept, mail)
    else:
        prove(name, _without_dots(kept), mail)


def _prove_call(name: str, body: bytes, mail: Mail) -> None:
    call = json.loads(body)
    recipients = [email for _, email in name_and_email(mail.to)]
    named = [to.rpartition("<")[2].rstrip(">") for to in call["Destination"]["ToAddresses"]]
    if named != recipients:
        raise NotTheMail(f"{name}: the recipients should be {recipients!r:.300} and are {named!r:.300}")
    if raw := call["Content"].get("Raw"):
        prove(name, b64decode(raw["Data"]), mail)
    else:
        _prove_simple(name, call["Content"]["Simple"], mail)


def _prove_simple(name: str, simple: Mapping[str, Any], mail: Mail) -> None:
    files = {file["FileName"]: b64decode(file["RawContent"]) for file in simple["Attachments"]}
    sent = (simple["Subject"]["Data"], simple["Body"]["Text"]["Data"].splitlines(), files)
    if sent != (mail.subject, mail.text.splitlines(), {file.name: file.data for file in mail.attached}):
        raise NotTheMail(f"{name}: the simple content is not that of the mail")


def _without_dots(data: bytes) -> bytes:
    """The mail in what came after DATA (RFC 5321, 4.5.2)."""
    return data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
