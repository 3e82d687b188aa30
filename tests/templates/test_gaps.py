"""Names in dictionaries are found as Jinja finds them."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from sesmail.errors import TemplateError
from sesmail.templates import Templates


class Own(dict[str, object]):
    items_of = "an attribute"


@pytest.mark.parametrize(
    "expression", ["d.name", "d.items()|list", "d.keys()|list", "d['items']", "own.items_of", "own.x", "d.n.m"]
)
def test_a_name_in_a_dictionary_is_what_jinja_says(expression: str) -> None:
    values = {"d": {"name": "Ada", "items": [1], "keys": 2, "n": {"m": 3}}, "own": Own(items_of="a key", x="x")}
    source = f"{{{{ {expression} }}}}"

    assert (
        Templates({"a.txt": source}).render("a", values).text == Environment().from_string(source).render(values) + "\n"
    )


def test_a_method_that_is_not_called_is_said_so() -> None:
    with pytest.raises(TemplateError, match="is a function; call it"):
        Templates({"a.txt": "{{ d.items }}"}).render("a", {"d": {"items": [1]}})
