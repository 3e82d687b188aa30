"""Mails that sesmail writes, in the hands of software that others wrote: a mail server, a spam filter, two parsers."""
