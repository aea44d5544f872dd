#!/usr/bin/env bash
# Fills the worker's environment (argument: its folder) with the pinned packages.
# All but torch is compared with its hashes (see lock.sh).
# uv finds PyTorch's own wheels: CPU ones without an NVIDIA GPU, CUDA ones for its driver with one.
# Where PyTorch's index is out of reach, pip takes the same pinned torch from the index it is configured with.
set -euo pipefail

env=$1
pins=resources/requirements
torch=(-c $pins/constraints.txt -r $pins/torch.txt)
backend=cpu
if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then backend=auto; fi

/usr/bin/python3 -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "The worker needs Python 3.11 or newer.")'
[ -x "$env/bin/pip" ] || /usr/bin/python3 -m venv "$env"
pip() { "$env/bin/python" -m pip install -q --disable-pip-version-check "$@"; }
hashed() { pip --require-hashes --no-deps -r "$pins/locked/$1.txt"; }
uv() { timeout "$1" "$env/bin/uv" pip install -q --python "$env/bin/python" --torch-backend "$backend" "${@:2}"; }
pytorch_index_answers() {
  UV_HTTP_TIMEOUT=8 UV_HTTP_RETRIES=0 \
    uv 25 --dry-run --reinstall --no-deps -r $pins/torch.txt >/dev/null 2>&1
}

hashed dev
if hashed setup && pytorch_index_answers && uv 3600 "${torch[@]}"; then
  echo "torch: PyTorch's own wheels ($backend)"
else
  echo "torch: the configured package index, for PyTorch's own is out of reach"
  pip "${torch[@]}"
fi
hashed text-encoder
