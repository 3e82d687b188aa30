"""Authentication: AUTH PLAIN and AUTH LOGIN, with or without a first response (RFC 4954)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import replace

from sesmail.testing.hostile_smtp.dialogue import Answer, Dialogue, say

_ASKS_USER, _ASKS_SECOND = "VXNlcm5hbWU6", "UGFzc3dvcmQ6"  # "Username:" and "Password:"


def authenticate(dialogue: Dialogue, argument: str) -> Answer:
    """The answer to an AUTH command."""
    mechanism, _, first = argument.partition(" ")
    mechanism = mechanism.upper()
    if not dialogue.is_greeted or dialogue.user or dialogue.sender is not None:
        return say("auth", 503, "5.5.1 AUTH is out of order", dialogue)
    if mechanism not in _MECHANISMS:
        return say("auth", 504, "5.5.4 PLAIN or LOGIN", dialogue)
    asked = replace(dialogue, exchange=(mechanism,))
    if first:
        return proceed(asked, "" if first == "=" else first)  # "=" is an empty response
    return say("auth", 334, _ASKS_USER if mechanism == "LOGIN" else "", asked)


def proceed(dialogue: Dialogue, response: str) -> Answer:
    """The answer to a response of the client."""
    mechanism, *told = dialogue.exchange
    over = replace(dialogue, exchange=())
    try:
        told.append(b64decode(response, validate=True).decode())
    except (NotBase64, ValueError):  # also "*", with which a client gives up
        return say("auth", 501, "5.5.2 That is no response", over)
    return _MECHANISMS[mechanism](over, told)


def _plain(dialogue: Dialogue, told: list[str]) -> Answer:
    parts = told[0].split("\0")
    if len(parts) != 3:
        return say("auth", 501, "5.5.2 That is not PLAIN", dialogue)
    return _log_in(dialogue, parts[1], parts[2])


def _login(dialogue: Dialogue, told: list[str]) -> Answer:
    if len(told) == 1:
        return say("auth", 334, _ASKS_SECOND, replace(dialogue, exchange=("LOGIN", *told)))
    return _log_in(dialogue, told[0], told[1])


def _log_in(dialogue: Dialogue, user: str, password: str) -> Answer:
    if not user or dialogue.terms.credentials not in (None, (user, password)):
        return say("auth", 535, "5.7.8 Authentication credentials invalid", dialogue)
    return say("auth", 235, "2.7.0 Authentication successful", replace(dialogue, user=user))


_MECHANISMS: dict[str, Callable[[Dialogue, list[str]], Answer]] = {"PLAIN": _plain, "LOGIN": _login}
