"""Going on from an adapter: its base, its method, and the options that give it its shape."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.methods.method import CommonOptions, Method
from studio.options import checked, options_of
from studio.services.models import Models
from studio.services.run_plan import method_named

_FREE = frozenset({"dropout", "lr_ratio"})
"""Options of a method's own that leave the shape of its adapter alone."""


@dataclass(frozen=True, kw_only=True)
class Continued:
    """What a run takes over from the adapter that it starts from. ``options`` are those it was trained with."""

    adapter: Adapter
    base: BaseModel
    method: Method
    options: Mapping[str, object]

    @property
    def shape(self) -> dict[str, object]:
        """The options that cannot be other ones, or the weights would not fit."""
        own = options_of(self.method.options).keys() - options_of(CommonOptions).keys() - _FREE
        return {name: value for name, value in self.options.items() if name in own}

    def over(self, given: dict[str, object], base: BaseModel) -> dict[str, object]:
        """The given options with the adapter's shape in them; what contradicts it is refused, another base as well."""
        if base.fingerprint != self.adapter.base_fingerprint:
            expected, found = self.adapter.base_fingerprint[:12], base.fingerprint[:12]
            raise StudioError("adapter_wrong_base", expected=expected, found=found)
        known = options_of(self.method.options)
        for name in self.shape.keys() & given.keys():
            try:
                same = checked(known[name], given[name]) == self.shape[name]
            except ValueError as error:
                raise StudioError("options_invalid", problems=str(error)) from error
            if not same:
                raise StudioError(
                    "continues_other_shape", option=name, value=self.shape[name], adapter=self.adapter.name
                )
        return given | self.shape


def continued(library: Library, models: Models, adapter_id: str) -> Continued:
    """What there is to continue; refused where the base is gone, or the method makes nothing to go on from."""
    adapter = library.adapters.get(adapter_id)
    if adapter is None:
        raise StudioError("not_found", what="adapter", name=adapter_id)
    bases = {base.id: base for base in models.list()}
    base = bases.get(adapter.base_id) or models.by_fingerprint(adapter.base_fingerprint)
    if base is None:
        raise StudioError("not_found", what="base", name=adapter.base_id)
    method = method_named(adapter.method)
    run = library.runs.get(adapter.run_id)
    recipe = library.recipes.get(run.recipe_id) if run else None
    shape = {"rank": adapter.rank, "alpha": adapter.alpha}
    known = options_of(method.options)
    options = dict(recipe.options) if recipe else {name: value for name, value in shape.items() if name in known}
    return Continued(adapter=adapter, base=base, method=method, options=options)
