# The bot as an image: docker build -t seedream-bot . (docker-compose.yml does it by itself)
# Python is the version that the tests run on. Every dependency comes as a wheel, known by its hash: nothing is compiled.
# A newer base image: CONTRIBUTING.md says how to find its digest.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build

WORKDIR /app
COPY requirements.txt ./
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --only-binary :all: \
        --require-hashes -r requirements.txt
COPY bot.py assembly.py ./
COPY check check/
COPY cogs cogs/
COPY studio studio/
COPY infra infra/
COPY seedream seedream/
# Compiled here, since the file system may be read-only there.
RUN python -m compileall -q --invalidation-mode unchecked-hash /venv /app


FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# A font for the charts in Chinese, Japanese and Korean. The base's own pip is of no use here.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && python -m pip uninstall --yes --quiet --root-user-action ignore pip setuptools wheel \
    && install -d -o 10001 -g 10001 /app/data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    WEB_HOST=0.0.0.0 \
    WEB_PORT=8080
USER 10001:10001
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-I", "infra/web/is_healthy.py"]
CMD ["python", "bot.py"]
