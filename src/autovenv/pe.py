"""The version resource of a Windows program."""

from __future__ import annotations


def product_version(data: bytes) -> str:
    """Return ProductVersion, else the fixed file version, of the program ``data``; "" if it has none."""
    import pefile  # type: ignore[import-untyped,unused-ignore]

    try:
        program = pefile.PE(data=data, fast_load=True)
        program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
    except (pefile.PEFormatError, ValueError, IndexError, AttributeError):
        return ""
    for info in getattr(program, "FileInfo", []):
        for part in info:
            for table in getattr(part, "StringTable", []):
                value = table.entries.get(b"ProductVersion", b"")
                if value:
                    return str(value.decode("ascii", "replace")).strip()
    fixed = getattr(program, "VS_FIXEDFILEINFO", [])
    return _fixed(fixed[0].ProductVersionMS, fixed[0].ProductVersionLS) if fixed else ""


def _fixed(high: int, low: int) -> str:
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}"
