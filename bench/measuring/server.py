"""The server: what a visit costs it, beside nginx over the same tree."""

import json
from collections.abc import Iterator

from measuring.bench import SCRIPTS, Bench, Figure
from measuring.processes import ran


def server(bench: Bench) -> Iterator[Figure]:
    """Let bench/serving.py load the published tree, and yield what was promised of it."""
    out = bench.folder / "serving.json"
    ran(SCRIPTS / "bench" / "serving", "--data", bench.data, "--json", out)
    told = json.loads(out.read_text())
    nginx_per_s = {
        each["visit"]: each["requests_per_s"] for each in told if each["target"] == "nginx"
    }
    ours = [each for each in told if each["target"] != "nginx"]
    for number, each in enumerate(ours):
        ratio = each["requests_per_s"] / nginx_per_s[each["visit"]]
        is_page = number == 0  # what was promised is promised of a whole page
        yield Figure(
            f"{each['visit']}: processor time",
            each["cpu_us"],
            "µs",
            at_most=50 if is_page else None,
        )
        yield Figure(
            "  requests beside nginx",
            ratio,
            "×",
            at_least=0.3 if is_page else None,
            note=f"{each['requests_per_s']:,.0f}/s, p99 {each['p99_ms']} ms",
        )
