"""Request: the parameters of SES v2 SendEmail, as a program writes them that calls it by boto3."""

from __future__ import annotations

from benchmarks.mail import Mail, name_and_email


def raw(mail: Mail, data: bytes) -> dict[str, object]:
    """The whole mail as bytes."""
    return {"Destination": {"ToAddresses": _emails(mail)}, "Content": {"Raw": {"Data": data}}}


def simple(mail: Mail) -> dict[str, object]:
    """Subject, text and files; SES builds the mail."""
    files = [
        {"FileName": file.name, "RawContent": file.data, "ContentType": file.content_type} for file in mail.attached
    ]
    return {
        "FromEmailAddress": mail.sender,
        "Destination": {"ToAddresses": _emails(mail)},
        "Content": {
            "Simple": {
                "Subject": {"Data": mail.subject},
                "Body": {"Text": {"Data": mail.text}, **({"Html": {"Data": mail.html}} if mail.html else {})},
                **({"Attachments": files} if files else {}),
            }
        },
    }


def _emails(mail: Mail) -> list[str]:
    return [email for _, email in name_and_email(mail.to)]
