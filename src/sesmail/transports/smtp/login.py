"""Login: who we are, and how that is said (RFC 4954). Never logged, never printed, never part of an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sesmail.errors import SetupError
from sesmail.transports.smtp.commands import auth, respond
from sesmail.transports.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password.

    >>> from sesmail.transports.smtp.login import Login
    >>> Login("ada", "correct horse").lines("PLAIN")[0][:11], Login("ada", "correct horse")
    (b'AUTH PLAIN ', Login())

    Raises `SetupError` for what cannot be one: PLAIN has NUL between its fields, and one in a field would shift them.
    """

    user: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("user", "password"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text:
                raise SetupError("user and password go together for SMTP, and neither is empty")
            # Other controls can only have come along when it was copied, such as the line end of a file.
            if not text.isprintable():
                raise SetupError(f"the {name} for SMTP holds a control character, perhaps a line end; copy it again")

    @staticmethod
    def choose(offered: Sequence[str]) -> str:
        """The first mechanism of ours that a server offers, or none."""
        return next((mechanism for mechanism in MECHANISMS if mechanism in offered), "")

    def lines(self, mechanism: str) -> tuple[bytes, ...]:
        """What is said, line by line. All but the last are answered with a prompt."""
        return MECHANISMS[mechanism](self.user.encode(), self.password.encode())

    def kept_out_of(self, reply: Reply) -> Reply:
        """A refusal, without its text where that repeats what we said, plain or in base64."""
        text = b" ".join(reply.lines)
        said = [self.password.encode(), *(line.split()[-1] for line in (*self.lines("PLAIN"), self.lines("LOGIN")[-1]))]
        return replace(reply, lines=()) if any(word in text for word in said) else reply


def _plain(user: bytes, password: bytes) -> tuple[bytes, ...]:
    """RFC 4616: whom to act as, which is nobody else, who we are, and the password."""
    return (auth("PLAIN", b"\0%b\0%b" % (user, password)),)


def _login(user: bytes, password: bytes) -> tuple[bytes, ...]:
    """LOGIN, which no RFC describes: a prompt for each. What the prompts say is not looked at."""
    return auth("LOGIN"), respond(user), respond(password)


MECHANISMS: Mapping[str, Callable[[bytes, bytes], tuple[bytes, ...]]] = {"PLAIN": _plain, "LOGIN": _login}
