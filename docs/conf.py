"""How the documentation is built: Sphinx, furo, pages in Markdown. Warnings are errors, see ``make docs``."""

from __future__ import annotations

import sesmail

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

html_theme = "furo"
html_title = f"sesmail {version}"
html_copy_source = False
html_show_sphinx = False
