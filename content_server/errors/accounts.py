"""Errors of people: who may not come in, what a line or a form may not carry, village links."""

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase


class NotSignedIn(AppError):
    """Nobody is signed in, or the session has ended."""

    status = 401


class NotAllowed(AppError):
    """Somebody is signed in, and was not given that task."""

    status = 403


class PlainHttpRefused(AppError):
    """Rooms are closed over plain HTTP: anybody on the same Wi-Fi could listen."""

    status = 403


class ForeignRequest(AppError):
    """A page of another site asked for a change in this person's name."""

    status = 403


class BodyTooLarge(AppError):
    """A form or a JSON body is larger than any of ours can be."""

    status = 413


class TooManyTries(AppError):
    """Signing in failed so often that the next try has to wait."""

    status = 429


class PersonRefused(AppError):
    """A name, role or passphrase that cannot be used."""

    status = 422


class PersonNotFound(AppError):
    """No such person, session or invitation, or none any more."""

    status = 404


class LinkRefused(AppError):
    """A village link cannot be made of these words."""

    status = 422


class LinkNotFound(AppError):
    """No village has that code."""

    status = 404


class LinkTaken(AppError):
    """Somebody made that link before; `there` is the code to use instead of a new one."""

    status = 409

    def __init__(self, phrase: Phrase, there: str) -> None:
        super().__init__(phrase)
        self.there = there


class VillageTaken(LinkTaken):
    """The place has an open link."""


class CodeTaken(LinkTaken):
    """The code is another place's."""


class MessageRefused(AppError):
    """A program sent something no page of ours sends."""


class PairingNotFound(AppError):
    """No slides wait for a phone by this code: it was never given, or is over."""

    status = 404


class PairingTaken(AppError):
    """Another phone, or another wall, has this code."""

    status = 409
