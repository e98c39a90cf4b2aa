"""Errors of packs: building, signing, checking and installing them."""

from content_server.errors.app_error import AppError


class PackUnavailable(AppError):
    """A pack of this lesson cannot be built, or not now. The phrase says what is missing."""

    status = 409


class InvalidSigningKey(AppError):
    """A key that signs packs is missing, damaged, readable by others, or mistyped."""

    status = 409


class InvalidCoursePack(AppError):
    """A file is not a course pack, or its bytes are not those that were signed."""

    status = 422


class CoursePackNotTrusted(InvalidCoursePack):
    """A course pack is signed with a key that is not trusted."""


class CoursePackTooOld(InvalidCoursePack):
    """A course pack is older than the installed one."""

    status = 409


class CoursePackUnavailable(AppError):
    """No course pack can be built or served: no signing key, or nothing published."""

    status = 404


class ServerUnreachable(AppError):
    """The server that updates come from does not answer. Retrying later is safe."""

    status = 503
