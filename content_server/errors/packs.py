"""Errors of packs: what cannot be taken away, signed, trusted or brought to a box."""

from content_server.errors.app_error import AppError


class PackRefused(AppError):
    """A pack cannot be made of this lesson, or not now: the phrase says what is missing."""

    status = 409


class KeyRefused(AppError):
    """A key that signs packs is missing, broken, open to others, or copied wrongly."""

    status = 409


class CourseRefused(AppError):
    """A course pack is not what its maker signed: cut, changed, or not a pack at all."""

    status = 422


class CourseNotTrusted(CourseRefused):
    """A course pack is signed by a key this box does not trust."""


class CourseTooOld(CourseRefused):
    """A course pack is older than the one in use."""

    status = 409


class CourseNotOffered(AppError):
    """There is no course pack to give: no key yet, or nothing published."""

    status = 404


class ServerOutOfReach(AppError):
    """The server updates come from does not answer; trying again later is safe."""

    status = 503
