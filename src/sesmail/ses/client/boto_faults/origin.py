"""Origin: what is known of a call when it fails."""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.ses.sayings import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The Region, and where the keys come from: a profile, a role, or what was looked through in vain."""

    region: str = ""
    profile: str = ""
    role_arn: str = ""
    looked_in: tuple[str, ...] = ()

    @property
    def of_profile(self) -> str:
        """In the middle of a sentence."""
        return f" of the profile {printable(self.profile, 100)!r}" if self.profile else ""

    @property
    def role(self) -> str:
        """The role that was to be assumed, which may be one of a profile's."""
        return f"the role {self.role_arn}" if self.role_arn else f"the role{self.of_profile}"
