"""Templates that other people write: kept in a database, edited in a browser, rendered by you.

A safe way to run a foreign program needs a process that can be ended; this is what can be had without one. It holds
five promises, each of them tried by tests with the known escapes and bombs:

1. A template reads data and calls nothing. No name with an underscore in front, no method but those of `methods`, no
   object but its public attributes, and nothing callable among these (`reading`, `calling`).
2. In HTML a value is escaped, and there is no word to undo it: no ``safe``, no ``autoescape`` block (`grammar`).
3. All loops, macros and included templates of one rendering share one budget of steps (`budget`, `meters`).
4. All text of one rendering does too, and no single text, list or number may grow large on the way.
5. What does not compile is refused with its line before anything runs.

Memory stays within a bound, for everything that is kept is paid for when it is made. A text costs its length, and
Python needs at most four bytes a character. A list or dict costs sixteen characters and four for each item; what Python
needs for one with all its small parts, such as the single letters of a text, is below 40 bytes for each of these. What
is made on the way to a result is never larger than a few of ``operand``, because sizes are reckoned before. A step
makes at most one small object beside that (a number, a macro, a round), below 500 bytes, and frames are at most
``depth``. So a rendering keeps at most about 40 bytes for each of ``characters`` and 500 for each of ``steps``. With
the usual limits that would be 90 MB; the worst that the tests know needs 20, most need 2 to 6. Compiling needs up to 20
MB for the longest source, as many tokens and parts are allowed as a quarter and an eighth of its characters.

Time is bounded by the number of steps only, which is not the same on each machine, and what the properties of your own
objects do is not counted at all. A hard limit needs a process.
"""

from __future__ import annotations

from sesmail.templates.untrusted.environment import UntrustedEnvironment
from sesmail.templates.untrusted.failures import LimitReached
from sesmail.templates.untrusted.limits import UntrustedLimits

__all__ = ["LimitReached", "UntrustedEnvironment", "UntrustedLimits"]
