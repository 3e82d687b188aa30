"""Commands: the only place that writes a line for a server.

Rule 1: whoever calls has checked what it gives, and here it is checked again: no control character, no DEL, and no
        character beyond ASCII but in an address for a server with SMTPUTF8. The whole line is looked at, as it will go.
Rule 2: what would end a path or begin a parameter is not part of an address, unless in quotes.
Rule 3: parameters have types. None is a text that somebody could put more into.
"""

from __future__ import annotations

import re
from binascii import b2a_base64

from sesmail.errors import InvalidAddress, InvalidHeader, SetupError

LONGEST_LINE = 12_288  # RFC 4954 4: what AUTH may take, and far over what any other command does
_ENDS_A_PATH = re.compile(r'[ <>"]')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"@[^ <>"]++\Z')
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?\Z|\[[0-9A-Za-z:.]{2,250}\]\Z")

DATA = b"DATA\r\n"
RSET = b"RSET\r\n"
QUIT = b"QUIT\r\n"
STARTTLS = b"STARTTLS\r\n"


def ehlo(name: str) -> bytes:
    r"""Our name: a domain, or an address in brackets (RFC 5321 4.1.3).

    >>> from sesmail.transports.smtp.commands import ehlo
    >>> ehlo("[127.0.0.1]")
    b'EHLO [127.0.0.1]\r\n'
    """
    if not _NAME.match(name):
        raise SetupError("local_name is a host name, or an address in brackets such as [127.0.0.1]")
    return _line(f"EHLO {name}")


def mail(sender: str, *, size: int | None = None, eight_bit: bool = False, utf8: bool = False) -> bytes:
    r"""Who sends, and what comes.

    >>> from sesmail.transports.smtp.commands import mail
    >>> mail("ada@example.com", size=1200, eight_bit=True)
    b'MAIL FROM:<ada@example.com> SIZE=1200 BODY=8BITMIME\r\n'
    """
    parameters = "" if size is None else f" SIZE={size:d}"
    parameters += " BODY=8BITMIME" if eight_bit else ""
    parameters += " SMTPUTF8" if utf8 else ""
    return _line(f"MAIL FROM:<{_path(sender)}>{parameters}", utf8=utf8)


def rcpt(recipient: str, *, utf8: bool = False) -> bytes:
    """One who gets it."""
    return _line(f"RCPT TO:<{_path(recipient)}>", utf8=utf8)


def auth(mechanism: str, response: bytes | None = None) -> bytes:
    """How we say who we are, and the first response at once where there is one."""
    return _line(f"AUTH {mechanism}" if response is None else f"AUTH {mechanism} {_base64(response)}")


def respond(response: bytes) -> bytes:
    """The answer to a prompt of AUTH."""
    return _line(_base64(response))


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _path(address: str) -> str:
    if _ENDS_A_PATH.search(address) and not _QUOTED.match(address):
        raise InvalidAddress("this address would end before its end in a command", value=address)
    return address


def _line(text: str, *, utf8: bool = False) -> bytes:
    if not (text.isprintable() and (utf8 or text.isascii())):
        raise InvalidHeader("a command holds a character that must not be in it")
    line = text.encode()
    if len(line) > LONGEST_LINE:
        raise InvalidHeader(f"a command is longer than {LONGEST_LINE} bytes")
    return line + b"\r\n"
