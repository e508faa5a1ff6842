"""All addresses of the office: log-in here, screens and public pages in their own files."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from doudi.office.api.service import urls as api_urls
from doudi.office.org import entrance_views, views

handler500 = "doudi.office.org.views.failed"

urlpatterns = [
    path("login", entrance_views.LogIn.as_view(), name="login"),
    path("login/code", entrance_views.Code.as_view(), name="mfa_authenticate"),
    path("login/first", entrance_views.first_password, name="first-password"),
    path("logout", views.log_out, name="logout"),
    path("account/kept/", entrance_views.kept_form, name="kept-form"),
    path("account/act-for/", entrance_views.act_for, name="act-for"),
    path("account/", entrance_views.account, name="mfa_index"),
    path("account/password/", entrance_views.Password.as_view(), name="account_change_password"),
    path("account/second-factor/", entrance_views.SetUpSecondFactor.as_view(), name="mfa_activate_totp"),
    path("account/second-factor/away/", entrance_views.RemoveSecondFactor.as_view(), name="mfa_deactivate_totp"),
    path("account/codes/", entrance_views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/codes/new/", entrance_views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/again/", entrance_views.Again.as_view(), name="account_reauthenticate"),
    path("account/again/code/", entrance_views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    # The names by which allauth knows the two doors.
    path("login", entrance_views.LogIn.as_view(), name="account_login"),
    path("logout", views.log_out, name="account_logout"),
    path("login/first", entrance_views.first_password, name="account_set_password"),
    path("language", login_not_required(set_language), name="set_language"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("api/v1/", include((api_urls(), "api"), namespace="api")),
    path("", include("doudi.office.portal.urls")),
    path("", include("doudi.office.desk.urls")),
]
