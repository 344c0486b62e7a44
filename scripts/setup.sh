#!/bin/sh
# Makes .venv ready:  sh scripts/setup.sh run | test
#
#   run     what a call needs: libraries for window and sound, requirements.txt; and what all parts of
#           a report need, requirements-report.txt
#   test    that, and what tests and checks need: programs for them, requirements-dev.txt
#
# Both install PyAudio from requirements-sound.txt. `make lock` writes all four files.
#
# PyAudio has to be compiled on Linux and macOS. Where that cannot be, `run` does all the rest, leaves
# .venv/without-sound behind, says so each time, and tries again as soon as what was missing is there.
# For `test` it is a failure.
#
# Where the packages for reports cannot be installed, `run` leaves .venv/without-report behind, says so,
# and tries again each time: a call needs none of them.
#
# What is complete is written down in .venv/ready-LEVEL, together with all that it depends on: the
# Python, the pins and this script. While that text still holds, and every package is there in its
# version, nothing else is looked at.
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
pyaudio_packages='gcc libc6-dev portaudio19-dev libportaudio2'
# PortAudio speaks ALSA; these take that to PulseAudio or PipeWire.
sound_server_package='libasound2-plugins|pipewire-alsa'
test_packages='
    nftables xvfb xdotool iproute2 procps pulseaudio-utils espeak-ng at-spi2-core dbus systemd'

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

# Prints the requirements file of the level $1.
requirements() {
    if [ "$1" = test ]; then echo requirements-dev.txt; else echo requirements.txt; fi
}

# Prints the requirement $1 of requirements-sound.txt, with its hashes.
sound_requirement() {
    awk -v name="$1==" '/^[^ ]/ { is_it = index($0, name) == 1 } is_it' requirements-sound.txt
}

# Prints all that the level $1 of .venv depends on; fails where .venv has no Python.
dependencies() {
    version_of .venv/bin/python 2>/dev/null || return 1
    cat scripts/setup.sh "$(requirements "$1")" requirements-sound.txt requirements-report.txt
}

is_ready() {
    [ -f ".venv/ready-$1" ] && wanted=$(dependencies "$1") &&
        [ "$wanted" = "$(cat ".venv/ready-$1")" ] && [ -z "$(missing_pins "$1")" ]
}

# Prints names and versions as pip names the folders of what it has installed, in one form.
as_folders() { tr 'A-Z.-' 'a-z__'; }

# Prints the pins of the file $1 that hold on every system.
pins() { sed -n 's/^\([A-Za-z0-9._-]*\)==\([^ ;\\]*\) *\\*$/\1-\2/p' "$1" | as_folders; }

# Prints those of the level $1 that were removed, or replaced by another version.
missing_pins() {
    sound=
    if [ ! -e .venv/without-sound ]; then sound=$(pins requirements-sound.txt | grep '^pyaudio'); fi
    folders=$(ls .venv/lib/python*/site-packages/ | sed -n 's/\.dist-info$//p' | as_folders)
    there=" $(echo $folders) "
    for pin in $(pins "$(requirements "$1")") $sound; do
        case $there in *" $pin "*) ;; *) echo "$pin" ;; esac
    done
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

is_whole() {
    [ ! -e .venv/unfinished ] && is_new_enough .venv/bin/python &&
        .venv/bin/python -m pip --version >/dev/null 2>&1
}

# --- system packages ---------------------------------------------------------------------------

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Prints the packages of the sound servers that tests start: PipeWire, and PulseAudio beside it. On a
# desktop with PipeWire, PulseAudio would get in the way of pipewire-pulse, and tests of it skip.
sound_servers_for_tests() {
    if ! is_installed pulseaudio && { is_installed pipewire-alsa || is_installed pipewire-pulse; }
    then
        echo 'pipewire wireplumber'
    else
        echo 'pulseaudio pipewire wireplumber'
    fi
}

# PulseAudio's package excludes that of PipeWire's ALSA plugin, so tests get the plugin alone, 60 kB,
# unpacked into .venv/alsa-plugins; bench/sound_daemons.py finds it there.
unpack_pipewire_plugin() {
    if ! has_apt || ! is_installed pulseaudio || is_installed pipewire-alsa; then return; fi
    say "Unpacking PipeWire's ALSA plugin for tests."
    unpacked=.venv/pipewire-alsa
    rm -rf "$unpacked" .venv/alsa-plugins
    mkdir -p "$unpacked" .venv/alsa-plugins
    (cd "$unpacked" && apt-get download -qq pipewire-alsa >/dev/null 2>&1 && dpkg-deb -x ./*.deb .) ||
        fail "The package pipewire-alsa could not be downloaded. Try: apt-get update, then make again."
    find "$unpacked" -name 'libasound_module_*_pipewire.so' -exec mv {} .venv/alsa-plugins/ \;
    rm -rf "$unpacked"
}

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

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# Never at the price of a package that is there, such as a desktop's sound server.
apt_install='apt-get install -y --no-install-recommends --no-remove'

# Prints the line by which a person installs the packages "$@".
apt_line() {
    sudo='sudo '
    if [ "$(id -u)" = 0 ]; then sudo=; fi
    echo "${sudo}apt-get update && ${sudo}$apt_install" $(names_on_offer "$@")
}

# Installs the packages "$@".
apt_install_now() {
    if [ $# = 0 ]; then return; fi
    # Where a name is not known, the package lists are missing or old.
    if ! names=$(names_on_offer "$@"); then
        as_root apt-get update -qq || true
        names=$(names_on_offer "$@") || true
    fi
    say "Installing system packages:" $names
    install_now="$apt_install -qq -o DPkg::Lock::Timeout=120"
    # Old lists name files that are gone from the server: then, and only then, they are renewed.
    as_root $install_now $names >/dev/null || {
        say "That did not work; trying again with fresh package lists."
        as_root apt-get update -qq || true
        as_root $install_now $names >/dev/null
    }
}

# Installs what is missing of the packages $1, and if it can be, of the packages $2.
install_system_packages() {
    if [ "$(uname)" != Linux ]; then return; fi
    if ! has_apt; then
        say "There is no apt here, so system packages are not installed." \
            "If something is missing later, these are Debian's names for what is needed:" \
            "$(echo $1 $2 | sed 's,|[^ ]*,,g')"
        return
    fi
    needed=$(missing_of $1)
    wanted=$(missing_of $2)
    if may_be_root; then
        apt_install_now $needed ||
            fail "The system packages could not be installed; the lines above say why. By hand:" \
                "$(apt_line $needed)"
        apt_install_now $wanted || true
    elif [ -n "$needed" ]; then
        say "Some system packages are missing. Run this line, then try again:"
        say ""
        say "    $(apt_line $needed $wanted)"
        say ""
        exit 1
    fi
}

# --- Python packages ---------------------------------------------------------------------------

make_venv() {
    say "Making .venv with $("$python" --version)."
    "$python" -m venv .venv || fail ".venv could not be made; the lines above say why."
}

pip_install() {
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check "$@"
}

# Installs the packages of the level $1, all but PyAudio.
install_python_packages() {
    say "Installing the Python packages; the first time this takes a minute or two."
    pip_install -r "$(requirements "$1")" ||
        fail "The Python packages could not be installed; the lines above say why."
}

# Installs what all parts of a report need, or says that they are missing. With `test`, they are among
# the packages of its level.
install_report_packages() {
    rm -f .venv/without-report
    if [ "$1" = test ]; then return; fi
    pip_install --retries 1 -r requirements-report.txt >.venv/report.log 2>&1 || {
        : >.venv/without-report
        say "Reports of chats will lack word cloud, mood or summary, since their packages could not be" \
            "installed; .venv/report.log says why. All else works. To try again: make setup"
    }
}

# --- PyAudio -----------------------------------------------------------------------------------

has_pyaudio() {
    .venv/bin/python - "$pyaudio" 2>/dev/null <<'END'
import sys
from importlib.metadata import version

sys.exit(version("pyaudio") != sys.argv[1])
END
}

# PyAudio loads PortAudio, which may be missing; then it also prints a line on standard output.
load_pyaudio() { .venv/bin/python -c 'import pyaudio' >/dev/null; }

has_sound() { has_pyaudio && load_pyaudio 2>/dev/null; }

has_python_headers() {
    [ -f "$("$1" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]
}

is_debians() { [ "$("$1" -c 'import sys; print(sys.base_prefix)')" = /usr ]; }

# Prints the packages that sound takes, with the Python $1.
packages_for_sound() {
    if ! has_sound; then
        echo "$pyaudio_packages"
        # A Python from elsewhere brings its headers along.
        if ! has_python_headers "$1" && is_debians "$1"; then echo "$(version_of "$1")-dev"; fi
    fi
    echo "$sound_server_package"
}

includes() {
    echo "#include <$1>" |
        "$compiler" -E -I/usr/local/include -I/opt/homebrew/include - >/dev/null 2>&1
}

# Prints why there is no sound; nothing where PyAudio could be compiled now.
why_no_sound() {
    compiler=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "cc")')
    compiler=${CC:-$compiler}
    compiler=${compiler%% *}
    if has_pyaudio; then
        echo "PyAudio cannot be loaded ($(load_pyaudio 2>&1 | tail -n 1))"
    elif ! includes stdlib.h; then
        echo "PyAudio has to be compiled, and there is no working C compiler ($compiler)"
    elif ! has_python_headers .venv/bin/python; then
        echo "PyAudio has to be compiled, and the headers of $(version_of .venv/bin/python) are missing"
    elif ! includes portaudio.h; then
        echo "PyAudio has to be compiled, and the headers of PortAudio are missing"
    fi
}

# Prints the line by which a person installs what sound takes; nothing where it is not known.
line_for_sound() {
    if has_apt; then
        apt_line $(packages_for_sound .venv/bin/python)
    elif command -v dnf >/dev/null; then
        echo "sudo dnf install gcc portaudio-devel python3-devel"
    elif command -v pacman >/dev/null; then
        echo "sudo pacman -S gcc portaudio"
    elif command -v brew >/dev/null; then
        echo "brew install portaudio"
    fi
}

# Says that there is no sound, because of $1.
say_no_sound() {
    no_sound="Calls will be without sound on this machine:"
    line=$(line_for_sound)
    if [ -z "$1" ]; then
        say "$no_sound PyAudio could not be installed; .venv/pyaudio.log says why." \
            "To try again: make setup"
    elif [ -z "$line" ]; then
        say "$no_sound $1. For sound, install a C compiler and the headers of Python and of" \
            "PortAudio, then make setup again."
    else
        say "$no_sound $1. For sound, run this line, then make setup again:"
        say ""
        say "    $line"
        say ""
    fi
}

# setuptools compiles it, in a version that is pinned, as all others are.
install_pyaudio() {
    say "Installing PyAudio."
    {
        sound_requirement setuptools | pip_install -r /dev/stdin &&
            sound_requirement pyaudio | pip_install --no-build-isolation -r /dev/stdin
    } >.venv/pyaudio.log 2>&1 && has_sound
}

# --- in order ----------------------------------------------------------------------------------

level=${1:-}
case $level in
    run) packages=$run_packages ;;
    test) packages="$run_packages $test_packages $(sound_servers_for_tests)" ;;
    *) fail "usage: sh scripts/setup.sh run | test" ;;
esac
pyaudio=$(sed -n 's/^pyaudio==\([^ ]*\).*/\1/p' requirements-sound.txt)

# Who is set up for tests is set up for a call.
if [ ! -e .venv/without-report ] &&
    { is_ready "$level" || { [ "$level" = run ] && is_ready test; }; }
then
    if [ ! -e .venv/without-sound ]; then exit 0; fi
    why=$(why_no_sound)
    if [ -n "$why" ] && ! has_sound; then
        say_no_sound "$why"
        exit 0
    fi
fi

if [ -e .venv ] && ! is_whole; then
    say ".venv is not complete, or its Python is gone: it is made again."
    # Renamed first: half removed it could look whole.
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

install_system_packages "$packages" "$(packages_for_sound "${python:-.venv/bin/python}")"
begin_change
if [ -n "$python" ]; then make_venv; fi
install_python_packages "$level"
install_report_packages "$level"
if [ "$level" = test ]; then unpack_pipewire_plugin; fi
if has_sound || install_pyaudio; then
    rm -f .venv/without-sound
    end_change "$level"
    if has_apt && [ -n "$(missing_of "$sound_server_package")" ]; then
        say "Calls may not reach this computer's PulseAudio or PipeWire before you run this line:"
        say ""
        say "    $(apt_line "$sound_server_package")"
        say ""
    fi
else
    : >.venv/without-sound
    end_change run
    say_no_sound "$(why_no_sound)"
    if [ "$level" = test ]; then
        tail -n 20 .venv/pyaudio.log >&2
        fail "Tests need sound."
    fi
fi
if [ "$level" = run ]; then
    say "Ready: ./visavis listen"
fi
