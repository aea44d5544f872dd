"""The map tool that asks what is at a place: a click for a square around it, a drag for a box."""

from __future__ import annotations

from qgis_msa_plugin.map.example_tool import ExampleTool


class DescribeTool(ExampleTool):
    """`placed` tells a click, `drawn` a box; panning and zooming by wheel and keys go on as ever."""
