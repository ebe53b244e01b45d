"""Shared parts of exports: rows in constant memory, file formats, checksum of the written bytes.

Used by the API's streams (salesbrain.api.export_streams) and the files of a full export (messaging.full_export).
"""

from .cells import neutralize, restore
from .formats import FORMATS, csv_table, json_array, json_lines
from .rows import Rows
from .tally import Tally

__all__ = ["FORMATS", "Rows", "Tally", "csv_table", "json_array", "json_lines", "neutralize", "restore"]
