"""Settings: read once from command line and environment, then passed along, never changed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from content_server.errors import SettingRefused
from content_server.phrases import _

PROJECT_DIR = Path(__file__).parent.parent
PREFIX = "CONTENT_SERVER_"


@dataclass(frozen=True)
class Settings:
    """All that differs between a laptop, a commune's box and a province.

    Every field can be set in the environment as CONTENT_SERVER_<FIELD IN CAPITALS>.
    """

    data_dir: Path = PROJECT_DIR / "data"  # everything this server writes on an embedded machine
    lessons_dir: Path = PROJECT_DIR / "lessons"  # the starter lessons
    media_dir: Path = PROJECT_DIR / "media"  # their sources
    database_url: str = ""  # empty: SQLite in data_dir; else postgresql+psycopg://…
    store_url: str = ""  # empty: a folder in data_dir; else s3://bucket/prefix
    store_options: Mapping[str, str] = field(
        default_factory=dict
    )  # endpoint, region, keys … of a bucket
    base_url: str = "http://127.0.0.1:8000"  # how the world calls us, no slash at the end
    host: str = "127.0.0.1"
    port: int = 8000
    two_people: bool = True  # who wrote a lesson cannot approve it
    worker_threads: int = os.cpu_count() or 2  # media jobs at once; their tools are niced
    later_threads: int = 1  # of them, what only makes a published lesson lighter; 0: never
    tool_threads: int = 2  # processors one media tool may keep busy
    tool_niceness: int = 19  # how far a media tool stands back behind page serving, 0–19
    tool_cores: tuple[int, ...] = ()  # the processors media tools may use; none: all of them
    trusted_proxies: tuple[str, ...] = ()  # whose word on HTTPS is believed: 127.0.0.1,10.0.0.0/8
    wifi_name: str = ""  # of the box's own Wi-Fi; shown on its start page as words and QR
    wifi_password: str = ""  # shown to everyone who sees that page; empty: an open Wi-Fi
    hide_unreviewed: bool = False  # True: editions no native speaker has signed stay unseen

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"  # clips on their way; moved to the store when whole

    @property
    def originals_dir(self) -> Path:
        return self.data_dir / "originals"  # photos before names and numbers are covered: private

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'content.sqlite3'}"

    @property
    def effective_store_url(self) -> str:
        return self.store_url or f"file://{self.data_dir / 'store'}"


NO_ADDRESS = _(
    "Chưa có mã QR: máy chủ chưa biết địa chỉ của mình. Nhờ người lo máy chủ đặt"
    " CONTENT_SERVER_BASE_URL, ví dụ https://bai.example.vn, rồi làm lại."
)


def is_only_here(address: str) -> bool:
    """Tell whether an address leads from a machine to itself alone: nothing to print or to scan."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1", "0.0.0.0"} or host.startswith("127.")  # noqa: S104  # compared, not opened


def read_settings(
    environ: Mapping[str, str] | None = None, given: Mapping[str, object] | None = None
) -> Settings:
    """Build Settings from `environ`, then from `given` (command-line values; None means not given).

    Raises SettingRefused when a value cannot be understood.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for name, converter in _CONVERTERS.items():
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = _converted(name, text, converter)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]  # names and types come from _CONVERTERS


def _converted(name: str, text: str, converter: object) -> object:
    try:
        return converter(text)  # type: ignore[operator]  # every converter takes one string
    except ValueError as error:
        raise SettingRefused(
            _("Thiết lập {name} có giá trị lạ: {text}.", name=PREFIX + name.upper(), text=text)
        ) from error


def _yes(text: str) -> bool:
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ValueError(text)
    return text.lower() in {"1", "true", "yes"}


def _options(text: str) -> dict[str, str]:
    """Read 'endpoint=http://…,region=…' into a mapping."""
    return dict(_pair(part) for part in text.split(",") if part)


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(part)
    return name.strip(), value.strip()


def _cores(text: str) -> tuple[int, ...]:
    """Read '0,2' into numbers of processors."""
    return tuple(int(part) for part in text.split(",") if part.strip())


def _networks(text: str) -> tuple[str, ...]:
    """Read '127.0.0.1,10.0.0.0/8'; a name is refused, since names can be made to lie."""
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        ip_network(network, strict=False)
    return networks


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text.rstrip("/")


_CONVERTERS = {
    "data_dir": Path,
    "lessons_dir": Path,
    "media_dir": Path,
    "database_url": str,
    "store_url": str,
    "store_options": _options,
    "base_url": _address,
    "host": str,
    "port": int,
    "worker_threads": int,
    "later_threads": int,
    "tool_threads": int,
    "tool_niceness": int,
    "tool_cores": _cores,
    "trusted_proxies": _networks,
    "wifi_name": str,
    "wifi_password": str,
    "two_people": _yes,
    "hide_unreviewed": _yes,
}
