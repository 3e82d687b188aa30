"""``manage.py sesmail``."""
