"""Tags of identities and configuration sets, which no mail shows: what they may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sesmail.local.faults import Fault, FaultKind

MOST_TAGS = 50
LONGEST_KEY, LONGEST_VALUE = 128, 256


def tagged(tags: Mapping[str, str], added: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags with some more."""
    whole = {**tags, **{tag["Key"]: tag["Value"] for tag in added}}
    if len(whole) > MOST_TAGS:
        raise Fault(FaultKind.INVALID, f"A resource has at most {MOST_TAGS} tags.")
    for key, value in whole.items():
        if not 0 < len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            said = f"A tag has a key of 1 to {LONGEST_KEY} characters and a value of at most {LONGEST_VALUE}."
            raise Fault(FaultKind.INVALID, said)
    return whole
