"""The command ``manage.py sesmail``."""
