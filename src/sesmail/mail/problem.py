"""Problem: one thing that can be said against a mail before it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as value_of

from sesmail.errors import MailError, SesmailError, TemplateError

_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a mail, and the cure. `Mailer.check` finds them.

    >>> from sesmail import Mailer
    >>> mailer = Mailer("null://", sender="shop@example.com")
    >>> for problem in mailer.check(to="ada@example.org", subject="Hi", html="<b>Hello"):
    ...     print(problem.code, problem.field, problem.blocking)
    no_text text False

    ``code`` is for programs and does not change, ``text`` and ``remedy`` are for people. A blocking one is what
    `Mailer.send` would raise, and holds it as ``error``.
    """

    code: str
    field: str
    text: str
    remedy: str
    error: SesmailError | None = value_of(default=None, repr=False, compare=False)

    @property
    def blocking(self) -> bool:
        """Whether the mail cannot be sent like this."""
        return self.error is not None

    def raise_if_blocking(self) -> None:
        """Raise what `Mailer.send` would raise, if it would."""
        if self.error is not None:
            raise self.error

    @classmethod
    def of_error(cls, error: MailError | TemplateError) -> Problem:
        """The problem of a mail that cannot be built at all, under the name of the error: ``invalid_address``."""
        code = _INNER_CAPITAL.sub("_", type(error).__name__).lower()
        if isinstance(error, TemplateError):
            return cls(code, "template", str(error), "mend the template, or give it what it lacks", error)
        return cls(code, error.field, error.reason, "mend the mail where it is made", error)
