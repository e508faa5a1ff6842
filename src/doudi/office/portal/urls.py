"""Addresses that need no log-in."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from doudi.office.portal import views

urlpatterns = [
    path("public/<str:token>/", login_not_required(views.sheet), name="public-sheet"),
    path("robots.txt", login_not_required(views.robots), name="robots"),
]
