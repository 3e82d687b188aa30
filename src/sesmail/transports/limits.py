"""Limits: what a way out takes, so that a mail can be refused before anything is tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sesmail.errors import SetupError

# What SES refuses by the end of a file's name, in any case.
BLOCKED_EXTENSIONS = frozenset(
    (
        "ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib "
        "lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml "
        "msh2xml msi msp mst ops pcd pif plg prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 reg scf scr sct shb shs sys tmp "
        "url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk"
    ).split()
)
# What SES refuses to see twice in one mail ("Duplicate header"). Those that sesmail writes itself cannot be doubled.
SINGLE_HEADERS = frozenset(
    (
        "accept-language acceptlanguage archived-at bounces-to comments delivered-to disposition-notification-options "
        "disposition-notification-to dkim-signature domainkey-signature errors-to importance keywords list-archive "
        "list-help list-id list-owner list-post list-subscribe message-context organization original-from "
        "original-message-id original-recipient original-subject priority return-receipt-to sender sensitivity "
        "solicitation thread-index thread-topic user-agent vbr-info"
    ).split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a way out takes. As it stands, that is what Amazon SES takes, by its API and by SMTP.

    >>> from sesmail import Limits
    >>> Limits().max_recipients, Limits(max_recipients=1000).max_recipients
    (50, 1000)

    ``None`` stands for no limit. Transports without a network carry the limits of SES too, so that a mail that passes
    a test passes SES.
    """

    max_recipients: int | None = 50
    """In one mail, with to, cc and bcc counted together."""
    max_size: int | None = 40_000_000
    """Bytes of the whole mail, encoded. SES says 40 MB and not which kind; this is the smaller one."""
    max_headers: int | None = None
    """How many headers of your own. SES's API counts them only where it writes the mail itself."""
    single_headers: frozenset[str] = field(default=SINGLE_HEADERS, repr=False)
    """Headers that may stand in a mail once, in lower case."""
    blocked_extensions: frozenset[str] = field(default=BLOCKED_EXTENSIONS, repr=False)
    """Endings of file names that are refused, in lower case and without the dot."""
    ascii_local_parts: bool = True
    """Whether the part before the ``@`` must be ASCII, which is so wherever SMTPUTF8 is not spoken."""
    ses_names: bool = True
    """Whether tags, configuration set and tenant are held to SES's alphabet: letters, digits, ``_`` and ``-``."""
    stored_templates: int | None = None
    """How many rows of a template that SES keeps go in one call; 0 where none can be sent. ``None`` is what the way out
    itself takes: 50 by API v2, and none by any other."""

    def __post_init__(self) -> None:
        for name in ("single_headers", "blocked_extensions"):
            words: Iterable[str] = getattr(self, name)
            object.__setattr__(self, name, frozenset([word.lower().removeprefix(".") for word in words]))

    def strictest(self, other: Limits) -> Limits:
        """What both take, for a mail that may go either way."""
        return Limits(
            max_recipients=_least(self.max_recipients, other.max_recipients),
            max_size=_least(self.max_size, other.max_size),
            max_headers=_least(self.max_headers, other.max_headers),
            single_headers=self.single_headers | other.single_headers,
            blocked_extensions=self.blocked_extensions | other.blocked_extensions,
            ascii_local_parts=self.ascii_local_parts or other.ascii_local_parts,
            ses_names=self.ses_names or other.ses_names,
            stored_templates=_fewest(self.stored_templates, other.stored_templates),
        )

    @classmethod
    def named(cls, name: str) -> Limits:
        """The limits that a URL names: ``ses``, ``api`` or ``none``."""
        if name not in _NAMED:
            raise SetupError(f"limits are one of {', '.join(_NAMED)}")
        return _NAMED[name]


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _fewest(*rows: int | None) -> int | None:
    """Of rows in one call, where nothing said is none."""
    return None if all(number is None for number in rows) else min([number or 0 for number in rows])


SES = Limits()
# What API v2 takes beside that: templates that SES keeps, so many mails in one call.
SES_API = replace(SES, stored_templates=50)
NONE = Limits(
    max_recipients=None,
    max_size=None,
    single_headers=frozenset(),
    blocked_extensions=frozenset(),
    ascii_local_parts=False,
    ses_names=False,
)
_NAMED = {"ses": SES, "api": SES_API, "none": NONE}
