"""Refusals: what stands in the way of a mail, held against the `Limits` of its way out. Run at every send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sesmail.errors import InvalidHeader, MailError, TooLarge, Unsupported
from sesmail.mail.outgoing import Outgoing
from sesmail.mailer.places import places
from sesmail.transports.base import no_stored_templates, readable
from sesmail.transports.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mail.problem import Problem

_TAG = re.compile(r"[A-Za-z0-9_\-]{1,256}")
_NAME = re.compile(r"[A-Za-z0-9_\-]{1,64}")


def refusals(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    """What stands in the way, as blocking problems. What the writer itself cannot write, it raises."""
    for rule in _RULES:
        yield from rule(outgoing, limits)


def _stored_template(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    if not outgoing.stored_template:
        return
    if not limits.stored_templates:
        no = no_stored_templates()
        yield _refusal(
            "stored_template",
            no.field,
            "SES makes this mail of a template that it keeps, and this way out, or one of its ways, does not send such",
            "send it by API v2 alone, as ses://",
            Unsupported,
            feature=no.feature,
            instead=no.instead,
        )
    elif (count := len(getattr(outgoing.content, "rows", ()))) > limits.stored_templates:
        yield _refusal(
            "too_many_rows",
            "rows",
            f"{count} rows of a stored template in one call, and at most {limits.stored_templates} are taken",
            "send them with send_stored_many, which makes several calls of them",
            Unsupported,
            feature=f"more than {limits.stored_templates} rows",
            instead=("send_stored_many",),
        )


def _local_part_not_ascii(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    if not limits.ascii_local_parts or not (outgoing.content.needs_smtputf8 or outgoing.envelope.needs_smtputf8):
        return
    for field, address in places(outgoing):
        if address.needs_smtputf8:
            yield _refusal(
                "local_part_not_ascii",
                field,
                "the part before the @ is not ASCII, and this way out has no SMTPUTF8",
                "ask for another address",
                Unsupported,
                feature="non-ASCII local part",
                instead=("an ASCII address", "a server with SMTPUTF8"),
            )


def _too_many_recipients(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    count, most = len(outgoing.envelope.recipients), limits.max_recipients
    if most is not None and count > most:
        yield _refusal(
            "too_many_recipients",
            "to",
            f"{count} recipients in one mail, and at most {most} are taken",
            f"send several mails, best one for each reader, or have them made by split={most} in the URL",
            Unsupported,
            feature=f"more than {most} recipients",
            instead=("send_many", "split"),
        )


def _too_large(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    # Asked without a limit too: it has the head built, and so the writer says what it cannot write.
    size, most = readable(outgoing.content).size, limits.max_size
    if most is not None and size > most:
        yield _refusal(
            "too_large",
            "attachments" if outgoing.email.attachments else "html" if outgoing.email.html else "text",
            f"the mail has {size:,} bytes when encoded, and at most {most:,} are taken",
            "send a link in place of what is large",
            TooLarge,
            size=size,
            limit=most,
        )


def _blocked_attachment(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    for index, file in enumerate(outgoing.email.attachments):
        _, dot, ending = file.name.rstrip(" .").lower().rpartition(".")
        if dot and ending in limits.blocked_extensions:
            yield _refusal(
                "blocked_attachment",
                f"attachments[{index}].name",
                f"files that end in .{ending} are refused",
                "send a link to it, or put it into an archive",
                Unsupported,
                feature=f".{ending} attachments",
                instead=("a link", "an archive"),
            )


def _bad_tag(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    if not (limits.ses_names and outgoing.email.tags):
        return
    for name, value in outgoing.email.tags.items():
        if not (_TAG.fullmatch(name) and _TAG.fullmatch(value)):
            yield _refusal(
                "bad_tag",
                f"tags[{name[:60]!a}]",
                "SES takes letters, digits, _ and - in the name and the value of a tag, and 1 to 256 of them",
                "put what needs more into metadata",
                InvalidHeader,
            )


def _bad_name(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    ses = outgoing.ses
    for field in ("configuration_set", "tenant"):
        name: str = getattr(ses, field)
        if name and limits.ses_names and not _NAME.fullmatch(name):
            yield _refusal(
                "bad_name",
                f"ses.{field}",
                "SES takes letters, digits, _ and - in this name, and 1 to 64 of them",
                "write it as it was created",
                InvalidHeader,
            )


def _repeated_header(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    if not outgoing.email.headers:
        return
    names = [name.lower() for name, _ in outgoing.email.headers]
    for name in dict.fromkeys(names):
        if name in limits.single_headers and names.count(name) > 1:
            yield _refusal(
                "repeated_header",
                f"headers[{name!r}]",
                "this header may stand in a mail only once",
                "leave all but one out",
                InvalidHeader,
            )


def _too_many_headers(outgoing: Outgoing, limits: Limits) -> Iterator[Problem]:
    count, most = len(outgoing.email.headers), limits.max_headers
    if most is not None and count > most:
        yield _refusal(
            "too_many_headers",
            "headers",
            f"{count} headers, and at most {most} are taken",
            "leave some out",
            InvalidHeader,
        )


# The first is asked first: where it refuses, the writer has no bytes to be measured.
_RULES = (
    _stored_template,
    _local_part_not_ascii,
    _too_many_recipients,
    _too_large,
    _blocked_attachment,
    _bad_tag,
    _bad_name,
    _repeated_header,
    _too_many_headers,
)


def _refusal(
    code: str, field: str, text: str, remedy: str, error: Callable[..., MailError], **facts: object
) -> Problem:
    from sesmail.mail.problem import Problem  # which most mails never meet

    return Problem(code, field, text, remedy, error(f"{text}; {remedy}", field=field, **facts))
