"""Headers: what a message says in ``extra_headers``, each put where it belongs.

Rule 1: headers that speak to SES become options and tags, and never reach a reader.
Rule 2: a header that an `Email` has a field for goes into that field. Where the field cannot hold it, Django writes the
        mail, and the header stays what it is.
Rule 3: Bcc is refused: as a header it would tell everyone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from sesmail.errors import InvalidHeader, MailError
from sesmail.integrations.django.draft import Draft, Undescribed
from sesmail.integrations.django.people import SHOWN
from sesmail.mail.address import Address
from sesmail.mail.characters import header_text
from sesmail.mail.message import Email, EmailFields, Priority, own_place
from sesmail.mail.unsubscribe import Unsubscribe

# Headers that speak to SES, and which of its options each is.
_OPTIONS = {
    "x-ses-configuration-set": "configuration_set",
    "x-ses-source-arn": "source_arn",
    "x-ses-from-arn": "from_arn",
    "x-ses-return-path-arn": "return_path_arn",
    "x-ses-tenant": "tenant",
}
_TAGS = "x-ses-message-tags"
_LIST = "x-ses-list-management-options"


def read_headers(draft: Draft) -> dict[str, str]:
    """Write what is for SES into the draft, put the rest aside in it, and give the headers that show people."""
    shown: dict[str, str] = {}
    for given, value in draft.message.extra_headers.items():
        # Looked at here, since where Django writes the mail it would repeat the value in its error.
        name = header_text(str(given), "headers")
        text = header_text(_text(value), f"headers[{name!r}]")
        lower = name.lower()
        if lower in SHOWN:
            shown[lower] = text
        elif lower in _OPTIONS:
            draft.ses[_OPTIONS[lower]] = text
        elif lower == _TAGS:
            draft.tags.update(_tags(text))
        elif lower == _LIST:
            draft.ses.update(_contact_list(text))
        elif lower == "return-path":
            draft.return_path = Address.parse(text)
        elif lower in ("bcc", "resent-bcc"):
            raise InvalidHeader("as a header it would tell everyone; give bcc=[…]", field=f"headers[{name!r}]")
        else:
            draft.others.append((name, text))
    return shown


def describe_headers(draft: Draft) -> None:
    """Write the headers that were put aside into the fields of a mail."""
    fields, free = draft.fields, [*draft.headers]
    said = {name.lower(): text for name, text in draft.others}
    for name, text in draft.others:
        if (read := _FIELDS.get(name.lower())) is not None:
            try:
                read(fields, text, said)
            except (MailError, ValueError, TypeError):
                raise Undescribed(f"no field holds its {name.lower()} header") from None
        elif own_place(name):
            raise Undescribed(f"it writes its own {name.lower()} header")
        else:
            free.append((name, text))
    if free:
        fields["headers"] = free


def _text(value: object) -> str:
    return format_datetime(value) if isinstance(value, datetime) else str(value)


def _tags(text: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in text.replace(";", ",").split(","):
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidHeader(
                "expected name=value, and commas between several", field="headers['X-SES-MESSAGE-TAGS']"
            )
        tags[name.strip()] = value.strip()
    return tags


def _contact_list(text: str) -> dict[str, str]:
    """``{list}; topic={topic}``, as SES reads it."""
    name, _, rest = text.partition(";")
    topic = rest.strip().removeprefix("topic=").strip()
    return {
        "contact_list": name.strip().removeprefix("contactListName=").strip(),
        **({"topic": topic} if topic else {}),
    }


# ── headers that have a field ────────────────────────────────────────────────────────────────────────────────────

Said = dict[str, str]


def _date(fields: EmailFields, text: str, _: Said) -> None:
    date = parsedate_to_datetime(text)
    fields["date"] = date if date.tzinfo else date.replace(tzinfo=UTC)


def _message_id(fields: EmailFields, text: str, _: Said) -> None:
    fields["message_id"] = Email(message_id=text).message_id


def _in_reply_to(fields: EmailFields, text: str, _: Said) -> None:
    fields["in_reply_to"] = Email(in_reply_to=text).in_reply_to


def _references(fields: EmailFields, text: str, _: Said) -> None:
    fields["references"] = Email(references=text).references


def _unsubscribe(fields: EmailFields, text: str, said: Said) -> None:
    ways = [way.strip().removeprefix("<").removesuffix(">") for way in text.split(",")]
    web = [way for way in ways if not way.startswith("mailto:")]
    post = [way for way in ways if way.startswith("mailto:")]
    if len(web) > 1 or len(post) > 1:
        raise MailError("several ways of a kind")
    asks_post = said.get("list-unsubscribe-post", "").replace(" ", "").lower() == "list-unsubscribe=one-click"
    fields["unsubscribe"] = Unsubscribe("".join(web), "".join(post), one_click=asks_post or not web)


def _unsubscribe_post(_: EmailFields, __: str, said: Said) -> None:
    if "list-unsubscribe" not in said:
        raise MailError("it stands alone")


_PRIORITIES: Mapping[str, Priority] = {
    "1": "high",
    "2": "high",
    "high": "high",
    "4": "low",
    "5": "low",
    "low": "low",
}


def _priority(fields: EmailFields, text: str, _: Said) -> None:
    priority = _PRIORITIES.get(text.strip().lower().partition(" ")[0])
    if priority is None or fields.get("priority", priority) != priority:
        raise MailError("another word for it")
    fields["priority"] = priority


def _auto_submitted(fields: EmailFields, text: str, _: Said) -> None:
    fields["auto_submitted"] = Email(auto_submitted=text).auto_submitted  # type: ignore[arg-type]


def _precedence(fields: EmailFields, text: str, _: Said) -> None:
    if text.lower() != "bulk":
        raise MailError("another word for it")
    fields["bulk"] = True


_FIELDS: dict[str, Callable[[EmailFields, str, Said], None]] = {
    "date": _date,
    "message-id": _message_id,
    "in-reply-to": _in_reply_to,
    "references": _references,
    "list-unsubscribe": _unsubscribe,
    "list-unsubscribe-post": _unsubscribe_post,
    "x-priority": _priority,
    "importance": _priority,
    "auto-submitted": _auto_submitted,
    "precedence": _precedence,
}
