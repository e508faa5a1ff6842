"""All addresses of the office: log-in here, screens and public pages in their own files."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from doudi.office.api.service import urls as api_urls
from doudi.office.org import views

handler500 = "doudi.office.org.views.failed"

urlpatterns = [
    path("login", views.LogIn.as_view(), name="login"),
    path("logout", views.log_out, name="logout"),
    path("language", login_not_required(set_language), name="set_language"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("api/v1/", include((api_urls(), "api"), namespace="api")),
    path("", include("doudi.office.portal.urls")),
    path("", include("doudi.office.desk.urls")),
]
