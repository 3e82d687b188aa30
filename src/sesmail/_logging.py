"""The one logger of sesmail, at no cost to programs that do not log.

``logging`` takes longer to import than a small mail to build. So it is not imported here: where the program has not
imported it either, nobody can be listening.
"""

from __future__ import annotations

import sys
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger

DEBUG = 10
INFO = 20
WARNING = 30
ERROR = 40


def log(level: int, message: str, *facts: object, traceback: bool = False) -> None:
    """Say something to the logger ``sesmail``. Counts, ids and types only: no text, name or address of a mail."""
    if "logging" in sys.modules:
        logger = _logger()
        if logger.isEnabledFor(level):
            logger.log(level, message, *facts, exc_info=traceback)


@cache
def _logger() -> Logger:
    import logging

    logger = logging.getLogger("sesmail")
    # Without a handler, Python prints warnings to stderr for programs that never set logging up.
    logger.addHandler(logging.NullHandler())
    return logger
