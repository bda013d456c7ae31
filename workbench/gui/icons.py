"""Line icons on a 24 grid, drawn with a stroke of 1.8 and round caps; tinted when they are painted.

Each icon is SVG markup without colour. It knows nothing of themes: the colour comes with the request.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SOLID = 'fill="currentColor"'

SHAPES: dict[str, str] = {
    # states and endings of a run
    "queued": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.4 2"/>',
    "preparing": '<path d="M12 3.5a8.5 8.5 0 1 1-8.4 7.2"/>',
    "running": f'<path d="M7.5 5v14l11.5-7z" {_SOLID}/>',
    "paused": '<path d="M8.5 5.5v13M15.5 5.5v13" stroke-width="3.4"/>',
    "stopping": '<rect x="5.5" y="5.5" width="13" height="13" rx="2"/>',
    "completed": '<path d="M5 12.8l4.6 4.7L19 7"/>',
    "early_stopped": '<path d="M6 21V4M6 4.8h12.5l-3 4.4 3 4.4H6"/>',
    "stopped": f'<rect x="6" y="6" width="12" height="12" rx="1.5" {_SOLID}/>',
    "failed": '<path d="M8.3 3.2h7.4l5.1 5.1v7.4l-5.1 5.1H8.3l-5.1-5.1V8.3z"/><path d="M12 7.8v5"/><path d="M12 16.2v.1" stroke-width="2.4"/>',
    "interrupted": '<path d="M13.2 3L5 13.6h6L10 21l8.6-10.8h-6.1z"/>',
    "discarded": '<path d="M4.5 6.5h15M9.5 6.3V4h5v2.3M6.5 6.8l1 13h9l1-13M10.3 10.5v5.6M13.7 10.5v5.6"/>',
    # signs
    "ok": '<circle cx="12" cy="12" r="8.8"/><path d="M8 12.3l2.8 2.9L16 9.4"/>',
    "warning": '<path d="M12 4L21 19.5H3z"/><path d="M12 10v4.2"/><path d="M12 17v.1" stroke-width="2.2"/>',
    "error": '<circle cx="12" cy="12" r="8.8"/><path d="M12 7.4v5.4"/><path d="M12 16.3v.1" stroke-width="2.4"/>',
    "info": '<circle cx="12" cy="12" r="8.8"/><path d="M12 11.2v5.4"/><path d="M12 7.7v.1" stroke-width="2.4"/>',
    "help": '<circle cx="12" cy="12" r="8.8"/><path d="M9.5 9.6a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2.9-1.2 1.8"/><path d="M12 16.7v.1" stroke-width="2.3"/>',
    "star": f'<path d="M12 3.4l2.6 5.6 6.1.7-4.5 4.2 1.2 6.1-5.4-3-5.4 3 1.2-6.1-4.5-4.2 6.1-.7z" {_SOLID}/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.4 2"/>',
    "dot": f'<circle cx="12" cy="12" r="5" {_SOLID}/>',
    # commands
    "play": f'<path d="M7.5 5v14l11.5-7z" {_SOLID}/>',
    "pause": '<path d="M8.5 5.5v13M15.5 5.5v13" stroke-width="3.4"/>',
    "step": f'<path d="M6 5v14l9-7z" {_SOLID}/><path d="M18 5.5v13" stroke-width="2.4"/>',
    "stop": f'<rect x="6" y="6" width="12" height="12" rx="1.5" {_SOLID}/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "queue": '<path d="M9 6h11M9 12h11M9 18h11"/><path d="M4.4 6v.1M4.4 12v.1M4.4 18v.1" stroke-width="2.4"/>',
    "add-to-queue": '<path d="M4 6h16M4 12h9M4 18h9"/><path d="M18 12v8M14 16h8"/>',
    "save": '<path d="M4.5 4.5h11.3l3.7 3.7v11.3h-15z"/><path d="M8 4.7v4.6h6.6V4.7M7.7 19.3v-6h8.6v6"/>',
    "save-as": '<path d="M12.5 19.5h-8v-15h11.3l3.7 3.7v4"/><path d="M8 4.7v4.6h6.6V4.7M18.3 15.4v6M15.3 18.4h6"/>',
    "revert": '<path d="M4.5 4.5v5h5"/><path d="M5 9.3a8 8 0 1 1-.6 5"/>',
    "undo": '<path d="M8.5 5L4 9.5 8.5 14"/><path d="M4.3 9.5H14a5.5 5.5 0 0 1 0 11h-3.5"/>',
    "redo": '<path d="M15.5 5L20 9.5 15.5 14"/><path d="M19.7 9.5H10a5.5 5.5 0 0 0 0 11h3.5"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.3"/><path d="M15.2 15.2L20.5 20.5"/>',
    "close": '<path d="M5.5 5.5l13 13M18.5 5.5l-13 13"/>',
    "more": '<path d="M5 12v.1M12 12v.1M19 12v.1" stroke-width="3"/>',
    "rename": '<path d="M4.5 19.5l.8-4L16 4.8l3.2 3.2L8.5 18.7z"/><path d="M13.7 7.1l3.2 3.2"/>',
    "delete": '<path d="M4.5 6.5h15M9.5 6.3V4h5v2.3M6.5 6.8l1 13h9l1-13M10.3 10.5v5.6M13.7 10.5v5.6"/>',
    "import": '<path d="M12 3.5v11.3M7.4 10.4L12 15l4.6-4.6M4.5 15.5v4.3h15v-4.3"/>',
    "export": '<path d="M12 15.2V3.9M7.4 8.3L12 3.7l4.6 4.6M4.5 15.5v4.3h15v-4.3"/>',
    "download": '<path d="M12 3.5v11.3M7.4 10.4L12 15l4.6-4.6M4.5 20h15"/>',
    "shuffle": '<path d="M3.5 7h3.8c4 0 5.4 10 9.4 10H20M3.5 17h3.8c1.5 0 2.6-1.4 3.5-3M14 9.3c.8-1.3 1.6-2.3 2.7-2.3H20M17.3 4.3L20 7l-2.7 2.7M17.3 14.3L20 17l-2.7 2.7"/>',
    "copy": '<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 8.3V4h-11.5v11.5h4.3"/>',
    "fork": '<circle cx="6.5" cy="5.3" r="2.2"/><circle cx="6.5" cy="18.7" r="2.2"/><circle cx="17.5" cy="8" r="2.2"/><path d="M6.5 7.7v8.6M17.5 10.4c0 4-7.4 2.6-10.2 6"/>',
    "folder": '<path d="M3.5 18.8V5.2h6l2.2 2.6h8.8v11z"/>',
    "file": '<path d="M6 3.5h8l4.5 4.5v12.5H6z"/><path d="M13.8 3.7v4.6h4.5"/>',
    "eye": '<path d="M2.5 12S6 5.8 12 5.8 21.5 12 21.5 12 18 18.2 12 18.2 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
    "eye-off": '<path d="M6.2 7.7C3.8 9.4 2.5 12 2.5 12S6 18.2 12 18.2c1.7 0 3.2-.5 4.5-1.2M10 6c.6-.1 1.3-.2 2-.2 6 0 9.5 6.2 9.5 6.2s-.8 1.4-2.3 2.9M4 3.5L20 20.5"/>',
    # arrows
    "chevron-right": '<path d="M9.5 5.5L16 12l-6.5 6.5"/>',
    "chevron-left": '<path d="M14.5 5.5L8 12l6.5 6.5"/>',
    "chevron-down": '<path d="M5.5 9.5L12 16l6.5-6.5"/>',
    "chevron-up": '<path d="M5.5 14.5L12 8l6.5 6.5"/>',
    # places and things
    "left-panel": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M9.5 4.7v14.6"/>',
    "right-panel": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M14.5 4.7v14.6"/>',
    "bottom-panel": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M3.7 13.5h16.6"/>',
    "device": '<rect x="6.5" y="6.5" width="11" height="11" rx="1.5"/><rect x="10" y="10" width="4" height="4"/><path d="M9.5 6.3V3M14.5 6.3V3M9.5 21v-3.3M14.5 21v-3.3M6.3 9.5H3M6.3 14.5H3M21 9.5h-3.3M21 14.5h-3.3"/>',
    "layers": '<path d="M12 3.5l9 4.7-9 4.7-9-4.7z"/><path d="M3.5 12.4l8.5 4.4 8.5-4.4M3.5 16.6L12 21l8.5-4.4"/>',
    "pulse": '<path d="M2.8 12.5h4l3-8 4.4 15 3-7h4"/>',
    "curve": '<path d="M3.5 6.5c4.5 0 4.5 10 9 10s4-5 8-5"/>',
    "target": '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="4.6"/><path d="M12 12v.1" stroke-width="2.6"/>',
    "compare": '<path d="M3 15.5l4.5-6 4 4 4-7 5.5 6"/>',
    "memory": '<rect x="3.5" y="7" width="17" height="10" rx="1.5"/><path d="M8 10.3v3.4M12 10.3v3.4M16 10.3v3.4M6.5 17v2.5M17.5 17v2.5"/>',
    "settings": '<path d="M4 7h9M18 7h2M4 17h2M11 17h9"/><circle cx="15.5" cy="7" r="2.3"/><circle cx="8.5" cy="17" r="2.3"/>',
    "notes": '<path d="M5 4.5h14v15H5zM8.5 9h7M8.5 12.5h7M8.5 16h4"/>',
    "pin": '<path d="M9 3.8h6M10 4v5.2l-3 3.6h10l-3-3.6V4M12 13v7.2"/>',
    "tag": '<path d="M4 4.5h7.6l8.6 8.6-7 7L4.5 11.6z"/><path d="M8.2 8.6v.1" stroke-width="2.6"/>',
    "flag": '<path d="M6 21V4M6 4.8h12.5l-3 4.4 3 4.4H6"/>',
    "table": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M3.7 9.5h16.6M9.5 9.7v9.6"/>',
    "fit": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "image": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="9" cy="9.6" r="1.7"/><path d="M4 17l5-4.5 3.6 3 3.4-3.5 4 4"/>',
    "shapes": '<circle cx="8" cy="8" r="4.3"/><rect x="12.5" y="12.5" width="8" height="8" rx="1"/><path d="M17 3.5l3.8 6h-7.6z"/>',
    "digits": '<path d="M4.5 7.5L7.5 5v14M4.5 19h6M13.5 8a3.3 3.3 0 1 1 5.6 2.6L13.5 19H20"/>',
}  # fmt: skip


def svg(name: str, colour: str) -> bytes:
    """The icon as an SVG file in one colour."""
    body = SHAPES[name].replace("currentColor", colour)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour}" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{body}</svg>'
    ).encode()


def draw(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon as a pixmap of `size` logical pixels for a screen with `ratio` device pixels each."""
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg(name, colour))).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
