"""The pipeline: lesson files are ingested, media transcoded, pages published, packs built."""

from collections.abc import Mapping
from dataclasses import dataclass

from content_server.jobs.worker import Task
from content_server.pipeline.ingest import Ingest, IngestReport
from content_server.pipeline.publish import PUBLISH, PUBLISH_LISTS, Publisher, enqueue_publish_using
from content_server.pipeline.transcode import TRANSCODE, TRANSCODE_BACKGROUND, Transcoder
from content_server.site.downloads.pack_builder import BUILD_PACK, PackBuilder
from content_server.site.downloads.usb_packs import BUILD_USB_PACK, UsbPacks
from content_server.site.site_builder import SiteBuilder


@dataclass(frozen=True)
class Pipeline:
    """Every stage, and which stage does which job."""

    ingester: Ingest
    transcoder: Transcoder
    publisher: Publisher
    pack_builder: PackBuilder
    usb_packs: UsbPacks

    @classmethod
    def of(cls, builder: SiteBuilder) -> "Pipeline":
        """Return the stages over the settings, database, store and tree of `builder`."""
        settings, database, store = builder.settings, builder.database, builder.store
        return cls(
            Ingest(settings, database, store),
            Transcoder(settings, database, store, enqueue_publish_using),
            Publisher(builder),
            PackBuilder(builder),
            UsbPacks(builder),
        )

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Return what makes lessons visible, and the packs people ask for: job name → task."""
        return {
            TRANSCODE: self.transcoder.transcode_required,
            PUBLISH: self.publisher.publish,
            PUBLISH_LISTS: self.publisher.publish_lists,
            BUILD_PACK: self.pack_builder.build,
            BUILD_USB_PACK: self.usb_packs.build,
        }

    @property
    def background_tasks(self) -> Mapping[str, Task]:
        """Return what makes published lessons smaller when no other job waits."""
        return {TRANSCODE_BACKGROUND: self.transcoder.transcode_background}

    def ingest(self, *, publish: bool = True) -> IngestReport:
        """Ingest the starter lessons. Raises BundleRejected when a registry cannot be read."""
        return self.ingester.ingest(publish=publish)
