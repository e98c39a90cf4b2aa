"""What an endpoint may ask for, as types: the session, the settings, a language of the registry."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from content_server.accounts.server_key import KeyFile
from content_server.db import Database
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import load_registries
from content_server.lessons.registries.registries import Registries
from content_server.locales import Folder, Locale
from content_server.phrases import _
from content_server.pipeline.pipeline import Pipeline
from content_server.settings import Settings
from content_server.site.site_builder import SiteBuilder


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _session(database: Annotated[Database, Depends(_database)]) -> Iterator[Session]:
    with database.read() as session:
        yield session


def _keys(request: Request) -> KeyFile:
    keys: KeyFile = request.app.state.keys
    return keys


DatabaseDep = Annotated[Database, Depends(_database)]
KeysDep = Annotated[KeyFile, Depends(_keys)]
SettingsDep = Annotated[Settings, Depends(_settings)]
SessionDep = Annotated[Session, Depends(_session)]


def _library(session: SessionDep) -> Registries:
    return load_registries(session)


RegistriesDep = Annotated[Registries, Depends(_library)]


def _locale(folder: str, library: RegistriesDep) -> Locale:
    if folder in library.locales:
        return library.locales[Folder(folder)]
    raise LessonNotFound(_("Không có tiếng nào tên {name}.", name=folder[:40]))


def _road(request: Request) -> Pipeline:
    road: Pipeline = request.app.state.road
    return road


def _press(request: Request) -> SiteBuilder:
    press: SiteBuilder = request.app.state.press
    return press


RoadDep = Annotated[Pipeline, Depends(_road)]
SiteBuilderDep = Annotated[SiteBuilder, Depends(_press)]
LocaleDep = Annotated[Locale, Depends(_locale)]
