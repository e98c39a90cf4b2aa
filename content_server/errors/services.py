"""Errors of the house: its disk, database, jobs, settings, folders and ports."""

from content_server.errors.app_error import AppError


class StoreUnavailable(AppError):
    """The store could not be written or read: disk full, folder read-only, bucket out of reach."""

    status = 507


class JobNotFound(AppError):
    """No job of that number waits or runs."""

    status = 404


class DataFolderBusy(AppError):
    """Another server is already working on this data folder."""

    status = 503


class DatabaseFromTheFuture(AppError):
    """The database was written by a newer version of this program."""

    status = 503


class InvalidSetting(AppError):
    """A setting has a value that cannot work."""


class DatabaseBusy(AppError):
    """The database did not answer in time; nothing was written, trying again is safe."""

    status = 503


class DoesNotFit(AppError):
    """A number or a text is larger than any row can hold."""

    status = 422


class PathTaken(AppError):
    """A page would be published at an address that another page has."""

    status = 409


class UnusableFolder(AppError):
    """A folder was named to write to, but it holds files that are not ours to remove."""

    status = 409


class PortTaken(AppError):
    """No port can be listened on: another program has it."""

    status = 503
