"""The few lines that use a written model, as a script beside it: plain libraries, nothing of the workbench.

Each loads the file, brings a picture to its size as the workbench does, and prints class and probability. Class names and
sizes are read from the file itself.
"""

from __future__ import annotations

from workbench.engine.exports.weights_file import NETWORK
from workbench.spec.carried.block import FACTS
from workbench.spec.carried.models import FILES, MEMBERS

_IMPORTS = {
    "keras": "import json, sys, zipfile\nimport keras, numpy as np",
    "savedmodel": "import json, sys\nimport numpy as np, tensorflow as tf",
    "onnx": "import json, sys\nimport numpy as np, onnxruntime",
    "litert": "import json, sys, zipfile\nimport numpy as np\nfrom ai_edge_litert.interpreter import Interpreter",
    "safetensors": "import json, sys\nimport keras, numpy as np\nfrom safetensors import safe_open",
}
_NEEDS = {
    "keras": "keras tensorflow pillow", "savedmodel": "tensorflow pillow", "onnx": "onnxruntime pillow",
    "litert": "ai-edge-litert pillow", "safetensors": "keras tensorflow safetensors pillow",
}  # fmt: skip
#: Leave `about`, the facts, and `answers`, a function of pixels (1, h, w, c).
_LOAD = {
    "keras": f"""\
model = keras.models.load_model(path, compile=False)
about = json.loads(zipfile.ZipFile(path).read("{MEMBERS[FACTS]}"))
answers = lambda pixels: model.predict(pixels, verbose=0)""",
    "savedmodel": f"""\
model = tf.saved_model.load(path)
about = json.load(open(path + "/{FILES[FACTS]}", encoding="utf-8"))
answers = lambda pixels: model.serve(pixels).numpy()""",
    "onnx": f"""\
model = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
about = json.loads(model.get_modelmeta().custom_metadata_map["{FACTS}"])
answers = lambda pixels: model.run(None, {{model.get_inputs()[0].name: pixels}})[0]""",
    "litert": f"""\
model = Interpreter(path).get_signature_runner()
about = json.loads(zipfile.ZipFile(path).read("{MEMBERS[FACTS]}"))
answers = lambda pixels: next(iter(model(pixels=pixels).values()))""",
    "safetensors": f"""\
with safe_open(path, "numpy") as file:
    about, network = (json.loads(file.metadata()[name]) for name in ("{FACTS}", "{NETWORK}"))
    model = keras.models.model_from_json(json.dumps(network))
    for weight in model.weights:
        weight.assign(file.get_tensor(weight.path))
answers = lambda pixels: model.predict(pixels, verbose=0)""",
}
_OPEN = """\
size, mode = (about["input"]["width"], about["input"]["height"]), "RGB" if about["input"]["channels"] == 3 else "L"
picture = Image.open(sys.argv[1])
picture.draft(None, (2 * size[0], 2 * size[1]))  # large photographs are read at a half, a quarter or an eighth, as in training
picture = ImageOps.exif_transpose(picture).convert("RGBA")
"""
_GROUND = """\
picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert(mode)
"""
#: As data/sizing.py and data/decode.py do it: first the size, then white behind what lets light through.
_FIT = {
    "crop": f"""\
side = min(picture.size)
left, top = (picture.width - side) // 2, (picture.height - side) // 2
picture = picture.crop((left, top, left + side, top + side)).resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
{_GROUND}""",
    "stretch": f"""\
picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
{_GROUND}""",
    "pad": f"""\
picture.thumbnail(size, Image.Resampling.BILINEAR, reducing_gap=3.0)  # smaller if it is too large, in the middle of its mirror image
{_GROUND}missing = [(size[1] - picture.height), (size[0] - picture.width)]
picture = np.pad(picture, [(m // 2, m - m // 2) for m in missing] + [(0, 0)] * (mode == "RGB"), mode="symmetric")
""",
}
_ASK = """\
pixels = np.asarray(picture, np.float32).reshape(1, size[1], size[0], -1)  # 0 to 255: scaling, crop and softmax are inside
"""
_SAY = """\
for share, name in sorted(zip(answers(pixels)[0].tolist(), about["classes"]), reverse=True)[:5]:
    print(f"{share:.6f}  {name}")
"""
_SAY_MASKS = """\
found = answers(pixels)[0].argmax(-1)  # the class of every pixel, (height, width)
for number, name in enumerate(about["classes"]):
    print(f"{(found == number).mean():.6f}  {name}")
"""


def text(kind: str, name: str, fit: str, *, masks: bool) -> str:
    """The script for a file or folder of this name, written in this format. It stands beside a file, within a folder."""
    where = "parent" if kind == "savedmodel" else f"with_name({name!r})"
    says = "which share of the picture each class has" if masks else "the likeliest classes and their probabilities"
    return (
        f'"""Prints {says}:  python SCRIPT PICTURE\n\nNeeds: pip install {_NEEDS[kind]}\n"""\n'
        f"{_IMPORTS[kind]}\nfrom pathlib import Path\nfrom PIL import Image, ImageOps\n\n"
        f"path = str(Path(__file__).resolve().{where})\n{_LOAD[kind]}\n{_OPEN}{_FIT[fit]}{_ASK}{_SAY_MASKS if masks else _SAY}"
    )
