"""MailEnvironment: Jinja's environment, with templates that are fresh and a shorter way into dictionaries."""

from __future__ import annotations

from jinja2 import Environment

from sesmail.templates.fresh import FreshTemplate

_METHODS = frozenset(dir(dict))


class MailEnvironment(Environment):
    """As Jinja's own in all that it finds."""

    template_class = FreshTemplate

    def getattr(self, obj: object, attribute: str) -> object:
        """``obj.attribute``. Jinja tries the attribute first, and in a dictionary each such try is an exception."""
        if type(obj) is dict and attribute in obj and attribute not in _METHODS:
            return obj[attribute]
        return super().getattr(obj, attribute)
