"""Trust: whom TLS believes. Reading certificates takes long, so it is done once, and not before it is needed."""

from __future__ import annotations

import os

from sesmail.errors import SetupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext


class Trust:
    """The system's certificates, those of a file, or a context of yours. Names are checked, and TLS is 1.2 or newer.

    >>> from sesmail.transports.smtp.trust import Trust
    >>> Trust().context().check_hostname
    True
    """

    def __init__(self, *, ca_file: str = "", context: SSLContext | None = None) -> None:
        if ca_file and context:
            raise SetupError("ca_file and ssl_context both say whom to trust; give one of them")
        if ca_file and not os.access(ca_file, os.R_OK):
            raise SetupError("there is no file at ca_file that can be read")
        self._ca_file = ca_file
        self._context = context

    @property
    def is_ready(self) -> bool:
        """Whether the certificates were read."""
        return self._context is not None

    def context(self) -> SSLContext:
        """What TLS is begun with. Blocks for the first who asks; two at once may both read, and agree."""
        if self._context is None:
            self._context = _context(self._ca_file)
        return self._context


def _context(ca_file: str) -> SSLContext:
    import ssl

    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # of which ssl.SSLError is one
        raise SetupError("the file at ca_file holds no certificate in PEM") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
