"""The shop's own tests: what a program's tests look like with the fixture ``mailbox``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from examples.shop import shop
from sesmail.errors import AuthFailed, Throttled
from sesmail.testing import Mailbox

ADA = shop.Customer("Ada Lovelace", "ada@example.org")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in production, but that nothing leaves the machine should a test forget the mailbox."""
    monkeypatch.setenv("SESMAIL_URL", "null://")
    monkeypatch.setenv("SESMAIL_FROM", "Tea Shop <shop@example.com>")
    shop.mailer.cache_clear()
    yield
    shop.mailer.cache_clear()


def test_an_order_is_confirmed_with_a_receipt(mailbox: Mailbox) -> None:
    shop.confirm(shop.Order(42, ADA, (("Sencha", 100), ("Assam", 50))))

    mail = mailbox.assert_one(to="ada@example.org", subject="Your order no. 42", attachment="receipt-42.csv")
    assert mail.attachments[0].data == b"Sencha,100\nAssam,50\n"
    assert mail.email.tags == {"app": "shop", "kind": "order"}


def test_the_confirmation_looks_as_agreed(mailbox: Mailbox) -> None:
    shop.confirm(shop.Order(42, ADA, (("Sencha", 100),)))

    mailbox.last.assert_matches("order.eml")


def test_the_link_in_the_mail_leads_to_a_new_password(mailbox: Mailbox) -> None:
    assert shop.forgot_password(ADA)

    mail = mailbox.assert_sent(to=ADA, text=re.compile("choose it here"))
    (link,) = mail.links()
    assert link.removeprefix(f"{shop.SITE}/reset/") in ADA.reset_tokens


def test_a_provider_that_is_busy_is_no_crash(mailbox: Mailbox) -> None:
    mailbox.fail_next(Throttled("too many a second"))

    assert not shop.forgot_password(ADA)
    mailbox.assert_nothing_sent()


def test_wrong_credentials_are_for_us_to_see(mailbox: Mailbox) -> None:
    mailbox.fail_next(AuthFailed("the key is wrong"))
    with pytest.raises(AuthFailed):
        shop.forgot_password(ADA)


def test_one_wrong_address_does_not_stop_the_news(mailbox: Mailbox) -> None:
    readers = [ADA, shop.Customer("Nobody", "nobody"), shop.Customer("Bob", "bob@example.org")]

    assert shop.newsletter(readers, "There is new tea.") == (2, ["nobody"])
    mailbox.assert_count(2)
    mailbox.assert_sent(to="bob@example.org", headers={"X-Shop": "tea"}, text="new tea")
    mailbox.assert_none_to("eve@example.org")
