"""Sends mails through Django's mail API. Reads settings, mails and commands from stdin, writes what came of each.

A mail is a JSON object with the attributes of an ``EmailMultiAlternatives``; what is in ``more`` is set afterwards, as
anymail has its additions set. Bytes are in base64.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from email.mime.image import MIMEImage
from io import StringIO
from typing import Any

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management import call_command


def main() -> None:
    asked = json.load(sys.stdin)
    settings.configure(**asked["settings"])
    django.setup()
    connection = get_connection()
    results: list[object] = [_sent(connection, mail) for mail in asked.get("mails", ())]
    results += [_commanded(*command) for command in asked.get("commands", ())]
    json.dump(results, sys.stdout)


def _sent(connection: Any, mail: dict[str, Any]) -> dict[str, Any]:
    more, files, html = (mail.pop(name, None) for name in ("more", "files", "html"))
    message = EmailMultiAlternatives(**mail)
    if html:
        message.attach_alternative(html, "text/html")
    for file in files or ():
        _attach(message, **file)
    for name, value in (more or {}).items():
        setattr(message, name, value)
    try:
        count = connection.send_messages([message])
    except Exception as error:  # noqa: BLE001 - every one is what the test is about
        return _refused(error)
    told = getattr(message, "anymail_status", None)
    message_id = told.message_id if told else message.extra_headers["message_id"]
    return {"count": count, "message_id": message_id, "status": sorted(told.status) if told else []}


def _attach(message: EmailMultiAlternatives, name: str, data: str, kind: str, content_id: str = "") -> None:
    content = b64decode(data)
    if not content_id:
        message.attach(name, content, kind)
        return
    image = MIMEImage(content, kind.partition("/")[2])
    image["Content-Disposition"] = f'inline; filename="{name}"'
    image["Content-ID"] = f"<{content_id}>"
    message.attach(image)


def _refused(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None) or {"Error": {}, "ResponseMetadata": {}}
    status = response["ResponseMetadata"].get("HTTPStatusCode")
    classes = [kind.__name__ for kind in type(error).__mro__]
    return {"classes": classes, "text": str(error), "code": response["Error"].get("Code"), "status": status}


def _commanded(*words: str) -> str:
    # These commands print, and do not write where Django tells them.
    before, sys.stdout = sys.stdout, StringIO()
    try:
        call_command(*words)
        return sys.stdout.getvalue()
    finally:
        sys.stdout = before


main()
