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
Python needs at most four bytes a character; a list or dict costs sixteen characters and four for each item, and Python
needs at most 30 bytes for each of these. What is made on the way to a result is never larger than a few of `operand`,
because sizes are reckoned before. A step makes at most one small object beside that (a number, a round, a frame), and
frames are at most `depth`. So a rendering needs at most about 30 bytes for each of `characters`, 500 for each of
`steps` that keeps something, and some copies of `operand`; in truth it is a tenth of that. Compiling needs up to a few
kilobytes for each ten characters of `source`, and the templates are kept in the environment's cache as always.

Time is bounded by the number of steps only, which is not the same on each machine, and what the properties of your own
objects do is not counted at all. A hard limit needs a process.
"""

from __future__ import annotations

from sesmail.templates.untrusted.environment import UntrustedEnvironment
from sesmail.templates.untrusted.failures import LimitReached
from sesmail.templates.untrusted.limits import UntrustedLimits

__all__ = ["LimitReached", "UntrustedEnvironment", "UntrustedLimits"]
