"""What routes may ask for as typed parameters: parts of the server, a session, a language."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from content_server.accounts.server_key import ServerKey
from content_server.db import Database
from content_server.errors import LessonNotFound
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.registries.registries import Registries
from content_server.locales import Folder, Locale
from content_server.media.store import Store
from content_server.phrases import _
from content_server.pipeline.publish import Publisher
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import PackBuilder
from content_server.site.downloads.usb_packs import UsbPacks
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.tree import Tree
from content_server.uploads.write_locks import WriteLocks
from content_server.web.app_state import app_state


def _settings(request: Request) -> Settings:
    return app_state(request).settings


def _database(request: Request) -> Database:
    return app_state(request).database


def _store(request: Request) -> Store:
    return app_state(request).store


def _tree(request: Request) -> Tree:
    return app_state(request).tree


def _site_builder(request: Request) -> SiteBuilder:
    return app_state(request).site_builder


def _publisher(request: Request) -> Publisher:
    return app_state(request).publisher


def _pack_builder(request: Request) -> PackBuilder:
    return app_state(request).pack_builder


def _usb_packs(request: Request) -> UsbPacks:
    return app_state(request).usb_packs


def _server_key(request: Request) -> ServerKey:
    return app_state(request).server_key


def _write_locks(request: Request) -> WriteLocks:
    return app_state(request).write_locks


SettingsDep = Annotated[Settings, Depends(_settings)]
DatabaseDep = Annotated[Database, Depends(_database)]
StoreDep = Annotated[Store, Depends(_store)]
TreeDep = Annotated[Tree, Depends(_tree)]
SiteBuilderDep = Annotated[SiteBuilder, Depends(_site_builder)]
PublisherDep = Annotated[Publisher, Depends(_publisher)]
PackBuilderDep = Annotated[PackBuilder, Depends(_pack_builder)]
UsbPacksDep = Annotated[UsbPacks, Depends(_usb_packs)]
ServerKeyDep = Annotated[ServerKey, Depends(_server_key)]
WriteLocksDep = Annotated[WriteLocks, Depends(_write_locks)]


def _session(database: DatabaseDep) -> Iterator[Session]:
    with database.read() as session:
        yield session


SessionDep = Annotated[Session, Depends(_session)]


def _registries(session: SessionDep) -> Registries:
    return load_registries(session)


RegistriesDep = Annotated[Registries, Depends(_registries)]


def find_locale(folder: str, registries: Registries) -> Locale:
    """Return a language of the registry. Raises LessonNotFound."""
    if folder in registries.locales:
        return registries.locales[Folder(folder)]
    raise LessonNotFound(_("Không có tiếng nào tên {name}.", name=folder[:40]))


def _locale(folder: str, registries: RegistriesDep) -> Locale:
    return find_locale(folder, registries)


LocaleDep = Annotated[Locale, Depends(_locale)]
