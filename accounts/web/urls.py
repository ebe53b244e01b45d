"""URL routes of the account pages: login, settings, team, invitations."""

from django.urls import path

from accounts.web.invitation_page import InvitationView
from accounts.web.login import CodeView, DemoLoginView, LoginView, LogoutView
from accounts.web.password_reset_pages import AskView, SetView
from accounts.web.second_factor_page import SecondFactorView
from accounts.web.settings_pages import PasswordView, ProfileView
from accounts.web.switch import SwitchView
from accounts.web.team import TeamView
from accounts.web.tokens_page import RevokeTokenView, TokensView

urlpatterns = [
    path("login", LoginView.as_view(), name="login"),
    path("login/code", CodeView.as_view(), name="login_code"),
    path("login/demo", DemoLoginView.as_view(), name="login_demo"),
    path("invitations/<str:token>", InvitationView.as_view(), name="invitation"),
    path("password-reset", AskView.as_view(), name="password_reset"),
    path("password-reset/<str:token>", SetView.as_view(), name="password_reset_set"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("switch", SwitchView.as_view(), name="switch"),
    path("settings", ProfileView.as_view(), name="settings"),
    path("settings/password", PasswordView.as_view(), name="password"),
    path("settings/second-factor", SecondFactorView.as_view(), name="second_factor"),
    path("settings/tokens", TokensView.as_view(), name="tokens"),
    path("settings/team", TeamView.as_view(), name="team"),
    path("settings/tokens/revoke", RevokeTokenView.as_view(), name="revoke_token"),
]
