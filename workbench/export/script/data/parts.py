"""How pictures are chosen, divided into training, validation and test, and scaled: as code.

All of it is drawn by SEED, class by class, as in the workbench: the same pictures train and judge.
"""

from __future__ import annotations

RANDOM_TEXT = "All chance of the data comes from SEED and from what it is for: whatever else was drawn changes nothing."
RANDOM = """
def data_random(purpose, *parts):
    words = [f"{len(text)}:{text}" for text in map(str, (SEED, purpose, *parts))]
    digest = hashlib.sha256("".join(words).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
"""

IN_PROPORTION_TEXT = "`total` handed out in proportion to what there is of each, at least one where possible."
IN_PROPORTION = """
def in_proportion(total, available):
    if not sum(available):
        return [0] * len(available)
    exact = [total * count / sum(available) for count in available]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda number: counts[number] - exact[number])
    for number in by_remainder[: total - sum(counts)]:
        counts[number] += 1
    for number, count in enumerate(available):
        largest = max(range(len(counts)), key=counts.__getitem__)
        if count and not counts[number] and counts[largest] > 1:
            counts[number], counts[largest] = 1, counts[largest] - 1
    return counts
"""

LIMIT = '''
def chosen(labels, given, class_names):
    """LIMIT pictures, as evenly per class as there are; within a class the given parts keep their proportions."""
    if LIMIT >= len(labels):
        return np.arange(len(labels))
    by_class = [np.flatnonzero(labels == number) for number in range(len(class_names))]
    quotas, left = [0] * len(by_class), LIMIT
    # From the smallest class up: each takes its equal share of what is left, or all it has.
    order = sorted(range(len(by_class)), key=lambda number: len(by_class[number]))
    for done, number in enumerate(order):
        quotas[number] = min(len(by_class[number]), left // (len(order) - done))
        left -= quotas[number]
    rows = []
    for name, of_class, quota in zip(class_names, by_class, quotas):
        random = data_random("limit", name)
        groups = [of_class[given[of_class] == part] for part in (0, 1, 2)]
        for group, count in zip(groups, in_proportion(quota, [len(group) for group in groups])):
            rows.append(random.permutation(group)[:count])
    return np.sort(np.concatenate(rows))
'''

SPLIT = '''
def split(labels, given, class_names):
    """The part of each picture, 0 training, 1 validation, 2 test: the same shares of every class.

    What the files themselves call validation or test (`given`) is taken as it is.
    """
    parts = given.copy()
    validation, test = (0 if (given == part).any() else share for part, share in ((1, VALIDATION), (2, TEST)))
    for number, name in enumerate(class_names):
        rows = np.flatnonzero((labels == number) & (given == 0))
        wanted = [max(1, round(len(rows) * share)) if share else 0 for share in (validation, test)]
        while sum(wanted) > max(0, len(rows) - 1):  # training keeps at least one picture
            wanted[0 if wanted[0] > wanted[1] else 1] -= 1
        drawn = data_random("split", name).permutation(rows)
        parts[drawn[: wanted[1]]] = 2
        parts[drawn[wanted[1] : sum(wanted)]] = 1
    return parts
'''

STANDARDIZE = """
levels = np.arange(256)
counts = np.stack([np.bincount(x_train[..., channel].ravel(), minlength=256) for channel in range(CHANNELS)])
pixels = counts.sum(axis=1)
average = counts @ levels / pixels
deviation = np.sqrt(np.maximum(counts @ levels**2 / pixels - average**2, 0))
mean = average.astype(np.float32)
spread = np.where(deviation < 1e-4, 1, deviation).astype(np.float32)  # a channel that never changes stays as it is
"""

UNIT = """
mean = np.zeros(CHANNELS, np.float32)
spread = np.full(CHANNELS, 255, np.float32)
"""

RESIZE = '''
def resized(pictures):
    """Pictures brought to IMAGE_SIZE; of those that are not square, the middle."""
    if pictures.shape[1:3] == (IMAGE_SIZE, IMAGE_SIZE):
        return pictures
    made = np.empty((len(pictures), IMAGE_SIZE, IMAGE_SIZE, pictures.shape[3]), np.uint8)
    for place, picture in enumerate(pictures):
        image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture)
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        if image.width != image.height:
            image = image.crop((left, top, left + side, top + side))
        if side != IMAGE_SIZE:
            image = image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR, reducing_gap=3.0)
        made[place] = np.asarray(image).reshape(made.shape[1:])
    return made
'''

REMEASURED = '''
def remeasured():
    """The training pictures that are judged after each epoch as validation pictures are: each class in its proportion."""
    if REMEASURE >= len(y_train):
        return np.arange(len(y_train))
    by_class = [np.flatnonzero({labels} == number) for number in range(len({names}))]
    quotas = in_proportion(REMEASURE, [len(rows) for rows in by_class])
    drawn = [
        data_random("remeasure", name).permutation(rows)[:quota] for name, rows, quota in zip({names}, by_class, quotas)
    ]
    return np.sort(np.concatenate(drawn))
'''

SCALED = """
def scaled(pictures):
    return (pictures.astype(np.float32) - mean) / spread
"""
