"""The project's own tests: ``python manage.py test``. No mail leaves."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core import mail
from django.test import TestCase

from sesmail.integrations.django.testing import both


class Registration(TestCase):  # type: ignore[misc] # Django ships no types
    """What somebody who registers is sent."""

    def test_the_link_confirms_the_address(self) -> None:
        """From the form to the link in the mail, and back."""
        mailbox = self.enterContext(both())
        self.client.post("/register", {"name": "Ada", "email": "ada@example.org"})

        welcome = mailbox.assert_one(to="ada@example.org", subject="Welcome to the tea shop, Ada", tags={"app": "shop"})
        (link,) = welcome.links()
        self.assertContains(self.client.get(link), "Welcome, Ada.")
        assert User.objects.get().is_active

    def test_djangos_mails_are_in_the_outbox_too(self) -> None:
        """Both ways to look."""
        User.objects.create_user("Ada", "ada@example.org")
        mailbox = self.enterContext(both())
        self.client.post("/remind", {"email": "ada@example.org"})

        mailbox.assert_one(to="ada@example.org", text="It is Ada.")
        assert mail.outbox[0].subject == "Your name at the tea shop"

    def test_a_broken_link_confirms_nobody(self) -> None:
        """Nor does one of somebody else's making."""
        assert self.client.get("/confirm/4711").status_code == 400
