"""Result files in which one thing is wrong: an attribute, a variable or a dimension, one at a time."""

from __future__ import annotations

import json

import numpy as np

WRONG = {"null": "null", "a list": "[1, 2]", "text": "wrong", "an object": "{}"}


def _document_variants(value: str):
    """The JSON document of an attribute with each of its entries missing, null, or of another type."""
    document = json.loads(value)
    if not isinstance(document, dict):
        return
    for key, inner in document.items():
        yield f".{key} missing", {name: item for name, item in document.items() if name != key}
        for word, other in (("null", None), ("text", "wrong"), ("a list", [1, 2])):
            yield f".{key} {word}", document | {key: other}
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for name in inner[0]:
                yield f".{key}[0].{name} missing", document | {key: [{k: v for k, v in inner[0].items() if k != name}]}


def tampered(dataset):
    """Pairs (what was done, changed copy of the dataset)."""
    for name, value in dataset.attrs.items():
        if name == "kind":
            continue
        yield f"{name} missing", _without(dataset, name)
        for word, other in WRONG.items():
            if other != value:
                yield f"{name} {word}", dataset.assign_attrs({name: other})
        if isinstance(value, (int, float, np.number)):
            yield f"{name} larger", dataset.assign_attrs({name: value + 1})
        if isinstance(value, str) and value[:1] == "{":
            for word, document in _document_variants(value):
                yield f"{name}{word}", dataset.assign_attrs({name: json.dumps(document)})
    for name in dataset.variables:
        yield f"{name} missing", dataset.drop_vars(name)
        if dataset[name].ndim and dataset[name].dtype.kind == "f":
            yield f"{name} as text", dataset.assign({name: dataset[name].astype(str)})
            if name not in dataset.dims:
                yield f"{name} without a dimension", _reduced(dataset, name)
    for dim, length in dataset.sizes.items():
        if length > 1:
            yield f"{dim} cut", dataset.isel({dim: slice(0, length - 1)})
            yield f"{dim} cut to one", dataset.isel({dim: slice(0, 1)})


def _without(dataset, name: str):
    copy = dataset.copy()
    copy.attrs = {key: value for key, value in dataset.attrs.items() if key != name}
    return copy


def _reduced(dataset, name: str):
    """The variable without its last dimension."""
    variable = dataset[name]
    return dataset.drop_vars(name).assign({name: (variable.dims[:-1], np.asarray(variable.values)[..., 0])})
