"""The account by v2: its state, and the request to leave the sandbox."""

from __future__ import annotations

from typing import Any

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves

_DETAILS = ("MailType", "WebsiteURL", "ContactLanguage", "UseCaseDescription", "AdditionalContactEmailAddresses")


@serves("sesv2")
def get_account(here: Here, _asked: Params) -> Result:
    region = here.region
    about: dict[str, Any] = {
        "DedicatedIpAutoWarmupEnabled": region.ip_warmup,
        "EnforcementStatus": region.enforcement,
        "ProductionAccessEnabled": not region.sandbox,
        "SendQuota": {
            "Max24HourSend": region.quota.maximum,
            "MaxSendRate": region.rate.a_second,
            "SentLast24Hours": float(region.quota.sent(here.now)),
        },
        "SendingEnabled": region.sending_enabled,
        "SuppressionAttributes": {"SuppressedReasons": region.suppressed_reasons},
        "VdmAttributes": region.vdm,
    }
    if region.validation:
        about["SuppressionAttributes"]["ValidationAttributes"] = region.validation
    if region.pricing_plan:
        about["PricingAttributes"] = {"CurrentPlan": region.pricing_plan, "NextPlan": region.pricing_plan}
    return about | ({"Details": {**region.details, "ReviewDetails": region.review}} if region.details else {})


@serves("sesv2", note="nobody reviews the request: see `grant_production` and `deny_production`")
def put_account_details(here: Here, asked: Params) -> Result:
    region = here.region
    if region.review.get("Status") == "PENDING":
        raise Fault(FaultKind.CONFLICT, "Your account details are under review and cannot be changed.")
    region.details = {name: asked[name] for name in _DETAILS if name in asked}
    if asked.get("ProductionAccessEnabled") is False:
        region.enter_sandbox()
        here.box.start.limit(region)
    elif region.sandbox:
        region.review = {"Status": "PENDING", "CaseId": str(here.box.random.randrange(10**9, 10**10))}
    return {}


@serves("sesv2")
def put_account_sending_attributes(here: Here, asked: Params) -> Result:
    here.region.sending_enabled = asked.get("SendingEnabled", False)
    return {}


@serves("sesv2", note="validation of addresses is kept, and not done")
def put_account_suppression_attributes(here: Here, asked: Params) -> Result:
    here.region.suppressed_reasons = list(asked.get("SuppressedReasons", ()))
    here.region.validation = dict(asked.get("ValidationAttributes", {}))
    return {}


@serves("sesv2", note="kept; nothing is billed")
def put_account_pricing_attributes(here: Here, asked: Params) -> Result:
    here.region.pricing_plan = asked["Plan"]
    return {}


@serves("sesv2", note="kept; there is no dashboard")
def put_account_vdm_attributes(here: Here, asked: Params) -> Result:
    here.region.vdm = dict(asked["VdmAttributes"])
    return {}


@serves("sesv2", note="kept; there are no addresses to warm up")
def put_account_dedicated_ip_warmup_attributes(here: Here, asked: Params) -> Result:
    here.region.ip_warmup = asked.get("AutoWarmupEnabled", False)
    return {}
