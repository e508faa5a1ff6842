"""Addresses that need no log-in."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from doudi.office.portal import intake, views

urlpatterns = [
    path("public/<str:token>/", login_not_required(views.sheet), name="public-sheet"),
    path("apply/", login_not_required(intake.apply), name="portal-apply"),
    path("follow/", login_not_required(intake.follow), name="follow"),
    path("robots.txt", login_not_required(views.robots), name="robots"),
]
