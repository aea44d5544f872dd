"""What can go wrong while QGIS draws a layer for the worker."""

from __future__ import annotations

from msa_model.protocol.errors import MsaError


class LayerChanged(MsaError):
    """The layer was given another look or source while it was being read."""

    kind = "layer_changed"
    remedy = "Try again: the layer is then read as it looks now."


class LayerGone(MsaError):
    """The layer was removed before it could be drawn."""

    kind = "layer_gone"
    remedy = "Add the layer again, then try again: tiles that are indexed are kept."


class BulkForbidden(MsaError):
    """The server's terms forbid to fetch its tiles in bulk."""

    kind = "bulk_forbidden"
    remedy = "Choose a layer of imagery whose provider allows it, or a file."
