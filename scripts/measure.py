#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""What a page costs a villager's phone: bytes, requests, scripts, first and largest paint.

    scripts/measure.py http://127.0.0.1:8000/vi/tra-tien-dien
    scripts/measure.py --runs 5 --networks edge,3g --json out.json ours=URL other=URL

Every visit is a first one: empty cache, a fresh browser context, a phone of 360×640 at two pixels
a point, touch, a processor six times slower, and Chromium's own emulation of the network. Pages
named together are visited in turns (ours, other, ours, other …), because a machine drifts.

Not in it: DNS, TLS, TCP's slow start, loss. Needs Chromium and a set-up made by scripts/test.
"""

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # published without types
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from rich.console import Console
from rich.table import Table

CPU_SLOWER = 6  # an Android of 2018 beside a desktop machine
QUIET_S = 1.0  # nothing heard of for so long: the page has all it wants
WITHIN_S = 120
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
WATCH = """
window.largest = null;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.largest = entry; })
  .observe({type: 'largest-contentful-paint', buffered: true});
"""
IDLE = "new Promise(done => requestIdleCallback(() => setTimeout(done, 200), {timeout: 30000}))"
PAINTS = """() => {
  const first = performance.getEntriesByName('first-contentful-paint')[0], largest = window.largest;
  const runs = s => !s.src && !/json/.test(s.type);
  return {
    fcp_ms: first ? first.startTime : null,
    lcp_ms: largest ? largest.startTime : null,
    largest: largest && largest.element ? largest.element.tagName.toLowerCase() : '?',
    scripts: [...document.scripts].filter(runs).map(s => s.textContent),
  };
}"""


@dataclass(frozen=True)
class Network:
    """A signal: greatest rates, and the time a request waits for its answer."""

    name: str
    down_kbps: int
    up_kbps: int
    wait_ms: int


NETWORKS = {
    network.name: network
    for network in (
        Network("edge", 120, 60, 500),
        Network("3g", 400, 150, 400),
        Network("bad-4g", 1600, 750, 150),
    )
}


@dataclass(frozen=True)
class Visit:
    """One first visit. Bytes are what the wire carried: headers and bodies as they were pressed."""

    page: str
    network: str
    bytes: int
    requests: int
    script_bytes: int  # fetched ones as on the wire; inline ones pressed with brotli by themselves
    encoding: str  # of the document
    fcp_ms: float
    lcp_ms: float
    largest: str  # the element LCP speaks of


@dataclass
class Wire:
    """Listens to the browser's network and adds up."""

    kinds: dict[str, str] = field(default_factory=dict)
    sizes_bytes: dict[str, int] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    redirects_bytes: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    encoding: str = ""
    heard_s: float = field(default_factory=time.monotonic)

    def listen(self, session: CDPSession) -> None:
        listeners: dict[str, Callable[[dict[str, Any]], None]] = {
            "requestWillBeSent": self._asked,
            "responseReceived": self._answered,
            "dataReceived": self._received,
            "loadingFinished": self._finished,
            "loadingFailed": self._failed,
        }
        for name, listener in listeners.items():
            session.on(f"Network.{name}", listener)

    @property
    def total_bytes(self) -> int:
        return sum(self.sizes_bytes.values()) + sum(self.redirects_bytes)

    @property
    def requests(self) -> int:
        return len(self.kinds) + len(self.redirects_bytes)

    def script_bytes(self) -> int:
        return sum(size for key, size in self.sizes_bytes.items() if self.kinds[key] == "Script")

    def is_quiet(self) -> bool:
        return not self.waiting and time.monotonic() - self.heard_s > QUIET_S

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("http"):
            return  # data: and blob: cost nothing
        if "redirectResponse" in event:
            self.redirects_bytes.append(int(event["redirectResponse"]["encodedDataLength"]))
        self.kinds[event["requestId"]] = event.get("type", "Other")
        self.waiting.add(event["requestId"])
        self.heard_s = time.monotonic()

    def _answered(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Document":
            headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
            self.encoding = headers.get("content-encoding", "identity")
        self.heard_s = time.monotonic()

    def _received(self, _event: dict[str, Any]) -> None:
        self.heard_s = time.monotonic()

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.kinds:
            self.sizes_bytes[event["requestId"]] = int(event["encodedDataLength"])
        self._ended(event)

    def _failed(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.kinds:
            self.failed.append(event["errorText"])
        self._ended(event)

    def _ended(self, event: dict[str, Any]) -> None:
        self.waiting.discard(event["requestId"])
        self.heard_s = time.monotonic()


def visit(browser: Browser, name: str, url: str, network: Network) -> Visit:
    """Open `url` as a villager's phone does for the first time; return what it cost."""
    context = browser.new_context(
        viewport={"width": 360, "height": 640},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
    )
    try:
        page = context.new_page()
        wire = Wire()
        slow_down(context.new_cdp_session(page), wire, network)
        page.add_init_script(WATCH)
        page.goto(url, wait_until="load", timeout=WITHIN_S * 1000)
        settle(page, wire)
        seen = page.evaluate(PAINTS)
    finally:
        context.close()
    if wire.failed or seen["fcp_ms"] is None or seen["lcp_ms"] is None:
        sys.exit(f"{url}: nothing painted, or a request failed: {wire.failed}")
    inline = "".join(seen["scripts"]).encode()
    return Visit(
        page=name,
        network=network.name,
        bytes=wire.total_bytes,
        requests=wire.requests,
        script_bytes=wire.script_bytes() + (len(brotli.compress(inline)) if inline else 0),
        encoding=wire.encoding,
        fcp_ms=seen["fcp_ms"],
        lcp_ms=seen["lcp_ms"],
        largest=seen["largest"],
    )


def slow_down(session: CDPSession, wire: Wire, network: Network) -> None:
    """Make a phone on a bad signal of this page, and listen to its network."""
    wire.listen(session)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": network.wait_ms,
            "downloadThroughput": network.down_kbps * 1000 / 8,
            "uploadThroughput": network.up_kbps * 1000 / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})


def settle(page: Page, wire: Wire) -> None:
    """Wait until the page asks for nothing more and its slow processor has rested."""
    until_s = time.monotonic() + WITHIN_S
    while not wire.is_quiet() and time.monotonic() < until_s:
        page.wait_for_timeout(100)
    page.evaluate(IDLE)


def visits(pages: dict[str, str], networks: Sequence[Network], runs: int) -> Iterator[Visit]:
    """Visit all pages in turns, on each network; one visit of each first, that does not count."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=FLAGS
        )
        for name, url in pages.items():
            visit(browser, name, url, Network("warm-up", 10_000, 10_000, 1))
        for network in networks:
            for _run in range(runs):
                for name, url in pages.items():
                    yield visit(browser, name, url, network)
        browser.close()


def table_of(found: Sequence[Visit]) -> Table:
    """Return the medians, a row for each network and page."""
    table = Table(title="What a page costs a phone (medians)", title_justify="left")
    for column in ("network", "page", "bytes", "requests", "scripts B", "FCP s", "LCP s", "is"):
        table.add_column(column, justify="left" if column in {"network", "page"} else "right")
    for network, page in dict.fromkeys((visit.network, visit.page) for visit in found):
        same = [v for v in found if (v.network, v.page) == (network, page)]
        table.add_row(
            network,
            page,
            f"{statistics.median(v.bytes for v in same):,.0f} {same[0].encoding}",
            f"{statistics.median(v.requests for v in same):.0f}",
            f"{statistics.median(v.script_bytes for v in same):,.0f}",
            f"{statistics.median(v.fcp_ms for v in same) / 1000:.2f}",
            f"{statistics.median(v.lcp_ms for v in same) / 1000:.2f}",
            f"<{same[0].largest}>",
        )
    return table


def main() -> None:
    """Visit, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="+", metavar="[NAME=]URL")
    parser.add_argument("--runs", type=int, default=3, help="visits of each page on each network")
    parser.add_argument("--networks", default=",".join(NETWORKS), help="which, with commas between")
    parser.add_argument("--json", type=Path, help="write every single visit here")
    given = parser.parse_args()
    named = (page.partition("=") if "=http" in page else (page, "=", page) for page in given.pages)
    pages = {name: url for name, _equals, url in named}
    networks = [NETWORKS[name] for name in given.networks.split(",")]
    console, found = Console(), []
    total = len(pages) * len(networks) * given.runs
    with Console(stderr=True).status("visiting …") as status:
        for each in visits(pages, networks, given.runs):
            found.append(each)
            status.update(f"visit {len(found)} of {total}: {each.page} on {each.network}")
    console.print(table_of(found))
    if given.json:
        given.json.write_text(json.dumps([asdict(each) for each in found], indent=1))


if __name__ == "__main__":
    main()
