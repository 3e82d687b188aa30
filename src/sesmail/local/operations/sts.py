"""The two calls of STS that credentials need."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.here import Here
from sesmail.local.keys import OF_ROLES, AccessKey
from sesmail.local.operations.served import serves

_HOUR = 3600
_LACKS = ("PolicyArns", "Policy", "Tags", "TransitiveTagKeys", "SerialNumber", "TokenCode", "ProvidedContexts")


@serves("sts", lacks=(*_LACKS, "SourceIdentity", "MinimumSessionTokenSize"))
def assume_role(here: Here, asked: Params) -> Result:
    here.check_allowed("sts:AssumeRole", asked["RoleArn"])
    role = here.box.keys.roles.get(asked["RoleArn"])
    if role is None or (role.external_id and role.external_id != asked.get("ExternalId")):
        # AWS does not say which of these it was, and neither does the box.
        raise here.denied("sts:AssumeRole", asked["RoleArn"])
    session = asked["RoleSessionName"]
    arn = f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session}"
    key_id = here.token(16).upper()
    key = AccessKey(
        id=f"{OF_ROLES}{key_id}",
        secret=here.token(40),
        account=role.account,
        arn=arn,
        policy=role.policy,
        user_id=f"AROA{key_id}:{session}",
        token=here.token(64),
        expires=here.now + asked.get("DurationSeconds", _HOUR),
    )
    here.box.keys.forget_expired(here.now)
    here.box.keys.add(key)
    credentials = {"AccessKeyId": key.id, "SecretAccessKey": key.secret, "SessionToken": key.token}
    return {
        "Credentials": {**credentials, "Expiration": key.expires},
        "AssumedRoleUser": {"AssumedRoleId": key.user_id, "Arn": arn},
    }


@serves("sts")
def get_caller_identity(here: Here, _asked: Params) -> Result:
    """Everybody may ask who they are, whatever their policy says."""
    return {"UserId": here.caller.user_id or here.caller.id, "Account": here.caller.account, "Arn": here.caller.arn}
