"""Endpoint: which Region and which origin a client speaks with, by what it was told and by the environment.

The order is botocore's, and what only its configuration files know is not read: a profile's Region or endpoint is given
to the client by name. A value in the environment that can be read in no way is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.errors import SetupError
from sesmail.ses.call import Service
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.endpoints import api_host, check_region

_YES, _NO = "true", ("", "false")
_HTTPS = 443


def region_for(region: str, environ: Mapping[str, str]) -> str:
    """The Region: the one that was given, or the environment's.

    >>> from sesmail.ses.client.direct.endpoint import region_for
    >>> region_for("", {"AWS_DEFAULT_REGION": "eu-west-1"})
    'eu-west-1'
    """
    found = region or environ.get("AWS_DEFAULT_REGION", "")
    if not found:
        also = "; AWS_REGION alone is not read, as by other AWS tools for Python" if "AWS_REGION" in environ else ""
        raise SetupError(f"there is no Region: give one, such as eu-west-1, or set AWS_DEFAULT_REGION{also}")
    return check_region(found)


def origin_for(
    service: Service,
    region: str,
    environ: Mapping[str, str],
    *,
    endpoint_url: str = "",
    use_fips: bool | None = None,
    use_dual_stack: bool | None = None,
) -> Origin:
    """The origin: the URL that was given, or the environment's, or the Region's own.

    >>> from sesmail.ses.client.direct.endpoint import origin_for
    >>> origin_for("sesv2", "eu-west-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}).host
    'email.eu-west-1.api.aws'
    """
    url, name = (endpoint_url, "endpoint_url") if endpoint_url else _configured(service, environ)
    if url:
        # What the environment says of FIPS is for all services; of this one it has a URL, which was chosen with care.
        if use_fips or use_dual_stack:
            raise SetupError(f"{name} names one host, and FIPS or dual-stack would be another: give one of the two")
        return Origin.parse(url, name)
    fips = _switch("AWS_USE_FIPS_ENDPOINT", environ) if use_fips is None else use_fips
    dual_stack = _switch("AWS_USE_DUALSTACK_ENDPOINT", environ) if use_dual_stack is None else use_dual_stack
    return Origin("https", api_host(region, fips=fips, dual_stack=dual_stack), _HTTPS)


def _configured(service: Service, environ: Mapping[str, str]) -> tuple[str, str]:
    if _switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", environ):
        return "", ""
    names = (f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL")
    return next(((environ[name], name) for name in names if environ.get(name)), ("", ""))


def _switch(name: str, environ: Mapping[str, str]) -> bool:
    text = environ.get(name, "").strip().lower()
    if text != _YES and text not in _NO:
        raise SetupError(f"{name} is true or false, and nothing else")
    return text == _YES
