"""Rebasing: steps made on an older text, carried over those that others committed since."""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from prosemirror.model import Node
from prosemirror.transform import MapResult, Step, StepMap
from prosemirror.transform.map import DEL_ACROSS, DEL_AFTER, DEL_BEFORE, DEL_SIDE, Mappable

from wikimarche.domain.schema import Json, SchemaRefused
from wikimarche.domain.steps import (
    apply_step,
    check_changed,
    read_map,
    read_steps,
    write_suite,
)


class _Insertions(Mappable):
    """Many insertions composed into one map, in the positions of the text before all of them.

    An insertion deletes nothing, so what is left to know of it is where it is and how long.
    """

    def __init__(self) -> None:
        self.places: list[int] = []
        self.sizes: list[int] = []
        self.shifts: list[int] = []

    def add(self, pos: int, size: int) -> None:
        """Compose with one more insertion, at a position of the text after those that are here."""
        at, shift = 0, 0
        for place, inserted in zip(self.places, self.sizes, strict=True):
            if pos <= place + shift + inserted:
                break
            at, shift = at + 1, shift + inserted
        place = pos - shift
        if at < len(self.places) and place >= self.places[at]:
            self.sizes[at] += size
        else:
            self.places.insert(at, place)
            self.sizes.insert(at, size)

    def map(self, pos: int, assoc: int = 1) -> int:
        at = bisect_left(self.places, pos) if assoc < 0 else bisect_right(self.places, pos)
        return pos + self.shifts[at]

    def map_result(self, pos: int, assoc: int = 1) -> MapResult:
        return MapResult(self.map(pos, assoc), 0, None)


@dataclass(frozen=True, slots=True)
class _Crossed:
    """A map of the pipeline: positions before start stay, those after end move by shift.

    simple: one range, read here. whole: what maps a position from start to end otherwise.
    """

    start: int
    end: int
    shift: int
    whole: "StepMap | _Insertions"
    simple: bool


_COMPOSED: Final = 64
"""Insertions composed into one map: composing costs its square, crossing its number once."""


def _crossed(step_map: StepMap) -> _Crossed:
    ranges = step_map.ranges
    if not ranges:
        return _Crossed(sys.maxsize, sys.maxsize, 0, step_map, simple=False)
    old, new = (2, 1) if step_map.inverted else (1, 2)
    shifts = [ranges[i + new] - ranges[i + old] for i in range(0, len(ranges), 3)]
    last = ranges[-3] - (sum(shifts[:-1]) if step_map.inverted else 0)
    # An inverted map is written in the positions of the other side.
    return _Crossed(
        ranges[0], last + ranges[old - 3], sum(shifts), step_map, simple=len(ranges) == 3
    )


def _compose(maps: Iterable[StepMap]) -> list[_Crossed]:
    """Compose the runs of insertions; any other map stays alone. Nothing here may be mirrored."""
    composed: list[_Crossed] = []
    run: _Insertions | None = None

    def close() -> None:
        if run is not None:
            run.shifts = [0, *accumulate(run.sizes)]
            composed.append(
                _Crossed(run.places[0], run.places[-1], run.shifts[-1], run, simple=False)
            )

    for step_map in maps:
        ranges = step_map.ranges
        if len(ranges) == 3 and not ranges[1] and not step_map.inverted:
            if run is not None and len(run.places) >= _COMPOSED:
                close()
                run = None
            run = run or _Insertions()
            run.add(ranges[0], ranges[2])
        elif ranges:
            close()
            run = None
            composed.append(_crossed(step_map))
    close()
    return composed


class _Pipeline(Mappable):
    """The maps a step crosses: undo ours, do theirs, redo ours. Mirrors give back deleted positions.

    Same result as the Mapping of prosemirror-transform. Each of 500 steps crosses 2 500 maps: those
    of others are composed, and what a map of one range does is written out in the loop.
    """

    def __init__(self, undone: Iterable[StepMap], over: Iterable[StepMap]) -> None:
        self.maps = [*map(_crossed, undone), *_compose(over)]
        self.mirrors: dict[int, int] = {}
        self.start = 0

    def append(self, step_map: StepMap, mirror: int) -> None:
        """Add the map of a step put back, which the map at `mirror` undid."""
        self.mirrors[mirror] = len(self.maps)
        self.maps.append(_crossed(step_map))

    def map(self, pos: int, assoc: int = 1) -> int:
        return self.map_result(pos, assoc).pos

    def map_result(self, pos: int, assoc: int = 1) -> MapResult:
        maps, deleted, i, stop = self.maps, 0, self.start, len(self.maps)
        while i < stop:
            crossed = maps[i]
            start = crossed.start
            if pos > crossed.end:
                pos += crossed.shift
            elif pos >= start:
                if crossed.simple:
                    end = crossed.end
                    if pos != (start if assoc < 0 else end):
                        mirror = self.mirrors.get(i, stop)
                        if mirror < stop:
                            pos, i = maps[mirror].start + pos - start, mirror + 1
                            continue
                        deleted |= DEL_SIDE
                    side = assoc
                    if start == end:
                        pass
                    elif pos == start:
                        deleted, side = deleted | DEL_AFTER, -1
                    elif pos == end:
                        deleted, side = deleted | DEL_BEFORE, 1
                    else:
                        deleted |= DEL_ACROSS
                    pos = start if side < 0 else end + crossed.shift
                else:
                    result = crossed.whole.map_result(pos, assoc)
                    if result.recover is not None:
                        mirror = self.mirrors.get(i, stop)
                        whole = maps[mirror].whole if mirror < stop else None
                        if isinstance(whole, StepMap):
                            pos, i = whole.recover(result.recover), mirror + 1
                            continue
                    deleted |= result.del_info
                    pos = result.pos
            i += 1
        return MapResult(pos, deleted, None)


def rebase(
    doc: Node, steps: Sequence[Step], over: Iterable[StepMap]
) -> tuple[Node, list[Step], list[int]]:
    """Carry steps over the maps of the steps of others, onto doc (the document after them).

    Same result as rebaseSteps of prosemirror-collab, but for SuiteStep. A step is dropped when its range is gone,
    when it no longer fits, or when it would leave a block that the schema does not allow.
    """
    count = len(steps)
    undone = [step.get_map().invert() for step in reversed(steps)]
    pipeline = _Pipeline(undone, over)
    done: list[Step] = []
    dropped: list[int] = []
    for i, step in enumerate(steps):
        pipeline.start = count - i
        mapped = step.map(pipeline)
        after = None if mapped is None else apply_step(mapped, doc)
        if after is not None:
            try:
                check_changed(doc, after)
            except SchemaRefused:
                after = None
        if mapped is None or after is None:
            dropped.append(i)
            continue
        pipeline.append(mapped.get_map(), mirror=count - i - 1)
        done.append(mapped)
        doc = after
    return doc, done, dropped


def carry_steps(
    steps: Json, *, sent: Json, over: Json, placed: Json, dropped: Iterable[int]
) -> tuple[list[Json], list[int]]:
    """Carry steps typed after a commit whose answer the browser has not seen, onto what it became.

    steps: typed on the document after sent. sent: the commit as it was sent. over: steps of others that
    came before it. placed, dropped: what it became. Maps alone are used, no document. Returns
    the steps, to apply after placed, and the places of those whose range is gone. The browser has the
    same (mapWithoutDoc in frontend/editor/rebase.js).
    """
    read = read_steps(sent)
    first = len(read)
    read += read_steps(steps)
    count = len(read)
    pipeline = _Pipeline([step.get_map().invert() for step in reversed(read)], map(read_map, over))
    lost = set(dropped)
    kept = [place for place in range(first) if place not in lost]
    for k, step in enumerate(placed):
        # What follows the steps put back are repairs, which mirror nothing.
        if k < len(kept) <= len(placed):
            pipeline.append(read_map(step), mirror=count - 1 - kept[k])
        else:
            pipeline.maps.append(_crossed(read_map(step)))
    done: list[Step] = []
    gone: list[int] = []
    for i in range(first, count):
        pipeline.start = count - i
        mapped = read[i].map(pipeline)
        if mapped is None:
            gone.append(i - first)
        else:
            pipeline.append(mapped.get_map(), mirror=count - 1 - i)
            done.append(mapped)
    return write_suite(done), gone
