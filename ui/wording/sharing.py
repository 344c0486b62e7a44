"""Chat and files in words. Pure: values only.

Everything that comes from the other peer is cleaned here or before.
"""

from core.safe_text import cut_controls
from ui.sharing import (
    MAX_CHAT_CHARACTERS,
    SharingNotice,
    SharingProblem,
    SharingView,
    TransferState,
    TransferView,
)

MAX_REASON_CHARACTERS = 64
MAX_CUT_OFF = 2
"""Files that did not arrive, named after a call; more would push its buttons out of the window."""
_ACCEPTED = (TransferState.WAITING, TransferState.MOVING)


def word_sharing_notice(notice: SharingNotice, peer_name: str) -> str:
    """Return what a notice tells the user: what happened, and the next step."""
    subject, detail = notice.subject, notice.detail
    match notice.problem:
        case SharingProblem.NO_CALL:
            return "You are not in a call: messages and files need one"
        case SharingProblem.NO_CHAT:
            return f"{peer_name}'s program is older and has no chat. Ask them to update it"
        case SharingProblem.NO_FILES:
            return f"{peer_name}'s program is older and takes no files. Ask them to update it"
        case SharingProblem.CHAT_TOO_LONG:
            return (
                f"Not sent: your message has {notice.count:,} characters, and one may have"
                f" {MAX_CHAT_CHARACTERS:,}. Send it in parts, or as a file"
            )
        case SharingProblem.CHAT_WAITING:
            return (
                f"Not sent: {notice.count} of your messages have not reached {peer_name} yet."
                " Wait until the link is back"
            )
        case SharingProblem.TOO_MANY_FILES:
            return (
                f"{subject} was not offered: {notice.count} files wait already."
                " Send it when one of them has ended"
            )
        case SharingProblem.NO_SUCH_FILE:
            return f"There is no file {subject}. Check its name"
        case SharingProblem.IS_FOLDER:
            return f"{subject} is a folder. Pack it into one file, such as a zip, and send that"
        case SharingProblem.NOT_A_FILE:
            return f"{subject} is a device, not a file. Send a file"
        case SharingProblem.UNREADABLE:
            return f"{subject} cannot be read ({detail}). Check who may read it"
        case SharingProblem.NO_SUCH_TRANSFER:
            return "No file waits for that"
        case SharingProblem.CHAT_SAVED:
            return f"The chat is saved in {subject}"
        case SharingProblem.CHAT_EXISTS:
            return f"{subject} exists already. Save the chat under another name"
        case SharingProblem.CHAT_NOT_SAVED:
            return f"The chat cannot be saved in {subject} ({detail}). Choose another place"
        case SharingProblem.NO_MESSAGES:
            return "There is no chat to save: nobody has written anything"


def word_undelivered(count: int, peer_name: str) -> str:
    """Return that messages had not been delivered when the call ended."""
    what = "message" if count == 1 else "messages"
    return f"{peer_name} did not get your last {count} {what}. Send again in the next call"


def word_cut_off(sharing: SharingView, peer_name: str) -> tuple[str, ...]:
    """Return what the end of the call has cut off, one line each; nothing in a call."""
    ended = [each for each in sharing.transfers if each.state is TransferState.FAILED]
    shown, more = ended[:MAX_CUT_OFF], len(ended) - MAX_CUT_OFF
    lines = [word_transfer(each, peer_name) for each in shown]
    if more > 0:
        lines.append(f"{more} more file{'s were' if more > 1 else ' was'} not moved either")
    if sharing.undelivered:
        lines.append(word_undelivered(sharing.undelivered, peer_name))
    return tuple(lines)


def word_transfer(transfer: TransferView, peer_name: str) -> str:
    """Return one sentence about a file, for where it is now."""
    name = transfer.name
    if transfer.state is TransferState.OFFERED:
        size = word_size(transfer.size_bytes)
        if transfer.is_outgoing:
            return f"Waiting for {peer_name} to accept {name} ({size})"
        what = "a picture from the camera, " if transfer.is_still else ""
        return f"{peer_name} wants to send you {what}{name} ({size})"
    if transfer.state in _ACCEPTED:
        return f"{'Sending' if transfer.is_outgoing else 'Receiving'} {name}: " + ", ".join(
            word_progress(transfer)
        )
    return _word_end(transfer, peer_name)


def word_moving(sharing: SharingView) -> str:
    """Return how far the files are that move, for the status line; "" if none does."""
    moving = [each for each in sharing.transfers if each.state in _ACCEPTED]
    if not moving:
        return ""
    first = next((each for each in moving if each.state is TransferState.MOVING), moving[0])
    others = f" (and {len(moving) - 1} more)" if len(moving) > 1 else ""
    way = "sending" if first.is_outgoing else "receiving"
    return f"{way} {first.name}: {', '.join(word_progress(first))}{others}"


def word_progress(transfer: TransferView) -> tuple[str, ...]:
    """Return how far a transfer is, its rate and the time left, as far as they are known."""
    share = transfer.moved_bytes / transfer.size_bytes if transfer.size_bytes else 1.0
    parts = [f"{int(share * 100)} % of {word_size(transfer.size_bytes)}"]
    if transfer.state is TransferState.WAITING:
        parts.append("waiting")
    elif transfer.rate_bps is not None:
        parts.append(f"{word_size(int(transfer.rate_bps / 8))}/s")
        if transfer.left_s is not None:
            parts.append(f"{word_time(transfer.left_s)} left")
    return tuple(parts)


def _word_end(transfer: TransferView, peer_name: str) -> str:
    name = transfer.name
    match transfer.state:
        case TransferState.STORED if transfer.is_outgoing:
            return f"{peer_name} has {name}"
        case TransferState.STORED:
            return f"{name} is stored: {transfer.path}"
        case TransferState.DECLINED if transfer.is_ended_here:
            return f"You declined {name}"
        case TransferState.DECLINED:
            return f"{peer_name} declined {name}"
        case TransferState.CANCELLED if transfer.is_ended_here:
            return f"You cancelled {name}"
        case TransferState.CANCELLED:
            return f"{peer_name} cancelled {name}"
        case _:
            return _word_failure(transfer, peer_name)


def _word_failure(transfer: TransferView, peer_name: str) -> str:
    name, is_here = transfer.name, transfer.is_ended_here
    what = f"{name} was not {'sent' if transfer.is_outgoing else 'received'}"
    detail = f" ({transfer.detail})" if transfer.detail else ""
    match transfer.reason:
        case "too_many":
            return f"{what}: too many files wait at once. Send it again later"
        case "changed":
            again = "Send it again" if is_here else "Ask for it again"
            return f"{what}: the file changed while it was read. {again}"
        case "unreadable":
            again = "Check the file, and send it again" if is_here else "Ask for it again"
            return f"{what}: the file could not be read to its end{detail}. {again}"
        case "disk_full" if is_here:
            return f"{what}: the disk is full{detail}. Make room, and ask for it again"
        case "disk_full":
            return f"{what}: {peer_name}'s disk is full. Ask them to make room, and send it again"
        case "not_writable" if is_here:
            return (
                f"{what}: it cannot be stored{detail}."
                " Set files.folder to a folder that you may write"
            )
        case "not_writable":
            return (
                f"{what}: {peer_name}'s computer cannot store it. Ask them to look at its message"
            )
        case "checksum":
            again = "Ask for it again" if is_here else "Send it again"
            return f"{what}: it arrived damaged and was deleted. {again}"
        case "call_ended":
            return f"{what}: the call ended before"
        case other:
            reason = cut_controls(other).strip()[:MAX_REASON_CHARACTERS]
            return f"{what}{': ' if reason else ''}{reason}"


def word_size(size_bytes: int) -> str:
    """Return a size as people read it, in decimal units."""
    if size_bytes < 1_000:
        return f"{size_bytes} byte{'' if size_bytes == 1 else 's'}"
    size, unit = size_bytes / 1_000, "kB"
    for larger in ("MB", "GB", "TB", "PB", "EB"):
        if size < 999.5:
            break
        size, unit = size / 1_000, larger
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"


def word_time(time_s: float) -> str:
    """Return a duration as people read it."""
    seconds = max(1, round(time_s))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min" if seconds == 0 or minutes >= 10 else f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"
