"""Settings of the shop. What differs between machines comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "only-for-development")
DEBUG = "SHOP_SECRET_KEY" not in os.environ
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("SHOP_DATABASE", HERE / "shop.sqlite3")}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "sesmail.integrations.django",  # checks, and manage.py sesmail
]
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────

EMAIL_BACKEND = "sesmail.integrations.django.EmailBackend"
DEFAULT_FROM_EMAIL = "Tea shop <shop@example.com>"
SESMAIL = {
    "url": os.environ.get("SESMAIL_URL", "console://"),  # ses://eu-west-1 where people are served
    "sender": DEFAULT_FROM_EMAIL,
    "tags": {"app": "shop"},
    "templates": "sesmail.integrations.django.DjangoEngine",
}
