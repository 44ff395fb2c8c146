"""Variations of one creative concept that teach the most.

Variations are balanced: each text, palette, pace and duration occurs equally often, and as many
pairs of them as possible occur together. Without a model nothing is ranked, and that is said.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypedDict

from . import _core

if TYPE_CHECKING:
    from .auto_retrain_pipeline import AutoRetrainPipeline

__all__ = [
    "CreativeConcept",
    "CreativeVariation",
    "ExportedVariation",
    "LearnedModel",
    "Scene",
    "VariationGenerator",
    "VariationType",
]


class VariationType(enum.Enum):
    """What can differ between two variations."""

    HOOK = "hook"
    CTA = "cta"
    HEADLINE = "headline"
    COLOR = "color"
    MUSIC = "music"
    VOICE = "voice"
    PACING = "pacing"
    DURATION = "duration"
    FORMAT = "format"


@dataclass
class CreativeConcept:
    """The idea that variations are made of.

    ``brand_colors`` are ``#RRGGBB`` or ``#RGB``, ``tone`` is ``energetic``, ``calm``, ``urgent`` or
    ``professional``. A template whose field is empty here is left out.
    """

    id: str
    name: str
    description: str
    target_audience: str
    industry: str
    objective: str
    product: str
    key_benefit: str
    pain_point: str
    social_proof: str
    brand_colors: list[str]
    tone: str
    hook_script: str
    main_script: str
    cta_text: str


@dataclass
class CreativeVariation:
    """One variation.

    Attributes
    ----------
    id, concept_id : str
        Ids; the same for the same concept, options and seed.
    variation_number : int
        From 1; 1 is the original.
    variations_applied : dict
        What differs from the original, by type.
    hook, headline, cta : str
        Texts.
    color_scheme : list of str
        Background, accent and text colour; the text's contrast is at least 4.5.
    pacing : str
        ``fast``, ``medium`` or ``slow``.
    duration : int
        Seconds.
    created_at : datetime
        When it was made, in UTC.
    predicted_performance : float
        Predicted place among the account's creatives, 0 to 1; 0.5 where unranked.
    variation_hash : str
        The same for the same content.
    predicted_sd : float
        Standard deviation of the prediction.
    basis : str
        ``model``, ``patterns``, ``prior`` or ``unranked``.
    music, voice, format : str
        Empty where not varied.
    """

    id: str
    concept_id: str
    variation_number: int
    variations_applied: dict[str, str]
    hook: str
    headline: str
    cta: str
    color_scheme: list[str]
    pacing: str
    duration: int
    created_at: datetime
    predicted_performance: float
    variation_hash: str
    predicted_sd: float = 0.0
    basis: str = "unranked"
    music: str = ""
    voice: str = ""
    format: str = ""

    def features(self, concept: CreativeConcept) -> dict[str, Any]:
        """Return the properties that a model learns from, for ``record_prediction(..., features=...)``."""
        features: dict[str, Any] = _core.variation_features(self, concept)
        return features


class Scene(TypedDict):
    """A part of the video, in seconds."""

    role: str
    start: float
    end: float
    text: str


class ExportedVariation(TypedDict):
    """One variation as a renderer reads it."""

    schema: str
    id: str
    concept_id: str
    variation_number: int
    hook: str
    headline: str
    cta: str
    colors: list[str]
    pacing: str
    duration: int
    predicted_score: float
    basis: str
    render_priority: int
    variation_hash: str
    variations_applied: dict[str, str]
    music: str
    voice: str
    format: str
    scenes: list[Scene]


def _variation(plain: dict[str, Any]) -> CreativeVariation:
    moment = datetime.fromtimestamp(plain.pop("created_at") / 1000.0, timezone.utc)
    return CreativeVariation(created_at=moment, **plain)


class LearnedModel:
    """Predicts variations by the version of a model that is live, out of what became of earlier predictions.

    Attributes
    ----------
    version : str
        The version that predicts.
    """

    basis = "model"

    def __init__(self, core: _core.LearnedModel) -> None:
        self._core = core
        self.version = core.version()

    @classmethod
    def live(cls, pipeline: AutoRetrainPipeline, model_type: str) -> LearnedModel | None:
        """Take the live version of a kind of model; ``None`` where there is none yet."""
        core = _core.LearnedModel.live(pipeline._core_of(model_type), model_type)
        return None if core is None else cls(core)

    def predict(
        self, concept: CreativeConcept, variations: Iterable[CreativeVariation]
    ) -> list[tuple[float, float]]:
        """Return each variation's place among the account's outcomes, 0 worst to 1 best, and its standard deviation."""
        return self._core.predict(concept, list(variations))

    def estimates(
        self, concept: CreativeConcept, variations: Iterable[CreativeVariation]
    ) -> list[tuple[float, float]]:
        """Return the expected outcome of each variation and how sure it is.

        The first number is a median in the metric's own unit, the second the standard deviation of its logarithm (of its
        log-odds for rates): ``expected_roas`` and ``expected_sd`` of :class:`.AdPerformance`.
        """
        return self._core.estimates(concept, list(variations))


class VariationGenerator:
    """Makes, ranks and exports variations.

    Parameters
    ----------
    strategy : {"balanced", "spec", "exploit"}, default "balanced"
        ``spec`` is the specification's list in its order; ``exploit`` takes three fifths from what
        the model finds most promising.
    model : object, optional
        Anything with ``predict(concept, variations)`` that returns for each variation a mean from 0
        to 1, or a pair of mean and standard deviation, such as :class:`LearnedModel`. Its attribute ``basis`` may say
        ``model``, ``patterns`` or ``prior``.
    **options
        Further options of the Rust ``VariationOptions`` by name, such as ``seed``, ``music``,
        ``voices``, ``formats``, ``hooks``.

    Attributes
    ----------
    notes : list of str
        What the last call left out or changed, and why.
    pair_coverage : float
        Share of all pairs of levels that the last call's variations cover.
    """

    TARGET_VARIATIONS = 50

    def __init__(
        self, *, strategy: str = "balanced", model: Any = None, **options: Any
    ) -> None:
        self.model = model
        self.notes: list[str] = []
        self.pair_coverage = 0.0
        self._concept: CreativeConcept | None = None
        self._scripts: dict[str, str] = {}
        self._generator = _core.VariationGenerator(
            json.dumps({**options, "strategy": strategy}),
            None if model is None else self._predict,
            getattr(model, "basis", "model"),
        )

    def _predict(self, plain: list[dict[str, Any]]) -> list[tuple[float, float]]:
        predictions = self.model.predict(self._concept, [_variation(item) for item in plain])
        return [
            (float(p[0]), float(p[1])) if isinstance(p, (tuple, list)) else (float(p), 0.0)
            for p in predictions
        ]

    def generate_variations(
        self, concept: CreativeConcept, count: int = 50
    ) -> list[CreativeVariation]:
        """Make `count` variations, no two alike, the original first.

        Fewer where there are not so many; :attr:`notes` says so.

        Raises
        ------
        InvalidInputError
            For a brand colour that is none and a count above 10,000.
        ModelError
            Where the model's predictions cannot be used.
        """
        self._concept = concept
        self._scripts[concept.id] = concept.main_script
        made = self._generator.generate(concept, count)
        self.notes = made["notes"]
        self.pair_coverage = made["pair_coverage"]
        return [_variation(plain) for plain in made["variations"]]

    def rank_variations(
        self, variations: Iterable[CreativeVariation]
    ) -> list[CreativeVariation]:
        """Sort by predicted performance, best first, then by number."""
        variations = list(variations)
        return [variations[place] for place in self._generator.rank_order(variations)]

    def get_top_variations(
        self, variations: Iterable[CreativeVariation], count: int = 10
    ) -> list[CreativeVariation]:
        """Take the best, each unlike those before it."""
        variations = list(variations)
        return [variations[place] for place in self._generator.top_order(variations, count)]

    def export_variations(
        self, variations: Iterable[CreativeVariation]
    ) -> list[ExportedVariation]:
        """Put variations into a renderer's form, with scenes that fill the duration."""
        variations = list(variations)
        return self._generator.export(variations, self._script(variations))

    def export_timelines(
        self, variations: Iterable[CreativeVariation], *, rate: float = 30.0
    ) -> list[dict[str, Any]]:
        """Put variations into OpenTimelineIO's form, one JSON document each.

        Written to a file that ends in ``.otio``, editing programs open it. Scenes are clips whose
        media are still missing, at `rate` frames a second.

        Raises
        ------
        InvalidInputError
            Unless `rate` is from 1 to 1,000.
        """
        variations = list(variations)
        return self._generator.export_timelines(variations, self._script(variations), rate)

    @staticmethod
    def export_schema() -> dict[str, Any]:
        """Return the JSON Schema of what :meth:`export_variations` gives."""
        schema: dict[str, Any] = json.loads(_core.VariationGenerator.export_schema())
        return schema

    def _script(self, variations: list[CreativeVariation]) -> str:
        return self._scripts.get(variations[0].concept_id, "") if variations else ""
