"""`peer.py known`: lists, renames and forgets those whom this user knows."""

from collections.abc import Sequence

from call.errors import SettingsError
from net.link.address import format_host
from net.trust.discovery_secret import change_secret
from net.trust.identity import default_folder
from net.trust.known_peers import FILE_NAME, KnownPeers

WORDS = {"list": 0, "rename": 2, "forget": 1}


def run_known(action: str, names: Sequence[str]) -> int:
    """Do what was asked, print the result, and return the exit status.

    Raises:
        SettingsError: nobody has that name, or it cannot be kept.
    """
    if len(names) != WORDS[action]:
        raise SettingsError(
            f"known {action} takes {WORDS[action]} names, not {len(names)}",
            "Write `known`, `known rename OLD NEW` or `known forget NAME`, names of several words"
            " in quotes",
        )
    folder = default_folder()
    known = KnownPeers(folder / FILE_NAME)
    try:
        if action == "list":
            _list(known)
        elif action == "rename":
            print(f"{names[0]} is called {known.rename(*names).name} now")
        else:
            if known.by_name(names[0]) is None:
                raise KeyError(names[0])
            # First: whoever is known no more must not recognize us any more.
            change_secret(folder)
            print(f"{known.forget(names[0]).name} is known no more")
    except KeyError as error:
        raise SettingsError(
            f"Nobody called {names[0]!r} is known", "`peer.py known` lists those who are"
        ) from error
    except ValueError as error:
        raise SettingsError(str(error)) from error
    except OSError as error:
        raise SettingsError(f"{known.path} cannot be written: {error.strerror}") from error
    return 0


def _list(known: KnownPeers) -> None:
    peers = known.all()
    if not peers:
        print("You know nobody yet: whoever was in a call by a code is known from then on.")
    for peer in peers:
        where = format_host(peer.host, peer.port or 5000) if peer.host else "-"
        print(f"{peer.label}\t{where}\t{peer.fingerprint.hex()[:16]}")
