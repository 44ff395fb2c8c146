"""Tables of a result in the hands of others: Arrow without a copy, numpy over the same memory, Parquet."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

import geminivideo
from geminivideo.errors import InvalidInputError

pa = pytest.importorskip("pyarrow")
TABLES = ("timeline", "shots", "boundaries", "moments", "attention")


@pytest.fixture(scope="module")
def result(clip):
    return geminivideo.analyze(clip)


def address(array):
    return array.__array_interface__["data"][0]


def test_pyarrow_reads_every_table(result):
    counts = {name: pa.table(result.table(name)).num_rows for name in TABLES}
    assert counts["shots"] == len(result.shots) == counts["boundaries"] + 1
    assert counts["moments"] == len(result.moments)
    assert counts["attention"] == len(result.attention["timeline"])
    assert counts["timeline"] == len(result.to_frame()) == len(result.table())
    assert pa.table(result).equals(pa.table(result.table("timeline")))


def test_the_values_are_those_of_the_result(result):
    shots = pa.table(result.table("shots")).to_pylist()
    assert shots == [{k: getattr(shot, k) for k in shots[0]} for shot in result.shots]
    boundaries = pa.table(result.table("boundaries")).to_pylist()
    assert boundaries == [{k: getattr(b, k) for k in boundaries[0]} for b in result.boundaries]
    moments = pa.table(result.table("moments")).to_pylist()
    assert moments == [{k: getattr(m, k) for k in moments[0]} for m in result.moments]
    attention = pa.table(result.table("attention")).to_pydict()
    assert attention["attention"] == result.attention["attention"]
    assert attention["time"] == result.attention["timeline"]


def test_schemas_are_versioned(result):
    for name in TABLES:
        schema = pa.schema(result.table(name))
        assert schema.metadata[b"geminivideo.table"] == name.encode()
        assert schema.metadata[b"geminivideo.schema_version"] == b"1"
    assert pa.table(result).schema.equals(pa.schema(result.table()), check_metadata=True)


def test_numpy_pyarrow_and_polars_read_the_same_memory(result):
    polars = pytest.importorskip("polars")
    table = result.table()
    columns = table.columns()
    arrow = pa.table(table)
    frame = polars.DataFrame(table)
    for name in ("time", "mean_energy", "attention", "frame"):
        ours = columns[name]
        theirs = arrow.column(name).chunk(0).to_numpy(zero_copy_only=not arrow.column(name).null_count)
        assert np.array_equal(ours, theirs, equal_nan=name != "frame")
        assert arrow.column(name).chunk(0).buffers()[1].address == address(ours)
        if not frame[name].null_count():
            assert address(frame[name].to_numpy(allow_copy=False)) == address(ours)


def test_arrays_are_read_only_and_outlive_their_table(result):
    column = result.table().columns()["time"]
    expected = list(result.to_frame().time)
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1
    gc.collect()
    noise = [np.random.default_rng(1).random(column.size) for _ in range(50)]
    assert len(noise) == 50 and list(column) == expected
    arrow = pa.table(result.table())
    gc.collect()
    assert arrow.column("time").to_pylist() == expected


def test_unknown_is_null_in_arrow_and_nan_in_numpy(clip):
    motion = geminivideo.analyze(clip, motion_only=True)
    table = motion.table("attention")
    faces = pa.table(table).column("faces")
    assert faces.null_count == len(faces) > 0
    assert np.isnan(table.columns()["faces"]).all()
    assert set(pa.table(motion.table("moments")).column("face_present").to_pylist()) == {None}


def test_pandas_polars_and_duckdb_see_the_same_table(result):
    polars = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    frame = result.to_frame("shots")
    assert isinstance(frame, pd.DataFrame)
    expected = pa.table(result.table("shots")).to_pydict()
    assert frame.to_dict("list") == expected
    assert polars.DataFrame(result.table("shots")).to_dict(as_series=False) == expected
    shots = result.table("shots")
    assert len(shots) == 5
    told = duckdb.sql("select count(*), max(end_time) from shots").fetchall()[0]
    assert told == (5, expected["end_time"][-1])
    timeline = duckdb.sql("select max(time) from result").fetchall()[0][0]
    assert timeline == max(result.to_frame().time)


def test_a_stream_may_be_read_many_times(result):
    table = result.table("shots")
    assert pa.table(table).equals(pa.table(table))
    capsule = table.__arrow_c_stream__()
    del capsule
    gc.collect()
    assert pa.table(table).num_rows == 5


def test_parquet_comes_back_with_its_version(result, tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "moments.parquet"
    path.write_bytes(b"another file")
    result.to_parquet(path, "moments")
    again = pq.read_table(path)
    assert again.equals(pa.table(result.table("moments")))
    assert again.schema.metadata[b"geminivideo.schema_version"] == b"1"
    assert [file.name for file in tmp_path.iterdir()] == ["moments.parquet"]


def test_another_table_is_refused_by_name(result):
    with pytest.raises(InvalidInputError, match="colours, allowed are timeline, shots"):
        result.table("colours")


def test_a_video_of_one_frame_has_empty_tables(tmp_path):
    from conftest import write_clip

    path = write_clip(tmp_path / "one.mp4", [np.full((64, 96, 3), 90, np.uint8)])
    result = geminivideo.analyze(path)
    assert pa.table(result).num_rows == 0
    assert pa.table(result.table("shots")).num_rows == 1
    assert list(result.table().columns()["time"]) == []
