"""Settings, URLs, Celery, queues and logging: wiring only, no behaviour."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
