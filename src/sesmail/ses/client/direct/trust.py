"""Trust: whose certificates are accepted. One TLS context for each bundle of them and each process: it costs 20 ms.

Without a word from the environment it is the system's bundle. Where there is none, as in small containers, it is the
one that botocore brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sesmail.errors import SetupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # in this order, as botocore looks


def bundle_from(environ: Mapping[str, str]) -> str:
    """The file of certificates that the environment names, or nothing. Raises `SetupError` where it is not there."""
    for name in _VARIABLES:
        if name in environ:
            from pathlib import Path

            file = environ[name]
            if not Path(file).is_file():
                raise SetupError(f"{name} names no file: unset it, or give the path of a bundle of certificates (PEM)")
            return file
    return ""


@cache
def context(bundle: str = "") -> SSLContext:
    """The context that trusts a bundle, or else the system's."""
    import ssl

    try:
        made = ssl.create_default_context(cafile=bundle or _fallback())
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise SetupError(
            f"there are no certificates to be read in {bundle or 'the system'}: a bundle of them is a file of PEM"
        ) from error
    made.set_alpn_protocols(["http/1.1"])
    return made


def _fallback() -> str | None:
    """The bundle that botocore brings, where the system has none."""
    import ssl
    from importlib.util import find_spec
    from pathlib import Path

    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return None
    found = find_spec("botocore")
    return str(Path(found.origin).with_name("cacert.pem")) if found and found.origin else None
