"""What a browser accepts and which part it wants: any header ends with something to send."""

import re

from hypothesis import given
from hypothesis import strategies as st

from content_server.web.published.negotiation import ENCODINGS, preferred_encodings
from content_server.web.published.ranges import RangeNotSatisfiable, parse_range


@given(header=st.text(st.characters(max_codepoint=255)).map(lambda t: t.encode("latin-1")))
def test_any_accept_encoding_ends_with_something_to_send(header: bytes) -> None:
    order = preferred_encodings(header)
    assert "identity" in order
    assert set(order) <= set(ENCODINGS)
    assert len(set(order)) == len(order)


@given(weights=st.dictionaries(st.sampled_from(ENCODINGS), st.sampled_from([0, 0.25, 0.5, 1])))
def test_higher_weights_come_first_and_zero_never(weights: dict[str, float]) -> None:
    header = ", ".join(f"{name};q={weight}" for name, weight in weights.items())
    order = preferred_encodings(header.encode())
    named = [weights[name] for name in order if weights.get(name)]
    assert named == sorted(named, reverse=True)
    assert all(weights.get(name, 1) > 0 for name in order if name != "identity")
    assert all(name in weights or name == "identity" for name in order)


numbers = st.integers(0, 300)


range_headers = st.one_of(
    st.builds("bytes={}-{}".format, numbers, numbers),
    st.builds("bytes={}-".format, numbers),
    st.builds("bytes=-{}".format, numbers),
    st.text("bytes=-,0123456789 ", max_size=30),
    st.text(max_size=30),
)


@given(header=range_headers, size=st.integers(0, 200))
def test_any_range_lies_inside_the_file(header: str, size: int) -> None:
    """What is sent is what slicing the file as the header says would give."""
    try:
        part = parse_range(header.encode(), size)
    except RangeNotSatisfiable:
        first, _, last = header.partition("=")[2].partition("-")
        assert not first.strip() or int(first) >= size
        assert first.strip() or size == 0 or int(last) == 0
        return
    if part is None:
        match = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", header, re.ASCII)
        assert match is None or not any(match.groups()) or int(match[2]) < int(match[1])
        return
    assert 0 <= part[0] < part[1] <= size
