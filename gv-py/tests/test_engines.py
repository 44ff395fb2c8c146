"""Batches on real engines of this machine: Dask, Ray, Spark, Daft. One that is not there is skipped by name."""

from __future__ import annotations

import os
import shutil

import pytest

from geminivideo.batch import BatchAnalyzer, analyze_many

pa = pytest.importorskip("pyarrow")
pytestmark = pytest.mark.filterwarnings("ignore")
FAST = {"motion_only": True, "documents": False}


def engine(name):
    """An engine's package. CI has those of requirements.txt: their absence is a failure there."""
    try:
        return __import__(name)
    except ImportError:
        if os.environ.get("CI") == "true" and name in ("distributed", "ray"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="module")
def ads(clip, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ads")
    paths = [folder / f"{number}.mp4" for number in range(4)]
    for path in paths:
        path.write_bytes(clip.read_bytes())
    return [*map(str, paths), str(folder / "absent.mp4")]


@pytest.fixture(scope="module")
def expected(ads):
    return analyze_many(ads, workers=1, **FAST)


def same(made, expected):
    """Whether a table of an engine has the rows of ours; engines may change the order and the kind of texts."""
    made = made.cast(expected.schema.remove_metadata()).sort_by("video")
    return made.equals(expected.replace_schema_metadata(None).sort_by("video"))


def test_dask_runs_a_batch_on_a_cluster_of_its_own(ads, expected, tmp_path):
    distributed = engine("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        executor = client.get_executor(pure=False)
        table = analyze_many(ads, executor, output=tmp_path / "ads.parquet", **FAST)
    assert table.equals(expected)


def test_dask_runs_the_analyzer_over_partitions(ads, expected):
    distributed = engine("distributed")
    analyzer = BatchAnalyzer(**FAST)
    with distributed.LocalCluster(1, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            parts = [pa.table({"video": [ad]}) for ad in ads]
            tables = client.gather(client.map(analyzer, parts, pure=False))
    assert same(pa.concat_tables(tables), expected)


def test_daft_calls_the_analyzer_on_series(ads, expected):
    daft = engine("daft")
    daft.set_runner_native()
    analyzer = BatchAnalyzer(**FAST)
    row = daft.DataType.from_arrow_type(pa.struct(list(expected.schema)))

    @daft.func.batch(return_dtype=row)
    def analyze(videos: daft.Series) -> daft.Series:
        return daft.Series.from_arrow(analyzer(videos.to_arrow()))

    frame = daft.from_pydict({"video": ads}).with_column("found", analyze(daft.col("video")))
    found = frame.to_arrow().column("found").to_pylist()
    plain = expected.to_pylist()
    assert [row["shots"] for row in found] == [row["shots"] for row in plain]
    assert [row["status"] for row in found] == [row["status"] for row in plain]


@pytest.fixture(scope="module")
def ray():
    module = engine("ray")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    module.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield module
    module.shutdown()


@pytest.mark.parametrize("layout", ["pyarrow", "numpy"])
def test_ray_data_maps_batches_with_an_analyzer_for_each_actor(ray, ads, expected, layout):
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    made = ray.data.from_arrow(pa.table({"video": ads})).map_batches(
        BatchAnalyzer,
        fn_constructor_kwargs=FAST,
        batch_format=layout,
        batch_size=2,
        compute=ray.data.ActorPoolStrategy(size=2),
    )
    tables = [ray.get(reference) for reference in made.to_arrow_refs()]
    assert same(pa.concat_tables(table for table in tables if table.num_rows), expected)


def test_spark_maps_arrow_batches(ads, expected, tmp_path, monkeypatch):
    engine("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("java is not installed")
    import sys

    from pyspark.sql import SparkSession
    from pyspark.sql.pandas.types import from_arrow_schema

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.warehouse.dir", str(tmp_path))
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    try:
        analyzer = BatchAnalyzer(**FAST)
        frame = spark.createDataFrame([(ad,) for ad in ads], "video string").repartition(2)
        given = pa.schema([("video", pa.string())])
        made = frame.mapInArrow(analyzer, from_arrow_schema(analyzer.schema(given)))
        assert same(made.toArrow(), expected)
    finally:
        spark.stop()
