"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
# The TLS proxy on this machine says who asked and how. Without it every address would be the proxy's own, so all
# residents would share one limit, and the redirect to HTTPS would never end. Nobody else's word is taken for it.
application = wrap_wsgi_with_proxy_headers(get_wsgi_application(), trusted_hosts=["127.0.0.1", "::1"])
