"""Floor 4: conduct. A policy is a transport around transports: it decides whether, when and by which way a mail goes.

May import floors 0 and 1, and of floor 3 only what every transport shares. Knows no concrete transport and not SES:
what it wants to know of an account it asks through a small protocol (`account`). `flow` is the engine.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.policies.account import Account as Account
    from sesmail.policies.account import Standing as Standing
    from sesmail.policies.clock import Clock as Clock
    from sesmail.policies.flow import Ask as Ask
    from sesmail.policies.flow import Flow as Flow
    from sesmail.policies.flow import Question as Question
    from sesmail.policies.flow import Send as Send
    from sesmail.policies.flow import Sleep as Sleep
    from sesmail.policies.flow import ask as ask
    from sesmail.policies.flow import send as send
    from sesmail.policies.flow import sleep as sleep
    from sesmail.policies.policy import Policy as Policy

_HOME = {
    "Account": "account",
    "Ask": "flow",
    "Clock": "clock",
    "Flow": "flow",
    "Policy": "policy",
    "Question": "flow",
    "Send": "flow",
    "Sleep": "flow",
    "Standing": "account",
    "ask": "flow",
    "send": "flow",
    "sleep": "flow",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'sesmail.policies' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"sesmail.policies.{_HOME[name]}"), name)
    globals()[name] = value
    return value
