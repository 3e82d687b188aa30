"""Difference: in what a folder of templates is not what SES keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff

from sesmail.ses.stored.kept import PARTS, KeptTemplate, file_name

Templates = Mapping[str, KeptTemplate]
_NOTHING = KeptTemplate("", "")


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """What a push would change: templates by name, and the texts.

    >>> from sesmail.ses.stored.difference import Difference
    >>> from sesmail.ses.stored.kept import KeptTemplate
    >>> here = {"welcome": KeptTemplate("welcome", "Hi {{name}}", "Hello")}
    >>> there = {"welcome": KeptTemplate("welcome", "Hi", "Hello")}
    >>> difference = Difference.between(there, here)
    >>> difference.changed, list(difference.texts)
    (('welcome',), ['welcome.subject.txt'])
    """

    added: tuple[str, ...]
    """In the folder, and not at SES."""
    changed: tuple[str, ...]
    """In both, with other texts."""
    gone: tuple[str, ...]
    """At SES, and not in the folder."""
    same: tuple[str, ...]
    """In both, with the same texts."""
    texts: Mapping[str, str]
    """For each file that differs, from what SES has to what the folder has, as a unified diff."""

    @classmethod
    def between(cls, there: Templates, here: Templates, *, gone: tuple[str, ...] = ()) -> Difference:
        """From SES to the folder. ``gone`` are those of SES that nobody has read, since the folder has them not."""
        both = [name for name in here if name in there]
        return cls(
            added=tuple([name for name in here if name not in there]),
            changed=tuple([name for name in both if not is_same(there[name], here[name])]),
            gone=gone,
            same=tuple([name for name in both if is_same(there[name], here[name])]),
            texts=dict(_texts(there, here)),
        )

    @property
    def is_empty(self) -> bool:
        """Whether folder and SES have the same."""
        return not (self.added or self.changed or self.gone)

    def __repr__(self) -> str:
        counts = [(len(getattr(self, name)), name) for name in ("added", "changed", "gone", "same")]
        return f"Difference({', '.join(f'{count} {name}' for count, name in counts)})"


def is_same(one: KeptTemplate, other: KeptTemplate) -> bool:
    """Whether they say the same, whatever their line ends are."""
    return all(_plain(one, part) == _plain(other, part) for part in PARTS)


def _plain(template: KeptTemplate, part: str) -> str:
    text: str = getattr(template, part)
    return text.replace("\r\n", "\n")


def _texts(there: Templates, here: Templates) -> Iterator[tuple[str, str]]:
    for name, template in here.items():
        for part in PARTS:
            was, now = _plain(there.get(name, _NOTHING), part), _plain(template, part)
            if was != now:
                file = file_name(name, part)
                end = "\n" if part == "subject" else ""  # of its file
                before, after = (_lines(text and f"{text}{end}") for text in (was, now))
                yield file, "\n".join(unified_diff(before, after, f"SES/{file}", file, lineterm=""))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines
