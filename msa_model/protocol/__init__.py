"""The contract between QGIS and the worker: standard library only, Python 3.9 syntax."""
