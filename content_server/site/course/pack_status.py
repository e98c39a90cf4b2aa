"""The course pack of what is published now, signed once for each generation."""

from threading import Lock

from content_server.errors import CoursePackUnavailable, InvalidSigningKey
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.course.container import CoursePack
from content_server.site.course.course_pack import CoursePackBuilder


class CurrentCoursePack:
    """The newest course pack, which boxes download. Thread-safe."""

    def __init__(self, builder: CoursePackBuilder) -> None:
        self._builder = builder
        self._lock = Lock()
        self._pack: CoursePack | None = None

    @property
    def store(self) -> Store:
        return self._builder.site_builder.store

    def require_pack(self) -> CoursePack:
        """Return the pack of all languages. Raises CoursePackUnavailable."""
        with self._lock:
            generation = self._builder.generation()
            if self._pack is None or self._pack.manifest.sequence != generation:
                self._pack = self._build_pack()
            return self._pack

    def _build_pack(self) -> CoursePack:
        try:
            return self._builder.build()
        except InvalidSigningKey as error:
            raise CoursePackUnavailable(
                _("Máy chủ này chưa phát gói khóa học: chưa có khóa ký.")
            ) from error
