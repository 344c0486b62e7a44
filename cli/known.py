"""`peer.py known`: lists, renames and forgets the peers that this user knows, and cameras."""

from collections.abc import Sequence
from pathlib import Path

from call.errors import SettingsError
from cli.table import print_table
from core.program import COMMAND
from core.safe_text import MAX_NAME_CHARACTERS, clean_name
from core.user_folders import data_folder
from net.link.address import format_host, parse_host
from net.trust import camera_pins, known_peers_file
from net.trust.camera_pins import PinStore
from net.trust.discovery_secret import change_secret
from net.trust.known_peers import KnownPeer, KnownPeers
from net.trust.peer_names import similar_name

NAME_COUNTS = {"list": 0, "rename": 2, "forget": 1, "cameras": 0, "forget-camera": 1}
"""The number of names that each action takes."""
HTTPS_PORT = 443


def run_known(action: str, names: Sequence[str]) -> int:
    """Run one action, print its result, and return the exit status.

    Raises:
        SettingsError: the name is unknown or not allowed, or a file cannot be used.
    """
    if len(names) != NAME_COUNTS[action]:
        raise SettingsError(
            f"known {action} takes {_count(NAME_COUNTS[action])}, not {len(names)}",
            f"Write `{COMMAND} known`, `{COMMAND} known rename OLD NEW` or"
            f" `{COMMAND} known forget NAME`; put a name of several words in quotes",
        )
    folder = data_folder()
    try:
        if action in ("cameras", "forget-camera"):
            _run_cameras(action, names, PinStore(folder / camera_pins.CAMERA_PINS_FILE))
        else:
            _run_peers(action, names, folder)
    except ValueError as error:
        raise SettingsError(str(error), "Choose another name") from error
    except OSError as error:
        raise SettingsError(
            f"{error.filename or folder} cannot be used: {error.strerror}",
            "Check that it is a file of yours that you can read and write, or move it away",
        ) from error
    return 0


def _run_peers(action: str, names: Sequence[str], folder: Path) -> None:
    known = KnownPeers(folder / known_peers_file.KNOWN_PEERS_FILE)
    known.move_aside_if_damaged()
    known.check()
    try:
        match action:
            case "list":
                _list(known)
            case "rename":
                old, new = names
                if new != clean_name(new):
                    raise ValueError(
                        f"a name has 1 to {MAX_NAME_CHARACTERS} visible characters,"
                        " and no spaces around it"
                    )
                print(f"{old} is now called {known.rename(old, new).name}")
            case _:
                if known.by_name(names[0]) is None:
                    raise KeyError(names[0])
                # First: a peer that is forgotten must not recognise us any more.
                change_secret(folder)
                print(f"You no longer know {known.forget(names[0]).name}")
    except KeyError as error:
        meant = similar_name(names[0], (peer.name for peer in known.all()))
        hint = f"Did you mean {meant}?" if meant else f"`{COMMAND} known` lists whom you know"
        raise SettingsError(f"You know nobody called {names[0]!r}", hint) from error


def _run_cameras(action: str, names: Sequence[str], pins: PinStore) -> None:
    if action == "cameras":
        rows = [(place, fingerprint[:16]) for place, fingerprint in pins.all().items()]
        if rows:
            print_table(("camera", "its certificate begins with"), rows)
        else:
            print("No certificate of a camera is stored. Those of https:// cameras will be.")
        return
    camera = parse_host(names[0], HTTPS_PORT)
    if not pins.forget(camera.host, camera.port):
        raise SettingsError(
            f"No certificate of a camera at {camera} is stored",
            f"`{COMMAND} known cameras` lists them",
        )
    print(f"The next certificate of {camera} will be accepted and stored")


def _count(names: int) -> str:
    return f"{names} name" if names == 1 else f"{names} names"


def _list(known: KnownPeers) -> None:
    peers = known.all()
    if not peers:
        print("You know nobody yet. After a call by code, you know the other peer.")
        return
    print_table(
        ("name", "last address", "key begins with"),
        [(peer.label, _place(peer), peer.fingerprint.hex()[:16]) for peer in peers],
    )


def _place(peer: KnownPeer) -> str:
    return format_host(peer.host, peer.port) if peer.port else peer.host or "-"
