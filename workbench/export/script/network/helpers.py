"""The short functions that the lines of a network call, each written when it is first needed."""

from __future__ import annotations

from workbench.export.script.draft import Draft

CODE = {
    "conv": (
        "Each layer bears a name, and from it and SEED come its starting weights: nothing depends on what was built before.",
        '''
        def conv(name, filters, size, strides=1, padding="same", use_bias=False):
            """A convolution; before batch norm it needs no bias, since the norm takes the mean away again."""
            return layers.Conv2D(
                filters, size, strides=strides, padding=padding, use_bias=use_bias,
                kernel_initializer=starting_weights(name), name=name,
            )
        ''',
    ),
    "dense": (
        "A dense layer connects each unit with every number before it.",
        """
        def dense(name, units, use_bias=True):
            return layers.Dense(units, use_bias=use_bias, kernel_initializer=starting_weights(name), name=name)
        """,
    ),
    "norm": (
        ("Batch norm brings each channel to mean 0 and spread 1 over the batch. Its moving averages, which validation uses, "
        "forget a tenth at each step: Keras' own hundredth would still remember the start after ten short epochs."),
        """
        def norm(name):
            return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)
        """,
    ),
    "layer_norm": (
        "Layer norm brings all channels at a place to mean 0 and spread 1.",
        """
        def norm(name):
            return layers.LayerNormalization(epsilon=1e-5, name=name)
        """,
    ),
    "group_norm": (
        "Group norm brings groups of channels to mean 0 and spread 1 over the whole map, whatever the batch size.",
        """
        def norm(name, groups):
            return layers.GroupNormalization(groups=groups, epsilon=1e-5, name=name)
        """,
    ),
    "deconv": (
        "A deconvolution of 2 × 2 with step 2 makes maps twice as large.",
        """
        def deconv(name, filters):
            return layers.Conv2DTranspose(
                filters, 2, strides=2, padding="same", kernel_initializer=starting_weights(name), name=name
            )
        """,
    ),
    "pad_shortcut": (
        "The shortcut without weights (He 2015, option A): every stride-th place, and zeros for the new channels.",
        """
        def padded_shortcut(x, channels, stride):
            x = x[:, ::stride, ::stride, :]
            return ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, channels - x.shape[-1]]])
        """,
    ),
    "stochastic_depth": (
        ("Stochastic depth (Huang 2016): in training a residual branch is left out of some pictures, drawn for each by itself. "
        "What stays is divided by its probability, so that inference uses the whole network. It is dropout of whole branches."),
        """
        def survive(name, survival):
            return layers.Dropout(
                1 - survival, noise_shape=(None, 1, 1, 1), seed=seed_for("stochastic depth", name), name=name
            )
        """,
    ),
    "stochastic_depth_batch": (
        ("Stochastic depth (Huang 2016): in training a residual branch is left out of a whole batch now and then. What stays is "
        "divided by its probability, so that inference uses the whole network. It is dropout of whole branches."),
        """
        def survive(name, survival):
            return layers.Dropout(
                1 - survival, noise_shape=(1, 1, 1, 1), seed=seed_for("stochastic depth", name), name=name
            )
        """,
    ),
    "bilinear_up": (
        ("Scores are brought to full size by a deconvolution that starts as bilinear interpolation (Long 2015) and learns from "
        "there. The outermost row and column come twice: beyond the edge interpolation finds what is at the edge, not zeros."),
        '''
        def bilinear_kernel(factor, channels):
            """The weights of bilinear interpolation, each map by itself."""
            distance = np.abs(np.arange(2 * factor) + 0.5 - factor) / factor
            tent = 1 - distance
            return (np.outer(tent, tent)[:, :, None, None] * np.eye(channels)).astype(np.float32)


        def enlarged(x, name, factor):
            """Maps `factor` times as high and wide."""
            x = ops.concatenate([x[:, :1], x, x[:, -1:]], axis=1)
            x = ops.concatenate([x[:, :, :1], x, x[:, :, -1:]], axis=2)
            start = keras.initializers.Constant(bilinear_kernel(factor, x.shape[-1]))
            x = layers.Conv2DTranspose(
                x.shape[-1], 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=start, name=name
            )(x)
            return x[:, factor:-factor, factor:-factor]
        ''',
    ),
}  # fmt: skip

#: Those that use keras.ops.
_OPS = frozenset({"pad_shortcut", "bilinear_up"})


def helper(draft: Draft, name: str) -> None:
    """Have one of the functions written, once."""
    if name in _OPS:
        draft.needs("from keras import ops")
    draft.once(name, *CODE[name])
