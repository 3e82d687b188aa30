"""The box beside a simple model of the fact sheet: whatever is called in whatever order, both say the same.

Two Regions of one account are driven at once. Whatever is called in one leaves the other as it was, and a call that is
refused leaves everything as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any, Literal, get_args, get_type_hints

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.clock import BoxClock
from sesmail.local.events import Event
from sesmail.local.faults import Fault
from sesmail.local.handles import AccountHandle, IdentityHandle
from tests.examples import one_in
from tests.local.account_model import (
    BOTH,
    CODES,
    DAY,
    Account,
    Mail,
    Options,
    Reason,
    Taken,
    Waiting,
    key,
    key_of_suppressed,
)

# Addresses and domains that differ in what counts, and in what does not.
ADDRESSES = (
    "ada@shop.example",
    "Ada@shop.example",
    "ada@SHOP.example",
    "ada+news@shop.example",
    "ada+news@SHOP.example",
    "bob@mail.shop.example",
    "bob@a.mail.shop.example",
    "bob@workshop.example",
)
DOMAINS = ("shop.example", "SHOP.example", "mail.shop.example", "Mail.shop.example", "example")
SIMULATED = tuple(
    f"{name}@simulator.amazonses.com"
    for name in ("success", "bounce", "bounce+x", "complaint", "ooto", "suppressionlist")
)
SETS = ("main", "other")
REGIONS = BUSY, _ = ("us-east-1", "eu-west-1")
# Halves of halves, which floats add up without an error.
PAUSES = (0, 0, 0.25, 1, 2, 60, DAY - 1, DAY)
MOMENTS = (0.25, 1, 5, 3599.75, DAY - 1, DAY, 3 * DAY - 1, 3 * DAY, 15 * DAY)
VIRUS = "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


regions = st.sampled_from([BUSY, BUSY, BUSY, *REGIONS])
addresses = st.sampled_from(ADDRESSES)
domains = st.sampled_from(DOMAINS)
names = addresses | domains
sets = st.sampled_from(SETS)
seldom = st.integers(0, 3).map(lambda number: number == 3)
services: st.SearchStrategy[Literal["sesv2", "ses"]] = st.sampled_from(["sesv2", "ses"])
reasons = st.lists(st.sampled_from(BOTH), unique=True).map(tuple)


# ── mails, and the calls that send them ──────────────────────────────────────────────────────────────────────────

Asked = tuple[str, str, dict[str, Any]]


def destination(mail: Mail) -> dict[str, list[str]]:
    return {"ToAddresses": list(mail.to), "CcAddresses": list(mail.cc), "BccAddresses": list(mail.bcc)}


def simple(mail: Mail) -> dict[str, Any]:
    return {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": VIRUS if mail.has_virus else "Hello"}}}


def raw(mail: Mail, **headers: str) -> bytes:
    given = {"From": mail.sender, **headers, "Subject": "Hello"}
    lines = [f"{name.replace('_', '-')}: {text}" for name, text in given.items() if text]
    return "\r\n".join([*lines, "", VIRUS if mail.has_virus else "Hello", ""]).encode()


def raw_with_headers(mail: Mail) -> bytes:
    """Everything that is said of a mail stands in its headers."""
    whom = {"To": ", ".join(mail.to), "Cc": ", ".join(mail.cc), "Bcc": ", ".join(mail.bcc)}
    return raw(mail, Return_Path=mail.return_path, X_SES_CONFIGURATION_SET=mail.configuration_set, **whom)


def raw_for_nobody(mail: Mail) -> bytes:
    """What the headers say of recipients does not count."""
    return raw(mail, To="Nobody <nobody@nowhere.example>" if mail.recipients else "")


def given(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def v2_send(mail: Mail, **content: object) -> Asked:
    params = given(FeedbackForwardingEmailAddress=mail.return_path, ConfigurationSetName=mail.configuration_set)
    return "sesv2", "SendEmail", {**params, "Destination": destination(mail), "Content": content}


def v2_simple(mail: Mail) -> Asked:
    service, operation, params = v2_send(mail, Simple=simple(mail))
    return service, operation, {**params, "FromEmailAddress": mail.sender}


def v2_raw(mail: Mail) -> Asked:
    return v2_send(mail, Raw={"Data": raw_for_nobody(mail)})


def v2_raw_alone(mail: Mail) -> Asked:
    return "sesv2", "SendEmail", {"Content": {"Raw": {"Data": raw_with_headers(mail)}}}


def v1_simple(mail: Mail) -> Asked:
    params = given(ReturnPath=mail.return_path, ConfigurationSetName=mail.configuration_set)
    whom = destination(mail)
    return "ses", "SendEmail", {**params, "Source": mail.sender, "Destination": whom, "Message": simple(mail)}


def v1_raw(mail: Mail) -> Asked:
    whom = given(Destinations=mail.recipients, Source=mail.return_path, ConfigurationSetName=mail.configuration_set)
    return "ses", "SendRawEmail", {**whom, "RawMessage": {"Data": raw_for_nobody(mail)}}


def v1_raw_alone(mail: Mail) -> Asked:
    return "ses", "SendRawEmail", {"RawMessage": {"Data": raw_with_headers(mail)}}


WAYS = (v2_simple, v2_raw, v2_raw_alone, v1_simple, v1_raw, v1_raw_alone)
FLAT = v1_raw  # its recipients are one list, and its headers name none of them
ways = st.sampled_from(WAYS)


@st.composite
def mails(
    draw: st.DrawFn,
    senders: Sequence[str] = ADDRESSES,
    people: Sequence[str] = (*ADDRESSES, *SIMULATED),
    sets: Sequence[str] = SETS,
) -> Mail:
    """Few recipients, and now and then too many."""
    few = st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True)
    none_or_many = st.sampled_from([0, 49, 50, 51]).map(lambda number: [f"r{i}@shop.example" for i in range(number)])
    everyone = draw(few if draw(st.integers(0, 4)) else none_or_many)
    first, second = sorted(draw(st.tuples(st.integers(0, len(everyone)), st.integers(0, len(everyone)))))
    return Mail(
        sender=draw(st.sampled_from(senders)),
        to=tuple(everyone[:first]),
        cc=tuple(everyone[first:second]),
        bcc=tuple(everyone[second:]),
        return_path=draw(st.sampled_from(["", "", *senders, ADDRESSES[-1]])),
        configuration_set=draw(st.sampled_from(["", *sets])),
        has_virus=not draw(st.integers(0, 9)),
    )


# ── the machine ──────────────────────────────────────────────────────────────────────────────────────────────────


class BoxBesideModel(RuleBasedStateMachine):
    """Each rule asks the box, says what the model expects, and changes the model."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = BoxClock(at=0.0)
        self.box = Box(clock=self.clock, random=Random(0))
        self.accounts = {name: Account() for name in REGIONS}
        self.states = {name: self.box.region(name) for name in REGIONS}

    @property
    def now(self) -> float:
        return self.clock.now()

    def ask(self, region: str, service: str, operation: str, **params: Any) -> Mapping[str, Any] | Fault:
        """The answer. A refusal changes nothing, and nothing changes another Region."""
        before, kept = self.snapshots(), self.kept()
        try:
            answer: Mapping[str, Any] | Fault = self.box.handle(Call(service, operation, params, region))
        except Fault as fault:
            answer = fault
        after = self.snapshots()
        untouched = REGIONS if isinstance(answer, Fault) else [name for name in REGIONS if name != region]
        assert all(before[name] == after[name] for name in untouched)
        assert kept == self.kept() or not isinstance(answer, Fault)
        return answer

    def snapshots(self) -> dict[str, str]:
        """All that is known of each Region, in words: copies would take most of the time."""
        for state in self.states.values():
            state.quota.sent(self.now)  # forgets what is too old, which changes nothing that anybody sees
        return {name: repr(state) for name, state in self.states.items()}

    def kept(self) -> tuple[int, int]:
        return self.box.ledger.total, len(self.box.events.all())

    def refused(self, region: str, service: str, operation: str, **params: Any) -> str:
        """The code of a refusal; nothing if the call did what it should."""
        answer = self.ask(region, service, operation, **params)
        return "" if not isinstance(answer, Fault) else (answer.v2 if service == "sesv2" else answer.v1)[0]

    def done(self, region: str, service: str, operation: str, **params: Any) -> Mapping[str, Any]:
        answer = self.ask(region, service, operation, **params)
        assert not isinstance(answer, Fault), answer
        return answer

    def look(self, region: str, service: str, operation: str) -> Mapping[str, Any]:
        return self.box.handle(Call(service, operation, {}, region))

    # ── time and the account ─────────────────────────────────────────────────────────────────────────────────────

    @initialize(
        production=st.sampled_from([True, True, False]),
        verified=st.sets(names, min_size=1, max_size=3),
        listed=st.sets(addresses, max_size=3),
        sets=st.sets(sets),
    )
    def begin(self, production: bool, verified: set[str], listed: set[str], sets: set[str]) -> None:
        """One Region has what it takes to send, or hardly anything would ever be sent. The other one begins empty."""
        if production:
            self.grant_production(BUSY)
        for name in sorted(verified):
            self.decide(BUSY, name, "verify")
        for address in sorted(listed):
            self.suppress(BUSY, address, "BOUNCE")
        for name in sorted(sets):
            self.create_set(BUSY, name, "sesv2")
        if "other" in sets:
            self.pause_set(BUSY, "other", "ses", paused=True)

    @rule(seconds=st.sampled_from(MOMENTS))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(region=regions)
    def grant_production(self, region: str) -> None:
        AccountHandle(self.box, region).grant_production()
        account = self.accounts[region]
        account.sandbox, account.maximum, account.rate = False, 50_000, 14
        account.rate_since, account.under_review = len(account.sent), False

    @rule(region=regions, production=st.booleans())
    def ask_for_production(self, region: str, production: bool) -> None:
        """Once a review has begun, nothing can be changed until it ends."""
        account = self.accounts[region]
        about = {
            "MailType": "TRANSACTIONAL",
            "WebsiteURL": "https://shop.example",
            "ProductionAccessEnabled": production,
        }

        code = self.refused(region, "sesv2", "PutAccountDetails", **about)

        assert code == ("ConflictException" if account.under_review else "")
        account.under_review |= account.sandbox and production
        if not production and not code:  # back to where everybody begins
            account.sandbox, account.maximum, account.rate = True, 200, 1
            account.rate_since = len(account.sent)

    @rule(region=regions)
    def deny_production(self, region: str) -> None:
        AccountHandle(self.box, region).deny_production()
        self.accounts[region].under_review = False

    @rule(region=regions, maximum=st.sampled_from([-1.0, 3.0, 60.0, 200.0]))
    def change_quota(self, region: str, maximum: float) -> None:
        AccountHandle(self.box, region).quota = self.accounts[region].maximum = maximum

    @rule(region=regions, rate=st.sampled_from([0.5, 1.0, 2.0, 14.0]))
    def change_rate(self, region: str, rate: float) -> None:
        AccountHandle(self.box, region).rate = self.accounts[region].rate = rate
        self.accounts[region].rate_since = len(self.accounts[region].sent)

    @rule(region=regions, service=services, paused=seldom)
    def pause(self, region: str, service: str, paused: bool) -> None:
        if service == "sesv2":
            self.done(region, service, "PutAccountSendingAttributes", SendingEnabled=not paused)
        else:
            self.done(region, service, "UpdateAccountSendingEnabled", Enabled=not paused)
        self.accounts[region].paused = paused

    @rule(region=regions, suspended=seldom)
    def suspend(self, region: str, suspended: bool) -> None:
        handle = AccountHandle(self.box, region)
        (handle.suspend if suspended else handle.restore)()
        self.accounts[region].suspended = suspended

    # ── identities ───────────────────────────────────────────────────────────────────────────────────────────────

    @rule(region=regions, name=names)
    def create_identity(self, region: str, name: str) -> None:
        known = self.accounts[region].identities

        code = self.refused(region, "sesv2", "CreateEmailIdentity", EmailIdentity=name)

        assert code == ("AlreadyExistsException" if key(name) in known else "")
        known.setdefault(key(name), Waiting("PENDING", self.now))

    @rule(region=regions, name=names, operation=st.sampled_from(["VerifyDomainIdentity", "VerifyDomainDkim"]))
    def ask_to_verify(self, region: str, name: str, operation: str) -> None:
        """v1 takes it twice, and begins anew what had failed."""
        account = self.accounts[region]
        if "@" in name:
            self.done(region, "ses", "VerifyEmailIdentity", EmailAddress=name)
        else:
            self.done(region, "ses", operation, Domain=name)
        known = account.identities.setdefault(key(name), Waiting("PENDING", self.now))
        if account.status(name, self.now) == "FAILED":
            known.status, known.since = "PENDING", self.now

    @rule(region=regions, name=names, verdict=st.sampled_from(["verify", "verify", "fail"]))
    def decide(self, region: str, name: str, verdict: str) -> None:
        """What the owner of a mailbox, or the DNS, does."""
        getattr(IdentityHandle(self.box, region, name), verdict)()
        known = self.accounts[region].identities.setdefault(key(name), Waiting("PENDING", self.now))
        known.status, known.since = "SUCCESS" if verdict == "verify" else "FAILED", self.now

    @rule(region=regions, name=names, service=services)
    def delete_identity(self, region: str, name: str, service: str) -> None:
        """v1 does not say whether it was there."""
        known = self.accounts[region].identities
        if service == "sesv2":
            code = self.refused(region, service, "DeleteEmailIdentity", EmailIdentity=name)
            assert code == ("" if key(name) in known else "NotFoundException")
        else:
            self.done(region, service, "DeleteIdentity", Identity=name)
        known.pop(key(name), None)

    @rule(region=regions, data=st.data(), default=st.sampled_from(["", *SETS]))
    def set_default_set(self, region: str, data: st.DataObject, default: str) -> None:
        account = self.accounts[region]
        name = data.draw(st.sampled_from([*account.identities, DOMAINS[0]]))
        about = {"EmailIdentity": name, **given(ConfigurationSetName=default)}

        code = self.refused(region, "sesv2", "PutEmailIdentityConfigurationSetAttributes", **about)

        possible = key(name) in account.identities and (not default or default in account.sets)
        assert code == ("" if possible else "NotFoundException")
        if possible:
            account.identities[key(name)].default_set = default

    # ── configuration sets ───────────────────────────────────────────────────────────────────────────────────────

    @rule(region=regions, name=sets, service=services)
    def create_set(self, region: str, name: str, service: str) -> None:
        sets = self.accounts[region].sets
        about = {"ConfigurationSetName": name} if service == "sesv2" else {"ConfigurationSet": {"Name": name}}

        code = self.refused(region, service, "CreateConfigurationSet", **about)

        exists = {"sesv2": "AlreadyExistsException", "ses": "ConfigurationSetAlreadyExists"}[service]
        assert code == (exists if name in sets else "")
        sets.setdefault(name, Options())

    @rule(region=regions, name=sets, service=services)
    def delete_set(self, region: str, name: str, service: str) -> None:
        sets = self.accounts[region].sets

        code = self.refused(region, service, "DeleteConfigurationSet", ConfigurationSetName=name)

        assert code == ("" if name in sets else CODES["no set"][service])
        sets.pop(name, None)

    @rule(region=regions, name=sets, service=services, paused=seldom)
    def pause_set(self, region: str, name: str, service: str, paused: bool) -> None:
        sets = self.accounts[region].sets
        if service == "sesv2":
            operation, about = "PutConfigurationSetSendingOptions", {"SendingEnabled": not paused}
        else:
            operation, about = "UpdateConfigurationSetSendingEnabled", {"Enabled": not paused}

        code = self.refused(region, service, operation, ConfigurationSetName=name, **about)

        assert code == ("" if name in sets else CODES["no set"][service])
        if name in sets:
            sets[name].paused = paused

    @rule(region=regions, name=sets, own=reasons)
    def choose_reasons_of_set(self, region: str, name: str, own: tuple[Reason, ...]) -> None:
        sets = self.accounts[region].sets
        about = {"ConfigurationSetName": name, "SuppressedReasons": list(own)}

        code = self.refused(region, "sesv2", "PutConfigurationSetSuppressionOptions", **about)

        assert code == ("" if name in sets else "NotFoundException")
        if name in sets:
            sets[name].reasons = own

    # ── the suppression list ─────────────────────────────────────────────────────────────────────────────────────

    @rule(region=regions, address=addresses, reason=st.sampled_from(BOTH))
    def suppress(self, region: str, address: str, reason: Reason) -> None:
        account = self.accounts[region]
        about = {"EmailAddress": address, "Reason": reason}

        code = self.refused(region, "sesv2", "PutSuppressedDestination", **about)

        assert code == ("BadRequestException" if account.sandbox else "")
        if not account.sandbox:
            account.suppressed[key_of_suppressed(address)] = (address, reason)

    @rule(region=regions, address=addresses)
    def unsuppress(self, region: str, address: str) -> None:
        account = self.accounts[region]
        found = account.suppressed.pop(key_of_suppressed(address), None)

        answer = self.ask(region, "sesv2", "GetSuppressedDestination", EmailAddress=address)
        code = self.refused(region, "sesv2", "DeleteSuppressedDestination", EmailAddress=address)

        assert code == ("" if found else "NotFoundException")
        assert isinstance(answer, Fault) is not bool(found)
        if found and not isinstance(answer, Fault):
            entry = answer["SuppressedDestination"]
            assert (entry["EmailAddress"], entry["Reason"]) == found

    @rule(region=regions, own=reasons)
    def choose_reasons(self, region: str, own: tuple[Reason, ...]) -> None:
        self.done(region, "sesv2", "PutAccountSuppressionAttributes", SuppressedReasons=list(own))
        self.accounts[region].reasons = own

    @rule(region=regions, wanted=reasons, size=st.integers(1, 3))
    def list_suppressed(self, region: str, wanted: tuple[Reason, ...], size: int) -> None:
        listed = list(self.pages(region, given(Reasons=list(wanted)), size))

        known = self.accounts[region].suppressed.values()
        assert sorted(listed) == sorted(entry for entry in known if entry[1] in (wanted or BOTH))

    def pages(self, region: str, about: dict[str, Any], size: int) -> Iterator[tuple[str, str]]:
        """All of a list; each page is as long as was asked for, but the last one."""
        answer = self.done(region, "sesv2", "ListSuppressedDestinations", **about, PageSize=size)
        entries = answer["SuppressedDestinationSummaries"]
        yield from ((entry["EmailAddress"], entry["Reason"]) for entry in entries)
        if "NextToken" in answer:
            assert len(entries) == size
            yield from self.pages(region, {**about, "NextToken": answer["NextToken"]}, size)

    # ── sends ────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(region=regions, mail=mails(), way=ways)
    def send_anything(self, region: str, mail: Mail, way: Callable[[Mail], Asked]) -> None:
        self.send(region, mail, way)

    @precondition(lambda self: self.senders(BUSY))
    @rule(data=st.data(), waits=st.lists(st.sampled_from(PAUSES), min_size=1, max_size=6))
    def send_what_may_pass(self, data: st.DataObject, waits: list[float]) -> None:
        """Several, from and to those who are verified, or to those who are on the suppression list."""
        account, senders = self.accounts[BUSY], self.senders(BUSY)
        listed = [] if account.sandbox else [address for address, _ in account.suppressed.values()]
        possible = mails(senders, [*senders, *SIMULATED, *listed], sorted(account.sets))
        for seconds in waits:
            self.send(BUSY, data.draw(possible), data.draw(ways))
            self.clock.advance(seconds)
            self.check_account(BUSY, account)

    def senders(self, region: str) -> list[str]:
        return [address for address in ADDRESSES if self.accounts[region].is_verified(address, self.now)]

    def send(self, region: str, mail: Mail, way: Callable[[Mail], Asked]) -> None:
        account, seen = self.accounts[region], len(self.box.events.all())
        service, operation, params = way(mail)
        objections = set(account.objections(mail, self.now))

        answer = self.ask(region, service, operation, **params)

        if isinstance(answer, Fault):
            code, _ = answer.v2 if service == "sesv2" else answer.v1
            assert code in {CODES[objection][service] for objection in objections}, (answer, objections)
        else:
            assert not objections
            account.sent.append(Taken(self.now, mail, account.fates(mail, self.now)))
            self.check_ledger(region, mail, way, answer["MessageId"])
            self.check_events(account.sent[-1], answer["MessageId"], self.box.events.all()[seen:])

    def check_ledger(self, region: str, mail: Mail, way: Callable[[Mail], Asked], message_id: str) -> None:
        taken = list(self.box.ledger)[-1]
        service, operation, _ = way(mail)

        assert (taken.message_id, taken.region, taken.at) == (message_id, region, self.now)
        assert (taken.service, taken.operation) == (service, operation)
        assert (taken.sender, taken.return_path) == (mail.sender, mail.return_path or mail.sender)
        lists = ((), (), mail.recipients) if way is FLAT else (mail.to, mail.cc, mail.bcc)
        assert (taken.to, taken.cc, taken.bcc) == lists
        assert taken.counted == mail.counted
        assert taken.configuration_set == self.accounts[region].set_for(mail, self.now)
        assert not any(address.encode() in taken.raw.partition(b"\r\n\r\n")[0] for address in self.blind(mail))

    @staticmethod
    def blind(mail: Mail) -> set[str]:
        """Those who are in no header that is to be seen."""
        return set(mail.bcc) - {mail.sender, *mail.to, *mail.cc}

    @staticmethod
    def check_events(taken: Taken, message_id: str, events: tuple[Event, ...]) -> None:
        first, *others = [event.payload for event in events]
        told: dict[tuple[str, str], list[str]] = {}
        for event, payload in zip(events[1:], others, strict=True):
            sub_type = payload.get("bounce", {}).get("bounceSubType", "")
            told[payload["eventType"], sub_type] = list(event.recipients)

        assert all(payload["mail"]["messageId"] == message_id for payload in (first, *others))
        assert (first["eventType"], first["mail"]["destination"]) == ("Send", [*taken.mail.recipients])
        assert told == taken.fates

    # ── what always holds ────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def both_say_the_same(self) -> None:
        before = self.snapshots()
        for region, account in self.accounts.items():
            self.check_account(region, account)
            self.check_identities(region, account)
            self.check_statistics(region, account)
        self.check_what_was_sent()

        assert self.snapshots() == before  # who looks changes nothing

    def check_account(self, region: str, account: Account) -> None:
        about = self.look(region, "sesv2", "GetAccount")
        quota = self.look(region, "ses", "GetSendQuota")

        assert quota["SentLast24Hours"] == account.sent_last_day(self.now)
        assert (quota["Max24HourSend"], quota["MaxSendRate"]) == (account.maximum, account.rate)
        assert about["SendQuota"] == quota
        assert about["ProductionAccessEnabled"] is not account.sandbox
        assert about["SendingEnabled"] is not account.paused
        assert about["EnforcementStatus"] == ("SHUTDOWN" if account.suspended else "HEALTHY")
        assert about["SuppressionAttributes"]["SuppressedReasons"] == list(account.reasons)

    def check_identities(self, region: str, account: Account) -> None:
        expected = {name: account.status(name, self.now) for name in account.identities}
        listed = self.look(region, "sesv2", "ListEmailIdentities")["EmailIdentities"]
        usable = {one["IdentityName"] for one in listed if one["SendingEnabled"]}

        assert {one["IdentityName"]: one["VerificationStatus"] for one in listed} == expected
        assert usable == {name for name, status in expected.items() if status == "SUCCESS"}
        assert self.look(region, "ses", "ListIdentities")["Identities"] == sorted(expected)

    def check_statistics(self, region: str, account: Account) -> None:
        """They reach back for two weeks, and tell nothing that is older."""
        points = self.look(region, "ses", "GetSendStatistics")["SendDataPoints"]
        since = (self.now - 14 * DAY) // 900 * 900
        sent = [taken for taken in account.sent if taken.at >= since + 900]
        recent = [point for point in points if point["Timestamp"] > since]

        starts = [point["Timestamp"] for point in points]

        assert starts == sorted(set(starts))
        assert all(start >= since and start % 900 == 0 for start in starts)
        assert sum(point["DeliveryAttempts"] for point in recent) == sum(len(one.mail.recipients) for one in sent)
        for count, kind in (("Bounces", "Bounce"), ("Complaints", "Complaint"), ("Rejects", "Reject")):
            assert sum(point[count] for point in recent) == sum(one.counts(kind) for one in sent)

    def check_what_was_sent(self) -> None:
        sent = [taken for account in self.accounts.values() for taken in account.sent]
        expected = Counter(kind for taken in sent for kind, _ in taken.fates) + Counter(Send=len(sent))

        assert len(self.box.ledger) == len(sent)
        assert Counter(event.kind for event in self.box.events.all()) == expected


def test_a_snapshot_shows_everything() -> None:
    state = Box().region()
    hidden = [field.name for kind in _kinds_in(type(state)) for field in fields(kind) if not field.repr]

    assert hidden == []


def _kinds_in(kind: type) -> set[type]:
    """A dataclass, and all that can be in it."""
    hints = get_type_hints(kind).values()
    inside = {part for hint in hints for part in (hint, *get_args(hint)) if is_dataclass(part)}
    return {kind}.union(*(_kinds_in(part) for part in inside if isinstance(part, type)))


TestBox = pytest.mark.timeout(3600)(BoxBesideModel.TestCase)
# An example is the life of an account: many calls.
TestBox.settings = settings(one_in(5), stateful_step_count=50)
