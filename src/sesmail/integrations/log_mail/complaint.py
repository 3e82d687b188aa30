"""Complaint: how a handler tells that it cannot mail. It cannot log it, so it goes to stderr, and once.

The line holds types and what sesmail's own errors say; those keep addresses and texts to themselves. Of other errors
it shows where they were raised, as a stranger's text could hold anything.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress

from sesmail.errors import SesmailError
from sesmail.integrations.log_mail.guard import at_work


class Complaint:
    """Says it when a failure begins, and is silent until something worked in between.

    As with every handler, ``logging.raiseExceptions = False`` silences it.
    """

    def __init__(self) -> None:
        self._told = False

    def tell(self, what: str, error: BaseException | None = None) -> None:
        """Say it, unless it was said."""
        told, self._told = self._told, True
        if told or not logging.raiseExceptions or sys.stderr is None:
            return
        reason = f": {_reason(error)}" if error is not None else ""
        # A program may have put anything in the place of stderr, also what writes into this very log.
        with at_work(), suppress(Exception):
            sys.stderr.write(f"sesmail.MailHandler: {what}{reason} (told once until a mail goes out)\n")

    def is_over(self) -> None:
        """It works again."""
        self._told = False


def _reason(error: BaseException) -> str:
    if isinstance(error, SesmailError):
        return f"{type(error).__name__}: {error}"
    raised = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {raised[-1].filename}:{raised[-1].lineno}" if raised else "")
