"""Shortcut A of a ResNet as a Keras layer: every stride-th place, zeros for the new channels (He 2015)."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("workbench")
class PadShortcutLayer(keras.layers.Layer):  # type: ignore[misc] # Keras comes without types
    """(b, h, w, c) → (b, ⌈h / stride⌉, ⌈w / stride⌉, channels); the new channels come last."""

    def __init__(self, channels: int, stride: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.channels = channels
        self.stride = stride

    def call(self, maps: Any) -> Any:
        taken = maps[:, :: self.stride, :: self.stride, :]
        return keras.ops.pad(taken, [[0, 0], [0, 0], [0, 0], [0, self.channels - maps.shape[-1]]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "channels": self.channels, "stride": self.stride}
