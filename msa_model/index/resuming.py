"""Opening an index to write to: made, gone on with, brought to this version, or made anew."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from msa_model.index.blocks import BlockReader, check_all
from msa_model.index.checksums import Checks
from msa_model.index.database import connect_for_writing, prepare_writing, storing, transaction
from msa_model.index.drawn import check_pictures
from msa_model.index.geopackage import add_missing_columns, create_schema
from msa_model.index.manifest import UNCHECKED, Manifest, check_same
from msa_model.index.own_tables import (
    Totals,
    check_only_ours,
    manifest_fault,
    read_identity,
    read_manifest,
    read_totals,
    write_manifest,
    write_totals,
)
from msa_model.protocol.errors import BadArgument, IndexOfOtherModel, IndexStale


def resumed(path: Path, manifest: Manifest, anew: bool) -> tuple[sqlite3.Connection, Manifest]:
    """A writing connection to an index that `manifest` describes."""
    connection = connect_for_writing(path)
    try:
        return connection, _begun(connection, path, manifest)
    except (IndexStale, IndexOfOtherModel):
        try:
            if not anew:
                raise
            with storing(path):
                check_only_ours(connection, path)
        finally:
            connection.close()
        _remove(path)
        return resumed(path, manifest, anew=False)
    except BaseException:
        connection.close()
        raise


def _begun(connection: sqlite3.Connection, path: Path, manifest: Manifest) -> Manifest:
    """The manifest with which the file goes on; a new one gets its tables, an old one its checksums."""
    with storing(path):
        old = read_manifest(connection, path)
    if old is not None:
        check_same(old, manifest, str(path))
        manifest = replace(manifest, revision=old.revision, engines=old.engines)
    with storing(path):
        prepare_writing(connection)
    with transaction(connection, path):
        if old is None:
            _check_sound(manifest)
            create_schema(connection, manifest)
            write_totals(connection, Totals())
        write_manifest(connection, manifest)
        if old is not None and old.version == UNCHECKED:
            _upgrade(connection, old, path)
    return manifest


def _upgrade(connection: sqlite3.Connection, old: Manifest, path: Path) -> None:
    """Give an index of an earlier version its checksums, once all that can be known of it is sound."""
    totals = read_totals(connection, old, path)
    checks = Checks(old, read_identity(connection))
    reader = BlockReader(connection, old, checks, path)
    for _ in reader.blocks(0):
        pass
    reader.done(1.0)
    add_missing_columns(connection)
    check_all(connection, checks)
    check_pictures(connection, checks)
    write_totals(connection, totals)


def _check_sound(manifest: Manifest) -> None:
    """What could not be read again must not be begun."""
    if fault := manifest_fault(manifest):
        raise BadArgument(f"{manifest.raster} cannot be indexed: {fault}.")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
