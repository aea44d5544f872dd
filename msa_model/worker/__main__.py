"""`python -m msa_model.worker`: the same as `msa worker`."""

import sys

from msa_model.worker.main import run

if __name__ == "__main__":
    sys.exit(run())
