"""Rows of products."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Case, Row, shapes, two, values


@st.composite
def by_signature(draw: st.DrawFn, signature: str) -> Case:
    """Two arrays with the axes of a signature, such as "(n?,k),(k,m?)->(n?,m?)", and leading axes that broadcast."""
    pair = hnp.mutually_broadcastable_shapes(signature=signature, min_side=0, max_side=3, max_dims=2)
    return Case(draw(values(*draw(pair).input_shapes)))


@st.composite
def on_an_axis(draw: st.DrawFn) -> Case:
    """Two arrays that are as long along an axis: of one shape, or else along the last."""
    if draw(st.booleans()):
        return Case(draw(by_signature("(n),(n)->()")).arrays, {"axis": -1})
    shape = draw(shapes(least=1))
    return Case(draw(values(shape, shape)), {"axis": draw(st.integers(-len(shape), len(shape) - 1))})


@st.composite
def met(draw: st.DrawFn) -> Case:
    """Two arrays and the axes over which they meet, as a number or as lists."""
    both, left, right = (draw(shapes(most=2)) for _ in range(3))
    if draw(st.booleans()):
        return Case(draw(values((*left, *both), (*both, *right))), {"axes": len(both)})
    order, other = (draw(st.permutations(range(len(both) + len(free)))) for free in (left, right))
    x, y = draw(values((*left, *both), (*right, *both)))
    ours = [order.index(len(left) + i) - x.ndim * draw(st.booleans()) for i in range(len(both))]
    theirs = [other.index(len(right) + i) - y.ndim * draw(st.booleans()) for i in range(len(both))]
    if len(both) == 1 and draw(st.booleans()):
        return Case([x.transpose(order), y.transpose(other)], {"axes": (ours[0], theirs[0])})
    return Case([x.transpose(order), y.transpose(other)], {"axes": (ours, theirs)})


@st.composite
def dotted(draw: st.DrawFn, last: int) -> Case:
    """Two arrays of which the last axis of one is as long as another of the other; or numbers."""
    left, n = draw(shapes(most=2)), draw(st.integers(0, 3))
    right = draw(shapes(most=2))
    place = max(len(right) + last, 0)
    x, y = (*left, n), (*right[:place], n, *right[place:])
    shape = draw(st.sampled_from([(x, y), (x, y), (x, y), (x, ()), ((), y), ((), ())]))
    return Case(draw(values(*shape)))


@st.composite
def as_many(draw: st.DrawFn) -> Case:
    """Two arrays of as many elements."""
    x, y = draw(values(shape := draw(shapes()), shape))
    return Case([x, draw(st.sampled_from([y, y.reshape(-1), y.T]))])


@st.composite
def vectors(draw: st.DrawFn) -> Case:
    """Vectors of three components, along the last axis or along another."""
    if draw(st.booleans()):
        shape = draw(shapes(most=2))
        axis = draw(st.integers(-len(shape) - 1, len(shape)))
        place = axis % (len(shape) + 1)
        whole = (*shape[:place], 3, *shape[place:])
        return Case(draw(values(whole, whole)), {"axis": axis})
    first, other = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=2)).input_shapes
    x, y = draw(values((3, *first), (*other, 3)))
    return Case([x, y], {"axisa": 0, "axisc": draw(st.sampled_from([0, -1]))})


SPECS = [
    "ij,jk->ik",
    "ij,jk",
    "ij,kj->ki",
    "ji,jk->ik",
    "bij,bjk->bik",
    "bij,bkj->kib",
    "bqhd,bkhd->bhqk",
    "bhqk,bkhd->bqhd",
    "abc,cd->abd",
    "abc,bcd->da",
    "abc,cd->dab",
    "ab,cd->cbda",
    "i,i->i",
    "i,i",
    "i,j->ji",
    "ij,ij->",
    "ij,ij->j",
    "ij,j->i",
    "ij,k->ik",
    "ijk->kij",
    "ba",
    "ij->",
    "ij->j",
    "ii",
    "ii->i",
    "iji->j",
    "iij,jk->ik",
    "iii->i",
    "ii,ii->i",
    "ij,jk,kl->il",
    "ij,jk,kl,lm",
    "ijk,il,jm,kn->lmn",
    "i,ij,j->",
    "ij,ij,ij->ij",
    "i,i,i->",
    ",i->i",
    ",",
    "...ij,...jk->...ik",
    "...ij,jk->...ik",
    "...,...",
    "i...->...",
    "i...,i...->...",
    "...i,i->...",
    "b...,b->b...",
    "...ii->...i",
    "i...j->ji...",
    "... , ...i -> ...",
]


@st.composite
def summed(draw: st.DrawFn) -> Case:
    """Subscripts, and arrays that fit them; letters and the axes of `...` sometimes broadcast."""
    spec = draw(st.sampled_from(SPECS))
    sizes = {
        letter: draw(st.integers(0 if draw(st.integers(0, 4)) == 0 else 1, 3)) for letter in set(spec) - set(",.-> ")
    }
    dots = draw(shapes(most=2, shortest=1))
    given = []
    for term in spec.replace(" ", "").partition("->")[0].split(","):
        narrow = {letter: draw(st.integers(0, 7)) == 0 for letter in sizes}
        before, more, behind = term.partition("...")
        own = dots[draw(st.integers(0, len(dots))) :] if more else ()
        own = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in own)
        letters = [[1 if narrow[a] else sizes[a] for a in part] for part in (before, behind)]
        given.append((*letters[0], *own, *letters[1]))
    return Case(draw(values(*given)), {"subscripts": spec})


ROWS = [
    Row("matmul", np.matmul, by_signature(np.matmul.signature), "product"),
    Row("tensordot", np.tensordot, met(), "product", ops=()),
    Row("dot", np.dot, dotted(last=-1), "product", ops=()),
    Row("inner", np.inner, dotted(last=0), "product", ops=()),
    Row("vdot", np.vdot, as_many(), "product", ops=()),
    Row("vecdot", np.vecdot, on_an_axis(), "product", ops=()),
    Row("outer", np.outer, two(), ops=()),
    Row("kron", np.kron, two(), ops=()),
    Row("cross", np.cross, vectors(), ops=()),
    Row("einsum", np.einsum, summed(), "product", first="subscripts", ops=()),
]
