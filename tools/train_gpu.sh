#!/usr/bin/env bash
# Trains on every GPU of a machine, in commands of at most ten minutes: call it again until it says "finished".
#
#   tools/train_gpu.sh PIECES OUT RECIPE.toml [INIT]
#
# PIECES holds what `python -m tools.pieces` made. They are unpacked beside OUT once. OUT takes the state, the log and
# the checkpoint: keep OUT/run between calls. INIT is a file among the pieces. SECONDS_AT_MOST (540) ends
# a call; the run goes on after the last state, which is at most a minute old. PYTHON names the interpreter.
set -euo pipefail

pieces=$1 out=$2 recipe=$3 init=${4:-}
python=${PYTHON:-python3}
data=$out.data
gpus=$(nvidia-smi --list-gpus 2>/dev/null | wc -l || true)

mkdir -p "$out" "$data"
for piece in "$pieces"/piece-*.tar; do
  mark=$data/.$(basename "$piece")
  [ -e "$mark" ] || { tar --extract --file "$piece" --directory "$data"; touch "$mark"; }
done

words=(--config "$recipe" --data "$data" --out "$out" --cache "$out.cache")
[ -z "$init" ] || words+=(--init "$data/$init")
status=0
timeout --signal=INT --kill-after=20 "${SECONDS_AT_MOST:-540}" \
  "$python" -m torch.distributed.run --standalone --nproc_per_node "$((gpus > 1 ? gpus : 1))" \
  -m msa_model.cli.main train "${words[@]}" || status=$?
case $status in
  0) echo finished ;;
  124 | 137) echo "not finished: call it again" ;;
  *) exit "$status" ;;
esac
