"""Keys and values of one conversation, in places that stay where they are."""

from __future__ import annotations

import math

import torch

# Room is made for this many tokens at a time, so that an answer seldom has to move.
BUCKET = 512


class StaticCache:
    """`keys` and `values` of each layer, (1, heads, capacity, width of a head).

    Both are parts of `pairs`, (1, 2 × heads, capacity, width), which is written at once.

    `length` tokens are in it. A cut is a smaller `length`; what lies beyond is
    written over.
    """

    def __init__(self, layers: int, shape: tuple[int, int], like: torch.Tensor) -> None:
        """Without room; `shape` is (heads, width of a head), `like` has device and dtype."""
        self._layers, self._shape, self._like = layers, shape, like
        self.length = 0
        self.capacity = 0
        self.pairs = [self._zeros() for _ in range(layers)]
        self.keys: list[torch.Tensor] = []
        self.values: list[torch.Tensor] = []
        self._part()
        # Recordings of the decode step that write into this cache, kept by whoever makes them.
        self.captures: object = None

    @property
    def size(self) -> int:
        """Its bytes, room for what is to come included."""
        return sum(pair.nbytes for pair in self.pairs)

    def missing(self, room: int) -> int:
        """How many bytes `reserve` will ask for."""
        if room <= self.capacity:
            return 0
        token = 2 * self._layers * math.prod(self._shape) * self._like.itemsize
        return token * self._grown(room)

    def reserve(self, room: int) -> None:
        """Have place for `room` tokens; what is in the cache moves along."""
        if room <= self.capacity:
            return
        self.captures = None
        self.capacity = self._grown(room)
        self.keys, self.values = [], []
        for index, old in enumerate(self.pairs):
            new = self._zeros()
            new[:, :, : self.length] = old[:, :, : self.length]
            # One layer after the other: no second copy of the whole.
            self.pairs[index] = new
        self._part()

    def crop(self, length: int) -> bool:
        """Keep the first `length` tokens; whether there are that many."""
        if not 0 < length <= self.length:
            return False
        self.length = length
        return True

    def fork(self, length: int) -> StaticCache:
        """A cache of its own with the first `length` tokens of this one."""
        other = StaticCache(self._layers, self._shape, self._like)
        other.reserve(length)
        for source, target in zip(self.pairs, other.pairs, strict=True):
            target[:, :, :length] = source[:, :, :length]
        other.length = length
        return other

    def _part(self) -> None:
        heads = self._shape[0]
        self.keys = [pair[:, :heads] for pair in self.pairs]
        self.values = [pair[:, heads:] for pair in self.pairs]

    def _grown(self, room: int) -> int:
        # Half as much again: a long answer moves a few times, not at each bucket.
        wanted = max(room, self.capacity + self.capacity // 2)
        return -(-wanted // BUCKET) * BUCKET

    def _zeros(self) -> torch.Tensor:
        heads, width = self._shape
        # A captured step weighs what is beyond `length` with 0, which NaN would survive.
        return self._like.new_zeros(1, 2 * heads, self.capacity, width)
