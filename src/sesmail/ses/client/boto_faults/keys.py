"""Keys that could not be had: what botocore and STS say of it. Nothing was sent, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sesmail.errors import (
    AccessDenied,
    AuthFailed,
    CredentialsExpired,
    CredentialsMissing,
    SesmailError,
    SetupError,
)
from sesmail.ses.client.boto_faults.keys_refused import refused
from sesmail.ses.client.boto_faults.lines import line_error_of_keys
from sesmail.ses.client.boto_faults.naming import by_class
from sesmail.ses.client.boto_faults.origin import Origin
from sesmail.ses.client.boto_faults.release import release
from sesmail.ses.client.boto_faults.stage import Stage
from sesmail.ses.sayings import printable

Verdict = Callable[[BaseException, Origin], SesmailError]


def credentials_error(error: BaseException, origin: Origin) -> SesmailError:
    """The error for whatever was raised while keys were looked for or fetched."""
    verdict = by_class(error, OF_CREDENTIALS)
    found = verdict(error, origin) if verdict else line_error_of_keys(error) or _strange(error, origin)
    release(error)
    return found


def missing(origin: Origin) -> CredentialsMissing:
    """Nobody has any."""
    looked_in = f" (looked in {', '.join(origin.looked_in)})" if origin.looked_in else ""
    for_role = f" with which to assume the role {origin.role_arn}" if origin.role_arn else ""
    return CredentialsMissing(
        f"no credentials for AWS were found{for_role}{looked_in}. Give the server or function a role, name a profile,"
        " set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or on a desk run aws configure or aws sso login",
        looked_in=origin.looked_in,
    )


def _missing(_error: BaseException, origin: Origin) -> SesmailError:
    return missing(origin)


def _half(error: BaseException, _origin: Origin) -> SesmailError:
    provider, lacks = _said(error, "provider"), _said(error, "cred_var")
    return CredentialsMissing(
        f"half of the credentials is missing: {provider} has no {lacks}. Set it, or take the other half out too",
        looked_in=(provider,),
    )


def _sso(_error: BaseException, origin: Origin) -> SesmailError:
    return _expired(f"the SSO session{origin.of_profile} is over or was never begun", "aws sso login", origin)


def _login(_error: BaseException, origin: Origin) -> SesmailError:
    return _expired(f"the login{origin.of_profile} is over or was never made", "aws login", origin)


def _expired(what: str, command: str, origin: Origin) -> CredentialsExpired:
    profile = f" --profile {printable(origin.profile, 100)}" if origin.profile else ""
    text = f"{what}; nothing was sent. Somebody has to run {command}{profile}"
    # No retry of a program's own will help.
    return CredentialsExpired(text, stage=Stage.AUTH.value, retryable=False)


def _login_denied(_error: BaseException, origin: Origin) -> SesmailError:
    text = (
        f"the login{origin.of_profile} may not make keys: allow signin:CreateOAuth2Token to its user. Nothing was sent"
    )
    return AccessDenied(text, action="signin:CreateOAuth2Token", stage=Stage.AUTH.value)


def _mfa(_error: BaseException, origin: Origin) -> SesmailError:
    text = (
        f"the credentials{origin.of_profile} ask for an MFA code, and nobody can type one for a program; nothing was"
        " sent. Use a role without MFA, or hand over keys that are temporary"
    )
    return AuthFailed(text, stage=Stage.AUTH.value)


def _not_retrieved(error: BaseException, origin: Origin) -> SesmailError:
    # Its text holds what a program or a server said, which may be anything. It is in the cause.
    where = _said(error, "provider") or "their source"
    text = f"{where} gave no credentials{origin.of_profile}; nothing was sent. Its own words are in the cause"
    return AuthFailed(text, stage=Stage.AUTH.value, retryable=True)


def _lacks(_error: BaseException, origin: Origin) -> SesmailError:
    return SetupError(
        f'the credentials{origin.of_profile} need a part of botocore that is not installed: pip install "botocore[crt]"'
    )


def _set_up_wrong(error: BaseException, _origin: Origin) -> SesmailError:
    return SetupError(f"AWS's configuration is not good: {printable(str(error), 300)}")


def _strange(error: BaseException, origin: Origin) -> SesmailError:
    """What no table knows."""
    if isinstance(error, EOFError):  # a question on a terminal that is none
        return _mfa(error, origin)
    hint = ""
    if isinstance(error, RuntimeError):  # which is how botocore says that new keys are old already
        hint = ". If its keys are over when they come, look at this machine's clock"
    text = f"fetching credentials failed ({type(error).__name__}); nothing was sent{hint}"
    return AuthFailed(text, stage=Stage.AUTH.value)


def _said(error: BaseException, name: str) -> str:
    return printable(str(getattr(error, "kwargs", {}).get(name, "")), 100)


OF_CREDENTIALS: Mapping[str, Verdict] = {
    "ClientError": refused,
    "NoCredentialsError": _missing,
    "NoAuthTokenError": _missing,
    "PartialCredentialsError": _half,
    "CredentialRetrievalError": _not_retrieved,
    "MetadataRetrievalError": _not_retrieved,
    "RefreshWithMFAUnsupportedError": _mfa,
    "SSOError": _sso,
    "TokenRetrievalError": _sso,
    "LoginError": _login,
    "LoginInsufficientPermissions": _login_denied,
    "MissingDependencyException": _lacks,
    "ProfileNotFound": _set_up_wrong,
    "ConfigParseError": _set_up_wrong,
    "ConfigNotFound": _set_up_wrong,
    "InvalidConfigError": _set_up_wrong,
    "UnknownCredentialError": _set_up_wrong,
    "UnknownTokenProviderError": _set_up_wrong,
    "InvalidIMDSEndpointError": _set_up_wrong,
    "InvalidIMDSEndpointModeError": _set_up_wrong,
    "InvalidSTSRegionalEndpointsConfigError": _set_up_wrong,
}
