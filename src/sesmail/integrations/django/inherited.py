"""Inherited: settings of django-ses and django-anymail, as what they are here. One table of what is read and what not.

They count where ours say nothing. `told` lists those that are there and mean nothing here, each with what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# ── what is read ─────────────────────────────────────────────────────────────────────────────────────────────────

# Names in the order in which the first one counts, and what it is here. Those in capitals make the URL.
DJANGO_SES: Mapping[tuple[str, ...], str] = {
    ("AWS_SES_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"): "ACCESS_KEY",
    ("AWS_SES_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"): "SECRET_KEY",
    ("AWS_SES_SESSION_TOKEN", "AWS_SESSION_TOKEN"): "session_token",
    ("AWS_SESSION_PROFILE",): "profile",
    ("AWS_SES_REGION_NAME", "AWS_DEFAULT_REGION"): "REGION",
    ("AWS_SES_REGION_ENDPOINT_URL",): "endpoint_url",
    ("AWS_SES_AUTO_THROTTLE",): "rate_safety",
    ("AWS_SES_CONFIGURATION_SET",): "configuration_set",
    ("AWS_SES_SOURCE_ARN",): "source_arn",
    ("AWS_SES_FROM_ARN",): "from_arn",
    ("AWS_SES_RETURN_PATH_ARN",): "return_path_arn",
    ("AWS_SES_RETURN_PATH",): "return_path",
    ("AWS_SES_FROM_EMAIL",): "sender",
    ("AWS_SES_GLOBAL_ENDPOINT_ID",): "endpoint_id",
}
# Inside ANYMAIL, or with ANYMAIL_ before it.
ANYMAIL: Mapping[str, str] = {
    "AMAZON_SES_CONFIGURATION_SET_NAME": "configuration_set",
    "AMAZON_SES_MESSAGE_TAG_NAME": "message_tag",
    "IGNORE_UNSUPPORTED_FEATURES": "ignore_unsupported",
}
# Inside ANYMAIL's AMAZON_SES_CLIENT_PARAMS and AMAZON_SES_SESSION_PARAMS.
BOTO3: Mapping[str, str] = {
    "aws_access_key_id": "ACCESS_KEY",
    "aws_secret_access_key": "SECRET_KEY",
    "aws_session_token": "session_token",
    "region_name": "REGION",
    "profile_name": "profile",
    "endpoint_url": "endpoint_url",
}
_PARAMS = ("AMAZON_SES_SESSION_PARAMS", "AMAZON_SES_CLIENT_PARAMS")

# ── what is not, and what to do ──────────────────────────────────────────────────────────────────────────────────

_SIGNS = "SES signs by itself: turn Easy DKIM on for the domain"
_EVENTS = "it is about events, which the backend does not read"
NOT_READ: Mapping[str, str] = {
    "AWS_SES_CONFIG": "say time-outs in the URL, such as ses://eu-west-1?read_timeout_s=10",
    "AWS_SES_REGION_ENDPOINT": "the Region names the host; another one is ses://…?endpoint_url=…",
    "AWS_SES_USE_BLACKLIST": "SES keeps a suppression list, and sesmail.policies.Suppression asks one of yours",
    "AWS_SES_BOUNCE_LIMIT": _EVENTS,
    "AWS_SES_VERIFY_EVENT_SIGNATURES": _EVENTS,
    "AWS_SES_VERIFY_BOUNCE_SIGNATURES": _EVENTS,
    "AWS_SES_ADD_BOUNCE_TO_BLACKLIST": _EVENTS,
    "AWS_SES_ADD_COMPLAINT_TO_BLACKLIST": _EVENTS,
    "AWS_SNS_TOPIC_ARN": _EVENTS,
    "DKIM_DOMAIN": _SIGNS,
    "DKIM_PRIVATE_KEY": _SIGNS,
    "DKIM_SELECTOR": _SIGNS,
    "DKIM_HEADERS": _SIGNS,
}
_SILENT = frozenset({"USE_SES_V2"})  # both of its meanings are what is done here
_ANYMAIL_NOT_READ: Mapping[str, str] = {
    "SEND_DEFAULTS": "say tags, headers and configuration_set in SESMAIL",
    "AMAZON_SES_SEND_DEFAULTS": "say tags, headers and configuration_set in SESMAIL",
    "IGNORE_RECIPIENT_STATUS": "a mail that went to some is sent; message.sesmail_result says to whom",
    "IDNA_ENCODER": "domains are always written by IDNA 2008",
    "DEBUG_API_REQUESTS": "see the logger sesmail",
    "REQUESTS_TIMEOUT": "say time-outs in the URL, such as ses://eu-west-1?read_timeout_s=10",
    "AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS": _EVENTS,
    "WEBHOOK_SECRET": _EVENTS,
}


def inherited(settings: object) -> dict[str, Any]:
    """What others' settings say, by our names."""
    said = {ours: value for ours, value in _said(settings) if value not in (None, "") and not callable(value)}
    found: dict[str, Any] = {name: value for name, value in said.items() if name not in _OF_URL}
    if _NAMES_A_WAY & said.keys():
        found["url"] = _url(said)
    return found


def told(settings: object) -> Iterator[tuple[str, str]]:
    """Settings of others that mean nothing here, and what to do instead."""
    for name, instead in NOT_READ.items():
        if getattr(settings, name, None):
            yield name, instead
    if callable(getattr(settings, "AWS_SES_CONFIGURATION_SET", None)):
        yield "AWS_SES_CONFIGURATION_SET", "as a function it is not called: set message.configuration_set instead"
    known = {*NOT_READ, *_SILENT, *(name for names in DJANGO_SES for name in names)}
    for name in _names(settings, "AWS_SES_"):
        if name not in known:
            yield name, "it is not known here"
    for name, value in _anymail(settings).items():
        yield from ((f"ANYMAIL {name}", instead) for instead in _of_anymail(name, value))


def _of_anymail(name: str, value: object) -> Iterator[str]:
    if name in _ANYMAIL_NOT_READ:
        yield _ANYMAIL_NOT_READ[name]
    elif name in _PARAMS:
        others = sorted(set(_mapping(value)) - BOTO3.keys())
        if others:
            yield f"{', '.join(others)} are not read: the URL's options say such things"
    elif name not in ANYMAIL and (name.startswith("AMAZON_SES") or name in ("TRACK_OPENS", "TRACK_CLICKS")):
        yield "it is not known here"


def _said(settings: object) -> Iterator[tuple[str, object]]:
    anymail = _anymail(settings)
    for params in _PARAMS:
        yield from ((BOTO3[name], value) for name, value in _mapping(anymail.get(params)).items() if name in BOTO3)
    yield from ((ours, anymail[name]) for name, ours in ANYMAIL.items() if name in anymail)
    for names, ours in DJANGO_SES.items():
        value = next((value for name in names if (value := getattr(settings, name, None)) not in (None, "")), None)
        if value is not None:
            yield ours, value


def _anymail(settings: object) -> dict[str, Any]:
    bare = {name.removeprefix("ANYMAIL_"): getattr(settings, name) for name in _names(settings, "ANYMAIL_")}
    return {**bare, **_mapping(getattr(settings, "ANYMAIL", None))}


def _names(settings: object, prefix: str) -> Iterable[str]:
    return sorted(name for name in dir(settings) if name.startswith(prefix))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# ── one URL of many settings ─────────────────────────────────────────────────────────────────────────────────────

_BEHIND = ("session_token", "profile", "endpoint_url")
_OF_URL = frozenset({"ACCESS_KEY", "SECRET_KEY", "REGION", "rate_safety", *_BEHIND})
_NAMES_A_WAY = _OF_URL - {"rate_safety"}


def _url(said: Mapping[str, Any]) -> str:
    """``ses://KEY:SECRET@REGION?…``. django-ses takes a profile in place of keys, and so is it here."""
    keys = "" if said.get("profile") else _keys(said)
    options = {name: str(said[name]) for name in _BEHIND if said.get(name) and not (name in _OF_KEYS and not keys)}
    if (share := said.get("rate_safety")) and isinstance(share, int | float):
        options |= {"rate": "auto", "rate_safety": f"{min(float(share), 1.0):g}"}
    query = "&".join(f"{name}={_quoted(text)}" for name, text in options.items())
    return f"ses://{keys}{_quoted(str(said.get('REGION', '')))}{query and '?'}{query}"


_OF_KEYS = ("session_token",)


def _keys(said: Mapping[str, Any]) -> str:
    if not (said.get("ACCESS_KEY") and said.get("SECRET_KEY")):
        return ""
    return f"{_quoted(str(said['ACCESS_KEY']))}:{_quoted(str(said['SECRET_KEY']))}@"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
