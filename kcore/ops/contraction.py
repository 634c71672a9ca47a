"""Contractions: sums of products over axes that arrays share, each written as products of matrices."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from ..graph.types import DType, agreed, size_of
from ..graph.where import users_line
from .axes import axes as counted
from .axes import dtype_of, shape_of, whole
from .diagonals import diagonal
from .elementwise import multiply
from .products import multiplied, summed
from .shaping import cast, permute_dims, ravel, reshape

Term = tuple[Any, list[int]]
"""An array, and for each of its axes the number that says which sum or axis of the result it belongs to."""


def tensordot(x1: Any, x2: Any, axes: int | Sequence[Any] = 2) -> Any:
    """The sum of the products over pairs of axes; the other axes of x1 come first in the result, then those of x2.

    Args:
        x1: an array.
        x2: an array.
        axes: how many of the last axes of x1 meet as many of the first of x2, in order; or two lists of axes, each
            axis of x1 in the first with the one of x2 in the second. An axis alone is a list of one.

    Raises:
        ValueError: there are too few axes, or two that meet differ in length.
    """
    left, right = shape_of(x1), shape_of(x2)
    if isinstance(axes, Iterable):
        ours, theirs = (whole(a) for a in axes)
    else:
        n = operator.index(axes)
        ours, theirs = tuple(range(-n, 0)), tuple(range(n))
    counted(ours, len(left)), counted(theirs, len(right))
    ours, theirs = tuple(a % len(left) for a in ours), tuple(a % len(right) for a in theirs)
    if [left[a] for a in ours] != [right[a] for a in theirs]:
        raise ValueError(
            f"{users_line()}ops.tensordot sums over axes {ours} of shape {left} with axes {theirs} of shape {right}: "
            "they must be as many, and as long."
        )
    labels = list(range(len(left)))
    met = [ours[theirs.index(i)] if i in theirs else len(left) + i for i in range(len(right))]
    kept = [a for a in labels if a not in ours] + [b for b in met if b >= len(left)]
    return _contracted((x1, labels), (x2, met), kept, agreed([dtype_of(x1), dtype_of(x2)]))


def dot(x1: Any, x2: Any) -> Any:
    """The product over the last axis of x1 and the last but one of x2, or its only one; of numbers their product.

    Raises:
        ValueError: these axes differ in length.
    """
    if not shape_of(x1) or not shape_of(x2):
        return multiply(x1, x2)
    return tensordot(x1, x2, ((-1,), (-min(len(shape_of(x2)), 2),)))


def inner(x1: Any, x2: Any) -> Any:
    """The product over the last axes of both; of numbers their product.

    Raises:
        ValueError: these axes differ in length.
    """
    return tensordot(x1, x2, ((-1,), (-1,))) if shape_of(x1) and shape_of(x2) else multiply(x1, x2)


def vdot(x1: Any, x2: Any) -> Any:
    """The sum of the products of all elements, in row-major order.

    Raises:
        ValueError: there are not as many in both.
    """
    return tensordot(ravel(x1), ravel(x2), 1)


def einsum(subscripts: str, *operands: Any) -> Any:
    """Einstein's sum: of all products of elements at equal letters, summed over the letters not in the result.

    Arrays are contracted in pairs, the cheapest first, by `matmul`; letters of one array alone are summed before.

    >>> import numpy as np
    >>> print(einsum("ij,jk->ik", np.ones((2, 3)), np.ones((3, 2))))
    [[3. 3.]
     [3. 3.]]

    Args:
        subscripts: letters for the axes of each array, joined by commas, then `->` and those of the result, else these
            are the letters which occur once, in alphabetical order. `...` stands for any axes, which broadcast.
        operands: as many arrays.

    Raises:
        ValueError: the subscripts do not fit the arrays.
    """
    letters, kept = _parsed(subscripts, [len(shape_of(x)) for x in operands])
    sizes: dict[int, int] = {}
    for x, term in zip(operands, letters, strict=True):
        lengths = {(n, label) for n, label in zip(shape_of(x), term, strict=True)}
        if len(lengths) > len(set(term)):
            raise _unfit(subscripts, f"a letter that is there twice stands for several lengths of shape {shape_of(x)}")
        for n, label in lengths:
            if sizes.setdefault(label, n) not in (n, 1) and n != 1:
                raise _unfit(subscripts, f"the same letter stands for lengths {sizes[label]} and {n}")
            sizes[label] = n if sizes[label] == 1 else sizes[label]
    dtype = agreed([dtype_of(x) for x in operands])
    terms = [_single(x, term, sizes) for x, term in zip(operands, letters, strict=True)]
    while True:
        terms = [_alone(i, terms, kept, dtype) for i in range(len(terms))]
        if len(terms) == 1:
            ((x, term),) = terms
            out = permute_dims(x, [term.index(label) for label in kept])
            return out if dtype_of(out) == dtype else cast(out, dtype)
        pairs = [(i, j) for j in range(len(terms)) for i in range(j)]
        i, j = min(pairs, key=lambda p: size_of(sizes[label] for label in {*terms[p[0]][1], *terms[p[1]][1]}))
        others = [t for k, t in enumerate(terms) if k not in (i, j)]
        needed = [*kept, *(label for _, term in others for label in term)]
        labels = _order(terms[i][1], terms[j][1], needed)
        terms = [(_contracted(terms[i], terms[j], labels, dtype), labels), *others]


def _unfit(subscripts: str, why: str) -> ValueError:
    return ValueError(f'{users_line()}in ops.einsum("{subscripts}", ...): {why}.')


def _parsed(subscripts: str, ranks: list[int]) -> tuple[list[list[int]], list[int]]:
    """For each operand the labels of its axes, and those of the result: letters by code, the axes of `...` negative."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise _unfit(subscripts, f"there are letters for {len(terms)} arrays, but {len(ranks)} are given")
    letters = []
    for term, rank in zip(terms, ranks, strict=True):
        more = rank - len(term.replace("...", ""))
        if more < 0 or (more and "..." not in term):
            raise _unfit(subscripts, f'"{term}" is for {rank - more} axes, but the array has {rank}')
        letters.append(_labels(subscripts, term, more))
    dots = sorted({a for term in letters for a in term if a < 0})
    if not arrow:
        every = [a for term in letters for a in term if a >= 0]
        return letters, [*dots, *sorted(a for a in set(every) if every.count(a) == 1)]
    kept = _labels(subscripts, right, len(dots))
    unknown = [chr(a) for a in kept if a >= 0 and not any(a in term for term in letters)]
    if unknown or len(set(kept)) < len(kept):
        raise _unfit(subscripts, f'each letter of the result "{right}" must be there once and in an array')
    return letters, kept


def _labels(subscripts: str, term: str, more: int) -> list[int]:
    before, dots, behind = term.partition("...")
    if not (before + behind).isalpha() and before + behind:
        raise _unfit(subscripts, f'"{term}" may hold letters, and `...` once')
    return [*map(ord, before), *(range(-more, 0) if dots else ()), *map(ord, behind)]


def _single(x: Any, term: list[int], sizes: dict[int, int]) -> Term:
    """An operand without the axes that broadcast, and with the diagonal in place of axes of one letter."""
    keep = [i for i, label in enumerate(term) if shape_of(x)[i] == sizes[label]]
    if len(keep) < len(term):
        x, term = reshape(x, [shape_of(x)[i] for i in keep]), [term[i] for i in keep]
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first = term.index(label)
            second = term.index(label, first + 1)
            x = diagonal(x, 0, first, second)
            term = [*(a for i, a in enumerate(term) if i not in (first, second)), label]
    return x, term


def _alone(which: int, terms: list[Term], kept: list[int], dtype: DType) -> Term:
    """A term summed over the labels that are its own."""
    x, term = terms[which]
    others = {label for i, (_, labels) in enumerate(terms) if i != which for label in labels}
    own = [i for i, label in enumerate(term) if label not in others and label not in kept]
    return (summed(cast(x, dtype), own, dtype), [a for i, a in enumerate(term) if i not in own]) if own else (x, term)


def _order(a: list[int], b: list[int], needed: list[int]) -> list[int]:
    """The labels of a product of two terms: as far as they are needed, in the order that `matmul` gives them."""
    both = [label for label in a if label in b and label in needed]
    free = [label for label in (*a, *b) if (label in a) != (label in b)]
    first = next((label for label in needed if label in free), None)
    if first in b:
        free = [label for label in (*b, *a) if label in free]
    return both + free


def _contracted(left: Term, right: Term, kept: list[int], dtype: DType) -> Any:
    """The product of two terms summed over the labels of both that are not kept, its axes in the order of `kept`."""
    (x, a), (y, b) = left, right
    over = [
        label
        for label in (a if size_of(shape_of(x)) >= size_of(shape_of(y)) else b)
        if label in a and label in b and label not in kept
    ]
    ours, theirs = ([label for label in kept if label in t and label not in u] for t, u in ((a, b), (b, a)))
    if not over or not (ours or theirs):
        order = [*kept, *over]
        return summed(multiply(_aligned(x, a, order), _aligned(y, b, order)), range(len(kept), len(order)), dtype)
    if theirs and (not ours or kept.index(theirs[0]) < kept.index(ours[0])):
        return _contracted(right, left, kept, dtype)
    both = [label for label in kept if label in a and label in b]
    lengths = dict(zip([*a, *b], [*shape_of(x), *shape_of(y)], strict=True))
    rows, columns, inner_ = (size_of(lengths[label] for label in labels) for labels in (ours, theirs, over))
    lead = [lengths[label] for label in both]
    x = reshape(permute_dims(x, [a.index(label) for label in (*both, *ours, *over)]), (*lead, rows, inner_))
    y = reshape(permute_dims(y, [b.index(label) for label in (*both, *over, *theirs)]), (*lead, inner_, columns))
    made = [*both, *ours, *theirs]
    out = reshape(multiplied(x, y), [lengths[label] for label in made])
    return permute_dims(out, [made.index(label) for label in kept])


def _aligned(x: Any, labels: list[int], order: list[int]) -> Any:
    """x with its axes in this order, and an axis of length 1 for each label that it has not."""
    x = permute_dims(x, [labels.index(label) for label in order if label in labels])
    lengths = iter(shape_of(x))
    return reshape(x, [next(lengths) if label in labels else 1 for label in order])
