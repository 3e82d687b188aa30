"""Previews: functions that give a mail, found by name in a module."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from sesmail import Email
from sesmail.errors import SetupError
from sesmail.templates import Preview, preview, previews_in


def mail(subject: str = "Hello") -> Email:
    return Email(subject=subject)


def module(**values: object) -> ModuleType:
    made = ModuleType("shop.previews")
    vars(made).update(values)
    return made


def test_a_preview_is_called_like_its_function() -> None:
    @preview
    def small_order() -> Email:
        return mail("Small")

    assert small_order == Preview("small_order", small_order.function, ("",))
    assert repr(small_order) == "Preview('small_order', locales=('',))"
    made = small_order()
    assert isinstance(made, Email)
    assert made.subject == "Small"
    with pytest.raises(FrozenInstanceError):
        small_order.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("locales", "kept"),
    [(("en", "de_AT"), ("en", "de_AT")), (["de"], ("de",)), ("de", ("de",)), (("", "de"), ("", "de"))],
)
def test_it_has_languages_and_a_name(locales: Any, kept: tuple[str, ...]) -> None:
    assert preview(locales=locales, name="A large order, № 2")(mail) == Preview("A large order, № 2", mail, kept)


def test_any_function_does_that_can_be_called_without_arguments() -> None:
    assert preview(mail).name == "mail"
    assert preview(lambda *args, **more: mail()).name == "<lambda>"
    assert preview(name="bound")(partial(mail, "Bound")).name == "bound"


def _wanting(order: str) -> Email:
    return mail(order)


async def _awaited() -> Email:
    return mail()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: preview(_wanting), "the preview '_wanting' takes 'order', and is called"),  # type: ignore[arg-type]
        (lambda: preview(_awaited), "the preview '_awaited' is async, and nobody awaits it"),  # type: ignore[arg-type]
        (lambda: preview(mail()), "a preview has a name"),  # type: ignore[call-overload]
        (lambda: preview(name="x")(mail()), "'x' is made of a function, and not of Email"),  # type: ignore[arg-type]
        (lambda: preview(partial(mail)), "a preview has a name of printable characters"),
        (lambda: preview(name=" ")(mail), "a preview has a name of printable characters"),
        (lambda: preview(name="a\nb")(mail), "a preview has a name of printable characters"),
        (lambda: preview(locales=())(mail), "the preview 'mail' has locales, each once"),
        (lambda: preview(locales=("de", "de"))(mail), "the preview 'mail' has locales, each once"),
        (lambda: preview(locales=("../de",))(mail), r"has the locale '\.\./de': a locale is written like"),
    ],
)
def test_what_makes_no_preview_is_refused_where_it_is_written(make: Callable[[], object], text: str) -> None:
    with pytest.raises(SetupError, match=text):
        make()


def test_they_are_found_in_the_order_of_their_definition() -> None:
    second, first = Preview("second", mail), Preview("first", mail)
    shop = module(second=second, other=3, mail=mail, first=first, again=second)

    assert previews_in(shop) == (second, first)
    assert previews_in(shop, "first", "second") == (first, second)
    assert previews_in(module()) == ()


def test_two_of_one_name_are_told() -> None:
    with pytest.raises(SetupError, match=r"shop\.previews has two previews 'one': give one of them another name="):
        previews_in(module(a=Preview("one", mail), b=Preview("one", mail)))


def test_an_unknown_one_is_told_with_the_nearest() -> None:
    shop = module(a=Preview("large_order", mail), b=Preview("x", mail))

    with pytest.raises(SetupError, match=r"shop\.previews has no preview 'larg_order'; did you mean 'large_order'\?"):
        previews_in(shop, "larg_order")
    with pytest.raises(SetupError, match="has no preview 'something'; known are large_order, x"):
        previews_in(shop, "something")
    with pytest.raises(SetupError, match="has no preview 'something'; it has none"):
        previews_in(module(), "something")


def test_who_writes_previews_loads_no_jinja() -> None:
    code = "import sys; from sesmail.templates import Mail, preview, previews_in; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
