"""Which static files of installed packages we collect."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class OurStaticFiles(StaticFilesConfig):
    # No page of ours shows ReDoc or DRF's browsable API; compressing them would cost seconds of every first start.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc*", "rest_framework"]
