"""Files a scenario names: always inside its root, relative to the file that names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runner.kinds import Fault, StepFault

TLS_FILES: Final = ("ca", "client-cert", "client-key")
"""The keys of ``tls`` that name a file."""

_SHOWN = 80


class Files:
    """Opens what a scenario names, and nothing outside ``root``.

    ``folder`` is where the scenario stands; ``update`` says whether snapshots are written.
    """

    def __init__(self, root: Path, folder: Path, *, update: bool = False) -> None:
        self.root = root.resolve()
        self.folder = folder.resolve()
        self.update = update

    def inside(self, name: str) -> Path:
        """The real path of a name, whether or not it exists yet.

        Raises ``StepFault`` (file-outside-root) when the name, or a link on its way, leaves it.
        """
        try:
            path = (self.folder / name).resolve()
        except (OSError, ValueError, RuntimeError):
            shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
            message = f"{shown!a} cannot be the name of a file"
            raise StepFault(Fault("file-not-found", "load", message)) from None
        if Path(name).is_absolute() or not path.is_relative_to(self.root):
            raise StepFault(
                Fault(
                    "file-outside-root",
                    "load",
                    f'"{name}" leaves the folder scenarios may read, {self.root}',
                    "paths are relative to their file and stay below the folder given to `run`",
                )
            )
        return path

    def path(self, name: str) -> Path:
        """The real path of a file that exists.

        Raises ``StepFault`` (file-not-found, file-outside-root).
        """
        path = self.inside(name)
        if not _is_file(path):
            raise StepFault(
                Fault(
                    "file-not-found",
                    "load",
                    f'there is no file "{name}" beside the scenario ({path})',
                    _nearest(path),
                )
            )
        return path

    def of_tls(self, key: str, name: str) -> Path:
        """The path of a file that exists and that a key of ``tls`` names: its name may be absolute.

        Raises ``StepFault`` (file-not-found, file-outside-root).
        """
        path = Path(name)
        if not path.is_absolute():
            return self.path(name)
        if not _is_file(path):
            message = f'there is no file "{name}" for tls.{key}'
            raise StepFault(Fault("file-not-found", "load", message))
        return path

    def exists(self, name: str) -> bool:
        """Whether the name is a file inside the root."""
        return self.inside(name).is_file()

    def read_bytes(self, name: str) -> bytes:
        """The content of a file. Raises ``StepFault`` like ``path``."""
        return self.path(name).read_bytes()

    def write_bytes(self, name: str, content: bytes) -> None:
        """Writes a file and the folders it needs: whoever reads it meanwhile sees the old one.

        Raises OSError, and ``StepFault`` (file-outside-root).
        """
        from runner.whole_file import replacing

        path = self.inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(content)


def named_files(options: Mapping[str, object]) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """The files that the options of a step name: the key, the name, and where it stands.

    Names with a template in them are left out.
    """
    named: list[tuple[tuple[str | int, ...], object]] = [(("file",), options.get("file"))]
    tls, parts = options.get("tls"), options.get("multipart")
    if isinstance(tls, Mapping):
        named += [(("tls", key), tls.get(key)) for key in TLS_FILES]
    if isinstance(parts, Mapping):
        for field, given in parts.items():
            many = isinstance(given, list)
            for index, part in enumerate(given if many else [given]):
                if isinstance(part, Mapping):
                    where = ("multipart", field, index) if many else ("multipart", field)
                    named.append(((*where, "file"), part.get("file")))
    for place, name in named:
        if isinstance(name, str):
            yield str(place[-1]), name, place


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name is longer than a file system has them
        return False


def _nearest(path: Path) -> str | None:
    import difflib

    if len(path.name) > _SHOWN:
        return None
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist"
    close = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], 1)
    return f"did you mean {close[0]}?" if close else None


def root_of(path: Path) -> Path:
    """The root for a file or folder given to ``run``: the nearest folder with ``pyproject.toml``.

    That is the folder itself, or one above; where there is none, the folder, or the file's own. So
    a scenario may read the same files whether it is run by itself or with all the others.
    """
    path = path.resolve()
    own = path if path.is_dir() else path.parent
    for folder in (own, *own.parents):
        if (folder / "pyproject.toml").is_file():
            return folder
    return own
