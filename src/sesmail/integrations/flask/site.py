"""Site: links into the application, on the base that is configured.

The Host of a request is never asked: anybody can write one, and the link in the mail would lead to him.
"""

from __future__ import annotations

from flask import Flask

from sesmail.errors import SetupError
from sesmail.templates.urls import Urls

_OF_ANCHORS = "%!#$&'()*+,/:;=?@"  # as Flask leaves them


class Site:
    """Builds URLs as Flask's ``url_for`` does, with or without a request."""

    def __init__(self, app: Flask, base_url: str, key: str) -> None:
        Urls(base_url)  # is it one?
        self._app = app
        self._base_url = base_url
        self._key = key

    def url_for(
        self,
        endpoint: str,
        /,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: object,
    ) -> str:
        """The absolute URL of an endpoint. What begins with ``_`` means what it means to Flask."""
        from urllib.parse import quote, urlsplit

        if not self._base_url:
            raise SetupError(f"url_for() has no base: set app.config[{self._key!r}], such as 'https://shop.example'")
        if _external is False:
            raise SetupError("url_for() of a mail has no _external=False: a mail is read elsewhere")
        base = urlsplit(self._base_url)
        adapter = self._app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
        self._app.inject_url_defaults(endpoint, values)
        url = adapter.build(endpoint, values, method=_method, url_scheme=_scheme, force_external=True)
        return url if _anchor is None else f"{url}#{quote(_anchor, safe=_OF_ANCHORS)}"
