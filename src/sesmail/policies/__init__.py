"""Floor 4: conduct. A policy is a transport around transports: it decides whether, when and by which way a mail goes.

May import floors 0 and 1, and of floor 3 only what every transport shares. Knows no concrete transport and not SES:
what it wants to know of an account it asks through a small protocol (`account`). `flow` is the engine.
"""

from __future__ import annotations

from sesmail._door import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail._clock import Clock as Clock
    from sesmail.policies.account import Account as Account
    from sesmail.policies.account import Standing as Standing
    from sesmail.policies.allow import Allow as Allow
    from sesmail.policies.attempt import Attempt as Attempt
    from sesmail.policies.budget import Budget as Budget
    from sesmail.policies.drop import Drop as Drop
    from sesmail.policies.failover import Failover as Failover
    from sesmail.policies.flow import Ask as Ask
    from sesmail.policies.flow import Flow as Flow
    from sesmail.policies.flow import Question as Question
    from sesmail.policies.flow import Send as Send
    from sesmail.policies.flow import Sleep as Sleep
    from sesmail.policies.flow import ask as ask
    from sesmail.policies.flow import send as send
    from sesmail.policies.flow import sleep as sleep
    from sesmail.policies.observe import Observe as Observe
    from sesmail.policies.observe import OnAttempt as OnAttempt
    from sesmail.policies.policy import Policy as Policy
    from sesmail.policies.rate.bucket import Pace as Pace
    from sesmail.policies.rate.line import Place as Place
    from sesmail.policies.rate.rate_limit import RateLimit as RateLimit
    from sesmail.policies.rate.rate_limit import Usage as Usage
    from sesmail.policies.rate.store import MemoryStore as MemoryStore
    from sesmail.policies.rate.store import RateStore as RateStore
    from sesmail.policies.redirect import Redirect as Redirect
    from sesmail.policies.retry.retry import Retry as Retry
    from sesmail.policies.round_robin import RoundRobin as RoundRobin
    from sesmail.policies.sandbox.guard import SandboxGuard as SandboxGuard
    from sesmail.policies.split import Split as Split
    from sesmail.policies.suppression import Suppression as Suppression
    from sesmail.policies.suppression import SuppressionList as SuppressionList
    from sesmail.policies.way import Health as Health

_HOME = {
    "Account": "account",
    "Allow": "allow",
    "Ask": "flow",
    "Attempt": "attempt",
    "Budget": "budget",
    "Clock": "._clock",
    "Drop": "drop",
    "Failover": "failover",
    "Flow": "flow",
    "Health": "way",
    "MemoryStore": "rate.store",
    "Observe": "observe",
    "OnAttempt": "observe",
    "Pace": "rate.bucket",
    "Place": "rate.line",
    "Policy": "policy",
    "Question": "flow",
    "RateLimit": "rate.rate_limit",
    "RateStore": "rate.store",
    "Redirect": "redirect",
    "Retry": "retry.retry",
    "RoundRobin": "round_robin",
    "SandboxGuard": "sandbox.guard",
    "Send": "flow",
    "Sleep": "flow",
    "Split": "split",
    "Standing": "account",
    "Suppression": "suppression",
    "SuppressionList": "suppression",
    "Usage": "rate.rate_limit",
    "ask": "flow",
    "send": "flow",
    "sleep": "flow",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above
__getattr__ = door(__name__, _HOME)
