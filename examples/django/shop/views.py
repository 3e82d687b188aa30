"""People register, confirm that the address is theirs, and ask for a reminder."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sesmail.integrations.django import get_mailer

A_DAY_S = 24 * 3600


def register(request: HttpRequest) -> HttpResponse:
    """Take a name and an address, and send a link that confirms it: a mail made of a template."""
    if request.method != "POST":
        return render(request, "pages/register.html")
    user = User.objects.create_user(request.POST["name"], request.POST["email"], is_active=False)
    link = request.build_absolute_uri(reverse("confirm", args=[signing.dumps(user.pk)]))
    get_mailer().send(
        template="mails/welcome", context={"name": user.username, "link": link}, to=user.email, tags={"kind": "welcome"}
    )
    return HttpResponse("Look into your inbox.")


def confirm(_: HttpRequest, token: str) -> HttpResponse:
    """The link was followed."""
    try:
        user = User.objects.get(pk=signing.loads(token, max_age=A_DAY_S))
    except (signing.BadSignature, User.DoesNotExist):
        return HttpResponse("This link is old or broken.", status=400)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return HttpResponse(f"Welcome, {user.username}.", content_type="text/plain")


def remind(request: HttpRequest) -> HttpResponse:
    """Django's own mail functions go by the same way."""
    user = User.objects.filter(email=request.POST.get("email", "")).first()
    if user:
        user.email_user("Your name at the tea shop", f"It is {user.username}.\n")
    return HttpResponse("If we know you, there is a mail on its way.")
