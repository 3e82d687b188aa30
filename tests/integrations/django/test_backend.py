"""The backend: what Django asks of it, and what it says of each mail."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import django
import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection, send_mail, send_mass_mail
from django.dispatch import Signal
from django.test import override_settings
from django.utils.log import AdminEmailHandler

from sesmail import Address, MailError, Outcome, SendError, SetupError, Withheld
from sesmail.errors import CredentialsMissing, InvalidAddress, InvalidHeader, Throttled, UnknownOption
from sesmail.integrations.django import EmailBackend, get_mailer, post_send, pre_send
from sesmail.integrations.django.shared import mailer_of

from .conftest import Sent

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


def message(**fields: Any) -> EmailMessage:
    return EmailMessage(**{"subject": "Hello", "body": "Hello Ada", "to": [ADA], **fields})


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def receive(**facts: Any) -> None:
        heard.append(facts)

    signal.connect(receive)
    try:
        yield heard
    finally:
        signal.disconnect(receive)


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_django_sends_by_it(sent: Sent) -> None:
    assert send_mail("Hello", "Hello Ada", None, [ADA], html_message="<p>Hello Ada") == 1

    email = sent.last.email
    assert (email.subject, email.text, email.html) == ("Hello", "Hello Ada", "<p>Hello Ada")
    assert str(email.sender) == "Shop <shop@example.com>"


def test_many_go_one_after_the_other(sent: Sent) -> None:
    assert send_mass_mail([("1", "", None, [ADA]), ("2", "", "a@example.com", [BOB])]) == 2

    assert [outgoing.email.subject for outgoing in (sent[0], sent[1])] == ["1", "2"]
    assert sent[1].email.sender == Address("a@example.com")


def test_nobody_to_send_to_is_not_counted(sent: Sent) -> None:
    assert EmailBackend().send_messages([]) == 0
    assert EmailBackend().send_messages(iter([message(to=[""]), message()])) == 1
    assert len(sent) == 1


def test_the_result_stands_on_the_message(sent: Sent) -> None:
    sent.transport.refuse(BOB)
    mail = message(cc=[BOB], bcc=[EVE])

    assert mail.send() == 1, "somebody got it"
    outcomes = {one.address.email: one.outcome for one in mail.sesmail_result.recipients}
    assert outcomes == {ADA: Outcome.SENT, BOB: Outcome.REFUSED, EVE: Outcome.SENT}
    assert mail.extra_headers == {}


def test_a_message_that_is_sent_again_is_the_same_mail(sent: Sent) -> None:
    mail = message(headers={"X-A": "1"})
    mail.send()
    first = mail.sesmail_result
    mail.send()

    assert mail.sesmail_result is not first
    assert sent[0].email == sent[1].email


def test_a_sent_message_can_be_copied_and_pickled(sent: Sent) -> None:
    mail = message()
    mail.send()

    assert deepcopy(mail).sesmail_result == mail.sesmail_result
    mail.connection = None if django.VERSION < (6, 1) else mail._connection
    assert pickle.loads(pickle.dumps(mail.sesmail_result)) == mail.sesmail_result


def test_one_that_fails_says_how_many_went_before(sent: Sent) -> None:
    bad = message(to=["nobody"])

    with pytest.raises(MailError, match=r"to\[0\]") as caught:
        EmailBackend().send_messages([message(), message(), bad])
    assert caught.value.__notes__ == ["2 of the messages before this one were sent"]
    assert bad.sesmail_result is None
    with pytest.raises(MailError) as alone:
        EmailBackend().send_messages([bad])
    assert not hasattr(alone.value, "__notes__")


def test_an_error_has_an_outcome_for_each(sent: Sent) -> None:
    sent.transport.fail_next(Throttled("slow down"))
    mail = message(bcc=[BOB])

    with pytest.raises(Throttled):
        mail.send()
    assert [(str(one.address), one.outcome) for one in mail.sesmail_result.recipients] == [
        (ADA, Outcome.NOT_SENT),
        (BOB, Outcome.NOT_SENT),
    ]
    assert isinstance(mail.sesmail_result.recipients[0].error, Throttled)


def test_refused_by_all_has_the_outcome_of_each(sent: Sent) -> None:
    sent.transport.refuse(ADA, BOB)
    mail = message(bcc=[BOB])

    with pytest.raises(SendError):
        mail.send()
    assert {one.outcome for one in mail.sesmail_result.recipients} == {Outcome.REFUSED}


# ── failing silently ─────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_silent_about_a_mail_that_could_not_be_sent(sent: Sent, caplog: pytest.LogCaptureFixture) -> None:
    sent.transport.fail_next(Throttled("slow down"))
    first, second = message(), message()

    assert EmailBackend(fail_silently=True).send_messages([first, second]) == 1
    assert first.sesmail_result.failed
    assert not second.sesmail_result.failed
    assert "fails silently: Throttled" in caplog.text


def test_it_is_silent_about_a_policy(sent: Sent) -> None:
    sent.transport.fail_next(Withheld("no"))

    assert EmailBackend(fail_silently=True).send_messages([message()]) == 0


def test_it_is_silent_about_credentials_that_are_not_there(sent: Sent) -> None:
    sent.transport.fail_next(CredentialsMissing("none were found"))

    assert EmailBackend(fail_silently=True).send_messages([message()]) == 0
    sent.transport.fail_next(CredentialsMissing("none were found"))
    with pytest.raises(CredentialsMissing):
        EmailBackend().send_messages([message()])


WITH_ADMINS: dict[str, Any] = {"ADMINS": [ADA if django.VERSION >= (6, 0) else ("Ada", ADA)]}


def test_a_log_that_is_mailed_ends_where_mail_fails(sent: Sent) -> None:
    handler = AdminEmailHandler()
    failing = 0

    def fail(**_: Any) -> None:
        nonlocal failing
        failing += 1
        raise Throttled("slow down")

    pre_send.connect(fail)
    logging.getLogger().addHandler(handler)
    try:
        with override_settings(**WITH_ADMINS):
            logging.getLogger("shop").warning("the tea is cold")
    finally:
        logging.getLogger().removeHandler(handler)
        pre_send.disconnect(fail)
    assert failing == 2, "for what was logged, and for our word that it could not be mailed"


@pytest.mark.parametrize("path", ["/a\tb", "/a\x00b", "/a\x07\x85b", "/a\ud800b"])
def test_a_report_of_an_error_arrives_whatever_a_stranger_asked_for(path: str, sent: Sent) -> None:
    with override_settings(**WITH_ADMINS):
        AdminEmailHandler().handle(logging.makeLogRecord({"levelname": "ERROR", "msg": f"Not so well: {path}"}))

    email = sent.last.email
    assert email.subject.startswith("[Django] ERROR: Not so well: /a")
    assert email.subject.isprintable()
    assert "Not so well: /a" in (email.text or "")


@pytest.mark.parametrize("wrong", [{"to": ["nobody"]}, {"subject": "a\nBcc: eve@example.org"}])
def test_it_is_never_silent_about_a_mail_that_is_wrong(wrong: dict[str, Any], sent: Sent) -> None:
    with pytest.raises(ValueError, match=r"to|subject"):
        EmailBackend(fail_silently=True).send_messages([message(**wrong)])


def test_it_is_never_silent_about_the_settings(sent: Sent) -> None:
    with override_settings(SESMAIL={"url": "memroy://"}), pytest.raises(SetupError, match="memory"):
        EmailBackend(fail_silently=True).send_messages([message()])


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django 6 raises ValueError")
@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("subject", "a\nb", "subject"),
        ("from_email", "a@example.com\r\nBcc: eve@example.org", "from_email"),
        ("to", ["a@example.com\nBcc: eve@example.org"], "to[0]"),
        ("reply_to", ["Ada\r <a@example.com>"], "reply_to[0]"),
    ],
)
def test_views_catch_a_line_break_as_they_did(field: str, value: Any, place: str, sent: Sent) -> None:
    with pytest.raises(mail.BadHeaderError) as caught:
        message(**{field: value}).send()
    assert isinstance(caught.value, InvalidHeader | InvalidAddress)
    assert caught.value.field == place


def test_an_address_that_is_none_is_no_attack(sent: Sent) -> None:
    with pytest.raises(InvalidAddress) as caught:
        message(from_email="nobody").send()
    assert type(caught.value) is InvalidAddress


def test_a_bad_header_is_a_value_error(sent: Sent) -> None:
    with pytest.raises(ValueError, match="headers"):
        message(headers={"X-A": "a\r\nBcc: eve@example.org"}).send()


# ── mailers are shared ───────────────────────────────────────────────────────────────────────────────────────────


def test_all_backends_share_a_mailer(sent: Sent) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: message().send(), range(64))) == 64

    assert len(sent) == 64
    assert EmailBackend().mailer is EmailBackend().mailer is get_mailer()


def test_to_close_a_backend_closes_nothing_for_others(sent: Sent) -> None:
    backend = EmailBackend()
    assert backend.open()
    assert not backend.open()
    mailer = backend.mailer
    backend.close()

    assert backend.open()
    assert backend.mailer is mailer
    with backend as same:
        assert same is backend


def test_settings_of_a_test_have_a_mailer_of_their_own(sent: Sent) -> None:
    mine = get_mailer()
    with override_settings(SESMAIL={"url": "memory://", "sender": "test@example.com"}):
        message().send()
        assert get_mailer() is not mine
        assert str(get_mailer().transport.sent[0].email.sender) == "test@example.com"  # type: ignore[attr-defined]
    assert len(sent) == 0, "that of before is closed, and a new one made"
    with override_settings(USE_THOUSAND_SEPARATOR=True):
        assert get_mailer() is get_mailer()


def test_a_mailer_is_closed_when_settings_change(sent: Sent) -> None:
    closed: list[str] = []
    mailer: Any = get_mailer()
    mailer.transport.close = lambda: closed.append("closed")
    with override_settings(SESMAIL={"url": "null://"}):
        assert closed == ["closed"]


def test_options_may_be_given_to_a_backend(sent: Sent) -> None:
    backend = EmailBackend(url="null://", sender="b@example.com")
    other = EmailBackend(url="null://", sender="b@example.com")

    assert backend.mailer is other.mailer
    assert backend.settings.sender == Address("b@example.com")
    assert EmailBackend(url="null://", sender="c@example.com").mailer is not backend.mailer
    assert backend.send_messages([message()]) == 1
    assert len(sent) == 0
    with pytest.raises(SetupError, match="EmailBackend is wrong: sender"):
        _ = EmailBackend(sender="nobody").settings
    assert mailer_of(backend.settings) is backend.mailer


def test_django_passes_names_that_are_nobodys(sent: Sent) -> None:
    assert get_connection(username="", password="").send_messages([message()]) == 1


# ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_signals_come_before_and_after(sent: Sent) -> None:
    mail = message()
    with heard(pre_send) as before, heard(post_send) as after:
        mail.send()

    assert before[0]["message"] is after[0]["message"] is mail
    assert before[0]["sender"] is EmailBackend
    assert after[0]["result"] is mail.sesmail_result
    assert after[0]["error"] is None


def test_after_an_error_the_signal_says_so(sent: Sent) -> None:
    sent.transport.fail_next(Throttled("slow down"))
    with heard(post_send) as after, pytest.raises(Throttled):
        message().send()

    assert isinstance(after[0]["error"], Throttled)
    assert after[0]["result"].failed


def test_a_receiver_may_change_the_message_or_stop_it(sent: Sent) -> None:
    def receive(message: EmailMessage, **_: Any) -> None:
        if message.subject == "stop":
            raise Withheld("not this one")
        message.subject = "changed"

    pre_send.connect(receive)
    try:
        message().send()
        with pytest.raises(Withheld):
            message(subject="stop").send()
        assert EmailBackend(fail_silently=True).send_messages([message(subject="stop")]) == 0
    finally:
        pre_send.disconnect(receive)
    assert [outgoing.email.subject for outgoing in [sent[0]]] == ["changed"]
    assert len(sent) == 1


def test_a_receiver_may_take_out_all_recipients(sent: Sent) -> None:
    def receive(message: EmailMessage, **_: Any) -> None:
        message.to = [one for one in message.to if one != ADA]

    pre_send.connect(receive)
    try:
        with heard(post_send) as after:
            assert EmailBackend().send_messages([message(), message(to=[ADA, BOB])]) == 1
    finally:
        pre_send.disconnect(receive)
    assert [address.email for address in sent.last.envelope.recipients] == [BOB]
    assert [(facts["result"] is None, facts["error"]) for facts in after] == [(True, None), (False, None)]


def test_a_program_that_is_stopped_meanwhile_has_sent_nothing(sent: Sent) -> None:
    def stop(**_: Any) -> None:
        raise SystemExit(1)

    pre_send.connect(stop)
    try:
        with heard(post_send) as after, pytest.raises(SystemExit):
            message().send()
    finally:
        pre_send.disconnect(stop)
    assert isinstance(after[0]["error"], SystemExit)


def test_a_receiver_that_fails_is_told_of(sent: Sent) -> None:
    def receive(**_: Any) -> None:
        raise RuntimeError("mine")

    pre_send.connect(receive)
    try:
        with heard(post_send) as after, pytest.raises(RuntimeError):
            message().send()
    finally:
        pre_send.disconnect(receive)
    assert isinstance(after[0]["error"], RuntimeError)
    assert len(sent) == 0


def test_what_a_receiver_raises_afterwards_makes_no_mail_unsent(sent: Sent) -> None:
    def receive(**_: Any) -> None:
        raise RuntimeError("mine")

    post_send.connect(receive)
    try:
        assert message().send() == 1
    finally:
        post_send.disconnect(receive)


# ── aliases ──────────────────────────────────────────────────────────────────────────────────────────────────────

MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "sesmail.integrations.django.EmailBackend"},
    "news": {
        "BACKEND": "sesmail.integrations.django.EmailBackend",
        "OPTIONS": {"url": "memory://", "configuration_set": "news"},
    },
    "typo": {"BACKEND": "sesmail.integrations.django.EmailBackend", "OPTIONS": {"sendr": "a@example.com"}},
}
needs_mailers = pytest.mark.skipif(django.VERSION < (6, 1), reason="Django before 6.1 has no MAILERS")


def test_an_alias_has_options_of_its_own(sent: Sent) -> None:
    with override_settings(MAILERS=MAILERS):
        backend = EmailBackend(alias="news", **MAILERS["news"]["OPTIONS"])
        assert backend.alias == "news"
        assert backend.send_messages([message()]) == 1
        (outgoing,) = get_mailer("news").transport.sent  # type: ignore[attr-defined]

        assert outgoing.ses.configuration_set == "news"
        assert str(outgoing.email.sender) == "Shop <shop@example.com>", "what an alias does not say, SESMAIL does"
        assert get_mailer("default") is get_mailer()
        with pytest.raises(SetupError, match="no alias 'nws'; it has default, news, typo"):
            get_mailer("nws")
        with pytest.raises(UnknownOption, match=r"MAILERS\['typo'\]\['OPTIONS'\] has no option 'sendr'.*'sender'"):
            get_mailer("typo")


def test_without_an_alias_the_mailer_is_that_of_default(sent: Sent) -> None:
    default = {"BACKEND": "sesmail.integrations.django.EmailBackend", "OPTIONS": {"url": "null://"}}
    with override_settings(MAILERS={"default": default}):
        assert get_mailer() is EmailBackend(alias="default", url="null://").mailer
        assert "Null" in repr(get_mailer())
    with override_settings(MAILERS={"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}):
        assert "Memory" in repr(get_mailer()), "that is another's, and SESMAIL is ours"
    with pytest.raises(SetupError, match="no alias 'news'; it has none"):
        get_mailer("news")


def test_an_alias_may_fail_silently(sent: Sent) -> None:
    silent = {"BACKEND": "sesmail.integrations.django.EmailBackend", "OPTIONS": {"fail_silently": True}}
    with override_settings(MAILERS={"default": silent}):
        assert get_mailer("default") is EmailBackend(alias="default", fail_silently=True).mailer


@needs_mailers
def test_django_sends_by_an_alias(sent: Sent) -> None:
    with override_settings(MAILERS=MAILERS):
        message().send(using="news")
        EmailMultiAlternatives("Hi", "Hi", None, [ADA]).send()

        assert len(get_mailer("news").transport.sent) == 1  # type: ignore[attr-defined]
        assert len(sent) == 1
        with pytest.raises(mail.InvalidMailer, match="sendr"):
            message().send(using="typo")
