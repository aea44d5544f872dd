"""The version, read from the one place that states it (metadata.txt), and what a wheel takes along."""

from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

RESEARCH = ["msa_model.research", "msa_model.research.*"]  # only pip install -e . brings it

metadata = ConfigParser(interpolation=None)
metadata.read(Path(__file__).with_name("metadata.txt"), encoding="utf-8")
setup(
    version=metadata["general"]["version"],
    packages=[*find_packages(include=["msa_model", "msa_model.*"], exclude=RESEARCH), "msa_model._resources"],
    package_dir={"msa_model._resources": "resources"},
    package_data={
        "msa_model._resources": [
            "phrases*.csv",
            "class_phrases*.csv",
            "class_shows.csv",
            "glossary*",
            "checkpoints/*/*",
        ]
    },
)
