"""Replies: what an answer means. A yes of SES is a `Reply`, everything else an `ApiFault`.

Rule 1: nothing that a peer can say is a crash. What cannot be read is a fault without a code, and `sesmail.ses.faults`
        knows what that is for a mail: with a status 2xx it may be out.
Rule 2: a yes to a mail names its id. Whoever says yes without one is not SES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sesmail.ses.call import ApiFault, Call, Reply, Service
from sesmail.ses.client.direct.answer import Answer

_OK = 200
_GOOD = range(200, 300)
_WITH_ID = ("SendEmail", "SendRawEmail")
_LONGEST_TEXT = 65_536
_LONGEST_ID = 200
_LONGEST_PAUSE_S = 86_400
_TITLE = re.compile(rb"<title>([^<]{1,200})", re.IGNORECASE)
_HEAD_OF_A_PAGE = 4096


class Read:
    """What either language says: the values of a yes, or the code and the text of a no."""

    __slots__ = ("code", "message", "request_id", "values")

    def __init__(
        self, values: Mapping[str, object] | None, *, code: object = "", message: object = "", request_id: object = ""
    ) -> None:
        self.values = values
        self.code = _text(code)
        self.message = _text(message)
        self.request_id = _text(request_id)


def _text(value: object) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def reply_of(call: Call, answer: Answer) -> Reply:
    """What SES said yes to. Raises `ApiFault` for whatever is no yes.

    >>> from sesmail.ses.call import Call
    >>> from sesmail.ses.client.direct.answer import Answer
    >>> from sesmail.ses.client.direct.replies import reply_of
    >>> answer = Answer(200, [(b"x-amzn-requestid", b"4f1c")], b'{"MessageId":"010001"}')
    >>> reply = reply_of(Call("sesv2", "SendEmail", {}), answer)
    >>> reply.values["MessageId"], reply.request_id
    ('010001', '4f1c')
    """
    if answer.status == _OK and call.service == "sesv2" and (usual := _USUAL.fullmatch(answer.body)):
        return Reply({"MessageId": usual[1].decode("ascii")}, _id(answer.header(b"x-amzn-requestid")))
    try:
        read = _READERS[call.service](call, answer)
    except (ValueError, RecursionError):  # of a megabyte of brackets
        read = Read(None, message=_title(answer.body))
    request_id = _id(answer.header(b"x-amzn-requestid") or read.request_id)
    if answer.status in _GOOD:
        if read.values is not None and (call.operation not in _WITH_ID or _is_id(read.values.get("MessageId"))):
            return Reply(read.values, request_id)
        read = Read(None, message="the answer cannot be read")
    raise ApiFault(
        call,
        code=read.code,
        message=read.message,
        status=answer.status,
        request_id=request_id,
        retry_after_s=_pause_s(answer),
    )


# What nearly every answer to a mail is. To read it, nothing has to be imported.
_USUAL = re.compile(rb'\{ ?"MessageId" ?: ?"([!#-\[\]-~]{1,200})" ?\}')


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_id(value))


def _id(text: str) -> str:
    """An id, if it is one: it goes into logs and headers."""
    return text if len(text) <= _LONGEST_ID and text.isascii() and text.isprintable() and " " not in text else ""


def _title(body: bytes) -> str:
    """What a page says of itself, such as a proxy's."""
    found = _TITLE.search(body[:_HEAD_OF_A_PAGE])
    return found[1].decode("utf-8", "replace").strip() if found else ""


def _pause_s(answer: Answer) -> float | None:
    """How long to wait, in whichever header it stands."""
    for name, unit_s in ((b"retry-after", 1.0), (b"x-amz-retry-after", 0.001)):
        text = answer.header(name).strip()
        if text.isascii() and text.isdigit() and len(text) < 10:  # it may also be a date, which SES does not send
            return min(int(text) * unit_s, _LONGEST_PAUSE_S)
    return None


# ── v2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_json(_: Call, answer: Answer) -> Read:
    from json import loads

    values = loads(answer.body) if answer.body else {}
    if not isinstance(values, dict):
        raise ValueError("an answer is an object")  # noqa: TRY004 - as all that cannot be read
    # The header may go on with a colon and a URL, the member may begin with a name space and a #.
    code = answer.header(b"x-amzn-errortype") or values.get("__type") or values.get("code")
    return Read(
        values,
        code=_text(code).partition(":")[0].rpartition("#")[2],
        message=values.get("message") or values.get("Message"),
    )


# ── v1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_query(call: Call, answer: Answer) -> Read:
    from sesmail.ses.client.direct.xml import read_xml

    name, content = read_xml(answer.body)
    if not isinstance(content, Mapping):
        raise ValueError("an answer has elements")  # noqa: TRY004 - as all that cannot be read
    error = content.get("Error")
    if name == "ErrorResponse" and isinstance(error, Mapping):
        return Read(None, code=error.get("Code"), message=error.get("Message"), request_id=content.get("RequestId"))
    # A result without anything in it has no elements.
    metadata, result = content.get("ResponseMetadata"), content.get(f"{call.operation}Result") or {}
    return Read(
        result if name == f"{call.operation}Response" and isinstance(result, Mapping) else None,
        request_id=metadata.get("RequestId") if isinstance(metadata, Mapping) else "",
    )


_READERS: Mapping[Service, Callable[[Call, Answer], Read]] = {"sesv2": _read_json, "ses": _read_query}
