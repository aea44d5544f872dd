"""What lies on the map: result layers, heat maps, outlines above it, and the map tools."""
