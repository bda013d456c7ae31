"""The residual blocks of a network, one after another, stage after stage.

Two orders. Post (He 2015): convolution – normalization – activation …, the branch's last activation only
after the sum. Pre (He 2016): normalization – activation – convolution …, and nothing after the sum; where a
stage begins, the shortcut reads what the first activation gives, as in the authors' code. The first
convolution of a stage steps by 2. Knows nothing of stems and heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.network.draft import Draft
from workbench.network.layers import Add, PadShortcut

_BOTTLENECK = 4


@dataclass
class Trunk:
    """Draws the stages of a residual network."""

    draft: Draft
    order: Literal["post", "pre"]
    block: Literal["basic", "bottleneck"]
    shortcut: Literal["A", "B"]
    #: Blocks in each stage.
    counts: Sequence[int]
    #: Biases where batch norm makes them idle, and the shortcut before the branch: as keras.applications has it.
    as_keras: bool = False
    #: The stem already ends in an activation, so the very first block of a pre-activation network has none of its own.
    bent: bool = False
    _done: int = 0

    def draw(self, width: int) -> None:
        """Append all stages; the first has `width` filters, each later one twice as many at half the size."""
        for stage, count in enumerate(self.counts, 1):
            for number in range(1, count + 1):
                self._done += 1
                self.draft.block = f"stage{stage}.block{number}"
                stride = 2 if stage > 1 and number == 1 else 1
                draw = self._post if self.order == "post" else self._pre
                draw(f"stage{stage}_block{number}", width * 2 ** (stage - 1), stride)
            if stage < len(self.counts) or not self.draft.drops("output"):
                self.draft.drop(f"stage{stage}_dropout", "stages", maps=True)

    def _post(self, name: str, filters: int, stride: int) -> None:
        draft, came = self.draft, self.draft.last
        grows = stride > 1 or draft.shape[-1] != self._result(filters)
        way = self._normalized_shortcut(name, came, filters, stride) if grows and self.as_keras else came
        draft.last = came
        steps = self._steps(filters)
        for number, (count, kernel) in enumerate(steps, 1):
            draft.conv(f"{name}_conv{number}", count, kernel, stride if number == 1 else 1, bias=self.as_keras)
            if number < len(steps):
                draft.activate(f"{name}_activation{number}")
        branch = draft.survive(f"{name}_depth", self._done, sum(self.counts))
        if grows and not self.as_keras:
            way = self._normalized_shortcut(name, came, filters, stride)
        draft.add(f"{name}_add", Add(), *((way, branch) if self.as_keras else (branch, way)))
        draft.activate(f"{name}_activation{len(steps)}")

    def _pre(self, name: str, filters: int, stride: int) -> None:
        draft, way = self.draft, self.draft.last
        first_of_stage = name.endswith("_block1")
        steps = self._steps(filters)
        for number, (count, kernel) in enumerate(steps, 1):
            if number > 1 or self._done > 1 or not self.bent:
                draft.normalize(f"{name}_norm{number}")
                draft.activate(f"{name}_activation{number}")
            if number == 1 and first_of_stage:
                way = draft.last
            if number == len(steps):
                draft.drop(f"{name}_dropout", "inside")
            draft.bare_conv(f"{name}_conv{number}", count, kernel, stride if number == 1 else 1)
        branch = draft.survive(f"{name}_depth", self._done, sum(self.counts))
        way = self._bare_shortcut(name, way, filters, stride)
        draft.add(f"{name}_add", Add(), branch, way)

    def _steps(self, filters: int) -> tuple[tuple[int, int], ...]:
        """Filters and kernel of each convolution of a block."""
        if self.block == "basic":
            return (filters, 3), (filters, 3)
        return (filters, 1), (filters, 3), (filters * _BOTTLENECK, 1)

    def _result(self, filters: int) -> int:
        return self._steps(filters)[-1][0]

    def _normalized_shortcut(self, name: str, came: str, filters: int, stride: int) -> str:
        if self.shortcut == "A":
            return self.draft.add(f"{name}_shortcut", PadShortcut(self._result(filters), stride), came)
        self.draft.last = came
        return self.draft.conv(f"{name}_shortcut", self._result(filters), 1, stride, bias=self.as_keras)

    def _bare_shortcut(self, name: str, way: str, filters: int, stride: int) -> str:
        """What the sum adds to the branch; `way` itself where its shape is already right."""
        self.draft.last = way
        if stride == 1 and self.draft.shape[-1] == self._result(filters):
            return way
        if self.shortcut == "A":
            return self.draft.add(f"{name}_shortcut", PadShortcut(self._result(filters), stride))
        return self.draft.bare_conv(f"{name}_shortcut", self._result(filters), 1, stride)
