"""Errors of the house: its disk, database, jobs, settings, folders and ports."""

from content_server.errors.app_error import Refused


class StoreUnavailable(Refused):
    """The store could not be written or read: disk full, folder read-only, bucket out of reach."""

    status = 507


class JobNotFound(Refused):
    """No job of that number waits or runs."""

    status = 404


class DataFolderBusy(Refused):
    """Another server is already working on this data folder."""

    status = 503


class DatabaseFromTheFuture(Refused):
    """The database was written by a newer version of this program."""

    status = 503


class SettingRefused(Refused):
    """A setting has a value that cannot work."""


class DatabaseBusy(Refused):
    """The database did not answer in time; nothing was written, trying again is safe."""

    status = 503


class DoesNotFit(Refused):
    """A number or a text is larger than any row can hold."""

    status = 422


class PathTaken(Refused):
    """A page would be published at an address that another page has."""

    status = 409


class FolderRefused(Refused):
    """A folder was named to write to, but it holds files that are not ours to remove."""

    status = 409


class PortTaken(Refused):
    """No port can be listened on: another program has it."""

    status = 503
