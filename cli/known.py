"""`peer.py known`: lists, renames and forgets those whom this user knows."""

from collections.abc import Sequence

from call.errors import SettingsError
from core.program import COMMAND
from core.safe_text import MAX_NAME_CHARACTERS, clean_name
from core.user_folders import data_folder
from net.link.address import format_host
from net.trust.discovery_secret import change_secret
from net.trust.known_peers import FILE_NAME, KnownPeers

WORDS = {"list": 0, "rename": 2, "forget": 1}


def run_known(action: str, names: Sequence[str]) -> int:
    """Do what was asked, print the result, and return the exit status.

    Raises:
        SettingsError: nobody has that name, or it cannot be kept.
    """
    if len(names) != WORDS[action]:
        raise SettingsError(
            f"known {action} takes {_count(WORDS[action])}, not {len(names)}",
            "Write `known`, `known rename OLD NEW` or `known forget NAME`, names of several words"
            " in quotes",
        )
    folder = data_folder()
    known = KnownPeers(folder / FILE_NAME)
    known.mend()
    try:
        known.check()
        if action == "list":
            _list(known)
        elif action == "rename":
            old, new = names
            if new != clean_name(new):
                raise ValueError(
                    f"a name has 1 to {MAX_NAME_CHARACTERS} characters that can be seen,"
                    " and no blanks around it"
                )
            print(f"{old} is called {known.rename(old, new).name} now")
        else:
            if known.by_name(names[0]) is None:
                raise KeyError(names[0])
            # First: whoever is known no more must not recognize us any more.
            change_secret(folder)
            print(f"{known.forget(names[0]).name} is known no more")
    except KeyError as error:
        raise SettingsError(
            f"Nobody called {names[0]!r} is known", f"`{COMMAND} known` lists those who are"
        ) from error
    except ValueError as error:
        raise SettingsError(str(error), "Choose another name") from error
    except OSError as error:
        raise SettingsError(
            f"{error.filename or known.path} cannot be used: {error.strerror}",
            "See that it is a file of yours that you may read and write, or move it away",
        ) from error
    return 0


def _count(names: int) -> str:
    return f"{names} name" if names == 1 else f"{names} names"


def _list(known: KnownPeers) -> None:
    peers = known.all()
    if not peers:
        print("You know nobody yet: whoever was in a call by a code is known from then on.")
    for peer in peers:
        where = format_host(peer.host, peer.port) if peer.port else peer.host or "-"
        print(f"{peer.label}\t{where}\t{peer.fingerprint.hex()[:16]}")
