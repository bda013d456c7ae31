"""The sets that are drawn by rule from the seed: shapes, and shapes with the class of every pixel."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_EDGE = '''
def edge_distance(outlines, radius, centre, turn):
    """How far each pixel's middle lies outside its picture's figure, as a share of the picture.

    An outline is (corners, bend): the plane is folded into half a corner's sector, where the edge is one straight line.
    """
    axis = ((np.arange(IMAGE_SIZE) + 0.5) / IMAGE_SIZE - 0.5).astype(np.float32)
    across, down = axis[None, None, :] - centre[0], axis[None, :, None] - centre[1]
    distance = np.hypot(across, down)
    edge = distance - radius
    pointed = outlines[:, 0] > 0
    corners, bend = outlines[pointed, 0, None, None], outlines[pointed, 1, None, None]
    sector = np.float32(2 * np.pi) / corners
    angle = np.arctan2(down, across)[pointed] - turn[pointed]
    folded = np.abs(np.mod(angle + sector / 2, sector) - sector / 2)
    inner_x, inner_y = bend * np.cos(sector / 2), bend * np.sin(sector / 2)
    length = np.hypot(1 - inner_x, inner_y)
    x, y = distance[pointed] * np.cos(folded) - radius[pointed], distance[pointed] * np.sin(folded)
    edge[pointed] = (x * inner_y + y * (1 - inner_x)) / length
    return edge
'''

_SHAPES = '''
# Corners of each figure, and how far its edges bend inwards between two of them; 0 corners: round.
FIGURES = {
    "circle": (0, 1.0), "square": (4, float(np.cos(np.pi / 4))), "star": (5, 0.42), "triangle": (3, float(np.cos(np.pi / 3))),
}


def drawn(block, size):
    """`size` pictures, those from block · size on: any figure, anywhere, in any two colours that can be told apart."""
    random = data_random("shapes", block)
    kinds = np.arange(block * size, (block + 1) * size) % len(FIGURES)
    radius = random.uniform(0.24, 0.42, (size, 1, 1)).astype(np.float32)
    centre = random.uniform(-1, 1, (2, size, 1, 1)).astype(np.float32) * (0.46 - radius)
    turn = random.uniform(0, 2 * np.pi, (size, 1, 1)).astype(np.float32)
    outlines = np.array(list(FIGURES.values()), np.float32)[kinds]
    cover = np.clip(0.5 - edge_distance(outlines, radius, centre, turn) * IMAGE_SIZE, 0, 1)[..., None]
    figure = random.uniform(0, 255, (size, 3)).astype(np.float32)
    ground = random.uniform(0, 255, (size, 3)).astype(np.float32)
    close = np.abs(figure - ground).max(axis=1) < 90.0
    ground[close] = np.where(figure[close] < 128, figure[close] + 90.0, figure[close] - 90.0)
    figure, ground = figure[:, None, None, :], ground[:, None, None, :]
    pixels = ground + cover * (figure - ground)
    pixels += random.standard_normal(pixels.shape, np.float32) * np.float32(90.0 * NOISE)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


size = max(1, min(256, (1 << 18) // IMAGE_SIZE**2))
pictures = np.concatenate([drawn(block, size) for block in range(-(-COUNT // size))])[:COUNT]
labels = np.arange(COUNT) % len(FIGURES)
class_names = tuple(FIGURES)
given = np.zeros(COUNT, np.int8)
'''

_MASKS = '''
# Corners of disc, square and triangle, and how far their edges bend inwards between two of them; 0 corners: round.
OUTLINES = np.array([(0, 1.0), (4, float(np.cos(np.pi / 4))), (3, float(np.cos(np.pi / 3)))], np.float32)
MOST_FIGURES = 3


def colours_apart(count, random):
    """Colours of a ground and its figures that can all be told apart."""
    colours = random.uniform(0, 255, (count, 1 + MOST_FIGURES, 3)).astype(np.float32)
    pairs = np.triu_indices(1 + MOST_FIGURES, 1)
    while True:
        apart = np.abs(colours[:, pairs[0]] - colours[:, pairs[1]]).max(axis=2).min(axis=1)
        close = apart < 60.0
        if not close.any():
            return colours
        colours[close] = random.uniform(0, 255, (int(close.sum()), 1 + MOST_FIGURES, 3))


def drawn(block, size):
    """`size` pictures with one to three figures, later ones over earlier ones, and the class of every pixel."""
    random = data_random("shape masks", block)
    figures = random.integers(1, MOST_FIGURES + 1, size)
    colours = colours_apart(size, random)
    pixels = np.broadcast_to(colours[:, :1, None], (size, IMAGE_SIZE, IMAGE_SIZE, 3)).astype(np.float32)
    masks = np.zeros((size, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for number in range(MOST_FIGURES):
        kinds = random.integers(0, len(OUTLINES), size)
        radius = random.uniform(1 / 8, 1 / 4, (size, 1, 1)).astype(np.float32)
        centre = random.uniform(-1, 1, (2, size, 1, 1)).astype(np.float32) * (0.5 - radius)
        turn = random.uniform(0, 2 * np.pi, (size, 1, 1)).astype(np.float32)
        edge = edge_distance(OUTLINES[kinds], radius, centre, turn)
        there = (figures > number)[:, None, None]
        cover = np.clip(0.5 - edge * IMAGE_SIZE, 0, 1)
        pixels += (cover * there)[..., None] * (colours[:, number + 1, None, None] - pixels)
        # A pixel belongs to a figure when its middle does.
        masks = np.where((edge < 0) & there, (kinds + 1).astype(np.uint8)[:, None, None], masks)
    pixels += random.standard_normal(pixels.shape, np.float32) * np.float32(NOISE)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8), masks


size = max(1, min(64, (1 << 18) // IMAGE_SIZE**2))
blocks = [drawn(block, size) for block in range(-(-COUNT // size))]
pictures = np.concatenate([pixels for pixels, _ in blocks])[:COUNT]
masks = np.concatenate([of_block for _, of_block in blocks])[:COUNT]
class_names = ("background", "disc", "square", "triangle")
labels = np.zeros(COUNT, np.int64)  # pixels have a class here, pictures have none
given = np.zeros(COUNT, np.int8)
'''


def shapes(draft: Draft) -> None:
    """Append the drawing of shapes."""
    _write(draft, _SHAPES)


def shape_masks(draft: Draft) -> None:
    """Append the drawing of shapes with masks."""
    _write(draft, _MASKS)


def _write(draft: Draft, code: str) -> None:
    draft.constant("data.count")
    draft.constant("data.noise")
    draft.cell(
        "The pictures are drawn by rule: a picture depends on SEED, the settings and its own number only.", _EDGE
    )
    draft.cell("A block of pictures is drawn at once.", code)
