#!/bin/sh
# Installs GStreamer, with which benchmarks compare, from Debian's or Ubuntu's packages:
#
#   sh scripts/bench-packages.sh
#
# Without the rights it prints the line that does. Without GStreamer the benchmarks leave it out.
set -eu

packages='
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-x
'

say() { printf '%s\n' "$*" >&2; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "There is no apt here. These are Debian's names for what is compared with:" $packages
    exit 0
fi

missing=
for package in $packages; do
    if ! is_installed "$package"; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then exit 0; fi

# Never at the price of a package that is there.
install='apt-get install -y --no-install-recommends --no-remove'
if [ "$(id -u)" = 0 ]; then
    say "Installing system packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    $install -qq $missing >/dev/null
else
    say "To compare with GStreamer, run this line:"
    say ""
    say "    sudo apt-get update && sudo $install$missing"
    say ""
fi
