"""The user command: the first admin, a link, a list, keeping out, and forgetting."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.app import create_app
from content_server.errors import InvalidAccount
from content_server.services import open_services
from content_server.settings import Settings
from content_server.web.assets import LIBRARIES, load_assets, missing_libraries
from tests.support.accounts import PASSPHRASE, new_client, try_sign_in


def run_users_command(data: Path, *words: str) -> None:
    done = CliRunner().invoke(app, ["user", *words, "--data", str(data)])
    if done.exception:
        raise done.exception


def test_a_first_admin_and_what_becomes_of_people(settings: Settings) -> None:
    data = settings.data_dir
    run_users_command(data, "add", "Nguyễn Thị Lan", "--passphrase", PASSPHRASE)
    run_users_command(data, "add", "Giàng A Páo", "--role", "trainer", "--passphrase", PASSPHRASE)
    services = open_services(settings)
    client = new_client(create_app(services))
    assert try_sign_in(client, "nguyenthilan", PASSPHRASE)[0] == 303
    assert client.get("/-/soan/nguoi").status_code == 200
    run_users_command(data, "disable", "giangapao")
    assert try_sign_in(new_client(create_app(services)), "giangapao", PASSPHRASE)[0] == 401
    run_users_command(data, "enable", "giangapao")
    assert try_sign_in(new_client(create_app(services)), "giangapao", PASSPHRASE)[0] == 303
    run_users_command(data, "forget", "giangapao")
    assert "Giàng" not in client.get("/-/soan/nguoi").text
    run_users_command(data, "reset", "nguyenthilan")
    assert client.get("/-/soan/nguoi").status_code == 303  # every old device is out
    services.database.close()


def test_what_makes_no_sense_is_said(settings: Settings) -> None:
    with pytest.raises(InvalidAccount):
        run_users_command(settings.data_dir, "add", "Lan", "--passphrase", "ngan")
    with pytest.raises(InvalidAccount):
        run_users_command(settings.data_dir, "invite", "Lan", "--role", "speaker")
    run_users_command(settings.data_dir, "invite", "Lan", "--role", "speaker", "--language", "hmn")
    run_users_command(settings.data_dir, "list")


def test_a_missing_library_is_no_500(tmp_path: Path) -> None:
    assert missing_libraries(tmp_path) == ["htmx.org", "idb-keyval", "tus-js-client"]
    assets = load_assets(tmp_path)
    assert not set(LIBRARIES) & set(assets.bodies)
    assert assets.path("htmx.js").startswith("/-/tinh/")
