"""Wishes: what is asked for by attributes of a message, in our words and in django-anymail's.

====================================  =============================================================================
attribute                             what it is
====================================  =============================================================================
``tags``                              a mapping: tags of SES. A list, as anymail has it: a header ``X-Tag`` for each,
                                      and a tag of SES under the name that the setting ``message_tag`` gives
``metadata``                          a mapping: the header ``X-Metadata``
``configuration_set``, ``tenant``     options of SES
``ses``                               a `SesOptions`, with all of them
``envelope_sender``                   where bounces go
``esp_extra``                         parameters of SES as boto3 calls them (`_EXTRA`)
``template_id``, ``merge_data``,      a template that SES keeps: see `stored`
``merge_global_data``,
``merge_headers``, ``merge_metadata``
``track_opens``, ``track_clicks``,    refused, since SES does not do it for one mail: a configuration set says what is
``send_at``                           tracked. Ignored where the setting ``ignore_unsupported`` is on
====================================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sesmail.errors import InvalidHeader, MailError, UnknownOption, Unsupported
from sesmail.integrations.django.draft import Draft
from sesmail.mail.address import Address
from sesmail.mail.ses_options import SesOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from django.core.mail import EmailMessage

OPTIONS = tuple(option.name for option in fields(SesOptions))
_IMPOSSIBLE = {
    "track_opens": "what a configuration set says: give configuration_set",
    "track_clicks": "what a configuration set says: give configuration_set",
    "send_at": "send it then, such as from a task queue",
}
_ONLY_STORED = ("merge_data", "merge_global_data", "merge_headers", "merge_metadata")


def read_wishes(draft: Draft, *, message_tag: str, ignores: bool) -> None:
    """Write what the attributes ask for into the draft."""
    said = said_by(draft.message)
    for name, read in _READ.items():
        if name in said:
            read(draft, said[name])
    if tags := said.get("tags"):
        _tags(draft, tags, message_tag)
    for name, instead in _IMPOSSIBLE.items():
        if name in said and not ignores:
            raise Unsupported(
                f"SES does not do this for one mail; leave it out, or set ignore_unsupported. Instead: {instead}",
                feature=name,
                instead=(instead,),
                field=name,
            )
    if not said.get("template_id"):
        for name in _ONLY_STORED:
            if said.get(name) and not ignores:
                raise Unsupported(
                    "data for each recipient goes with a template that SES keeps: give template_id too, or send a mail"
                    " of its own to each",
                    feature=name,
                    instead=("template_id", "several messages"),
                    field=name,
                )


def said_by(message: EmailMessage) -> dict[str, Any]:
    """What is asked for by the message, or by its class for all of its messages.

    django-anymail's own messages have every attribute, with a mark for those that nobody has set.
    """
    said = {name: value for name in _NAMES if (value := getattr(message, name, None)) is not None}
    if hasattr(message, "anymail_status"):
        return {name: value for name, value in said.items() if getattr(value, "__name__", "") != "UNSET"}
    return said


def _tags(draft: Draft, tags: object, message_tag: str) -> None:
    if isinstance(tags, Mapping):
        draft.tags.update((str(name), str(value)) for name, value in tags.items())
        return
    if not isinstance(tags, list | tuple | set):
        raise InvalidHeader(f"expected a mapping or a list, not {type(tags).__name__}", field="tags")
    texts = [str(tag) for tag in tags]
    draft.headers += [("X-Tag", text) for text in texts]
    if message_tag:
        if len(texts) > 1:
            raise Unsupported(
                "with message_tag there is one tag of SES, and several are given; give a mapping",
                feature="several tags under one name",
                instead=("tags={name: value}",),
                field="tags",
            )
        draft.tags[message_tag] = texts[0]


def _metadata(draft: Draft, value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidHeader(f"expected a mapping, not {type(value).__name__}", field="metadata")
    draft.metadata.update({str(name): fact for name, fact in value.items()})


def _ses(draft: Draft, value: object) -> None:
    if not isinstance(value, SesOptions):
        raise MailError(f"expected SesOptions, not {type(value).__name__}", field="ses")
    draft.ses.update({name: text for name in OPTIONS if (text := getattr(value, name))})


def _option(name: str) -> Callable[[Draft, object], None]:
    def read(draft: Draft, value: object) -> None:
        draft.ses[name] = str(value)

    return read


def _envelope_sender(draft: Draft, value: object) -> None:
    draft.return_path = Address.parse(str(value))


# ── esp_extra: parameters of boto3 ───────────────────────────────────────────────────────────────────────────────


def _extra(draft: Draft, value: object) -> None:
    if not isinstance(value, Mapping):
        raise MailError(f"expected a mapping, not {type(value).__name__}", field="esp_extra")
    for name, wish in value.items():
        read = _EXTRA.get(name)
        if read is None:
            raise UnknownOption(str(name), known=list(_EXTRA), where="esp_extra")
        try:
            read(draft, wish)
        except (KeyError, TypeError, AttributeError):
            raise MailError("this is not how boto3 is given it", field=f"esp_extra[{name!r}]") from None


def _email_tags(draft: Draft, value: object) -> None:
    draft.tags.update({pair["Name"]: pair["Value"] for pair in value})  # type: ignore[attr-defined]


def _lists(draft: Draft, value: object) -> None:
    draft.ses["contact_list"] = value["ContactListName"]  # type: ignore[index]
    if topic := value.get("TopicName"):  # type: ignore[attr-defined]
        draft.ses["topic"] = topic


_EXTRA: dict[str, Callable[[Draft, object], None]] = {
    "ConfigurationSetName": _option("configuration_set"),
    "EmailTags": _email_tags,
    "EndpointId": _option("endpoint_id"),
    "FeedbackForwardingEmailAddress": _option("feedback_address"),
    "FeedbackForwardingEmailAddressIdentityArn": _option("return_path_arn"),
    "FromEmailAddressIdentityArn": _option("from_arn"),
    "ListManagementOptions": _lists,
    "TenantName": _option("tenant"),
}
_READ: dict[str, Callable[[Draft, object], None]] = {
    "esp_extra": _extra,
    "metadata": _metadata,
    "ses": _ses,
    "configuration_set": _option("configuration_set"),
    "tenant": _option("tenant"),
    "envelope_sender": _envelope_sender,
}
_NAMES = (*_READ, *_IMPOSSIBLE, *_ONLY_STORED, "tags", "template_id")
