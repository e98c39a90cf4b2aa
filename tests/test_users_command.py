"""The user command: the first admin, a link, a list, keeping out, and forgetting."""

from pathlib import Path

import pytest
from people_samples import PASSPHRASE, attempt, visitor
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.app import create_app
from content_server.errors import PersonRefused
from content_server.services import open_services
from content_server.settings import Settings
from content_server.web.assets import LIBRARIES, load_assets, missing_libraries


def run(data: Path, *words: str) -> None:
    done = CliRunner().invoke(app, ["user", *words, "--data", str(data)])
    if done.exception:
        raise done.exception


def test_a_first_admin_and_what_becomes_of_people(settings: Settings) -> None:
    data = settings.data_dir
    run(data, "add", "Nguyễn Thị Lan", "--passphrase", PASSPHRASE)
    run(data, "add", "Giàng A Páo", "--role", "trainer", "--passphrase", PASSPHRASE)
    house = open_services(settings)
    client = visitor(create_app(house))
    assert attempt(client, "nguyenthilan", PASSPHRASE)[0] == 303
    assert client.get("/-/soan/nguoi").status_code == 200
    run(data, "disable", "giangapao")
    assert attempt(visitor(create_app(house)), "giangapao", PASSPHRASE)[0] == 401
    run(data, "enable", "giangapao")
    assert attempt(visitor(create_app(house)), "giangapao", PASSPHRASE)[0] == 303
    run(data, "forget", "giangapao")
    assert "Giàng" not in client.get("/-/soan/nguoi").text
    run(data, "reset", "nguyenthilan")
    assert client.get("/-/soan/nguoi").status_code == 303  # every old device is out
    house.database.close()


def test_what_makes_no_sense_is_said(settings: Settings) -> None:
    with pytest.raises(PersonRefused):
        run(settings.data_dir, "add", "Lan", "--passphrase", "ngan")
    with pytest.raises(PersonRefused):
        run(settings.data_dir, "invite", "Lan", "--role", "speaker")
    run(settings.data_dir, "invite", "Lan", "--role", "speaker", "--language", "hmn")
    run(settings.data_dir, "list")


def test_a_missing_library_is_no_500(tmp_path: Path) -> None:
    assert missing_libraries(tmp_path) == ["htmx.org", "idb-keyval", "tus-js-client"]
    assets = load_assets(tmp_path)
    assert not set(LIBRARIES) & set(assets.bodies)
    assert assets.path("htmx.js").startswith("/-/tinh/")
