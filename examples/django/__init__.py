"""A Django project whose mail goes by sesmail: see its ``shop`` and `docs/django.md`."""
