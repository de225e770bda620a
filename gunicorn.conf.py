"""How `gunicorn config.wsgi` runs: a few processes of threads, because pages wait for the database, not for the CPU."""

import multiprocessing
import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", min(multiprocessing.cpu_count(), 4)))
threads = int(os.environ.get("WEB_THREADS", 8))
worker_class = "gthread"
# Imports of 20 MB on a slow line take a while; everything slow after that is a job.
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 20000
max_requests_jitter = 2000
# A slow or hostile client must not fill the memory with headers.
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"
# Liveness files in memory where the system has it: a disk flush must not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# Nobody steers it at run time, and its socket would be a file in a home that is read-only in the container.
control_socket_disable = True
# Who may say "https" is told by TRUSTED_PROXIES alone; gunicorn would believe every process on this machine.
secure_scheme_headers: dict[str, str] = {}


def post_worker_init(worker: object) -> None:
    """The application is loaded."""
    from config import memory

    memory.settle()
