"""Database backups that are verified when they are made.

`pg_dump` as the owner of tables under forced row-level security writes an EMPTY dump and exits with 0 unless the scope is set for it. So a
backup here is two files: the archive, and a manifest of the database at that very moment (rows and a digest of every table, every policy,
grant and function), counted without pg_dump. An archive that does not match its manifest is rejected.
"""

from .archive import BackupFailed, dump, manifest_of, read_manifest
from .row_counts import Table, catalogue, count_archive, count_database, differences

__all__ = [
    "BackupFailed",
    "Table",
    "catalogue",
    "count_archive",
    "count_database",
    "differences",
    "dump",
    "manifest_of",
    "read_manifest",
]
