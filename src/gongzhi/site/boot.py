"""Sets Django up for programs that are not the web server. Import it before anything that has models.

A program that breaks says where and not about what, as everywhere.
"""

import os
import sys
import threading

import django
from django.core.exceptions import ImproperlyConfigured

from gongzhi.kernel import silence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.site.settings")
try:
    django.setup()
except ImproperlyConfigured as error:
    sys.stderr.write(f"A setting is wrong. {error}\n")
    sys.exit(2)
sys.excepthook = silence.quiet_end
threading.excepthook = silence.quiet_thread_end
