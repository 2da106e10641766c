"""Addresses of the own account, below `/account/`."""

from django.urls import path

from gongzhi.site.pages.account import own, signing

urlpatterns = [
    path("", own.account, name="account"),
    path("do/", own.account_do, name="account_do"),
    path("passkeys/ask/", own.passkey_ask, name="account_passkey_ask"),
    path("passkeys/add/", own.passkey_add, name="account_passkey_add"),
    path("password/", own.password, name="account_password"),
    path("code-app/", own.code_app, name="account_code_app"),
    path("paper-codes/", own.paper_codes, name="account_paper_codes"),
    path("confirm/", signing.confirm, name="account_confirm"),
    path("confirm/ask/", signing.confirm_ask, name="account_confirm_ask"),
    path("confirm/passkey/", signing.confirm_passkey, name="account_confirm_passkey"),
]
