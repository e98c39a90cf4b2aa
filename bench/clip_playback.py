#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the time until a clip's first picture is shown and its voice starts.

    bench/clip_playback.py http://127.0.0.1:8000/vi/dung-zalo#10

120 kbit/s and 500 ms latency, in Chromium. Both times count from the request for the page. The
clip is played as soon as it can be, so that the poster and the clip share the network. Promised:
both before 5 s, with the page's script and without it (--without-script).
"""

import argparse
import shutil
import sys
import time

from playwright.sync_api import Page, sync_playwright

KBPS, LATENCY_MS, PROMISED_S = 120, 500, 5.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="a lesson's address with the step that shows a clip")
    parser.add_argument("--without-script", action="store_true")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        page = browser.new_page(
            viewport={"width": 360, "height": 640}, java_script_enabled=not options.without_script
        )
        throttle_network(page)
        seen_s, heard_s, playing = measure_waits(page, options.address)
        browser.close()
    print(f"first picture {seen_s:.1f} s, voice {heard_s:.1f} s, {playing}")
    if max(seen_s, heard_s) > PROMISED_S:
        sys.exit(1)


def throttle_network(page: Page) -> None:
    """Emulate a weak mobile network."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    bytes_per_s = KBPS * 1000 / 8
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": bytes_per_s,
            "uploadThroughput": bytes_per_s,
        },
    )


def measure_waits(page: Page, address: str) -> tuple[float, float, str]:
    """Return the seconds until the first picture and until the voice, and the file played."""
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    figure = page.locator(f"section[id='{address.partition('#')[2]}'] figure")
    picture, video = figure.locator("img"), figure.locator("video")
    video.wait_for()
    video.evaluate("e => { e.play() }")
    seen_s = heard_s = 0.0
    while not (seen_s and heard_s):
        passed_s = time.monotonic() - begun
        if picture.evaluate("e => e.complete && e.naturalWidth > 0"):
            seen_s = seen_s or passed_s
        if video.evaluate("e => e.currentTime"):
            heard_s = heard_s or passed_s
        time.sleep(0.02)
    return seen_s, heard_s, str(video.evaluate("e => e.currentSrc"))


if __name__ == "__main__":
    main()
