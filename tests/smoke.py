"""What a user does first, with the installed package: run by itself, outside the source tree."""

from __future__ import annotations

from importlib.metadata import entry_points, metadata, requires
from pathlib import Path
from tempfile import TemporaryDirectory

import sesmail
from sesmail import Email, Mailer, Templates, mime
from sesmail.testing import capture

mail = Email(
    sender="a@example.com", to="Jürgen <b@Bücher.example>", subject="Grüße", html="<p>Hi", attachments={"a": "b"}
)
again = mime.read(mime.write(mail).to_bytes())

assert again.to == mail.to
assert again.subject == mail.subject
mailer = Mailer("null://", sender="a@example.com")
with capture() as mailbox:
    mailer.send(mail)
assert mailbox.assert_one(subject="Grüße").html == "<p>Hi"
with TemporaryDirectory() as folder:
    result = Mailer(f"file:{folder}/out").send(mail)
    assert mime.read((Path(folder) / "out" / f"{result.message_id}.eml").read_bytes()).to == mail.to
page = '{% extends "sesmail/layout.html" %}{% from "sesmail/macros.html" import button %}{% block content %}'
page += '{{ button("Go", "https://a.example/") }}{% endblock %}{% block subject %}Hi {{ name }}{% endblock %}'
made = Mailer("null://", templates=Templates({"hi.html": page})).render("hi", {"name": "<Ada>"})
assert made.subject == "Hi <Ada>"
assert "<https://a.example/>" in str(made.text)
assert [point.name for point in entry_points(group="pytest11", name="sesmail")] == ["sesmail"]
package = Path(sesmail.__file__).parent
assert "site-packages" in package.parts, package
assert (package / "py.typed").exists()
assert metadata("sesmail")["Version"] == sesmail.__version__
needed = [line for line in requires("sesmail") or [] if "extra ==" not in line]
assert len(needed) == 5, needed
print(f"sesmail {sesmail.__version__}: the wheel writes, reads and sends a mail")
