"""The data bench: looking through conversations, editing them, checking, and keeping versions to learn from."""

from studio.services.data_acts import ConversationActs
from studio.services.data_checking import DataChecks, StoredCheck
from studio.services.data_desk import DataDesk
from studio.services.data_exports import DataExports, ExportFormatInfo
from studio.services.data_history import DataHistory
from studio.services.data_reading import DataOverview, DataReading
from studio.services.data_replacing import BulkChanges
from studio.services.data_turns import TurnEdits
from studio.services.data_versions import DataVersions

__all__ = ["DataBench", "DataDesk", "DataOverview", "ExportFormatInfo", "StoredCheck"]


class DataBench(
    DataReading, TurnEdits, ConversationActs, BulkChanges, DataHistory, DataChecks, DataVersions, DataExports
):
    """Every change is an act in a journal and can be undone; versions never change."""

    def close(self) -> None:
        """Give up what still runs."""
        self._desk.close()
