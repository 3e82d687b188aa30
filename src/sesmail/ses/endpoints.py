"""Endpoints: where SES is found in each Region, by API and by SMTP. A table and a formula; pure.

Rule 1: a Region becomes a part of a host name. So what is not the name of a Region in form is refused, whatever it is.
Rule 2: a Region that nobody has heard of is not refused. There are new ones each year, and the name server knows best;
        `region_hint` says what may have been meant when it does not.
"""

from __future__ import annotations

import re
from typing import Final

from sesmail.errors import SetupError

# Where SES is, as botocore tells.
REGIONS: Final = tuple(
    """
    af-south-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
    ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
    eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1
    il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1
    us-west-1 us-west-2
    """.split()
)

# How Regions of a partition begin, and its domains: the usual one, and the one of hosts with IPv6 too.
_PARTITIONS: Final = (
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("", "amazonaws.com", "api.aws"),
)

_REGION = re.compile(r"(?=.{1,63}\Z)(?!fips-)[a-z]{2,}(?:-[a-z0-9]+)*-[0-9]+")  # and one label of a host name
_MISTAKES: Final = (
    (re.compile(r"fips-(.+)|(.+)-fips"), "that was the old way to ask for FIPS: give {0} and ask for FIPS apart"),
    (re.compile(r"(.+-[0-9]+)[a-z]"), "that is an availability zone: its Region is {0}"),
)


def api_host(region: str, *, fips: bool = False, dual_stack: bool = False) -> str:
    """The host of both APIs in a Region: with FIPS cryptography, or reached by IPv6 too.

    >>> from sesmail.ses.endpoints import api_host
    >>> api_host("eu-west-1")
    'email.eu-west-1.amazonaws.com'
    >>> api_host("us-gov-west-1", fips=True, dual_stack=True)
    'email-fips.us-gov-west-1.api.aws'
    """
    return _host("email", region, fips=fips, dual_stack=dual_stack)


def smtp_host(region: str, *, fips: bool = False, dual_stack: bool = False) -> str:
    """The host of SES's SMTP interface in a Region. Not each Region has one.

    >>> from sesmail.ses.endpoints import smtp_host
    >>> smtp_host("eu-west-1")
    'email-smtp.eu-west-1.amazonaws.com'
    """
    return _host("email-smtp", region, fips=fips, dual_stack=dual_stack)


def _host(name: str, region: str, *, fips: bool, dual_stack: bool) -> str:
    check_region(region)
    domain, dual_domain = next(domains for begin, *domains in _PARTITIONS if region.startswith(begin))
    return f"{name}{'-fips' if fips else ''}.{region}.{dual_domain if dual_stack else domain}"


def message_id_domain(region: str) -> str:
    """What stands behind the @ of the Message-ID that SES gives a mail in this Region.

    >>> from sesmail.ses.endpoints import message_id_domain
    >>> message_id_domain("eu-west-1"), message_id_domain("us-east-1")
    ('eu-west-1.amazonses.com', 'email.amazonses.com')
    """
    return f"{'email' if region == 'us-east-1' else check_region(region)}.amazonses.com"


def check_region(text: str) -> str:
    """The same, if it has the form of a Region. Raises `SetupError` if not.

    >>> from sesmail.ses.endpoints import check_region
    >>> check_region("eu-west-1a")
    Traceback (most recent call last):
    sesmail.errors.SetupError: 'eu-west-1a' is no Region: that is an availability zone: its Region is eu-west-1
    """
    if not _REGION.fullmatch(text):
        raise SetupError(f"{text[:100]!r} is no Region: {_cure(text)}")
    return text


def _cure(text: str) -> str:
    if _REGION.fullmatch(text.strip().lower()):
        return f"write {text.strip().lower()}"
    for pattern, cure in _MISTAKES:
        if match := pattern.fullmatch(text):
            region = next(filter(None, match.groups()))
            if _REGION.fullmatch(region):
                return cure.format(region)
    return f"one is like eu-west-1{_nearest(text)}"


def region_hint(region: str) -> str:
    """What to say of a Region that SES may not be in; nothing where it is known to be.

    >>> from sesmail.ses.endpoints import region_hint
    >>> region_hint("eu-wset-1")
    'eu-wset-1 is no Region that SES is known to be in; did you mean eu-west-1?'
    """
    if region in REGIONS:
        return ""
    return f"{region} is no Region that SES is known to be in{_nearest(region)}"


def _nearest(text: str) -> str:
    from difflib import get_close_matches

    match = get_close_matches(text[:100], REGIONS, n=1)
    return f"; did you mean {match[0]}?" if match else ""
