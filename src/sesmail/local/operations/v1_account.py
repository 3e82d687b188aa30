"""The account by v1: how much may be sent, and how much was."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.here import Here
from sesmail.local.operations.served import serves


@serves("ses")
def get_send_quota(here: Here, _asked: Params) -> Result:
    region = here.region
    return {
        "Max24HourSend": region.quota.maximum,
        "MaxSendRate": region.rate.a_second,
        "SentLast24Hours": float(region.quota.sent(here.now)),
    }


@serves("ses")
def get_send_statistics(here: Here, _asked: Params) -> Result:
    points = [
        {
            "Timestamp": point.start,
            "DeliveryAttempts": point.attempts,
            "Bounces": point.bounces,
            "Complaints": point.complaints,
            "Rejects": point.rejects,
        }
        for point in here.region.statistics.recent(here.now)
    ]
    return {"SendDataPoints": points}


@serves("ses")
def get_account_sending_enabled(here: Here, _asked: Params) -> Result:
    return {"Enabled": here.region.sending_enabled}


@serves("ses")
def update_account_sending_enabled(here: Here, asked: Params) -> Result:
    here.region.sending_enabled = asked.get("Enabled", False)
    return {}
