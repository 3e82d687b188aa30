"""Press: from the files of a mail and its variables to its texts.

The subject is made first, so that the page can show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from sesmail.templates.engine import Rendered
from sesmail.templates.environments import Environments, Language
from sesmail.templates.finder import Files
from sesmail.templates.lineage import Lineage
from sesmail.templates.page import Page
from sesmail.templates.pictures import detached
from sesmail.templates.preheader import with_preheader
from sesmail.templates.rendering import current
from sesmail.templates.stages import Stage, markdown_stage, mjml_stage
from sesmail.templates.text import text_of

MARKDOWN_LAYOUT = "sesmail/markdown.html"
_NONE: frozenset[str] = frozenset()
_ASIDE = frozenset({"subject", "text", "preheader"})
_LANGUAGE: Mapping[str, Language] = {"html": "html", "mjml": "html", "md": "markdown"}
_STAGES: Mapping[str, Callable[[], Stage]] = {"mjml": mjml_stage, "md": markdown_stage}
Variables = Mapping[str, object]


class Press:
    """Renders the files of one mail after the other. It keeps nothing but what is compiled."""

    def __init__(self, environments: Environments, *, css: Stage | None, detaches: bool) -> None:
        self._environments = environments
        self._css = css
        self._detaches = detaches
        self._stages: dict[str, Stage] = {}
        self._lineage = Lineage(environments["plain"])

    def prepare(self, kind: str) -> None:
        """Make sure that pages of this kind can be converted: what is not installed is said."""
        if kind in _STAGES and kind not in self._stages:
            self._stages[kind] = _STAGES[kind]()

    def rendered(self, files: Files, variables: Variables) -> Rendered:
        """The texts, and the files that the page shows."""
        self.prepare(files.kind)
        text = self._page("plain", files.text, variables) if files.text else None
        said = self._said(files, text, variables)
        subject = said["subject"].strip(" \t\r\n")  # what else is not for a header is refused there
        variables = {"subject": subject, **variables}
        html = self._html(files, variables, said["preheader"]) if files.page else None
        body = said["text"]
        if html is not None and not body.strip():
            body = text_of(html)
        shown = current().attachments
        return Rendered(subject, body.strip("\r\n") + "\n" if body.strip() else None, html, tuple(shown.values()))

    # ── what is said by a file or a block ────────────────────────────────────────────────────────────────────────

    def _said(self, files: Files, text: Page | None, variables: Variables) -> dict[str, str]:
        """Subject, text and preheader: by a file of their own, by a block, or not at all."""
        said = {"text": text.text if text else "", "subject": "", "preheader": ""}
        if files.subject:
            said["subject"] = self._page("plain", files.subject, variables).text
        elif text:
            said["subject"] = text.block("subject") or ""
        wanted = {name for name in ("subject", "text") if not said[name]}
        if files.kind == "md":  # elsewhere it is written as the page is
            wanted.add("preheader")
        said |= self._blocks_of_page(files.page, wanted, variables) if files.page else {}
        if not said["subject"] and files.general_subject:
            said["subject"] = self._page("plain", files.general_subject, variables).text
        return said

    def _blocks_of_page(self, name: str, wanted: set[str], variables: Variables) -> dict[str, str]:
        """Blocks of the page that are no HTML, rendered as what they are."""
        if not wanted:
            return {}
        template = self._environments["plain"].get_template(name)
        known = self._lineage.blocks(template)
        if known is not None and not known & wanted:
            return {}
        page = Page.of_blocks(template, {"subject": "", **variables}, inherits=self._lineage.parents(template) != _NONE)
        return {name: page.block(name) or "" for name in wanted}

    # ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _page(self, language: Language, name: str, variables: Variables) -> Page:
        return Page(self._environments[language].get_template(name), variables, aside=_ASIDE)

    def _html(self, files: Files, variables: Variables, preheader: str) -> str:
        page = self._page(_LANGUAGE[files.kind], files.page, variables)
        html = page.text
        if files.kind in self._stages:
            html = self._stages[files.kind](html, files.page)
        if files.kind == "md":
            preheader = escape(preheader)
            html = self._page("html", MARKDOWN_LAYOUT, {**variables, "content": Markup(html)}).text  # noqa: S704 - it is HTML by now
        else:
            preheader = page.block("preheader") or ""
        if preheader.strip():
            html = with_preheader(html, preheader)
        if self._css:
            html = self._css(html, files.page)
        return detached(html, current().attachments) if self._detaches else html
