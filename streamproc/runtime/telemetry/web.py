"""The worker's few pages: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever restarts and routes."""

import threading
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app

from streamproc.runtime.telemetry.health import Answer, Health


class _Server(ThreadingMixIn, WSGIServer):
    """A slow reader keeps nobody else waiting, and none keeps the process alive."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name there
        """Nobody wants a line per scrape."""


def pages(registry: CollectorRegistry, health: Health) -> WSGIApplication:
    """What is served."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                return metrics(environ, start_response)
            case "/healthz":
                return _said(health.live, start_response)
            case "/readyz":
                return _said(health.at_work, start_response)
            case _:
                start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"/metrics /healthz /readyz\n"]

    return answer


def serve_pages(host: str, port: int, registry: CollectorRegistry, health: Health) -> WSGIServer:
    """Serve them in a thread of their own, as long as the process lives; port 0 takes any free one.

    Raises:
        OSError: the port cannot be used.
    """
    server = make_server(host, port, pages(registry, health), _Server, _Silent)
    threading.Thread(target=server.serve_forever, name="web", daemon=True).start()
    return server


def _said(answer: Answer, start_response: StartResponse) -> list[bytes]:
    status = "200 OK" if answer.is_fine else "503 Service Unavailable"
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [answer.reason.encode() + b"\n"]
