"""SAYS: the whole vocabulary of a run.

Grammar of what a run says, in order:

    run     = RunCreated attempt+
    attempt = AttemptStarted (DataReady Warned*)? epoch* Failed? AttemptEnded
    epoch   = EpochStarted (StepBlock | ModelReady | Resumed | RateChanged | StepsSkipped | Warned)* (EpochEnded BestSoFar? StoppedEarly?)?

CheckpointSaved, Paused and Continued may come between any two of these, from the first step on. An attempt that takes
the run up from a checkpoint says the epoch it continues again, and Resumed once its first steps could be compared.

The end always comes, whatever happened to the process: an engine that went away has its AttemptEnded
written by whoever noticed. ModelReady comes inside the first epoch, when the first step is done: the device is
read from its result. What changes many times a second (how far along, still alive) is no event: that is `Live`,
one row that is overwritten.

Epochs and steps count from 1; `step` is always the number of steps done since the run began. Metrics bear
Keras' names: loss and accuracy are means over the epoch's steps, `val_…` is of the validation part at the epoch's end.
`remeasured_loss`, `remeasured_accuracy` and, of masks, `remeasured_mean_iou` are of some training pictures that were judged
there as those for validation are (`training.remeasure`), so that they compare with `val_…`. A NaN stays a NaN.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.errors import ErrorCard

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class State(StrEnum):
    """Where a run is: queued → preparing → running ⇄ paused → stopping → ended."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"

    @property
    def alive(self) -> bool:
        """Whether an engine should be at work on it."""
        return self not in {State.QUEUED, State.ENDED}


class Ending(StrEnum):
    """Why a run ended."""

    COMPLETED = "completed"
    EARLY_STOPPED = "early_stopped"
    STOPPED = "stopped"
    DISCARDED = "discarded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Command(StrEnum):
    """What a person asks of a run; the engine takes it between two chunks of steps."""

    STOP = "stop"
    STOP_NOW = "stop_now"
    DISCARD = "discard"
    PAUSE = "pause"
    CONTINUE = "continue"
    SAVE = "save"
    #: with a value: the learning rate from the next step on; a schedule goes on from there in proportion
    SET_RATE = "set_rate"


class Phase(StrEnum):
    """What an engine is busy with, for the progress bars."""

    STARTING = "starting"
    DOWNLOADING = "downloading"
    READING = "reading"
    BUILDING = "building"
    TRACING = "tracing"
    TRAINING = "training"
    VALIDATING = "validating"
    REMEASURING = "remeasuring"
    SAVING = "saving"
    PAUSED = "paused"
    IDLE = "idle"

    @property
    def words(self) -> str:
        return _PHASE_WORDS[self]


_PHASE_WORDS = {
    Phase.STARTING: "Starting the engine",
    Phase.DOWNLOADING: "Downloading",
    Phase.READING: "Reading pictures",
    Phase.BUILDING: "Building the network",
    Phase.TRACING: "Preparing the first step",
    Phase.TRAINING: "Training",
    Phase.VALIDATING: "Validating",
    Phase.REMEASURING: "Re-measuring training",
    Phase.SAVING: "Saving",
    Phase.PAUSED: "Paused",
    Phase.IDLE: "Waiting",
}


@dataclass(frozen=True)
class RunCreated:
    name: str
    parent: str = ""  # of a fork: the run it grew from, and after which of its epochs
    parent_epoch: int = 0


@dataclass(frozen=True)
class AttemptStarted:
    """An engine took up the run, from this position (0, 0 for a fresh start)."""

    epoch: int
    step: int
    process: int


@dataclass(frozen=True)
class DataReady:
    training: int
    validation: int
    test: int
    classes: tuple[str, ...]
    #: height, width, channels
    shape: tuple[int, int, int]
    steps_per_epoch: int
    fingerprint: str
    #: one sentence a file that could not be used, at most 100
    left_out: tuple[str, ...] = ()
    #: per channel, of the training part only, on the scale 0 to 255: the network sees (picture − mean) / spread
    mean: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()


@dataclass(frozen=True)
class ModelReady:
    parameters: int
    backend: str
    #: what really computed, read from a tensor: "CPU", "NVIDIA RTX 4070"
    device: str
    threads: int
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EpochStarted:
    epoch: int


@dataclass(frozen=True)
class EpochEnded:
    """An epoch with its validation is over. `seconds` is run time since the run began, pauses left out."""

    epoch: int
    step: int
    seconds: float
    metrics: dict[str, float]
    images_per_second: float
    #: early stopping: epochs without a new best, of how many; None when it is off
    waited: int | None = None
    patience: int | None = None


@dataclass(frozen=True)
class BestSoFar:
    epoch: int
    metric: str
    value: float


@dataclass(frozen=True)
class CheckpointSaved:
    epoch: int
    step: int
    #: "best" so far, "every" when each so many epochs' end is kept for good, else "last"
    keep: str
    size: int


@dataclass(frozen=True)
class RateChanged:
    """The learning rate was set by hand or dropped by a rule (a smooth schedule says nothing); it holds after `step`."""

    epoch: int
    step: int
    old: float
    new: float
    why: str
    share: float | None = None  # set by hand: what the planned rates of later steps are multiplied by


@dataclass(frozen=True)
class Paused:
    epoch: int
    step: int


@dataclass(frozen=True)
class Continued:
    """Training goes on after a pause of so many seconds, which are no run time."""

    epoch: int
    step: int
    seconds: float


@dataclass(frozen=True)
class Resumed:
    """Whether a run that was taken up again is the same run.

    `exact`: the checkpoint's probe and `replayed` recorded steps came out the same, bit for bit, with the same data,
    versions and device. Otherwise `why` has a reason a line.
    """

    epoch: int
    step: int
    exact: bool
    replayed: int
    why: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For people."""
        where = f"after epoch {self.epoch}, step {self.step:,}"
        if not self.exact:
            return f"Resumed approximately {where}, because {'; '.join(self.why)}."
        steps = f"{self.replayed} recorded step{'' if self.replayed == 1 else 's'}"
        return f"Resumed exactly {where}: the probe and {steps} came out the same, bit for bit."


@dataclass(frozen=True)
class StepsSkipped:
    """Some steps up to `step` were not finite and changed nothing; `total` is how many there were since the run began."""

    epoch: int
    step: int
    count: int
    total: int


@dataclass(frozen=True)
class StoppedEarly:
    epoch: int
    best_epoch: int
    reason: str


@dataclass(frozen=True)
class Warned:
    message: str


@dataclass(frozen=True)
class Failed:
    card: ErrorCard


@dataclass(frozen=True)
class AttemptEnded:
    ending: Ending
    reason: str
    epochs: int


Event: TypeAlias = (
    RunCreated
    | AttemptStarted
    | DataReady
    | ModelReady
    | EpochStarted
    | EpochEnded
    | BestSoFar
    | CheckpointSaved
    | RateChanged
    | Paused
    | Continued
    | Resumed
    | StepsSkipped
    | StoppedEarly
    | Warned
    | Failed
    | AttemptEnded
)

_EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in typing.get_args(Event)}


def encode(event: Event) -> tuple[str, str]:
    """An event as (kind, JSON text); NaN and infinity are kept."""
    return type(event).__name__, json.dumps(dataclasses.asdict(event), separators=(",", ":"))


def decode(kind: str, body: str) -> Event:
    """The event of a (kind, JSON text) written by this or an older version."""
    cls = _EVENTS[kind]
    tree: dict[str, Any] = json.loads(body)
    if cls is Failed:
        return Failed(ErrorCard.from_tree(tree["card"]))
    if cls is AttemptEnded:
        tree["ending"] = Ending(tree["ending"])
    return typing.cast("Event", cls(**{key: _tuples(value) for key, value in tree.items()}))


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


#: The columns of a step block, in the order in which they are packed.
COLUMNS = ("loss", "learning_rate", "gradient_norm", "accuracy", "penalty")
if TYPE_CHECKING:
    Floats: TypeAlias = npt.NDArray[np.float32]
else:
    # The window speaks of events before it needs a number; NumPy would delay its first paint by a tenth of a second.
    Floats = Any


@dataclass(frozen=True)
class StepBlock:
    """The per-step numbers of a stretch of training: one row a step, the COLUMNS across.

    `loss` is the mean over that step's own samples (never a running mean), `learning_rate` the rate that step
    used, `gradient_norm` the global norm before clipping, `accuracy` the share of that step's samples that
    were right, `penalty` what the L1 and L2 penalties add to the loss (it is not part of `loss`). `numbers` has shape (steps, len(COLUMNS)), float32; NaN and infinity are kept. `begin` and `end` are
    seconds of run time.
    """

    first_step: int
    numbers: Floats
    begin: float
    end: float

    @property
    def steps(self) -> int:
        return len(self.numbers)

    @property
    def last_step(self) -> int:
        return self.first_step + len(self.numbers) - 1

    def column(self, name: str) -> Floats:
        return self.numbers[:, COLUMNS.index(name)]

    def packed(self) -> bytes:
        import numpy as np  # noqa: PLC0415 - see Floats

        return np.ascontiguousarray(self.numbers, dtype="<f4").tobytes()

    @staticmethod
    def unpacked(first_step: int, steps: int, data: bytes, begin: float, end: float) -> StepBlock:
        """A block as it was packed, by this version or an older one that knew fewer columns (there was no penalty then)."""
        import numpy as np  # noqa: PLC0415 - see Floats

        numbers = np.frombuffer(data, dtype="<f4").reshape(steps, -1)
        missing = len(COLUMNS) - numbers.shape[1]
        if missing > 0:
            numbers = np.pad(numbers, [(0, 0), (0, missing)])
        return StepBlock(first_step, numbers, begin, end)


@dataclass(frozen=True)
class Live:
    """How far an engine is just now; overwritten many times a second, not kept."""

    phase: Phase
    #: done of total in this phase; total None when it cannot be known
    done: int = 0
    total: int | None = None
    #: a few words, such as the file being fetched
    note: str = ""
    epoch: int = 0
    step: int = 0
    images_per_second: float = 0.0
    #: run time in seconds
    seconds: float = 0.0
    #: wall-clock time of writing
    heartbeat: float = 0.0
