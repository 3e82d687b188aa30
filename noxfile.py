"""The tests on every Python that we claim, the lowest versions that we claim, and the wheel as a user gets it."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
# Skipped aloud, not failed: a machine need not have every Python. CI has them, and says so with --error-on-missing.
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]
# All that say something where they are missing; a test compares. tests/extras.py knows what each is for.
EXTRAS = ["django", "flask", "fastapi", "direct", "local", "css", "mjml", "markdown", "babel"]
FAST = ("-q", "-m", "not server and not heavy", "tests", "examples")
ALL_CORES = ("-n", "auto")
# Pages with code of peers, which the group `test` does not bring. The session `peers` has them, and `make test`.
OF_PEERS = tuple(f"docs/migrate-{name}.md" for name in ("django-ses", "django-anymail", "flask-mail"))
# Their examples build on one another, so they are not for several workers.
PAGES = ("-q", "src", "docs", "README.md", *(f"--ignore={page}" for page in OF_PEERS))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests that are fast and need no server; on the newest Python also Django's own about our backend."""
    session.install("--group", "test", "-e", ".", "pip")
    session.run("python", "-m", "pytest", *FAST, *(session.posargs or ALL_CORES))
    session.run("python", "-m", "pytest", *PAGES)
    if session.python == PYTHONS[-1]:
        session.run("python", "-m", "pytest", "-q", "tests/integrations/django/test_djangos_own.py")


# Django 6 is not for Python 3.11.
@nox.session(python=PYTHONS)
@nox.parametrize("django", ["5.2", "6.0", "6.1"])
def django(session: nox.Session, django: str) -> None:
    """Mail in each Django that is looked after: our tests and Django's own, the project, the page."""
    if session.python == "3.11" and django != "5.2":
        session.skip(f"Django {django} needs a newer Python")
    session.install("--group", "test", "-e", ".", "pip", f"django=={django}.*")  # pip fetches Django's own tests
    session.run("python", "-m", "pytest", "-q", *ALL_CORES, "tests/integrations/django", "examples/django")
    session.run("python", "-m", "pytest", "-q", "docs/django.md")


@nox.session(python=PYTHONS)
def peers(session: nox.Session) -> None:
    """The pages for those who come from other packages, with these."""
    session.install("--group", "test", "--group", "peers", "-e", ".")
    session.run("python", "-m", "pytest", "-q", *OF_PEERS)


# On 3.12, so that CI sees each Python once: 3.11 by `make test`, this, and 3.13 with the newest of everything.
@nox.session(python="3.12", venv_backend="uv")  # pip cannot resolve to the lowest
def floors(session: nox.Session) -> None:
    """The same with the lowest version of everything that pyproject.toml names."""
    session.install("--resolution", "lowest-direct", "--group", "test", "-e", ".[speed]")
    session.run("python", "-m", "pytest", *FAST, *(session.posargs or ALL_CORES))
    session.run("python", "-m", "pytest", *PAGES)


@nox.session(python="3.12", venv_backend="uv")
@nox.parametrize("extra", EXTRAS)
def extras(session: nox.Session, extra: str) -> None:
    """Each extra by itself: it works, the others say what to install, and no framework comes along."""
    session.install("--reinstall-package", "sesmail", f".[{extra}]")  # uv takes an unchanged pyproject for no change
    session.run("python", "-I", str(Path(__file__).parent / "tests" / "extras.py"), extra)


@nox.session(python="3.11")
def wheel(session: nox.Session) -> None:
    """The built wheel in an environment of its own: what is missing from it is missed here."""
    folder = Path(session.create_tmp()).resolve()
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(folder), ".", silent=True)
    (built,) = folder.glob("*.whl")
    session.run("python", "-m", "venv", "--clear", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    session.run(str(python), "-m", "pip", "install", "--quiet", str(built), external=True)
    session.chdir(folder)
    session.run(str(python), "-I", str(Path(__file__).parent / "tests" / "smoke.py"), external=True)
