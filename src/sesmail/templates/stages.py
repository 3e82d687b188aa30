"""Stages: what becomes of a page after Jinja: MJML or Markdown to HTML, and style sheets into style attributes.

Each needs a package of its own, which is asked for when the stage is set up. None of them touches a network or a disk.
"""

from __future__ import annotations

from collections.abc import Callable

from sesmail.errors import MissingExtra, TemplateError
from sesmail.templates.markdown import html_of_markdown

Stage = Callable[[str, str], str]  # the page and the name of its file; gives the page


def css_stage() -> Stage:
    """Style sheets into style attributes, which all clients read; what cannot go there, such as ``@media``, stays."""
    try:
        from css_inline import CSSInliner, InlineError
    except ImportError:
        raise MissingExtra(package="css-inline", extra="css", purpose="inline_css=True") from None
    # By default it would fetch what <link> names, from a network or a disk, and drop what phones need.
    inliner = CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)

    def inlined(page: str, file: str) -> str:
        try:
            return inliner.inline(page)
        except UnicodeEncodeError:  # a lone surrogate: the mail refuses it, and says where it stands
            return page
        except InlineError as error:
            raise TemplateError("its style sheet cannot be read", template=file) from error

    return inlined


def mjml_stage() -> Stage:
    """MJML to HTML. ``mj-include`` finds nothing; Jinja's ``include`` does."""
    try:
        from mrml import ParserOptions, noop_loader, to_html
    except ImportError:
        raise MissingExtra(package="mrml", extra="mjml", purpose="a template in MJML") from None
    options = ParserOptions(include_loader=noop_loader())

    def converted(page: str, file: str) -> str:
        try:
            return to_html(page, options).content
        except UnicodeEncodeError:  # as above
            return page
        except OSError as error:  # so it tells of anything; the text says what and where, and quotes no text
            raise TemplateError(
                f"this is no MJML ({error}); files are included by Jinja's include, not by mj-include",
                template=file,
            ) from error

    return converted


def markdown_stage() -> Stage:
    """Markdown to HTML."""
    convert = html_of_markdown()
    return lambda page, _file: convert(page)
