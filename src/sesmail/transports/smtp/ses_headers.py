"""SES headers: what is asked of SES, as headers of the mail, where no call carries it. SES takes them out again.

SES says nothing where it does not understand one. So each value is held to what SES can read before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sesmail.errors import InvalidHeader, Unsupported
from sesmail.mail.outgoing import Content, Outgoing
from sesmail.mail.ses_options import NO_OPTIONS, SesOptions

_HEADERS = {
    "configuration_set": "X-SES-CONFIGURATION-SET",
    "tenant": "X-SES-TENANT",
    "source_arn": "X-SES-SOURCE-ARN",
    "from_arn": "X-SES-FROM-ARN",
    "return_path_arn": "X-SES-RETURN-PATH-ARN",
}
_LISTS = "X-SES-LIST-MANAGEMENT-OPTIONS"
_TAGS = "X-SES-MESSAGE-TAGS"
_WORD = re.compile(r"[!->@-~]{1,800}\Z")  # one line, and no ``?``: nothing that could pass for an encoded word
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")  # what separates names in a header is in none of them


def with_ses_headers(outgoing: Outgoing) -> Content:
    """The content, with a header for each option and one for the tags.

    >>> from sesmail import Email, Envelope, Outgoing, SesOptions, mime
    >>> mail = Email(sender="a@example.com", to="b@example.com", tags={"kind": "bill", "shop": "1"}, text="Hello")
    >>> outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), SesOptions(configuration_set="main"))
    >>> with_ses_headers(outgoing).added_headers
    (('X-SES-CONFIGURATION-SET', 'main'), ('X-SES-MESSAGE-TAGS', 'kind=bill, shop=1'))

    `SesOptions.feedback_address` is not among them: it is the sender of the envelope.
    """
    if outgoing.ses is NO_OPTIONS and not outgoing.email.tags:
        return outgoing.content
    if outgoing.ses.endpoint_id:
        raise Unsupported(
            "SMTP has no global endpoints", feature="endpoint_id", instead=("API v2",), field="ses.endpoint_id"
        )
    headers = list(_headers(outgoing.ses, outgoing.email.tags))
    return outgoing.content.with_headers(headers) if headers else outgoing.content


def _headers(ses: SesOptions, tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for option, header in _HEADERS.items():
        if value := getattr(ses, option):
            yield header, _checked(value, _WORD, f"ses.{option}")
    if ses.contact_list:
        name = _checked(ses.contact_list, _NAME, "ses.contact_list")
        yield _LISTS, f"{name}; topic={_checked(ses.topic, _NAME, 'ses.topic')}" if ses.topic else name
    if tags:
        checked = {_checked(name, _NAME, "tags"): _checked(tags[name], _NAME, f"tags[{name!a}]") for name in tags}
        yield _TAGS, ", ".join([f"{name}={value}" for name, value in checked.items()])


def _checked(text: str, form: re.Pattern[str], field: str) -> str:
    if not form.match(text):
        raise InvalidHeader("SES could not read this in a header: it is letters, digits and such in ASCII", field=field)
    return text
