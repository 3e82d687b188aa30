"""What moto and the box are both asked: calls of boto3, case by case. `test_moto` compares the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REGION = "us-east-1"
ARN = "arn:aws:ses:us-east-1:123456789012"
KEY = "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEA"  # as much of one as anybody looks at


@dataclass(frozen=True)
class Step:
    """One call of boto3."""

    service: str
    operation: str  # as boto3 names it
    params: Mapping[str, object]


def v1(operation: str, **params: object) -> Step:
    return Step("ses", operation, params)


def v2(operation: str, **params: object) -> Step:
    return Step("sesv2", operation, params)


TO = {"ToAddresses": ["ada@example.org"]}
FIFTY = {"ToAddresses": ["ada@example.org"] * 50}
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
SENDER = "shop@example.com"
RAW = b"From: shop@example.com\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nHello Ada\r\n"
POLICY = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:SendEmail",'
    f' "Resource": "{ARN}:identity/example.com"}}}}'
)
TEMPLATE = {"TemplateName": "order", "SubjectPart": "Order {{number}}", "TextPart": "Hello {{name}}"}
SENDING = v1("verify_domain_identity", Domain="example.com")
NEWS: dict[str, Any] = {"ContactListName": "news"}
CONTACT: dict[str, Any] = {**NEWS, "EmailAddress": "ada@example.org"}
OFFERS = {"TopicName": "offers", "DisplayName": "Offers", "DefaultSubscriptionStatus": "OPT_IN"}
OUT = {"TopicName": "offers", "SubscriptionStatus": "OPT_OUT"}
MAIN: dict[str, Any] = {"ConfigurationSetName": "main"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
DESTINATION = {
    "Name": "topic",
    "Enabled": True,
    "MatchingEventTypes": ["bounce"],
    "SNSDestination": {"TopicARN": TOPIC},
}


def v2_send(sender: str | None = SENDER, to: object = None, **more: object) -> Step:
    given = {"FromEmailAddress": sender} if sender else {}
    return v2("send_email", **{"Content": {"Simple": SIMPLE}, "Destination": to or TO, **given, **more})


def v1_send(sender: str = SENDER, to: object = None, **more: object) -> Step:
    return v1("send_email", Source=sender, Destination=to or TO, Message=SIMPLE, **more)


def raw_v2(data: bytes = RAW, **more: Any) -> Step:
    return v2("send_email", Content={"Raw": {"Data": data}}, **more)


def raw_v1(data: bytes = RAW, **more: Any) -> Step:
    return v1("send_raw_email", RawMessage={"Data": data}, **more)


def templated(**more: object) -> Step:
    return v1("send_templated_email", **{"Source": SENDER, "Destination": TO, "Template": "order", **more})


def bulk(*destinations: object, **more: object) -> Step:
    data = '{"name": "Ada", "number": 7}'
    given = {"Source": SENDER, "Template": "order", "DefaultTemplateData": data, "Destinations": list(destinations)}
    return v1("send_bulk_templated_email", **{**given, **more})


# What is called, one after the other and a minute apart, in an account that was not used before. It is out of the
# sandbox unless the case says so. An identity that v1 is asked for is verified at once in the box too.
CASES: Mapping[str, tuple[Step, ...]] = {
    # identities by v2
    "a domain": (
        v2("create_email_identity", EmailIdentity="new.example"),
        v2("get_email_identity", EmailIdentity="new.example"),
        v2("list_email_identities"),
        v2("delete_email_identity", EmailIdentity="new.example"),
        v2("get_email_identity", EmailIdentity="new.example"),
    ),
    "an address": (
        v2("create_email_identity", EmailIdentity="ada@new.example"),
        v2("get_email_identity", EmailIdentity="ada@new.example"),
        v2("list_email_identities"),
        v2("delete_email_identity", EmailIdentity="ada@new.example"),
    ),
    "an identity twice": (
        v2("create_email_identity", EmailIdentity="new.example"),
        v2("create_email_identity", EmailIdentity="new.example"),
    ),
    "a domain with a key of its owner": (
        v2(
            "create_email_identity",
            EmailIdentity="new.example",
            DkimSigningAttributes={"DomainSigningSelector": "mine", "DomainSigningPrivateKey": KEY},
        ),
    ),
    "an identity that is not there": (
        v2("get_email_identity", EmailIdentity="no.example"),
        v2("delete_email_identity", EmailIdentity="no.example"),
        v2("get_email_identity_policies", EmailIdentity="no.example"),
        v2("create_email_identity_policy", EmailIdentity="no.example", PolicyName="p", Policy=POLICY),
    ),
    "an address of a verified domain, deleted": (
        SENDING,
        v2("delete_email_identity", EmailIdentity="ada@example.com"),
    ),
    "what is no identity": (
        v2("create_email_identity", EmailIdentity="a b@new.example"),
        v1("verify_email_identity", EmailAddress="new.example"),
        v1("verify_domain_identity", Domain="ada@new.example"),
    ),
    "pages of identities": (
        v2("create_email_identity", EmailIdentity="a.example"),
        v2("create_email_identity", EmailIdentity="b.example"),
        v2("list_email_identities", PageSize=1),
    ),
    "policies": (
        SENDING,
        v2("create_email_identity_policy", EmailIdentity="example.com", PolicyName="p", Policy=POLICY),
        v2("create_email_identity_policy", EmailIdentity="example.com", PolicyName="p", Policy=POLICY),
        v2("get_email_identity_policies", EmailIdentity="example.com"),
        v2("update_email_identity_policy", EmailIdentity="example.com", PolicyName="q", Policy=POLICY),
        v2("update_email_identity_policy", EmailIdentity="example.com", PolicyName="p", Policy="none"),
        v2("delete_email_identity_policy", EmailIdentity="example.com", PolicyName="p"),
        v2("delete_email_identity_policy", EmailIdentity="example.com", PolicyName="p"),
        v2("get_email_identity_policies", EmailIdentity="example.com"),
    ),
    "tags": (
        v2("create_configuration_set", ConfigurationSetName="main", Tags=[{"Key": "a", "Value": "1"}]),
        v2("list_tags_for_resource", ResourceArn=f"{ARN}:configuration-set/main"),
        v2("tag_resource", ResourceArn=f"{ARN}:configuration-set/main", Tags=[{"Key": "b", "Value": "2"}]),
        v2("list_tags_for_resource", ResourceArn=f"{ARN}:configuration-set/main"),
        v2("untag_resource", ResourceArn=f"{ARN}:configuration-set/main", TagKeys=["a"]),
        v2("list_tags_for_resource", ResourceArn=f"{ARN}:configuration-set/main"),
        v2("list_tags_for_resource", ResourceArn=f"{ARN}:configuration-set/no"),
    ),
    "tags of an identity": (
        v2("create_email_identity", EmailIdentity="new.example", Tags=[{"Key": "a", "Value": "1"}]),
        v2("list_tags_for_resource", ResourceArn=f"{ARN}:identity/new.example"),
        v2("get_email_identity", EmailIdentity="new.example"),
    ),
    # configuration sets
    "a configuration set by v2": (
        v2("create_configuration_set", **MAIN),
        v2("get_configuration_set", **MAIN),
        v2("list_configuration_sets"),
        v2("create_configuration_set", **MAIN),
        v2("delete_configuration_set", **MAIN),
        v2("get_configuration_set", **MAIN),
        v2("delete_configuration_set", **MAIN),
    ),
    "a configuration set with options": (
        v2(
            "create_configuration_set",
            **MAIN,
            TrackingOptions={"CustomRedirectDomain": "t.example.com"},
            DeliveryOptions={"TlsPolicy": "REQUIRE"},
            ReputationOptions={"ReputationMetricsEnabled": True},
            SendingOptions={"SendingEnabled": True},
            SuppressionOptions={"SuppressedReasons": ["BOUNCE"]},
            VdmOptions={"DashboardOptions": {"EngagementMetrics": "ENABLED"}},
        ),
        v2("get_configuration_set", **MAIN),
    ),
    "pages of configuration sets": (
        v2("create_configuration_set", ConfigurationSetName="a"),
        v2("create_configuration_set", ConfigurationSetName="b"),
        v2("list_configuration_sets", PageSize=1),
        v1("list_configuration_sets", MaxItems=1),
    ),
    "a name that no configuration set may have": (
        v2("create_configuration_set", ConfigurationSetName="a b"),
        v1("create_configuration_set", ConfigurationSet={"Name": "c d"}),
    ),
    "a configuration set by v1": (
        v1("create_configuration_set", ConfigurationSet={"Name": "main"}),
        v1("describe_configuration_set", **MAIN),
        v1("list_configuration_sets"),
        v1("create_configuration_set", ConfigurationSet={"Name": "main"}),
        v1("update_configuration_set_reputation_metrics_enabled", **MAIN, Enabled=True),
        v1("describe_configuration_set", **MAIN, ConfigurationSetAttributeNames=["reputationOptions"]),
        v1("delete_configuration_set", **MAIN),
        v1("delete_configuration_set", **MAIN),
        v1("describe_configuration_set", **MAIN),
        v1("update_configuration_set_reputation_metrics_enabled", **MAIN, Enabled=True),
    ),
    "event destinations": (
        v1("create_configuration_set_event_destination", **MAIN, EventDestination=DESTINATION),
        v1("create_configuration_set", ConfigurationSet={"Name": "main"}),
        v1("create_configuration_set_event_destination", **MAIN, EventDestination=DESTINATION),
        v1("create_configuration_set_event_destination", **MAIN, EventDestination=DESTINATION),
        v1("describe_configuration_set", **MAIN, ConfigurationSetAttributeNames=["eventDestinations"]),
        v1("describe_configuration_set", **MAIN),
    ),
    # contact lists and dedicated IP pools
    "a contact list": (
        v2("create_contact_list", **NEWS, Topics=[OFFERS], Description="All of it"),
        v2("get_contact_list", **NEWS),
        v2("list_contact_lists"),
        v2("update_contact_list", **NEWS, Topics=[OFFERS], Description="Less"),
        v2("create_contact_list", **NEWS),
        v2("create_contact_list", ContactListName="more"),
        v2("delete_contact_list", **NEWS),
        v2("delete_contact_list", **NEWS),
        v2("get_contact_list", **NEWS),
        v2("update_contact_list", **NEWS),
    ),
    "contacts": (
        v2("create_contact_list", **NEWS, Topics=[OFFERS]),
        v2("create_contact", **CONTACT, TopicPreferences=[OUT], AttributesData="{}"),
        v2("get_contact", **CONTACT),
        v2("list_contacts", **NEWS),
        v2("create_contact", **CONTACT),
        v2("update_contact", **CONTACT, UnsubscribeAll=True),
        v2("get_contact", **CONTACT),
        v2("create_contact", **NEWS, EmailAddress="eve@example.org"),
        v2("list_contacts", **NEWS, PageSize=1),
        v2("delete_contact", **CONTACT),
        v2("get_contact", **CONTACT),
        v2("update_contact", **CONTACT),
        v2("delete_contact", **CONTACT),
        v2("create_contact", ContactListName="no", EmailAddress="ada@example.org"),
        v2("list_contacts", ContactListName="no"),
    ),
    "dedicated IP pools": (
        v2("create_dedicated_ip_pool", PoolName="pool", ScalingMode="MANAGED"),
        v2("get_dedicated_ip_pool", PoolName="pool"),
        v2("list_dedicated_ip_pools"),
        v2("create_dedicated_ip_pool", PoolName="pool", ScalingMode="MANAGED"),
        v2("create_dedicated_ip_pool", PoolName="plain"),
        v2("get_dedicated_ip_pool", PoolName="plain"),
        v2("delete_dedicated_ip_pool", PoolName="pool"),
        v2("delete_dedicated_ip_pool", PoolName="pool"),
        v2("get_dedicated_ip_pool", PoolName="pool"),
    ),
    # identities by v1
    "identities by v1": (
        v1("verify_email_identity", EmailAddress="ada@new.example"),
        v1("verify_email_address", EmailAddress="bob@new.example"),
        v1("verify_domain_identity", Domain="New.example"),
        v1("verify_domain_dkim", Domain="new.example"),
        v1("list_identities"),
        v1("list_identities", IdentityType="EmailAddress"),
        v1("list_identities", IdentityType="Domain"),
        v1("list_identities", MaxItems=1),
        v1("list_verified_email_addresses"),
        v1("get_identity_verification_attributes", Identities=["ada@new.example", "new.example", "no.example"]),
        v1("get_identity_dkim_attributes", Identities=["ada@new.example", "new.example", "no.example"]),
        v1("delete_identity", Identity="new.example"),
        v1("delete_identity", Identity="no.example"),
        v1("list_identities"),
    ),
    "notifications": (
        SENDING,
        v1("get_identity_notification_attributes", Identities=["example.com", "no.example"]),
        v1("set_identity_feedback_forwarding_enabled", Identity="example.com", ForwardingEnabled=False),
        v1("set_identity_notification_topic", Identity="example.com", NotificationType="Bounce", SnsTopic=TOPIC),
        v1("get_identity_notification_attributes", Identities=["example.com"]),
        v1("set_identity_notification_topic", Identity="example.com", NotificationType="Bounce"),
        v1("set_identity_feedback_forwarding_enabled", Identity="no.example", ForwardingEnabled=False),
        v1("set_identity_notification_topic", Identity="no.example", NotificationType="Bounce", SnsTopic=TOPIC),
    ),
    "a MAIL FROM domain": (
        SENDING,
        v1("get_identity_mail_from_domain_attributes", Identities=["example.com", "no.example"]),
        v1("set_identity_mail_from_domain", Identity="example.com", MailFromDomain="m.example.com"),
        v1("get_identity_mail_from_domain_attributes", Identities=["example.com"]),
        v1(
            "set_identity_mail_from_domain",
            Identity="example.com",
            MailFromDomain="m.example.com",
            BehaviorOnMXFailure="RejectMessage",
        ),
        v1("get_identity_mail_from_domain_attributes", Identities=["example.com"]),
        v1("set_identity_mail_from_domain", Identity="example.com"),
        v1("get_identity_mail_from_domain_attributes", Identities=["example.com"]),
        v1("set_identity_mail_from_domain", Identity="example.com", MailFromDomain="m.example.org"),
        v1("set_identity_mail_from_domain", Identity="example.com", MailFromDomain="mexample.com"),
        v1("set_identity_mail_from_domain", Identity="no.example", MailFromDomain="m.no.example"),
    ),
    # sends
    "sends": (SENDING, v2_send(), raw_v2(), raw_v2(Destination=TO), v1_send(), raw_v1(), v1("get_send_quota")),
    "what was sent": (
        v1("get_send_quota"),
        SENDING,
        v2_send(to={"ToAddresses": ["ada@example.org"], "CcAddresses": ["bob@example.org"]}),
        raw_v1(Destinations=["ada@example.org"]),
        v2_send(to={"ToAddresses": ["success@simulator.amazonses.com"]}),
        v1("get_send_quota"),
        v1("get_send_statistics"),
    ),
    "statistics of nothing": (v1("get_send_statistics"),),
    "in the sandbox, to somebody": (SENDING, v2_send(), v1_send()),
    "too fast": (SENDING, v2_send(to=FIFTY), v2_send(), v1_send(), raw_v1()),
    "too many": (SENDING, *[v2_send(to=FIFTY)] * 4, v2_send(), v1_send(), raw_v1()),
    "from nobody who is verified": (v2_send(), raw_v2(), v1_send(), raw_v1()),
    "from a sub-domain": (SENDING, v2_send("shop@a.example.com"), v1_send("shop@a.example.com")),
    "from a domain in capitals": (SENDING, v2_send("shop@EXAMPLE.com"), v1_send("shop@EXAMPLE.com")),
    "with a label": (
        v1("verify_email_identity", EmailAddress="ada@new.example"),
        v2_send("ada+news@new.example"),
        v1_send("ada+news@new.example"),
    ),
    "with a name": (SENDING, v2_send("Shop <shop@example.com>"), v1_send("Shop <shop@example.com>")),
    "to 51": (
        SENDING,
        v2_send(to={"ToAddresses": ["ada@example.org"] * 51}),
        v1_send(to={"ToAddresses": ["ada@example.org"] * 51}),
        raw_v1(Destinations=["ada@example.org"] * 51),
    ),
    "to no address": (SENDING, v2_send(to={"ToAddresses": ["ada@"]}), v1_send(to={"ToAddresses": ["ada@"]})),
    "to nobody": (
        SENDING,
        v2("send_email", FromEmailAddress=SENDER, Content={"Simple": SIMPLE}),
        v2_send(to={"ToAddresses": []}),
        raw_v2(b"From: shop@example.com\r\nSubject: Hello\r\n\r\nHello\r\n"),
    ),
    "with a set that is not there": (SENDING, v2_send(**MAIN), v1_send(**MAIN), raw_v1(**MAIN)),
    "with a tag that is none": (SENDING, v2_send(EmailTags=[{"Name": "a b", "Value": "c"}])),
    "with a header that is none": (
        SENDING,
        v2_send(Content={"Simple": {**SIMPLE, "Headers": [{"Name": "X Y", "Value": "c"}]}}),
    ),
    "with a file that is blocked": (
        SENDING,
        v2_send(Content={"Simple": {**SIMPLE, "Attachments": [{"FileName": "a.exe", "RawContent": b"MZ"}]}}),
    ),
    "without a body": (SENDING, v2_send(Content={"Simple": {**SIMPLE, "Body": {}}})),
    "bytes that are no UTF-8": (SENDING, raw_v2(RAW + b"\xff\r\n"), raw_v1(RAW + b"\xff\r\n")),
    "a header twice": (SENDING, raw_v2(b"Subject: Again\r\n" + RAW), raw_v1(b"Subject: Again\r\n" + RAW)),
    "without From": (
        SENDING,
        raw_v2(b"To: ada@example.org\r\n\r\nHello\r\n"),
        raw_v1(b"To: a@b.example\r\n\r\nHi\r\n"),
    ),
    # templates, which in moto v1 alone has
    "templates": (
        v1("create_template", Template=TEMPLATE),
        v1("create_template", Template=TEMPLATE),
        v1("get_template", TemplateName="order"),
        v1("list_templates"),
        v1("update_template", Template={**TEMPLATE, "TextPart": "x"}),
        v1("get_template", TemplateName="order"),
        v1("update_template", Template={**TEMPLATE, "TemplateName": "no"}),
        v1("delete_template", TemplateName="order"),
        v1("get_template", TemplateName="order"),
    ),
    "templates that are none": (
        v1("create_template", Template={"TemplateName": "a", "SubjectPart": "{{", "TextPart": "x"}),
        v1("create_template", Template={"TemplateName": "b", "SubjectPart": "x"}),
        v1("create_template", Template={"TemplateName": "c", "TextPart": "x"}),
    ),
    "a trial": (
        v1("create_template", Template=TEMPLATE),
        v1("test_render_template", TemplateName="order", TemplateData='{"name": "Ada", "number": 7}'),
        v1("test_render_template", TemplateName="order", TemplateData='{"number": 7}'),
        v1("test_render_template", TemplateName="order", TemplateData="{"),
        v1("test_render_template", TemplateName="no", TemplateData="{}"),
    ),
    "a mail of a template": (
        SENDING,
        v1("create_template", Template=TEMPLATE),
        templated(TemplateData='{"name": "Ada", "number": 7}'),
        templated(TemplateData='{"number": 7}'),
        templated(TemplateData="{"),
        templated(Template="no", TemplateData="{}"),
    ),
    "mails of a template": (
        SENDING,
        v1("create_template", Template=TEMPLATE),
        bulk({"Destination": TO}, {"Destination": TO, "ReplacementTemplateData": '{"name": "Bo", "number": 8}'}),
        bulk({"Destination": {"ToAddresses": ["no address"]}}, {"Destination": TO}),
        bulk(*[{"Destination": TO}] * 51),
        bulk({"Destination": TO}, Template="no"),
    ),
}
SANDBOXED = "in the sandbox, to somebody"
