"""Bodies: text, HTML and other forms of a message. Where our order of forms is not the author's, Django writes it."""

from __future__ import annotations

from collections.abc import Sequence

from sesmail.errors import MailError
from sesmail.integrations.django.draft import Draft, Undescribed
from sesmail.mail.alternative import AMP, Alternative

HTML = "text/html"


def describe_bodies(draft: Draft, charset: str) -> None:
    """Write the bodies into the draft."""
    message = draft.message
    if (message.encoding or charset) not in ("utf-8", "UTF-8", "utf8"):
        raise Undescribed("it asks for another charset")
    body, alternatives = str(message.body or ""), getattr(message, "alternatives", ())
    kind = f"text/{message.content_subtype}"
    if kind not in ("text/plain", HTML):
        raise Undescribed("its body is neither plain text nor HTML")
    # Django leaves an empty body out where there is something else to show.
    forms = [(kind, body)] if body or not (alternatives or message.attachments) else []
    _check(forms := [*forms, *((str(form[1]), _text(form[0])) for form in alternatives)])
    for kind, text in forms:
        _put(draft, kind, text)


def _put(draft: Draft, kind: str, text: str) -> None:
    if kind == "text/plain":
        draft.fields["text"] = text
    elif kind == HTML:
        draft.fields["html"] = text
    else:
        others = draft.fields.get("alternatives", ())
        draft.fields["alternatives"] = [*others, _alternative(kind, text)]  # type: ignore[misc]


def _check(forms: Sequence[tuple[str, str]]) -> None:
    """From plain to rich, each once: what our writer makes of it as well."""
    if len(forms) < 2:
        return
    ranks = [_rank(kind) for kind, _ in forms]
    if ranks != sorted(ranks) or ranks.count(0) > 1 or ranks.count(2) > 1:
        raise Undescribed("its forms stand in an order of their own")


def _rank(kind: str) -> int:
    # AMP before HTML is what it needs, and what our writer does wherever its author put it.
    return {"text/plain": 0, AMP: 1, HTML: 2}.get(kind, 3)


def _text(content: object) -> str:
    if isinstance(content, bytes) or hasattr(content, "as_bytes"):
        raise Undescribed("a form of it is no text")
    return str(content)


def _alternative(kind: str, text: str) -> Alternative:
    main, *parameters = [piece.strip() for piece in kind.split(";")]
    others = [one for one in parameters if one.lower().replace('"', "") != "charset=utf-8"]
    try:
        return Alternative(text, "; ".join([main, *others]))
    except MailError:
        raise Undescribed("a form of it is no text that we write") from None
