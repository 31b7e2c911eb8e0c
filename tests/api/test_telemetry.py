"""The framework could trace, count and export requests by itself; here it does none of it."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry._logs import Logger, LoggerProvider, NoOpLogger
from opentelemetry.metrics import Meter, MeterProvider, NoOpMeter
from opentelemetry.trace import NoOpTracer, Tracer, TracerProvider

from mnemosyne.api.app import node_app
from mnemosyne.http.limits import Limits
from tests.requirements import requirement
from tests.serving import ADDRESS, Served


class Listener(TracerProvider, MeterProvider, LoggerProvider):
    """Notes whoever wants to tell something."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_tracer(self, *args: object, **kwargs: object) -> Tracer:
        del kwargs
        self.asked.append(f"traces of {args}")
        return NoOpTracer()

    def get_meter(self, *args: object, **kwargs: object) -> Meter:
        del kwargs
        self.asked.append(f"figures of {args}")
        return NoOpMeter("none")

    def get_logger(self, *args: object, **kwargs: object) -> Logger:
        del kwargs
        self.asked.append(f"logs of {args}")
        return NoOpLogger("none")


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Listen where the environment asks every library to tell what it sees."""
    made = Listener()
    for place in (
        "opentelemetry.trace._TRACER_PROVIDER",
        "opentelemetry.metrics._internal._METER_PROVIDER",
        "opentelemetry._logs._internal._LOGGER_PROVIDER",
    ):
        monkeypatch.setattr(place, made)
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    yield made
    assert trace.get_tracer_provider() is made


async def ask(app: FastAPI | object, base: str) -> int:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # an ASGI application
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        return (await client.get("/health/live")).status_code


@requirement("serving.no-telemetry")
async def test_nothing_is_told_even_where_the_environment_asks_for_it(
    served: Served, listener: Listener
) -> None:
    app = node_app(served.node, ADDRESS, Limits(served.clock))

    assert await ask(app, ADDRESS.origin) == 200
    assert listener.asked == []


async def test_the_framework_left_to_itself_would_tell(listener: Listener) -> None:
    app = FastAPI()
    app.add_api_route("/health/live", lambda: "yes")

    assert await ask(app, "http://localhost") == 200
    assert any("fastapi" in each for each in listener.asked)
