"""Settings: read once from the environment and the command line, then passed on unchanged."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from content_server.errors import InvalidSetting
from content_server.phrases import _

PROJECT_DIR = Path(__file__).parent.parent
PREFIX = "CONTENT_SERVER_"
OLD_NAMES = {"background_threads": "later_threads"}  # accepted until 0.3: new name → old name


@dataclass(frozen=True)
class Settings:
    """What differs between a laptop, a village box and the server of a province.

    Every field can be set in the environment as CONTENT_SERVER_<FIELD IN CAPITALS>.
    """

    data_dir: Path = PROJECT_DIR / "data"  # all files and databases that this server writes
    lessons_dir: Path = PROJECT_DIR / "lessons"  # the starter lessons
    media_dir: Path = PROJECT_DIR / "media"  # the sources of their media
    database_url: str = ""  # empty: SQLite in data_dir; else postgresql+psycopg://…
    store_url: str = ""  # empty: a folder in data_dir; else s3://bucket/prefix
    store_options: Mapping[str, str] = field(
        default_factory=dict
    )  # endpoint, region, keys … of a bucket
    base_url: str = "http://127.0.0.1:8000"  # the public address, without a slash at the end
    host: str = "127.0.0.1"
    port: int = 8000
    two_people: bool = True  # the author of a lesson cannot approve it
    worker_threads: int = os.cpu_count() or 2  # jobs run at once
    background_threads: int = 1  # background renditions made at once; 0: none
    tool_threads: int = 2  # CPU threads of one media tool
    tool_niceness: int = 19  # nice value of media tools, 0–19: serving pages comes first
    tool_cores: tuple[int, ...] = ()  # CPUs for media tools; empty: all
    trusted_proxies: tuple[str, ...] = ()  # proxies whose X-Forwarded-Proto is trusted
    wifi_name: str = ""  # of the village box; on its start page as text and QR code
    wifi_password: str = ""  # shown on that page; empty: an open Wi-Fi
    hide_unreviewed: bool = False  # True: show only editions reviewed by a native speaker

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"  # unfinished uploads; moved to the store when complete

    @property
    def originals_dir(self) -> Path:
        return self.data_dir / "originals"  # photos before redaction: private

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
    """Tell whether an address works on this machine only, so that no QR code should show it."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1", "0.0.0.0"} or host.startswith("127.")  # noqa: S104  # compared, not opened


def read_settings(
    environ: Mapping[str, str] | None = None, given: Mapping[str, object] | None = None
) -> Settings:
    """Return the settings of `environ`, overridden by `given` (command line; None: not given).

    Raises InvalidSetting for a value that cannot be parsed.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for name, converter in _CONVERTERS.items():
        text = environ.get(PREFIX + name.upper(), environ.get(_old_variable(name)))
        if text is not None:
            values[name] = _convert(name, text, converter)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]  # names and types come from _CONVERTERS


def renamed_variables(environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return (old name, new name) of the environment variables still set under an old name."""
    environ = os.environ if environ is None else environ
    names = [(_old_variable(name), PREFIX + name.upper()) for name in OLD_NAMES]
    return [(old, new) for old, new in names if old in environ]


def _old_variable(name: str) -> str:
    return PREFIX + OLD_NAMES.get(name, name).upper()


def _convert(name: str, text: str, converter: object) -> object:
    try:
        return converter(text)  # type: ignore[operator]  # every converter takes one string
    except ValueError as error:
        raise InvalidSetting(
            _("Thiết lập {name} có giá trị lạ: {text}.", name=PREFIX + name.upper(), text=text)
        ) from error


def _parse_bool(text: str) -> bool:
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ValueError(text)
    return text.lower() in {"1", "true", "yes"}


def _parse_options(text: str) -> dict[str, str]:
    """Parse 'endpoint=http://…,region=…' into a mapping."""
    return dict(_parse_pair(part) for part in text.split(",") if part)


def _parse_pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(part)
    return name.strip(), value.strip()


def _parse_cores(text: str) -> tuple[int, ...]:
    """Parse '0,2' into CPU numbers."""
    return tuple(int(part) for part in text.split(",") if part.strip())


def _parse_networks(text: str) -> tuple[str, ...]:
    """Parse '127.0.0.1,10.0.0.0/8'; host names are refused: DNS can be spoofed."""
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        ip_network(network, strict=False)
    return networks


def _parse_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text.rstrip("/")


_CONVERTERS = {
    "data_dir": Path,
    "lessons_dir": Path,
    "media_dir": Path,
    "database_url": str,
    "store_url": str,
    "store_options": _parse_options,
    "base_url": _parse_address,
    "host": str,
    "port": int,
    "worker_threads": int,
    "background_threads": int,
    "tool_threads": int,
    "tool_niceness": int,
    "tool_cores": _parse_cores,
    "trusted_proxies": _parse_networks,
    "wifi_name": str,
    "wifi_password": str,
    "two_people": _parse_bool,
    "hide_unreviewed": _parse_bool,
}
