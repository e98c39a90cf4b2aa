"""The server section: processor time and requests per second, beside nginx over the same tree."""

import json
from collections.abc import Iterator

from measuring.bench import BENCH_DIR, Bench, Figure
from measuring.processes import run_program


def measure_server(bench: Bench) -> Iterator[Figure]:
    """Run bench/serving.py over the published tree; yield the promised figures."""
    out = bench.folder / "serving.json"
    run_program(BENCH_DIR / "serving.py", "--data", bench.data, "--json", out)
    figures = json.loads(out.read_text())
    nginx_per_s = {
        each["visit"]: each["requests_per_s"] for each in figures if each["target"] == "nginx"
    }
    ours = [each for each in figures if each["target"] != "nginx"]
    for number, each in enumerate(ours):
        ratio = each["requests_per_s"] / nginx_per_s[each["visit"]]
        is_page = number == 0  # the promises are about a whole page
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
