"""Elements: what kind each of them is. What is in no table here is a part of the line that it stands in."""

from __future__ import annotations

LINE = 1
"""A line of its own."""
PARAGRAPH = 2
"""An empty line before and behind it."""

# What stands apart from what is around it, and how far.
BLOCKS = {
    **dict.fromkeys("datalist head template".split(), 0),
    **dict.fromkeys(
        "address article aside body center dd details dialog dir div dt fieldset figcaption footer form header hgroup"
        " html legend li main nav optgroup option section summary".split(),
        LINE,
    ),
    **dict.fromkeys(
        "blockquote dl figure h1 h2 h3 h4 h5 h6 hr listing menu ol p pre table ul xmp".split(),
        PARAGRAPH,
    ),
}
# What an end tag is not awaited for.
VOID = frozenset("area base br col embed frame hr img input link meta param source track wbr".split())

HEADINGS = {"h1": "=", "h2": "-", "h3": "-", "h4": "-", "h5": "-", "h6": "-"}
LISTS = frozenset({"ul", "ol", "menu", "dir", "dl"})
ITEMS = frozenset({"li", "dt", "dd"})
PRE = frozenset({"pre", "listing", "xmp"})
CELLS = frozenset({"td", "th"})
ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
IN_TABLES = CELLS | ROW_GROUPS | {"tr", "caption"}
# What end tags do not reach out of. All that is in tables is, too.
WALLS = frozenset({"table", "template"})
# What is in these is never shown.
UNSHOWN = frozenset({"datalist", "head", "template"})
# A page need not close its head: it ends where something comes that cannot be in it.
IN_HEAD = frozenset("base link meta noscript script style template title".split())
