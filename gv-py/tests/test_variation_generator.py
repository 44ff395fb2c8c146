"""The variation generator, from Python."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest

from geminivideo.auto_retrain_pipeline import AutoRetrainPipeline, RetrainTrigger
from geminivideo.errors import InvalidInputError, ModelError
from geminivideo.prediction_accuracy_tracker import MetricType, PredictionAccuracyTracker
from geminivideo.variation_generator import CreativeConcept, LearnedModel, VariationGenerator, VariationType

CONCEPT = CreativeConcept(
    id="concept_001",
    name="Fitness Product Launch",
    description="New protein powder",
    target_audience="fitness enthusiasts",
    industry="health",
    objective="conversions",
    product="ProGain Protein",
    key_benefit="faster muscle recovery",
    pain_point="slow recovery after workouts",
    social_proof="10,000+ athletes",
    brand_colors=["#FF6B6B", "#4ECDC4"],
    tone="energetic",
    hook_script="Tired of slow recovery?",
    main_script="ProGain delivers 30g protein...",
    cta_text="Get 20% Off Today",
)


def test_the_specifications_example_runs_as_written():
    generator = VariationGenerator()
    concept = CONCEPT
    variations = generator.generate_variations(concept, count=50)
    assert f"Generated {len(variations)} variations" == "Generated 50 variations"
    top = generator.get_top_variations(variations, count=10)
    assert len(top) == 10
    for var in top:
        assert f"#{var.variation_number}: {var.predicted_performance:.2f}".endswith("0.50")
        assert var.hook and var.cta and isinstance(var.variations_applied, dict)
    assert generator.pair_coverage >= 0.75
    assert variations[0].basis == "unranked"


def test_the_same_seed_gives_the_same_content_and_another_another():
    def hashes(seed):
        made = VariationGenerator(seed=seed).generate_variations(CONCEPT)
        return [v.variation_hash for v in made]

    assert hashes(1) == hashes(1) != hashes(2)
    assert len(set(hashes(1))) == 50


class Model:
    basis = "patterns"

    def predict(self, concept, variations):
        assert concept is CONCEPT
        return [(0.9, 0.05) if v.pacing == "slow" else 0.4 for v in variations]


def test_a_model_ranks_and_says_its_basis():
    generator = VariationGenerator(model=Model(), strategy="exploit")
    variations = generator.generate_variations(CONCEPT, 30)
    ranked = generator.rank_variations(variations)
    assert ranked[0].pacing == "slow" and ranked[0].basis == "patterns"
    assert ranked[0].predicted_performance == 0.9 and ranked[0].predicted_sd == 0.05
    assert ranked[0] in variations and len(ranked) == 30
    exported = generator.export_variations(variations)
    assert min(e["render_priority"] for e in exported) == 1


def test_a_models_own_exception_comes_back_unchanged_and_bad_predictions_are_refused():
    class Broken:
        def predict(self, concept, variations):
            raise KeyError("no weights")

    with pytest.raises(KeyError, match="no weights"):
        VariationGenerator(model=Broken()).generate_variations(CONCEPT, 5)

    class Wild:
        def predict(self, concept, variations):
            return [7.0 for _ in variations]

    with pytest.raises(ModelError):
        VariationGenerator(model=Wild()).generate_variations(CONCEPT, 5)


def test_exports_have_the_contracts_keys_and_scenes():
    generator = VariationGenerator()
    exported = generator.export_variations(generator.generate_variations(CONCEPT, 5))
    wanted = {"id", "variation_number", "hook", "headline", "cta", "colors", "pacing", "duration",
              "predicted_score", "render_priority"}
    assert wanted <= set(exported[0])
    assert [scene["role"] for scene in exported[0]["scenes"]] == ["hook", "main", "cta"]
    assert exported[0]["scenes"][1]["text"] == CONCEPT.main_script


def test_every_type_varies_where_it_can():
    generator = VariationGenerator(music=["upbeat", "calm"], voices=["a", "b"], formats=["9:16", "1:1"])
    changed = {name for v in generator.generate_variations(CONCEPT) for name in v.variations_applied}
    assert changed == {kind.value for kind in VariationType}


def test_bad_concepts_and_options_are_refused():
    with pytest.raises(InvalidInputError, match="brand colour"):
        VariationGenerator().generate_variations(dataclasses.replace(CONCEPT, brand_colors=["red"]))
    with pytest.raises(InvalidInputError):
        VariationGenerator(sed=1)
    empty = dataclasses.replace(CONCEPT, product="", key_benefit="", pain_point="", social_proof="",
                                target_audience="")
    generator = VariationGenerator()
    assert all("{" not in v.hook for v in generator.generate_variations(empty, 20))
    assert any("empty slot" in note for note in generator.notes)


def test_exports_keep_to_their_schema():
    jsonschema = pytest.importorskip("jsonschema")
    generator = VariationGenerator(music=["calm", "fast"], formats=["9:16", "1:1"])
    exported = generator.export_variations(generator.generate_variations(CONCEPT, 50))
    validator = jsonschema.Draft202012Validator(generator.export_schema())
    validator.check_schema(validator.schema)
    for variation in exported:
        validator.validate(variation)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**exported[0], "duration": "long"})


def test_opentimelineio_reads_a_variation_as_a_timeline():
    otio = pytest.importorskip("opentimelineio")
    generator = VariationGenerator(music=["calm"])
    variations = generator.generate_variations(CONCEPT, 12)
    timelines = generator.export_timelines(variations, rate=25)
    for plain, variation in zip(timelines, variations):
        timeline = otio.adapters.read_from_string(json.dumps(plain), "otio_json")
        assert isinstance(timeline, otio.schema.Timeline) and timeline.name == variation.id
        assert timeline.duration() == otio.opentime.RationalTime(variation.duration * 25, 25)
        (picture,), (music,) = timeline.video_tracks(), timeline.audio_tracks()
        assert [clip.name for clip in picture] == ["hook", "main", "cta"]
        assert picture[0].markers[0].name == variation.hook
        assert all(isinstance(clip.media_reference, otio.schema.MissingReference) for clip in picture)
        assert music[0].name == "calm" and music.duration() == timeline.duration()
        assert timeline.metadata["geminivideo"]["variation_hash"] == variation.variation_hash
        again = json.loads(otio.adapters.write_to_string(timeline, "otio_json"))
        assert again["tracks"]["children"][0]["name"] == "picture"
    with pytest.raises(InvalidInputError, match="rate"):
        generator.export_timelines(variations, rate=0)


def test_what_an_account_has_learned_ranks_variations():
    pipeline = AutoRetrainPipeline(storage=":memory:")
    tracker = PredictionAccuracyTracker(storage=pipeline.store)
    assert LearnedModel.live(pipeline, "own") is None
    variations = VariationGenerator().generate_variations(CONCEPT, 240)
    for number, variation in enumerate(variations):
        features = variation.features(CONCEPT)
        assert features["pacing"] == variation.pacing and features["hook"] == {"text": variation.hook}
        tracker.record_prediction(
            variation.id, "own", "guess", 1.0, 0.5, MetricType.ROAS, f"c{number // 5}", variation.id, features=features
        )
        tracker.record_actual(variation.id, 3.0 if variation.pacing == "fast" else 1.0, events=100)
    job = asyncio.run(pipeline.start_retrain("own", RetrainTrigger.MANUAL))
    assert job.promoted, job.reason
    model = LearnedModel.live(pipeline, "own")
    assert model.version == job.new_version
    ranked = VariationGenerator(model=model, seed=3).generate_variations(CONCEPT, 30)
    assert {variation.basis for variation in ranked} == {"model"}
    fast = [v.predicted_performance for v in ranked if v.pacing == "fast"]
    slow = [v.predicted_performance for v in ranked if v.pacing != "fast"]
    assert min(fast) > max(slow)
    (roas, sd), = model.estimates(CONCEPT, [next(v for v in ranked if v.pacing == "fast")])
    assert roas == pytest.approx(3.0, rel=0.1) and sd >= 0
    chosen = VariationGenerator(strategy="exploit", model=model).generate_variations(CONCEPT, 20)
    assert sum(v.pacing == "fast" for v in chosen) > 10
