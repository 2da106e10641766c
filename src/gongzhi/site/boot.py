"""Sets Django up for programs that are not the web server. Import it before anything that has models."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
django.setup()
