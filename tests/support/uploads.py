"""Small files of each type that can be uploaded."""

from __future__ import annotations

import io
import zipfile


def office(folder: str, *more: str) -> bytes:
    """An Office document as far as it is looked at."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            parts.writestr(name, "<x/>")
    return content.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)

FILES = {
    "plan.pdf": PDF,
    "Plan für Ümit.PDF": PDF + b" ",
    "notes.docx": office("word"),
    "cost.xlsx": office("xl"),
    "talk.pptx": office("ppt"),
    "rows.csv": "a;b\nä;1 < 2\n".encode(),
    "read me.txt": b"plain words",
    "chart.png": PNG,
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(20),
}
"""Files that are what their names say."""

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

REFUSED = {
    "a path": ("../x.pdf", PDF),
    "a path of Windows": ("..\\x.pdf", PDF),
    "an absolute path": ("/etc/x.pdf", PDF),
    "no name": ("", PDF),
    "blanks": ("  ", PDF),
    "only an ending": (".pdf", PDF),
    "no ending": ("plan", PDF),
    "a control character": ("pl\x07an.pdf", PDF),
    "a null": ("plan.pdf\x00.html", PDF),
    "a line break": ("plan\nx.pdf", PDF),
    "a direction mark": ("plan\u202efdp.pdf", PDF),
    "a blank that nobody sees": ("pl\u200ban.pdf", PDF),
    "a very long name": ("x" * 400 + ".pdf", PDF),
    "nothing in it": ("plan.pdf", b""),
    "HTML": ("page.html", HTML),
    "HTML as text": ("page.txt", HTML),
    "HTML behind a mark": ("page.csv", b"\xef\xbb\xbf \n" + HTML),
    "HTML as a picture": ("page.png", HTML),
    "SVG": ("logo.svg", SVG),
    "SVG as text": ("logo.txt", b"<?xml version='1.0'?>" + SVG),
    "SVG as a picture": ("logo.jpg", SVG),
    "a script": ("run.js", b"alert(1)"),
    "a program": ("run.exe", b"MZ"),
    "two endings": ("plan.pdf.html", PDF),
    "a PDF as Word": ("plan.docx", PDF),
    "Excel as Word": ("cost.docx", office("xl")),
    "a zip as Word": ("some.docx", b"PK\x03\x04" + bytes(40)),
    "macros": ("notes.docx", office("word", "word/vbaProject.bin")),
    "a picture as PDF": ("chart.pdf", PNG),
    "bytes as text": ("rows.csv", b"a\x00b"),
    "another encoding": ("rows.csv", "ä".encode("utf-16")),
}
"""Names and contents that are refused, by why."""
