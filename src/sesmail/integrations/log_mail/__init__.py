"""Floor 7: errors of a program's log, by mail. `MailHandler` is a handler of the standard library's ``logging``.

`texts` and `group` make bounded facts of a record, `digest` gathers them, `letter` makes a mail of a digest, `courier`
sends it from a thread of its own, `guard` keeps a handler from mailing about itself, `complaint` tells that it failed.
"""

from __future__ import annotations

from sesmail.integrations.log_mail.mail_handler import MailHandler

__all__ = ["MailHandler"]
