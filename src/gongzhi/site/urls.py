"""The table of addresses. Every view carries an access rule; a house test walks this table."""

from django.urls import include, path

from gongzhi.site.pages import health, landing, media, session
from gongzhi.site.pages.account import links, signing
from gongzhi.site.pages.coordinator import clocks, returns
from gongzhi.site.pages.resident.views import start

urlpatterns = [
    path("", start, name="start"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-in/code/", signing.second_step, name="sign_in_code"),
    path("sign-in/passkey/", signing.passkey_enter, name="sign_in_passkey"),
    path("sign-in/passkey/ask/", signing.passkey_ask, name="sign_in_passkey_ask"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("link/", links.link, name="link"),
    path("link/set/", links.link_set, name="link_set"),
    path("link/set/passkey/", links.link_passkey, name="link_passkey"),
    path("link/set/passkey/ask/", links.link_passkey_ask, name="link_passkey_ask"),
    path("account/", include("gongzhi.site.pages.account.urls")),
    path("language/", session.language, name="language"),
    path("display/", session.display, name="display"),
    path("<slug:j>/desk/", include("gongzhi.site.pages.coordinator.urls")),
    path("<slug:j>/returns/", returns.hand_backs, name="hand_backs"),
    path("<slug:j>/returns/decide/", returns.hand_back_decide, name="hand_back_decide"),
    path("<slug:j>/more-time/", clocks.more_time, name="more_time"),
    path("<slug:j>/more-time/decide/", clocks.more_time_decide, name="more_time_decide"),
    path("<slug:j>/pauses/", clocks.pauses, name="pauses"),
    path("<slug:j>/today/", include("gongzhi.site.pages.worker.urls")),
    path("<slug:j>/figures/", include("gongzhi.site.pages.leader.urls")),
    path("<slug:j>/asks/", include("gongzhi.site.pages.asking.urls")),
    path("<slug:j>/lending/", include("gongzhi.site.pages.sharing.urls")),
    path("<slug:j>/setup/", include("gongzhi.site.pages.admin.urls")),
    path("<slug:j>/work/", landing.work, name="work"),
    path("<slug:j>/photos/<int:photo_id>.jpg", media.photo, name="photo"),
    path("<slug:j>/", include("gongzhi.site.pages.resident.urls")),
]
