r"""Text: the text part of a mail, made from its HTML.

From the outside in: `text` is what others call; `tokens` cuts HTML as a browser would, `attributes` and `references`
read what is in a tag, `shades` tell what a style hides, `elements` say what each kind of element does, `tables` tell
rows of data from boxes that only place things. `walk` goes through it all once, with `stack` for what is open, and
writes on `paper`; `links`, `rows` and `characters` say how a target, a table and a letter look.

>>> from sesmail.templates.text import text_of
>>> text_of("<h1>Hello Ada</h1><p>Begin <a href='https://shop.example/'>here</a>.</p><ul><li>Tea<li>Cups</ul>")
'Hello Ada\n=========\n\nBegin here <https://shop.example/>.\n\n- Tea\n- Cups\n'
"""

from __future__ import annotations

from sesmail.templates.text.text import text_of

__all__ = ["text_of"]
