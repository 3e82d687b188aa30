"""boto3 and templates: every operation of both APIs, by a client that somebody else wrote."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from sesmail.local import LocalSes

from .boto import Client, refused
from .conftest import SENDER

ADA = "ada@example.org"
BODY = {"Subject": "Order {{number}}", "Text": "Hello {{name}}", "Html": "<b>{{name}}</b>"}
IN_V1 = {"SubjectPart": BODY["Subject"], "TextPart": BODY["Text"], "HtmlPart": BODY["Html"]}
DATA = json.dumps({"number": 7, "name": "Ada"})
VERIFICATION = {
    "TemplateName": "welcome",
    "FromEmailAddress": "orders@shop.example",
    "TemplateSubject": "Is this you?",
    "TemplateContent": "<p>Welcome</p>",
    "SuccessRedirectionURL": "https://shop.example/yes",
    "FailureRedirectionURL": "https://shop.example/no",
}


def test_v2_keeps_templates(v2: Client) -> None:
    v2.create_email_template(TemplateName="order", TemplateContent=BODY)
    told = v2.get_email_template(TemplateName="order")
    tried = v2.test_render_email_template(TemplateName="order", TemplateData=DATA)["RenderedTemplate"]
    v2.update_email_template(TemplateName="order", TemplateContent={"Subject": "x"})
    changed = v2.get_email_template(TemplateName="order")["TemplateContent"]
    (listed,) = v2.list_email_templates(PageSize=1)["TemplatesMetadata"]
    v2.delete_email_template(TemplateName="order")

    assert told["TemplateContent"] == BODY
    assert "Subject: Order 7\r\n" in tried
    assert (changed, listed["TemplateName"], listed["CreatedTimestamp"].year) == ({"Subject": "x"}, "order", 2027)
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "Template order does not exist."):
        v2.get_email_template(TemplateName="order")


def test_v1_keeps_templates(v1: Client) -> None:
    v1.create_template(Template={"TemplateName": "order", **IN_V1})
    told = v1.get_template(TemplateName="order")["Template"]
    tried = v1.test_render_template(TemplateName="order", TemplateData=DATA)["RenderedTemplate"]
    v1.update_template(Template={"TemplateName": "order", "SubjectPart": "x"})
    changed = v1.get_template(TemplateName="order")["Template"]
    (listed,) = v1.list_templates(MaxItems=1)["TemplatesMetadata"]
    v1.delete_template(TemplateName="order")

    assert told == {"TemplateName": "order", **IN_V1}
    assert "<b>Ada</b>" in tried
    assert (changed, listed["Name"]) == ({"TemplateName": "order", "SubjectPart": "x"}, "order")
    with refused(v1.exceptions.TemplateDoesNotExistException, "TemplateDoesNotExist", 400, "does not exist") as said:
        v1.get_template(TemplateName="order")
    assert said["TemplateName"] == "order"


def test_what_v1_says_of_templates_has_classes_of_its_own(v1: Client) -> None:
    errors = v1.exceptions
    v1.create_template(Template={"TemplateName": "order", **IN_V1})
    with refused(errors.AlreadyExistsException, "AlreadyExists", 400, "Template order already exists."):
        v1.create_template(Template={"TemplateName": "order", **IN_V1})
    with refused(errors.InvalidTemplateException, "InvalidTemplate", 400, ""):
        v1.create_template(Template={"TemplateName": "bad", "SubjectPart": "{{#if x}}"})
    with refused(errors.MissingRenderingAttributeException, "MissingRenderingAttribute", 400, "'name'") as said:
        v1.test_render_template(TemplateName="order", TemplateData='{"number": 7}')
    assert said["TemplateName"] == "order"
    with refused(errors.InvalidRenderingParameterException, "InvalidRenderingParameter", 400, "no JSON object"):
        v1.test_render_template(TemplateName="order", TemplateData="x")


def test_templates_are_sent_by_both(shop: LocalSes, v1: Client, v2: Client) -> None:
    v2.create_email_template(TemplateName="order", TemplateContent=BODY)
    to = {"ToAddresses": [ADA]}
    ids = [
        v2.send_email(
            FromEmailAddress=SENDER,
            Destination=to,
            Content={"Template": {"TemplateName": "order", "TemplateData": DATA}},
        ),
        v2.send_email(
            FromEmailAddress=SENDER,
            Destination=to,
            Content={"Template": {"TemplateContent": BODY, "TemplateData": DATA}},
        ),
        v1.send_templated_email(Source=SENDER, Destination=to, Template="order", TemplateData=DATA),
        v2.send_bulk_email(
            FromEmailAddress=SENDER,
            DefaultContent={"Template": {"TemplateName": "order", "TemplateData": DATA}},
            BulkEmailEntries=[{"Destination": to}],
        )["BulkEmailEntryResults"][0],
        v1.send_bulk_templated_email(
            Source=SENDER, Template="order", DefaultTemplateData=DATA, Destinations=[{"Destination": to}]
        )["Status"][0],
    ]
    mails = shop.sent

    assert [mail.message_id for mail in mails] == [one["MessageId"] for one in ids]
    assert {(mail.sender, mail.to, mail.subject, mail.email.text) for mail in mails} == {
        (SENDER, (ADA,), "Order 7", "Hello Ada")
    }


def test_custom_verification_by_v2(shop: LocalSes, v2: Client) -> None:
    v2.create_custom_verification_email_template(**VERIFICATION)
    told = v2.get_custom_verification_email_template(TemplateName="welcome")
    v2.update_custom_verification_email_template(**{**VERIFICATION, "TemplateSubject": "Really you?"})
    answer = v2.send_custom_verification_email(EmailAddress=ADA, TemplateName="welcome")
    (listed,) = v2.list_custom_verification_email_templates()["CustomVerificationEmailTemplates"]
    v2.delete_custom_verification_email_template(TemplateName="welcome")
    before = shop.identity(ADA).status

    assert told["TemplateContent"] == "<p>Welcome</p>"
    assert (listed["TemplateSubject"], shop.sent[-1].subject) == ("Really you?", "Really you?")
    assert answer["MessageId"] == shop.verification_mails[-1].message_id
    assert before == "PENDING"


def test_custom_verification_by_v1(ses: LocalSes, v1: Client) -> None:
    errors = v1.exceptions
    with refused(errors.FromEmailAddressNotVerifiedException, "FromEmailAddressNotVerified", 400, "orders@") as said:
        v1.create_custom_verification_email_template(**VERIFICATION)
    assert said["FromEmailAddress"] == "orders@shop.example"
    ses.identity("shop.example").verify()
    v1.create_custom_verification_email_template(**VERIFICATION)
    v1.update_custom_verification_email_template(TemplateName="welcome", TemplateSubject="Really you?")
    told = v1.get_custom_verification_email_template(TemplateName="welcome")
    (listed,) = v1.list_custom_verification_email_templates(MaxResults=1)["CustomVerificationEmailTemplates"]
    with refused(errors.ProductionAccessNotGrantedException, "ProductionAccessNotGranted", 400, "production access"):
        v1.send_custom_verification_email(EmailAddress=ADA, TemplateName="welcome")
    ses.account.grant_production()
    v1.send_custom_verification_email(EmailAddress=ADA, TemplateName="welcome")
    v1.delete_custom_verification_email_template(TemplateName="welcome")

    assert (told["TemplateSubject"], listed["TemplateName"]) == ("Really you?", "welcome")
    assert ses.sent[-1].subject == "Really you?"


def test_the_link_verifies_who_opens_it(ses: LocalSes, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=ADA)
    (mail,) = ses.verification_mails
    from_a_page = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}  # as from webmail
    with urlopen(Request(mail.link, headers=from_a_page), timeout=10) as page:
        said = page.read()

    assert mail.link.startswith(ses.url)
    assert said == f"{ADA} is verified.".encode()
    assert v2.get_email_identity(EmailIdentity=ADA)["VerifiedForSendingStatus"] is True
