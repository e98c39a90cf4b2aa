"""Errors of accounts, sign-in, requests, village links and remote pairing."""

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase


class NotSignedIn(AppError):
    """Nobody is signed in, or the session has ended."""

    status = 401


class NotAllowed(AppError):
    """The signed-in person lacks the permission."""

    status = 403


class InsecureTransport(AppError):
    """Pages behind sign-in refuse plain HTTP: anyone on the same Wi-Fi could listen."""

    status = 403


class ForeignRequest(AppError):
    """A cross-site request tried to change something (CSRF)."""

    status = 403


class BodyTooLarge(AppError):
    """A form or JSON body exceeds the limit."""

    status = 413


class TooManyTries(AppError):
    """Too many failed sign-ins: the next attempt has to wait."""

    status = 429


class InvalidAccount(AppError):
    """A name, role or passphrase that cannot be used."""

    status = 422


class PersonNotFound(AppError):
    """There is no such person, session or invitation (any more)."""

    status = 404


class InvalidVillageLink(AppError):
    """A village link cannot be created from these words."""

    status = 422


class LinkNotFound(AppError):
    """There is no village link with this code."""

    status = 404


class LinkTaken(AppError):
    """The link exists already; `existing_code` is its code."""

    status = 409

    def __init__(self, phrase: Phrase, existing_code: str) -> None:
        super().__init__(phrase)
        self.existing_code = existing_code


class VillageTaken(LinkTaken):
    """The place has an open link."""


class CodeTaken(LinkTaken):
    """The code is another place's."""


class InvalidMessage(AppError):
    """A remote-control message has an unknown form."""


class PairingNotFound(AppError):
    """No slides wait for a phone with this code: unknown or expired."""

    status = 404


class PairingTaken(AppError):
    """Another phone or another slide screen is paired by this code."""

    status = 409
