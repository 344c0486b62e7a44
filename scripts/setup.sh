#!/bin/sh
# Makes .venv ready:  sh scripts/setup.sh run | test
#
#   run     what a call needs: libraries for the window, requirements.txt
#   test    that, and what tests and checks need: programs for them, requirements-dev.txt
#
# What is complete is written down in .venv/ready-LEVEL, together with all that it depends on: the
# Python, the pins and this script. While that text still holds, nothing else is looked at.
# As long as .venv is being changed, .venv/unfinished stands there instead. Who finds it makes .venv
# again from nothing: pip takes a package that was half unpacked for an installed one.
set -eu
cd "$(dirname "$0")/.."

# Debian's and Ubuntu's names; a|b is one package under the names of different releases.
run_packages='
    libgl1 libegl1 libglib2.0-0t64|libglib2.0-0
    libdbus-1-3 libfontconfig1 libxkbcommon0
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0
    libwayland-cursor0
'
test_packages='xvfb xdotool iproute2 procps'

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints the first Python that is new enough.
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

version_of() { "$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])'; }

# Prints all that the level $1 of .venv depends on; fails where .venv has no Python.
dependencies() {
    version_of .venv/bin/python 2>/dev/null || return 1
    cat scripts/setup.sh requirements.txt
    if [ "$1" = test ]; then cat requirements-dev.txt; fi
}

is_ready() {
    [ -f ".venv/ready-$1" ] && wanted=$(dependencies "$1") && [ "$wanted" = "$(cat ".venv/ready-$1")" ]
}

begin_change() {
    rm -f .venv/ready-run .venv/ready-test
    mkdir -p .venv
    : >.venv/unfinished
}

end_change() {
    dependencies "$1" >.venv/ready.new
    rm .venv/unfinished
    mv .venv/ready.new ".venv/ready-$1"
}

is_sound() {
    [ ! -e .venv/unfinished ] && is_new_enough .venv/bin/python &&
        .venv/bin/python -m pip --version >/dev/null 2>&1
}

# --- system packages ---------------------------------------------------------------------------

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

is_on_offer() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# Prints those of the packages "$@" that are not installed, a|b as it is.
missing_of() {
    for package; do
        found=
        for name in $(echo "$package" | tr '|' ' '); do
            if is_installed "$name"; then found=yes; fi
        done
        if [ -z "$found" ]; then echo "$package"; fi
    done
}

# Prints a name for each of the packages "$@": the first that this release offers, or else the last.
# Fails where one is not on offer.
names_on_offer() {
    all_found=yes
    for package; do
        chosen=
        for name in $(echo "$package" | tr '|' ' '); do
            if [ -z "$chosen" ] && is_on_offer "$name"; then chosen=$name; fi
        done
        if [ -z "$chosen" ]; then all_found= chosen=$name; fi
        echo "$chosen"
    done
    [ -n "$all_found" ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

may_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

install_system_packages() {
    if [ "$(uname)" != Linux ]; then return; fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "There is no apt here, so system packages are not installed." \
            "If something is missing later, these are Debian's names for what is needed:" \
            "$(echo "$@" | sed 's,|[^ ]*,,g')"
        return
    fi
    missing=$(missing_of "$@")
    if [ -z "$missing" ]; then return; fi

    # Where a name is not known, the package lists are missing or old.
    if ! names=$(names_on_offer $missing) && may_be_root; then
        as_root apt-get update -qq || true
        names=$(names_on_offer $missing) || true
    fi
    install="apt-get install -y --no-install-recommends $(echo $names)"
    if ! may_be_root; then
        say "Some system packages are missing. Run this line, then try again:"
        say ""
        say "    sudo apt-get update && sudo $install"
        say ""
        exit 1
    fi
    say "Installing system packages:" $names
    # Old lists name files that are gone from the server: then, and only then, they are renewed.
    install_now="$install -qq -o DPkg::Lock::Timeout=120"
    as_root $install_now >/dev/null || {
        say "That did not work; trying again with fresh package lists."
        as_root apt-get update -qq
        as_root $install_now >/dev/null
    } || fail "The system packages could not be installed; the lines above say why. By hand:" \
        "apt-get update && $install"
}

# --- Python packages ---------------------------------------------------------------------------

make_venv() {
    say "Making .venv with $("$python" --version)."
    "$python" -m venv .venv || fail ".venv could not be made; the lines above say why."
}

install_python_packages() {
    say "Installing the Python packages of $1; the first time this takes a minute or two."
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check -r "$1" ||
        fail "The Python packages could not be installed; the lines above say why."
}

# --- in order ----------------------------------------------------------------------------------

level=${1:-}
case $level in
    run) requirements=requirements.txt packages=$run_packages ;;
    test) requirements=requirements-dev.txt packages="$run_packages $test_packages" ;;
    *) fail "usage: sh scripts/setup.sh run | test" ;;
esac

if is_ready "$level"; then exit 0; fi
# Who is set up for tests is set up for a call.
if [ "$level" = run ] && is_ready test; then exit 0; fi

if [ -e .venv ] && ! is_sound; then
    say ".venv is not complete, or its Python is gone: it is made again."
    # Renamed first: half removed it could look sound.
    rm -rf .venv-old
    mv .venv .venv-old
    rm -rf .venv-old
fi

python=
if [ ! -e .venv ]; then
    python=$(find_python) ||
        fail "Python 3.11 or newer is needed, and none was found (looked for python3, python3.14" \
            "to python3.11). Install it, for example with: sudo apt-get install python3.11"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        packages="$packages $(version_of "$python")-venv"
    fi
fi

# Not quoted: a list of words.
install_system_packages $packages
begin_change
if [ -n "$python" ]; then make_venv; fi
install_python_packages "$requirements"
end_change "$level"
