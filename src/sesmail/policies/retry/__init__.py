"""Retry: once more, for whom it surely did not go out.

Rule 1: nobody to whom a mail went, or may have gone, is sent it again. Only ``on_unknown="resend"`` takes the risk of
        a second copy, and says so: in the log, and in a note on the error.
Rule 2: only what may pass is tried again: errors that are ``retryable``. A quota of 24 hours is, but not in seconds.
Rule 3: no pause is begun that ends after the deadline, and no further try is made without a token of the budget.
Rule 4: an error comes out as it is. How often it was tried, and why no more, is a note on it.
"""

from __future__ import annotations

from sesmail.policies.retry.retry import OPTIONS, Retry

__all__ = ["OPTIONS", "Retry"]
