"""What the routes of the server share: opened once, set as `app.state.server`, read here only."""

from dataclasses import dataclass

from fastapi import Request

from content_server.accounts.server_key import ServerKey
from content_server.db import Database
from content_server.media.store import Store
from content_server.pipeline.publish import Publisher
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import PackBuilder
from content_server.site.downloads.usb_packs import UsbPacks
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.tree import Tree
from content_server.uploads.write_locks import WriteLocks
from content_server.web.assets import Assets


@dataclass(frozen=True)
class AppState:
    """The parts of a running server that its routes use."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    site_builder: SiteBuilder
    publisher: Publisher
    pack_builder: PackBuilder
    usb_packs: UsbPacks
    server_key: ServerKey
    assets: Assets
    write_locks: WriteLocks


def app_state(request: Request) -> AppState:
    """Return the state of the server that answers this request."""
    state: AppState = request.app.state.server
    return state
