"""Two pages."""

from __future__ import annotations

from django.urls import path

from .views import confirm, register, remind

urlpatterns = [
    path("register", register),
    path("confirm/<str:token>", confirm, name="confirm"),
    path("remind", remind),
]
