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
_BLANKS = " \t\r\n"  # what else is not for a header is refused there
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
        self._lineage = Lineage(environments["html"])

    def prepare(self, kind: str) -> None:
        """Make sure that pages of this kind can be converted: what is not installed is said."""
        if kind in _STAGES and kind not in self._stages:
            self._stages[kind] = _STAGES[kind]()

    def rendered(self, files: Files, variables: Variables) -> Rendered:
        """The texts, and the files that the page shows."""
        self.prepare(files.kind)
        said = self._said(files, variables)
        html = self._html(files, {"subject": said["subject"], **variables}, said["preheader"]) if files.page else None
        body = said["text"]
        if html is not None and not body.strip():
            body = text_of(html)
        shown = current().attachments
        text = body.strip("\r\n") + "\n" if body.strip() else None
        return Rendered(said["subject"], text, html, tuple(shown.values()))

    # ── what is said by a file or a block ────────────────────────────────────────────────────────────────────────

    def _said(self, files: Files, variables: Variables) -> dict[str, str]:
        """Subject, text and preheader: by a file of their own, by a block, or not at all."""
        said = dict.fromkeys(_ASIDE, "")
        if files.subject:
            said["subject"] = self._subject(files.subject, variables)
        if files.page:
            said |= self._blocks_of_page(files, _wanted(files), {"subject": said["subject"], **variables})
        if files.text:
            text = self._page("plain", files.text, {"subject": said["subject"], **variables})
            said["text"] = text.text
            said["subject"] = said["subject"] or (text.block("subject") or "").strip(_BLANKS)
        if files.general_subject and not said["subject"]:
            said["subject"] = self._subject(files.general_subject, variables)
        return said

    def _subject(self, name: str, variables: Variables) -> str:
        return self._page("plain", name, variables).text.strip(_BLANKS)

    def _blocks_of_page(self, files: Files, wanted: frozenset[str], variables: Variables) -> dict[str, str]:
        """Blocks of the page that are no HTML, rendered as what they are."""
        known = self._lineage.blocks(files.page)
        if not wanted or (known is not None and not known & wanted):
            return {}
        template = self._environments["plain"].get_template(files.page)
        page = Page.of_blocks(template, variables, inherits=self._lineage.of(files.page).parents != _NONE)
        said = {name: page.block(name) or "" for name in wanted}
        if "subject" in said:
            said["subject"] = said["subject"].strip(_BLANKS)
        return said

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


def _wanted(files: Files) -> frozenset[str]:
    """The blocks that are asked for, since no file says the same. A preheader of HTML is written as the page is."""
    asked = {"subject": not files.subject, "text": not files.text, "preheader": files.kind == "md"}
    return frozenset(name for name, is_wanted in asked.items() if is_wanted)
