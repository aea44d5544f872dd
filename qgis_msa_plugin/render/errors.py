"""What can go wrong while QGIS draws a layer for the worker."""

from __future__ import annotations

from msa_model.protocol.errors import MsaError


class LayerUnavailable(MsaError):
    """The layer's server answers errors, or nothing."""

    kind = "layer_unavailable"
    remedy = (
        "Check the layer and the connection in QGIS, then search again: the scan goes on where it stopped."
    )


class LayerSilent(MsaError):
    """The layer draws nothing and asks its server for nothing."""

    kind = "layer_silent"
    remedy = "Check that QGIS shows the layer there, and the address in its properties; then search again."


class LayerChanged(MsaError):
    """The layer was given another look or source while it was being scanned."""

    kind = "layer_changed"
    remedy = "Search again: the layer is then indexed as it looks now."


class LayerGone(MsaError):
    """The layer was removed before it could be drawn."""

    kind = "layer_gone"
    remedy = "Add the layer again, then search again: tiles that are indexed are kept."


class BulkForbidden(MsaError):
    """The server's terms forbid to fetch its tiles in bulk."""

    kind = "bulk_forbidden"
    remedy = "Choose a layer of imagery whose provider allows it, or a file."
