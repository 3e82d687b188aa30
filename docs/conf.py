"""How the documentation is built: Sphinx, furo, pages in Markdown. Warnings are errors, see ``make docs``."""

from __future__ import annotations

import re
from pathlib import Path

import sesmail
from sesmail.connect import conduct_options, options
from sesmail.local.operations.coverage import as_markdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

    from sesmail.transports.option import Option

project = "sesmail"
author = "The sesmail authors"
copyright = "The sesmail authors"
version = release = sesmail.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
# Docstrings name things in single backticks.
default_role = "py:obj"

myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
# The names of the unions say more than what they consist of.
autodoc_type_aliases = {
    name: name
    for name in (
        "AddressLike",
        "AddressesLike",
        "AttachmentLike",
        "AttachmentsLike",
        "Text",
        "Headers",
        "Scalar",
        "Priority",
        "AutoSubmitted",
    )
}
python_maximum_signature_line_length = 100

_OPERATIONS = """\
# Operations of the box

What [SES in a box](local.md) serves. This page is made from the code and from botocore's service models, so it is as
they are. `sesmail local --operations` prints it for the versions that you have. *Partly* says what is less than in SES;
*not* answers with `NotImplementedHere`.

{}
"""

_OPTIONS = """\
# Options of URLs

Every option that a URL of ours can have. This page is made from the code, so it is what the code takes. A name that is
not here is an error that names the nearest one. What the ways out are, is said in [Transports](transports.md) and
[Amazon SES](ses.md).

{}

## Policies

These stand behind any URL, or behind a group of URLs: [Conduct](conduct.md).

| Option | What it says | It takes | Without it |
| --- | --- | --- | --- |
{}
"""

html_theme = "furo"
html_title = f"sesmail {version}"
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Have every signature shortened, and the tables of operations and options made anew from the code."""
    app.connect("autodoc-process-signature", _shortened)
    here = Path(__file__).parent
    (here / "operations.md").write_text(_OPERATIONS.format(as_markdown()), "utf-8")
    (here / "options.md").write_text(_OPTIONS.format(_tables_of_options(), _rows(conduct_options())), "utf-8")


def _tables_of_options() -> str:
    """A table for each scheme; schemes that take the same share one."""
    schemes: dict[tuple[Option, ...], list[str]] = {}
    for scheme, taken in options().items():
        schemes.setdefault(taken, []).append(f"`{scheme}://`")
    return "\n\n".join(_table_of(" and ".join(names), taken) for taken, names in schemes.items())


def _table_of(title: str, taken: tuple[Option, ...]) -> str:
    head = ["| Option | What it says | It takes | Without it |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {title}", "", *head, _rows(taken)])


def _rows(taken: Iterable[Option]) -> str:
    return "\n".join(f"| `{one.name}` | {one.says} | {one.takes} | {one.default or 'nothing'} |" for one in taken)


def _shortened(
    _app: Sphinx, what: str, _name: str, obj: object, _options: object, signature: str | None, result: str | None
) -> tuple[str, str | None] | None:
    if not signature:
        return None
    # Most errors take what their base takes, and once is enough to say it.
    if what == "exception" and "__init__" not in vars(obj):
        return "", None
    return _plain(signature), result and _plain(result)


def _plain(text: str) -> str:
    """The name of an alias as it is, inside a union too."""
    return re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text)
