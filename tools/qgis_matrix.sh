#!/usr/bin/env bash
# The QGIS-side tests and a short desktop drive in other Debian releases (arguments: their names; default trixie sid).
# Each release is bootstrapped once into .matrix/NAME and kept. Needs root and debootstrap.
# Packages come from where this machine's own apt and pip are configured to take them.
set -euo pipefail
cd "$(dirname "$0")/.."

matrix=$PWD/.matrix
pip_files=(/etc/pip.conf /etc/xdg/pip "$HOME/.config/pip" "$HOME/.pip")

mirror() { # the archive that this machine's apt takes Debian's main component from
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    grep -v -- '-security' | head -n 1 || true
}

like_here() { # the same apt options, certificates and pip configuration in the release's folder
  local root=$1 path
  apt-config dump Acquire | grep -v IndexTargets >"$root/etc/apt/apt.conf.d/80host"
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90kept" # an archive may stand still
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"               # no service is started
  chmod +x "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/ssl/certs"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  for path in "${pip_files[@]}"; do
    [ ! -e "$path" ] || { mkdir -p "$root$(dirname "$path")" && cp -rLT "$path" "$root$path"; }
  done
}

bootstrap() { # a minimal system of the release; what an interrupted try left is replaced
  local suite=$1 root=$matrix/$1
  [ ! -e "$root/.bootstrapped" ] || return 0
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --include=make,ca-certificates,procps "$suite" "$root" "$(mirror)"
  touch "$root/.bootstrapped"
}

checkout() { # the working tree as git sees it, beside the environments that an earlier run made
  local to=$1/msa
  mkdir -p "$to"
  find "$to" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf --one-file-system {} +
  git ls-files -coz --exclude-standard --deduplicate |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --null -T - -cf - | tar -xf - -C "$to"
}

local_paths() { # folders of packages that pip's configuration names on this machine; an index is one with its files
  { pip config list || true; } 2>/dev/null | grep -oE "(file://)?/[^' ]+" | sed 's,^file://,,; s,/simple/*$,,' | sort -u |
    while read -r path; do [ ! -d "$path" ] || echo "$path"; done
}

# The mounts live in a namespace of their own: they are gone when its first process is, however that ends.
inside() {
  local root=$matrix/$1 path
  shift
  for path in /dev /sys; do mount --rbind "$path" "$root$path"; done
  mount -t proc proc "$root/proc"
  while read -r path; do
    mkdir -p "$root$path"
    mount --bind -o ro "$path" "$root$path"
  done < <(local_paths)
  exec chroot "$root" "$@"
}

run() { # tests, then the drive; picture and output stay in .matrix/
  local suite=$1 root=$matrix/$1 status=0
  bootstrap "$suite"
  like_here "$root"
  checkout "$root"
  unshare --mount --pid --fork --kill-child --propagation private \
    "$PWD/tools/qgis_matrix.sh" --inside "$suite" /usr/bin/env HOME=/root LC_ALL=C.UTF-8 \
    bash -c 'make -C /msa setup && dpkg-query -W -f "QGIS \${Version}, Python " qgis &&
      python3 -c "import platform; print(platform.python_version())" &&
      make -C /msa -k test-qgis test-drive' || status=$?
  cp "$root/msa/build/screenshots/2-ranked-hits.png" "$matrix/$suite.png"
  return $status
}

case ${1:-} in
  --inside | --run)
    "${1#--}" "${@:2}"
    exit
    ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "The matrix needs root: debootstrap and chroot do." >&2 && exit 1; }
tools/apt.sh debootstrap debian-archive-keyring
[ $# -gt 0 ] || set -- trixie sid
mkdir -p "$matrix"
status=0
for suite in "$@"; do
  echo "== $suite"
  tools/qgis_matrix.sh --run "$suite" 2>&1 | tee "$matrix/$suite.log" || status=1
done
for suite in "$@"; do
  echo "$suite: $(grep -E '^QGIS |(passed|failed).* in ' "$matrix/$suite.log" | paste -sd ';')"
done
exit $status
