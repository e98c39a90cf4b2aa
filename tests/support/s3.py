"""A real S3 API on loopback, for tests of the store."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer


@contextmanager
def run_s3(bucket: str) -> Iterator[dict[str, str]]:
    """Serve an S3 API with one empty bucket; yield the store options that reach it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    assert httpx.put(f"{endpoint}/{bucket}", trust_env=False).is_success
    yield {
        "endpoint": endpoint,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
    }
    server.stop()
