FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/wiki-marche wiki \
 && install -d -o wiki /var/lib/wiki-marche
WORKDIR /srv/wiki-marche
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY . .
USER wiki
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/var/lib/wiki-marche
EXPOSE 8000
# HTTP is WSGI in 8 threads inside (procurement/asgi.py); one process, several containers.
CMD ["uvicorn", "procurement.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--no-server-header", "--timeout-graceful-shutdown", "20"]
