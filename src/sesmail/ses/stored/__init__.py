"""Templates that SES keeps: mails made of them, and the tool that creates, lists, tries, pushes and pulls them.

From the outside in: `content` is what a mail carries in place of bytes; `sends` sends it, with `copies` and `check`
for the variables that SES would not tell of, `calls` for the parameters, and `results` with `statuses` for what SES
answers. `templates` is the tool, `folder` its files, `difference` what differs, `errand` how both are carried out.
"""

from __future__ import annotations
