"""KeptTemplate: a template as SES keeps it, which is the same as it stands in a folder: a subject and two bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sesmail.errors import TemplateError
from sesmail.ses.call import Parameters
from sesmail.ses.handlebars import Template

PARTS = ("subject", "text", "html")


@dataclass(frozen=True, slots=True, repr=False)
class KeptTemplate:
    """A template with its texts. One that is empty is not there.

    >>> from sesmail.ses.stored.kept import KeptTemplate
    >>> KeptTemplate("welcome", subject="Welcome, {{name}}", text="Hello {{name}}").variables
    frozenset({'name'})
    """

    name: str
    subject: str
    text: str = ""
    html: str = ""

    @classmethod
    def of(cls, values: Parameters) -> Self:
        """As SES answers."""
        content = values.get("TemplateContent")
        texts = content if isinstance(content, Mapping) else {}
        subject, text, html = (str(texts.get(part.title()) or "") for part in PARTS)
        return cls(str(values.get("TemplateName") or ""), subject, text, html)

    @property
    def parts(self) -> Mapping[str, str]:
        """The texts that are there, by name."""
        return {part: getattr(self, part) for part in PARTS if getattr(self, part)}

    @property
    def parameters(self) -> Mapping[str, object]:
        """As SES is told."""
        content = {part.title(): text for part, text in self.parts.items()}
        return {"TemplateName": self.name, "TemplateContent": content}

    @property
    def variables(self) -> frozenset[str]:
        """What its texts ask for. Raises `TemplateError` where SES could not render one of them."""
        return frozenset[str]().union(*[self._parsed(part).variables for part in self.parts])

    def check(self) -> None:
        """Raise `TemplateError`, with file and line, for what SES could not render."""
        if not self.subject:
            raise TemplateError(f"{self.name}.subject.txt: a template needs a subject", template=self.name)
        for part in self.parts:
            self._parsed(part)

    def _parsed(self, part: str) -> Template:
        try:
            return Template.parse(getattr(self, part), name=self.name)
        except TemplateError as error:
            raise TemplateError(
                f"{file_name(self.name, part)}: {error}",
                template=self.name,
                line=error.line,
                variable=error.variable,
            ) from error

    def __repr__(self) -> str:
        return f"KeptTemplate({self.name!r}, {' and '.join(self.parts) or 'empty'})"


ENDINGS = {"subject": ".subject.txt", "text": ".txt", "html": ".html"}


def file_name(name: str, part: str) -> str:
    """Where a part stands in a folder."""
    return f"{name}{ENDINGS[part]}"


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A template in a list: its name, and when it was made.

    >>> from sesmail.ses.stored.kept import TemplateEntry
    >>> TemplateEntry.of({"TemplateName": "welcome", "CreatedTimestamp": 0}).created.year
    1970
    """

    name: str
    created: datetime | None = None

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """As SES answers: the one client reads times, the other has seconds."""
        said = values.get("CreatedTimestamp")
        created = datetime.fromtimestamp(said, UTC) if isinstance(said, int | float) else said
        created = created.astimezone(UTC) if isinstance(created, datetime) else None
        return cls(str(values.get("TemplateName") or ""), created)
