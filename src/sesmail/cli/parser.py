"""The parser: argparse, with the house's manners. What is unknown is named, and so is the nearest that is known."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Sequence
from typing import NoReturn

from sesmail.errors import SetupError, UnknownOption


class UsageError(SetupError):
    """The command line is not understood."""


class Parser(ArgumentParser):
    """Raises `UsageError` instead of ending the program, and takes no abbreviations."""

    def __init__(self, **options: object) -> None:
        settings = {"allow_abbrev": False, "formatter_class": RawDescriptionHelpFormatter, **options}
        super().__init__(**settings)  # type: ignore[arg-type] # argparse passes its own keywords through

    def error(self, message: str) -> NoReturn:
        """What argparse found, without its exit."""
        raise UsageError(message)

    def parse(self, arguments: Sequence[str]) -> Namespace:
        """The arguments, or what is wrong with them."""
        parsed, unknown = self.parse_known_args(arguments)
        if unknown:
            command = getattr(parsed, "parser", self)
            known = [*self.options, *command.options]
            raise UsageError(str(UnknownOption(unknown[0], known=known, where=command.prog)))
        return parsed

    @property
    def options(self) -> list[str]:
        """The long options that this parser knows, without those of its subcommands."""
        return [
            option
            for action in self._actions
            if not isinstance(action, _SubParsersAction)
            for option in action.option_strings
            if option.startswith("--")
        ]
