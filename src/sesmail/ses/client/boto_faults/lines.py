"""Lines that fail under botocore: which kind of failure it is, and with whom."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping

from sesmail.errors import SendError
from sesmail.lines.fault import Kind, LineFault, line_fault, send_error
from sesmail.ses.client.boto_faults.naming import by_class, is_of_botocore, is_one
from sesmail.ses.client.boto_faults.stage import Stage, links, stage_of
from sesmail.ses.endpoints import region_hint

_KINDS: Mapping[str, Kind] = {
    "ConnectionError": Kind.NO_ROUTE,
    "EndpointConnectionError": Kind.NO_ROUTE,
    "ProxyConnectionError": Kind.NO_ROUTE,
    "ConnectTimeoutError": Kind.LATE,
    "SSLError": Kind.TLS,
    "HTTPClientError": Kind.LOST,
    "ReadTimeoutError": Kind.LATE,
    "ConnectionClosedError": Kind.LOST,
    "ResponseStreamingError": Kind.LOST,
    "IncompleteReadError": Kind.LOST,
}
_HOST = re.compile(r"https?://(?:[^/?#]*@)?([^/?#@]+)")


def line_error(error: BaseException, *, region: str) -> SendError | None:
    """The error for a mail whose line failed, or nothing if it was no line that did."""
    kind = by_class(error, _KINDS)
    if kind is None:
        return None
    stage = stage_of(error) or _usual_stage(error)
    if stage is not Stage.CONNECT and kind is Kind.NO_ROUTE:
        kind = Kind.LOST  # by a proxy that was there, whatever urllib3 makes of it
    fault = _fault(error, kind, region if stage is Stage.CONNECT else "")
    return send_error(fault, stage=stage.value, at_risk=stage is Stage.REPLY, peer=_peer(error))


def line_error_of_keys(error: BaseException) -> SendError | None:
    """The same, where the line was one by which keys were asked for. No mail was at risk."""
    kind = by_class(error, _KINDS)
    if kind is None:
        return None
    fault = _fault(error, kind, "")
    failed = send_error(fault, stage=_usual_stage(error).value, at_risk=False, peer=_peer(error))
    failed.stage = Stage.AUTH.value
    return failed


def _usual_stage(error: BaseException) -> Stage:
    """What a class says where nothing tells where it was raised."""
    return Stage.CONNECT if is_one(error, "ConnectionError") else Stage.REPLY


def _fault(error: BaseException, kind: Kind, region: str) -> LineFault:
    # Some of botocore's own are called OSError too, and know nothing more.
    root = next((link for link in links(error) if isinstance(link, OSError) and not is_of_botocore(link)), None)
    if root is None:
        return LineFault(kind, "")
    if isinstance(root, ssl.SSLError):
        return line_fault(root)
    if isinstance(root, socket.gaierror):
        return LineFault(Kind.NO_NAME, "; ".join(filter(None, (root.strerror, region_hint(region) if region else ""))))
    if isinstance(root, TimeoutError):
        return LineFault(Kind.LATE, "")
    return LineFault(kind, root.strerror or "")


def _peer(error: BaseException) -> str:
    """The host, or the proxy; nothing else of its URL."""
    said: Mapping[str, object] = getattr(error, "kwargs", {})
    found = _HOST.match(str(said.get("proxy_url") or said.get("endpoint_url") or ""))
    return found[1][:300] if found else "SES"
