#!/bin/sh
# Installs from Debian what real containers need, where that is possible: as root, with apt. Elsewhere, and without a
# network, it says so and goes on: the tests that need containers then skip, and say that too.
set -eu
packages="containerd runc containernetworking-plugins busybox-static catatonit"
missing=""
for package in $packages; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "for real containers, install as root:$missing" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
  { apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends $missing >/dev/null; } ||
  echo "these packages could not be installed:$missing" >&2
