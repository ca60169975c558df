"""The one base of everything a scenario can choose: a frozen model whose fields are YAML keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """A frozen set of options; the string below a field is its documentation, unit in [brackets]."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        validate_default=False,
    )
