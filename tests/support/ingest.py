"""Run the pipeline to its end, and read a page it published."""

from content_server.services import Services


def run_ingest(services: Services) -> None:
    services.pipeline.ingest()
    assert services.worker.run_until_idle().failed == 0


def read_published_page(services: Services, path: str) -> str:
    """Return the published page at `path` as text; empty when there is none."""
    with services.database.read() as session:
        entries = {entry.path: entry for entry in services.tree.entries(session)}
    if path not in entries:
        return ""
    plain = next(v for v in entries[path].variants if v.encoding == "identity")
    return services.store.read_bytes(plain.digest).decode()
