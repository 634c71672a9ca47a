"""Reading members of a tar archive, gzipped or plain, in memory: nothing is extracted, so no path can escape."""

import io
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from kcore_datasets.gz import unpacked
from kcore_datasets.suspect import LARGEST, RefusedError, Suspect

_MOST = 1000


def read_tar(path: Path, names: Collection[str], remedy: str, largest: int = LARGEST) -> dict[str, bytes]:
    """The contents of the members `names`, in that order; the others are looked at only by name.

    Raises:
        DatasetDamagedError: the archive is cut short, altered or too large, or a member is missing, is no plain
            file, or lies outside the archive's own folder.
        OSError: the file cannot be opened or read.
    """
    file = Suspect(path, remedy)
    content = unpacked(file, "a tar archive", largest)
    found: dict[str, bytes] = {}
    there = []
    with (
        file.parsing("a complete tar archive", content),
        tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive,
    ):
        for count, member in enumerate(archive):
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts:
                raise RefusedError(f"a member that would lie outside, at {member.name[:100]!r}")
            if count == _MOST:
                raise RefusedError(f"more than {_MOST} members")
            there.append(str(name))
            if str(name) in names:
                if not member.isreg() or member.issparse():
                    raise RefusedError(f"{name}, which is no plain file")
                found[str(name)] = content[member.offset_data : member.offset_data + member.size]
                if len(found[str(name)]) != member.size:
                    raise RefusedError(f"{len(found[str(name)])} of the {member.size} bytes of {name}")
    missing = [name for name in names if name not in found]
    if missing:
        raise file.damaged(f"the members {', '.join(names)}", f"{', '.join(there[:10])}; missing: {', '.join(missing)}")
    return {name: found[name] for name in names}
