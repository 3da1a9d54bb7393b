# The four stages and the commands; which one runs says the command line: `streamproc worker decide`.
FROM python:3.11-slim AS build
COPY requirements-runtime.txt /build/
RUN python -m venv /opt/streamproc && /opt/streamproc/bin/pip install --no-cache-dir --require-hashes -r /build/requirements-runtime.txt
COPY pyproject.toml README.md LICENSE /build/
COPY streamproc /build/streamproc
RUN /opt/streamproc/bin/pip install --no-cache-dir --no-deps /build

FROM python:3.11-slim
COPY --from=build /opt/streamproc /opt/streamproc
RUN useradd --create-home --uid 10001 streamproc && install -d -o streamproc /var/lib/streamproc
USER streamproc
WORKDIR /app
COPY config config
COPY topics topics
ENV PATH=/opt/streamproc/bin:$PATH STREAMPROC_RUNTIME__DATA_DIR=/var/lib/streamproc STREAMPROC_METRICS__HOST=0.0.0.0
ENTRYPOINT ["streamproc"]
CMD ["--help"]
