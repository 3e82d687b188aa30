"""boto3 and contact lists: kept, sent with, and left by the link."""

from __future__ import annotations

import pytest

from sesmail.local import LocalSes
from sesmail.local.lists.subscriptions import unsubscribe
from sesmail.mime.parts import Part

from .boto import Client, refused
from .conftest import SENDER

NEWS = {"ContactListName": "news"}
ADA = "ada+news@example.org"  # which must be quoted in a path
OFFERS = {"TopicName": "offers", "DisplayName": "Offers", "DefaultSubscriptionStatus": "OPT_IN"}
SIMPLE = {
    "Subject": {"Data": "News"},
    "Body": {"Text": {"Data": "Leave: {{amazonSESUnsubscribeUrl}}"}, "Html": {"Data": "<p>Hello</p>"}},
}


def send(v2: Client, **more: object) -> str:
    to = {"ToAddresses": [ADA]}
    return str(v2.send_email(FromEmailAddress=SENDER, Destination=to, Content={"Simple": SIMPLE}, **more)["MessageId"])


def test_a_list_and_its_contacts_are_kept(v2: Client) -> None:
    v2.create_contact_list(**NEWS, Topics=[OFFERS], Description="All of it", Tags=[{"Key": "team", "Value": "shop"}])
    wish = [{"TopicName": "offers", "SubscriptionStatus": "OPT_OUT"}]
    v2.create_contact(**NEWS, EmailAddress=ADA, TopicPreferences=wish, AttributesData='{"name": "Ada"}')
    v2.create_contact(**NEWS, EmailAddress="eve@example.org")
    about, ada = v2.get_contact_list(**NEWS), v2.get_contact(**NEWS, EmailAddress=ADA)
    out = {"FilteredStatus": "OPT_OUT", "TopicFilter": {"TopicName": "offers"}}
    who = [contact["EmailAddress"] for contact in v2.list_contacts(**NEWS, Filter=out)["Contacts"]]
    first = v2.list_contacts(**NEWS, PageSize=1)
    rest = v2.list_contacts(**NEWS, PageSize=1, NextToken=first["NextToken"])
    v2.update_contact(**NEWS, EmailAddress=ADA, UnsubscribeAll=True)
    changed = v2.get_contact(**NEWS, EmailAddress=ADA)
    v2.delete_contact(**NEWS, EmailAddress=ADA)
    v2.update_contact_list(**NEWS, Topics=[])

    assert (about["Topics"], about["Description"]) == ([OFFERS], "All of it")
    assert about["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert about["CreatedTimestamp"] == about["LastUpdatedTimestamp"]
    assert (ada["TopicPreferences"], ada["AttributesData"]) == (wish, '{"name": "Ada"}')
    assert who == [ADA]
    assert [page["Contacts"][0]["EmailAddress"] for page in (first, rest)] == [ADA, "eve@example.org"]
    assert (changed["UnsubscribeAll"], changed["TopicPreferences"]) == (True, [])
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "doesn't exist in List"):
        v2.get_contact(**NEWS, EmailAddress=ADA)
    assert v2.list_contact_lists()["ContactLists"][0]["ContactListName"] == "news"
    v2.delete_contact_list(**NEWS)
    assert v2.list_contact_lists()["ContactLists"] == []


def test_what_cannot_be_is_refused(v2: Client) -> None:
    v2.create_contact_list(**NEWS)
    with refused(v2.exceptions.AlreadyExistsException, "AlreadyExistsException", 400, "already exists"):
        v2.create_contact_list(**NEWS)
    with refused(v2.exceptions.LimitExceededException, "LimitExceededException", 400, "at most 1"):
        v2.create_contact_list(ContactListName="more")
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "JSON object"):
        v2.create_contact(**NEWS, EmailAddress=ADA, AttributesData="Ada")
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "List with name: no"):
        v2.list_contacts(ContactListName="no")


def test_who_leaves_by_the_link_gets_no_more(shop: LocalSes, v2: Client) -> None:
    v2.create_contact_list(**NEWS, Topics=[OFFERS])
    options = {"ListManagementOptions": {**NEWS, "TopicName": "offers"}}
    first = send(v2, **options)
    link = Part.parse(shop.sent[0].raw).header("list-unsubscribe").strip("<>")
    unsubscribe(shop.box, link.rpartition("/")[2])
    send(v2, **options)
    send(v2, ListManagementOptions=NEWS)
    insights = v2.get_message_insights(MessageId=first)["Insights"]

    assert link.startswith(f"{shop.url}/_sesmail/unsubscribe/")
    assert link.encode() in shop.sent[0].raw.partition(b"\r\n\r\n")[2]
    assert [mail.fates[ADA] for mail in shop.sent] == ["Delivery", "Bounce", "Delivery"]
    (contact,) = v2.list_contacts(**NEWS)["Contacts"]
    assert contact["TopicPreferences"] == [{"TopicName": "offers", "SubscriptionStatus": "OPT_OUT"}]
    assert [event["Type"] for event in insights[0]["Events"]] == ["SEND", "DELIVERY", "SUBSCRIPTION"]


@pytest.mark.parametrize("options", [{"ContactListName": "no"}, {**NEWS, "TopicName": "no"}])
def test_a_mail_for_what_is_not_there_is_refused(shop: LocalSes, v2: Client, options: dict[str, str]) -> None:
    v2.create_contact_list(**NEWS)
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "no"):
        send(v2, ListManagementOptions=options)

    assert shop.sent == ()
