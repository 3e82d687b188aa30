"""Way: how an endpoint is reached: at once or through a proxy, in clear or by TLS."""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.lines.line import Place
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.proxy import Proxy, proxy_for
from sesmail.ses.client.direct.trust import bundle_from, context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext


class Way:
    """Where a line leads, and what comes before the first request on it.

    >>> from sesmail.ses.client.direct.origin import Origin
    >>> from sesmail.ses.client.direct.way import Way
    >>> print(Way.to(Origin("http", "127.0.0.1", 4579), {"HTTP_PROXY": "http://proxy.example:3128"}))
    127.0.0.1:4579 through the proxy proxy.example:3128
    """

    __slots__ = ("_bundle", "origin", "proxy")

    def __init__(self, origin: Origin, proxy: Proxy | None, bundle: str) -> None:
        self.origin = origin
        self.proxy = proxy
        self._bundle = bundle

    @classmethod
    def to(cls, origin: Origin, environ: Mapping[str, str]) -> Way:
        """The way that the environment wants. Raises `SetupError` for one that cannot be gone."""
        bundle = bundle_from(environ) if origin.scheme == "https" else ""
        if bundle:
            context(bundle)  # a file that holds no certificate is found now, and not by the first mail
        return cls(origin, proxy_for(origin, environ), bundle)

    @property
    def place(self) -> Place:
        """Where its lines lead."""
        return self.proxy.place if self.proxy else self.origin.place

    @property
    def tunnel(self) -> Proxy | None:
        """The proxy that is asked for a line to the endpoint: with TLS, it must not read along."""
        return self.proxy if self.is_secure else None

    @property
    def relay(self) -> Proxy | None:
        """The proxy that is given each request, with the endpoint's whole URL in it."""
        return None if self.is_secure else self.proxy

    @property
    def is_secure(self) -> bool:
        """Whether it is by TLS."""
        return self.origin.scheme == "https"

    def tls(self) -> SSLContext:
        """The context for TLS."""
        return context(self._bundle)

    def __str__(self) -> str:
        return f"{self.origin.place} through the proxy {self.proxy.place}" if self.proxy else str(self.origin.place)
