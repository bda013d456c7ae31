"""The tricks: optional techniques, each on or off with its parameters."""

from __future__ import annotations

from typing import Literal

import pydantic

from workbench.spec.base import Spec, beside, beside_used, setting


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
    smoothing: float = setting(
        0.0, "Smoothing", "β of the unbiased exponential mean of validation losses that is judged instead of each one; 0 judges "
        "each.", ge=0, lt=1,
        higher="Waits out noise; a gain shows later.", lower="Reacts at once.",
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
        0.8, "Survival p_L", "Probability that the last block's branch stays; earlier ones stay more often.", ge=0.01, lt=1,
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
        True, "Flip left–right", "Mirrors pictures, with the probability below.",
        use="Photographs of things and animals.", leave="Digits, letters, traffic signs.",
    )  # fmt: skip
    flip_probability: float = setting(
        0.5, "Flip: probability", "Share of the pictures that are mirrored left–right.", ge=0, le=1,
        higher="At 1 every picture is mirrored, and none is seen as it is.", lower="0 turns it off.",
        when=beside_used("flip"),
    )  # fmt: skip
    flip_vertical: float = setting(
        0.0, "Flip up–down", "Probability that a picture is mirrored top to bottom.", ge=0, le=1,
        higher="For pictures without an up, as from a microscope or from above.", lower="0 turns it off.",
    )  # fmt: skip
    shift: int = setting(
        2, "Shift", "Moves each picture by up to this many pixels in each direction: the crop of the padded picture of the ResNet paper.",
        unit="pixels", ge=0, le=512, higher="Stronger; things may leave the picture.", lower="0 turns it off.",
    )  # fmt: skip
    shift_probability: float = setting(
        1.0, "Shift: probability", "Share of the pictures that are moved.", ge=0, le=1,
        higher="More variety.", lower="More pictures stay in their place; 0 turns it off.",
        when=beside_used("shift"),
    )  # fmt: skip
    rotation: float = setting(
        0.0, "Rotation", "Turns pictures about their middle by up to this angle either way.", unit="degrees", ge=0, le=180,
        higher="Stronger; corners are lost and a 6 may become a 9.", lower="0 turns it off.",
    )  # fmt: skip
    rotation_probability: float = setting(
        1.0, "Rotation: probability", "Share of the pictures that are turned.", ge=0, le=1,
        higher="More variety.", lower="More pictures stay upright and sharp; 0 turns it off.",
        when=beside_used("rotation"),
    )  # fmt: skip
    zoom: float = setting(
        0.0, "Zoom", "Scales pictures about their middle by up to 1 + this, and as often down by as much.", ge=0, le=3,
        higher="Stronger; at 1 from half to twice the size.", lower="0 turns it off.",
    )  # fmt: skip
    zoom_probability: float = setting(
        1.0, "Zoom: probability", "Share of the pictures that are scaled.", ge=0, le=1,
        higher="More variety.", lower="More pictures keep their size; 0 turns it off.",
        when=beside_used("zoom"),
    )  # fmt: skip
    edge: Literal["black", "mirror"] = setting(
        "black", "Edge", "What is seen where a moved, turned or scaled picture has nothing.",
        choices={"black": "Black", "mirror": "Mirrored picture"},
        use="Black is what the papers do.", leave="Mirrored when a black edge would give the change away.",
        when=beside_used("shift", "rotation", "zoom"),
    )  # fmt: skip
    brightness: float = setting(
        0.0, "Brightness", "Adds up to this share of the full range to all pixels, or takes it away.", ge=0, le=1,
        higher="Stronger; pictures may become all black or white.", lower="0 turns it off.",
    )  # fmt: skip
    brightness_probability: float = setting(
        1.0, "Brightness: probability", "Share of the pictures whose brightness is changed.", ge=0, le=1,
        higher="More variety.", lower="More pictures keep their light; 0 turns it off.",
        when=beside_used("brightness"),
    )  # fmt: skip
    contrast: float = setting(
        0.0, "Contrast", "Multiplies each channel's distance from its mean in the picture by 1 ± up to this.", ge=0, le=1,
        higher="Stronger; at 1 from plain grey to double.", lower="0 turns it off.",
    )  # fmt: skip
    contrast_probability: float = setting(
        1.0, "Contrast: probability", "Share of the pictures whose contrast is changed.", ge=0, le=1,
        higher="More variety.", lower="More pictures keep their contrast; 0 turns it off.",
        when=beside_used("contrast"),
    )  # fmt: skip
    noise: float = setting(
        0.0, "Noise σ", "Adds Gaussian noise of this spread to every pixel, on the scale 0 to 255.", ge=0, le=255,
        higher="Stronger; details drown.", lower="0 turns it off.",
    )  # fmt: skip
    noise_probability: float = setting(
        1.0, "Noise: probability", "Share of the pictures that get noise.", ge=0, le=1,
        higher="More variety.", lower="More pictures stay clean; 0 turns it off.",
        when=beside_used("noise"),
    )  # fmt: skip
    erasing: float = setting(
        0.0, "Erasing", "Probability that a rectangle of a picture is wiped out (Zhong 2017, who take 0.5).", ge=0, le=1,
        higher="The network must look at more than one part of a thing.", lower="0 turns it off.",
    )  # fmt: skip
    erasing_smallest: float = setting(
        0.02, "Erasing: smallest", "Share of the picture's area that a wiped rectangle has at least.", gt=0, le=1,
        higher="Stronger.", lower="Hardly felt.",
        when=beside_used("erasing"),
    )  # fmt: skip
    erasing_largest: float = setting(
        0.4, "Erasing: largest", "Share of the picture's area that a wiped rectangle has at most.", gt=0, le=1,
        higher="Stronger; a thing may be gone.", lower="Milder.",
        when=beside_used("erasing"),
    )  # fmt: skip
    erasing_aspect: float = setting(
        0.3, "Erasing: aspect", "Least height over width of a wiped rectangle; the most is one over this.", ge=0.01, le=1,
        higher="At 1 only squares.", lower="Long stripes too.",
        when=beside_used("erasing"),
    )  # fmt: skip
    erasing_fill: Literal["random", "mean"] = setting(
        "random", "Erasing: fill", "What a wiped rectangle is filled with.",
        choices={"random": "Random pixels", "mean": "Mean colour"},
        use="Random pixels did best in the paper.",
        leave="Mean colour of the training pictures (mid grey where pixels are scaled to 0 to 1).",
        when=beside_used("erasing"),
    )  # fmt: skip


class Mixup(Trick):
    TITLE = "Mixup"
    MEANING = "Blends each picture with another of its batch, λx + (1 − λ)x′, and their losses alike, λ from Beta(α, α) (Zhang 2018)."
    USE = "When a network overfits on photographs; train longer with it."
    LEAVE = (
        "In short runs and in networks that underfit. The training loss stays high, since no picture is of one class."
    )

    alpha: float = setting(
        0.2, "Strength α", "Shape of the Beta distribution of λ; 1 makes every blend as likely.", gt=0, le=10, scale="log",
        higher="More halves; the paper takes 1 for CIFAR-10.", lower="Mostly one picture with a trace of the other.",
    )  # fmt: skip
    probability: float = setting(
        1.0, "Probability", "Share of the pictures that are blended; with CutMix on as well, of one half of them.", gt=0, le=1,
        higher="More blends.", lower="More pictures stay as they are.",
    )  # fmt: skip


class CutMix(Trick):
    TITLE = "CutMix"
    MEANING = "Pastes a rectangle of another picture of the batch, and shares the loss by area (Yun 2019)."
    USE = "When a network overfits on photographs, or looks at one part of a thing only."
    LEAVE = "When a part of a picture says nothing, and in short runs."

    alpha: float = setting(
        1.0, "Strength α", "Shape of the Beta distribution of the area; 1, as in the paper, makes every area as likely.",
        gt=0, le=10, scale="log", higher="More halves.", lower="Mostly tiny or nearly whole rectangles.",
    )  # fmt: skip
    probability: float = setting(
        0.5, "Probability", "Share of the pictures that get a rectangle; with Mixup on as well, of one half of them.", gt=0, le=1,
        higher="More rectangles; the paper takes 1 for ImageNet, 0.5 for CIFAR.", lower="More pictures stay as they are.",
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
    MEANING = "Counts the pictures of small classes (with masks: their pixels) more in the loss: with nₖ of n in class k of K, by n / (K nₖ)."
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


class Penalty(Trick):
    """What both penalties on weights have in common."""

    rate: float = setting(
        1e-4, "Rate λ", "Weight of the penalty. The curve shows it apart from the loss on the data.", gt=0, le=10,
        scale="log", higher="Smaller weights, and with L1 more of them near zero; in the end underfitting.",
        lower="Hardly felt.",
    )  # fmt: skip
    everything: bool = setting(
        False, "Biases and norms too", "Penalizes biases and normalization scales as well.",
        use="To see the difference.", leave="As a rule: they do not overfit.",
    )  # fmt: skip


class L2Penalty(Penalty):
    TITLE = "L2 penalty"
    MEANING = "Adds λ/2·‖θ‖² to what is made small, so each gradient grows by λθ (ridge; Tikhonov)."
    USE = "To see how it differs from weight decay: with plain SGD it is the same, with momentum or Adam it is not."
    LEAVE = "With Adam, where weight decay works better: there the penalty is divided by the gradient's own size."


class L1Penalty(Penalty):
    TITLE = "L1 penalty"
    MEANING = (
        "Adds λ·‖θ‖₁ to what is made small (LASSO): pulls each weight towards 0 with the same force, whatever its size."
    )
    USE = "When few weights should carry the network: the run tells the share of weights near zero."
    LEAVE = "When all inputs matter a little; then L2 suits better."


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
        when=beside("whole", False),
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
    mixup: Mixup = pydantic.Field(default_factory=Mixup)
    cutmix: CutMix = pydantic.Field(default_factory=CutMix)
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
