"""Django's own tests of backends, run against ours: ``python own_tests.py FOLDER`` with Django's sources in the folder.

Nothing of Django's tests is copied here. `NOT_OURS` says which of them do not apply, and why; a name in it that Django
no longer has is an error. What the tests read back is what the transport was given, with one change: our writer ends
each text with a line end, which Django's own tests take away from what SMTP brings as well.
"""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import django
from django.conf import settings

BACKEND = "sesmail.integrations.django.backend.EmailBackend"
_ENCODED_WORDS = "it compares encoded words letter by letter: Django writes Q, we write B, and readers see the same"
_NO_DOMAIN = "its addresses have no domain; SES takes none such, and sesmail refuses them when the mail is built"
NOT_OURS = {
    "5": {
        "test_send_unicode": _ENCODED_WORDS,
        "test_send_verbose_name": _ENCODED_WORDS,
        "test_recipient_without_domain": _NO_DOMAIN,
        "test_lazy_addresses": _NO_DOMAIN,
    },
    "6": {},
}
NOT_OURS["6.0"] = {
    **NOT_OURS["5"],
    "test_send_long_lines": "it asks for base64 where that is shorter; ours is never that, for spam filters dislike it",
}
NOT_READABLE = 77


def _read_back(data: bytes, read: Callable[[bytes], Message]) -> Message:
    """As lines of Python; before Django 6, whose tests have texts with a line end, without that of our writer."""
    message = read(data.replace(b"\r\n", b"\n"))
    for part in message.walk() if django.VERSION < (6, 0) else ():
        text = part.get_payload()
        if isinstance(text, str):
            part.set_payload(text.rstrip("\n"))
    return message


def cases(folder: Path) -> type[unittest.TestCase]:
    """Django's class of tests, about our backend."""
    sys.path.insert(0, str(folder / "tests"))
    if django.VERSION >= (6, 1):
        from mail.test_backends import SharedEmailBackendTests as Theirs  # type: ignore[import-not-found]
    else:
        from mail.tests import BaseEmailBackendTests as Theirs  # type: ignore[import-not-found]
    from django.test import SimpleTestCase
    from mail.tests import message_from_bytes

    from sesmail.integrations.django import EmailBackend, get_mailer

    class SesmailTests(Theirs, SimpleTestCase):  # type: ignore[misc]
        email_backend = BACKEND  # 5.2 and 6.0
        backend_class = EmailBackend  # 6.1

        def setUp(self) -> None:
            super().setUp()
            reason = not_ours().get(self._testMethodName)
            if reason:
                self.skipTest(reason)
            self.flush_mailbox()

        def flush_mailbox(self) -> None:
            get_mailer().transport.clear()  # type: ignore[attr-defined]

        def get_mailbox_content(self) -> list[Message]:
            sent = [outgoing.content.to_bytes() for outgoing in get_mailer().transport.sent]  # type: ignore[attr-defined]
            return [_read_back(data, message_from_bytes) for data in sent]

        def assertMessageHasHeaders(self, message: Any, headers: set[tuple[str, str]]) -> None:  # noqa: N802
            # A charset may be quoted or not (RFC 2045 5.1).
            bare = {(name, value.replace('"', "")) for name, value in headers}
            found = {(name, str(value).replace('"', "")) for name, value in message.items()}
            assert not bare - found

        def test_fail_silently_arg_accepted(self) -> None:
            # Django 6.1 asks backends that support it to say so here.
            for value in (True, False):
                assert EmailBackend(fail_silently=value).fail_silently is value

    for name in not_ours():
        if not hasattr(Theirs, name):
            raise SystemExit(f"Django has no {name} any more: take it out of NOT_OURS")
    return SesmailTests


def not_ours() -> dict[str, str]:
    """What does not apply to this Django."""
    version = f"{django.VERSION[0]}.{django.VERSION[1]}"
    return NOT_OURS.get(version, NOT_OURS[version[0]])


def main(folder: str) -> int:
    """Run them, and say how it went."""
    settings.configure(SESMAIL={"url": "memory://"}, LOGGING_CONFIG=None)
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    try:
        tests = cases(Path(folder))
    except ImportError as error:
        print(f"Django's tests cannot be imported by this Python: {error}")
        return NOT_READABLE
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(tests)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > len(result.skipped) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
