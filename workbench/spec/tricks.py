"""The tricks: optional techniques, each on or off with its parameters."""

from __future__ import annotations

from typing import Literal

import pydantic

from workbench.spec.base import Spec, setting


class Trick(Spec):
    """What every trick has in common: it is on or off, and keeps its values when off."""

    on: bool = setting(False, "On", "Whether the trick is used.")


class EarlyStopping(Trick):
    TITLE = "Early stopping"
    MEANING = "Ends training when validation loss has not improved for a number of epochs, and keeps the best weights."
    USE = "Almost always. It saves time and avoids overfitting."
    LEAVE = "When validation loss is very noisy, or when you want the full schedule to run."

    patience: int = setting(
        8, "Patience", "Epochs without a new best before training ends.", unit="epochs", ge=1, le=10_000,
        higher="Waits out noise; trains longer.", lower="Saves time; may give up too soon.",
    )  # fmt: skip
    min_delta: float = setting(
        0.0, "Smallest gain", "By how much validation loss must fall to count as better.", ge=0, le=100, scale="log",
        higher="Ignores tiny gains.", lower="Every gain counts.",
    )  # fmt: skip


class WeightDecay(Trick):
    TITLE = "Weight decay"
    MEANING = "Pulls weights towards zero: θ ← (1 − ηλ)θ − ηg, apart from the gradient (Loshchilov & Hutter 2019)."
    USE = "When training loss is far below validation loss."
    LEAVE = "When the network cannot even fit the training pictures."

    rate: float = setting(
        1e-3, "Rate λ", "Share of each weight taken away a step, times the learning rate.", gt=0, le=10, scale="log",
        higher="Simpler functions, in the end underfitting.", lower="Hardly felt.",
    )  # fmt: skip
    everything: bool = setting(
        False, "Biases and norms too", "Decays biases and normalization scales as well.",
        use="To see the difference.", leave="As a rule: they do not overfit, and pulling them to zero does harm.",
    )  # fmt: skip


class Dropout(Trick):
    TITLE = "Dropout"
    MEANING = "Switches each unit off with a probability while training, and scales the rest up (Srivastava 2014)."
    USE = "When a network with dense layers overfits."
    LEAVE = "In small networks that underfit; next to batch norm it helps little."

    rate: float = setting(
        0.3, "Probability", "Probability that a unit is off in a step.", gt=0, lt=1,
        higher="Stronger medicine, slower learning.", lower="Milder.",
    )  # fmt: skip
    place: Literal["usual", "stages", "output", "both"] = setting(
        "usual", "Place", "Where units are switched off: whole maps after a stage, single units before the output.",
        choices={
            "usual": "As usual for the network", "stages": "After each stage", "output": "Before the output",
            "both": "After stages and before the output",
        },
        use=(
            "As usual: both in a CNN, an FCN and an MLP; before the output in a ResNet and an FCN for masks; between the "
            "convolutions in a wide ResNet and a DenseNet, at the bottom of a U-Net, as in their papers."
        ),
        leave="The others to see which place closes the gap between the curves; after stages it slows learning most.",
    )  # fmt: skip


class StochasticDepth(Trick):
    TITLE = "Stochastic depth"
    MEANING = (
        "Skips whole residual branches at random while training: block l of L stays with p = 1 − l / L · (1 − p_L), and "
        "what stays is divided by p (Huang 2016), so that inference uses the whole network."
    )
    USE = "In deep ResNets that overfit: training loss rises, validation loss falls, and the gradient reaches early blocks."
    LEAVE = "In shallow networks, which it makes too shallow; it needs residual blocks."

    survival: float = setting(
        0.8, "Survival p_L", "Probability that the last block's branch stays; earlier ones stay more often.", gt=0, lt=1,
        higher="Milder.", lower="Stronger; the paper has 0.5 for 110 layers.",
    )  # fmt: skip
    each: Literal["picture", "batch"] = setting(
        "picture", "Drawn", "Whether each picture of a batch has its own draw or the whole batch the same.",
        choices={"picture": "For each picture", "batch": "Once a batch"},
        use="For each picture: the same mean, a calmer loss curve.", leave="Once a batch, as in the paper.",
    )  # fmt: skip


class Augmentation(Trick):
    TITLE = "Augmentation"
    MEANING = "Changes each training picture a little, differently every epoch; validation pictures stay as they are."
    USE = "When there are few pictures, and changed ones still look right."
    LEAVE = "When direction or place carries the meaning, as a flipped digit does."

    flip: bool = setting(
        True, "Flip left–right", "Mirrors half of the pictures.",
        use="Photographs of things and animals.", leave="Digits, letters, traffic signs.",
    )  # fmt: skip
    shift: int = setting(
        2, "Shift", "Moves each picture by up to this many pixels in each direction; the edge is filled with zeros.",
        unit="pixels", ge=0, le=512, higher="Stronger; things may leave the picture.", lower="0 turns it off.",
    )  # fmt: skip


class GradientClipping(Trick):
    TITLE = "Gradient clipping"
    MEANING = "Limits the gradient, so that one bad batch cannot throw the weights far away."
    USE = "When the loss has spikes or becomes NaN."
    LEAVE = "When training is calm: it only slows."

    by: Literal["value", "norm", "global_norm"] = setting(
        "global_norm", "By", "What is limited.",
        choices={"value": "Each element", "norm": "Each tensor's norm", "global_norm": "Global norm"},
        use="Global norm keeps the direction.", leave="Each element changes the direction.",
    )  # fmt: skip
    limit: float = setting(
        1.0, "Limit", "The largest value or norm that is let through.", gt=0, le=1_000_000, scale="log",
        higher="Acts only on spikes.", lower="Acts on every step.",
    )  # fmt: skip


class ClassWeights(Trick):
    TITLE = "Class weights"
    MEANING = (
        "Counts the pictures of small classes more in the loss: with nₖ of n pictures in class k of K, by n / (K nₖ)."
    )
    USE = "When the classes are uneven and the small ones matter as much; watch balanced accuracy."
    LEAVE = "When the classes are even, or when plain accuracy is what counts."

    by: Literal["balanced", "root"] = setting(
        "balanced", "By", "How strongly small classes are favoured; either way the weights average 1.",
        choices={"balanced": "n / (K nₖ): all classes alike", "root": "1 / √nₖ: half of the way"},
        use="All classes alike, when the smallest has at least some dozens of pictures.",
        leave="The root, when a few pictures would otherwise shake every step: the curve is calmer.",
    )  # fmt: skip


class Resampling(Trick):
    TITLE = "Resampling"
    MEANING = "Draws each epoch so that all classes come equally often; small ones repeat, large ones take turns."
    USE = (
        "When the classes are very uneven: batches then always hold some of each. With augmentation the repeats differ."
    )
    LEAVE = "When the classes are even; small ones that repeat often are learnt by heart."


class LabelSmoothing(Trick):
    TITLE = "Label smoothing"
    MEANING = "Asks for a little of every class: y(1 − ε) + ε/K in place of y (Szegedy 2016)."
    USE = "When the network becomes too sure of itself: training loss near 0 while validation loss rises."
    LEAVE = "When the loss itself is to be compared with other runs: both curves lie higher by what is smoothed."

    rate: float = setting(
        0.1, "Share ε", "Share of each label that is spread over all classes.", gt=0, lt=1,
        higher="Less sure answers; the loss cannot fall below what is smoothed.", lower="Milder.",
    )  # fmt: skip


class L2Penalty(Trick):
    TITLE = "L2 penalty"
    MEANING = "Adds λ/2·‖θ‖² to what is made small, so each gradient grows by λθ (ridge; Tikhonov)."
    USE = "To see how it differs from weight decay: with plain SGD it is the same, with momentum or Adam it is not."
    LEAVE = "With Adam, where weight decay works better: there the penalty is divided by the gradient's own size."

    rate: float = setting(
        1e-3, "Rate λ", "Weight of the penalty. The curve shows it apart from the loss on the data.", gt=0, le=10,
        scale="log", higher="Smaller weights, in the end underfitting.", lower="Hardly felt.",
    )  # fmt: skip
    everything: bool = setting(
        False, "Biases and norms too", "Penalizes biases and normalization scales as well.",
        use="To see the difference.", leave="As a rule: they do not overfit.",
    )  # fmt: skip


class L1Penalty(Trick):
    TITLE = "L1 penalty"
    MEANING = (
        "Adds λ·‖θ‖₁ to what is made small (LASSO): pulls each weight towards 0 with the same force, whatever its size."
    )
    USE = "When few weights should carry the network: the run tells the share of weights near zero."
    LEAVE = "When all inputs matter a little; then L2 suits better."

    rate: float = setting(
        1e-4, "Rate λ", "Weight of the penalty. The curve shows it apart from the loss on the data.", gt=0, le=10,
        scale="log", higher="More weights near zero, in the end underfitting.", lower="Hardly felt.",
    )  # fmt: skip
    everything: bool = setting(
        False, "Biases and norms too", "Penalizes biases and normalization scales as well.",
        use="To see the difference.", leave="As a rule: they do not overfit.",
    )  # fmt: skip


class Ema(Trick):
    TITLE = "Average of weights"
    MEANING = (
        "Keeps a ← βa + (1 − β)θ after each update (Polyak 1992). Validation, the best epoch and the kept weights are "
        "then the average's."
    )
    USE = "When validation jumps from epoch to epoch: the average lies in the middle of the jumps."
    LEAVE = "In very short runs, where the average still remembers the beginning. With batch norm its statistics stay the newest weights'."

    decay: float = setting(
        0.99, "Memory β", "How much of the average stays in each update; it looks back over about 1 / (1 − β) updates.",
        ge=0.5, lt=1, higher="Smoother, and slower to follow.", lower="Closer to the newest weights.",
    )  # fmt: skip


class GradientAccumulation(Trick):
    TITLE = "Gradient accumulation"
    MEANING = (
        "Makes one update from the mean gradient of several batches, each weighted by its pictures. Schedule, clipping and "
        "averages count updates. With batch norm each batch keeps its own statistics."
    )
    USE = "When the batch you want does not fit into memory; or for gradient descent over the whole training set."
    LEAVE = "When the batch fits: one large batch is faster and, with batch norm, better."

    batches: int = setting(
        4, "Batches", "Batches whose mean gradient makes one update; what is left at an epoch's end makes a smaller one.",
        unit="batches", ge=2, le=1_000_000, scale="log", higher="Steadier and fewer updates.", lower="More updates.",
    )  # fmt: skip
    whole: bool = setting(
        False, "Whole training set", "One update an epoch, from the exact gradient of the whole training set: θ ← θ − η∇L(θ).",
        use="To see plain gradient descent: a smooth curve, and very slow for its cost.",
        leave="To train well: mini-batches make as many updates as there are batches in the same time.",
    )  # fmt: skip


class GradientNoise(Trick):
    TITLE = "Gradient noise"
    MEANING = "Adds N(0, σ²) to every element of the gradient (Neelakantan 2015), after the norm shown in the curve was taken."
    USE = "To see that any unbiased gradient still descends, and how noise helps to leave flat places and saddles."
    LEAVE = "As a rule: the noise of small batches is enough."

    sigma: float = setting(
        0.01, "Spread σ", "Standard deviation of the noise in the first update.", gt=0, le=1000, scale="log",
        higher="Wilder; in the end it drowns the gradient.", lower="Hardly felt.",
    )  # fmt: skip
    fade: float = setting(
        0.55, "Fading γ", "The variance falls as 1 / (1 + t)^γ with the updates t; the paper takes 0.55.", ge=0, le=4,
        higher="Gone sooner.", lower="0 keeps it constant.",
    )  # fmt: skip


class Tricks(Spec):
    """Every trick, in the order of the form."""

    TITLE = "Tricks"
    MEANING = "Optional techniques against overfitting and accidents."

    early_stopping: EarlyStopping = pydantic.Field(default_factory=EarlyStopping)
    augmentation: Augmentation = pydantic.Field(default_factory=Augmentation)
    weight_decay: WeightDecay = pydantic.Field(default_factory=WeightDecay)
    dropout: Dropout = pydantic.Field(default_factory=Dropout)
    stochastic_depth: StochasticDepth = pydantic.Field(default_factory=StochasticDepth)
    gradient_clipping: GradientClipping = pydantic.Field(default_factory=GradientClipping)
    class_weights: ClassWeights = pydantic.Field(default_factory=ClassWeights)
    resampling: Resampling = pydantic.Field(default_factory=Resampling)
    label_smoothing: LabelSmoothing = pydantic.Field(default_factory=LabelSmoothing)
    l2_penalty: L2Penalty = pydantic.Field(default_factory=L2Penalty)
    l1_penalty: L1Penalty = pydantic.Field(default_factory=L1Penalty)
    ema: Ema = pydantic.Field(default_factory=Ema)
    gradient_accumulation: GradientAccumulation = pydantic.Field(default_factory=GradientAccumulation)
    gradient_noise: GradientNoise = pydantic.Field(default_factory=GradientNoise)
