"""What a user does first, with the installed package: run by itself, outside the source tree."""

from __future__ import annotations

from importlib.metadata import metadata, requires
from pathlib import Path

import sesmail
from sesmail import Email, mime

mail = Email(
    sender="a@example.com", to="Jürgen <b@Bücher.example>", subject="Grüße", html="<p>Hi", attachments={"a": "b"}
)
again = mime.read(mime.write(mail).to_bytes())

assert again.to == mail.to
assert again.subject == mail.subject
package = Path(sesmail.__file__).parent
assert "site-packages" in package.parts, package
assert (package / "py.typed").exists()
assert metadata("sesmail")["Version"] == sesmail.__version__
needed = [line for line in requires("sesmail") or [] if "extra ==" not in line]
assert len(needed) == 5, needed
print(f"sesmail {sesmail.__version__}: the wheel writes and reads a mail")
