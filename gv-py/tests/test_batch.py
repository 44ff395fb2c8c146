"""Many videos: rows in order, errors as rows, resumption, executors, and the pool of processes."""

from __future__ import annotations

import http.server
import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

import geminivideo
from geminivideo._workers import WorkerDied, Workers
from geminivideo.batch import BatchAnalyzer, analyze_many, schema
from geminivideo.config import Settings
from geminivideo.errors import InvalidInputError

pa = pytest.importorskip("pyarrow")
FAST = {"motion_only": True}


@pytest.fixture(scope="module")
def ads(clip, tmp_path_factory):
    """Four short ads of different lengths, one file that is no video, and one that is not there."""
    from conftest import shot, write_clip

    folder = tmp_path_factory.mktemp("ads")
    paths = []
    for number in range(4):
        frames = [frame for seed in range(2) for frame in shot(10 * number + seed, 0.6 + 0.2 * number, 2.0)]
        paths.append(write_clip(folder / f"ad {number}.mp4", frames))
    text = folder / "notes.txt"
    text.write_text("no video at all\n" * 50)
    return [*map(str, paths[:2]), str(text), str(folder / "absent.mp4"), *map(str, paths[2:])]


@pytest.fixture(scope="module")
def table(ads):
    return analyze_many(ads, workers=2, **FAST)


class Here(ThreadPoolExecutor):
    """An executor that does each call at once, on the caller's thread, and counts them."""

    def __init__(self):
        super().__init__(1)
        self.done = []

    def submit(self, fn, /, *args, **kwargs):
        self.done.append(args[0])
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_rows_come_in_the_order_given_and_errors_are_rows(table, ads):
    assert table.column("video").to_pylist() == ads
    assert table.column("status").to_pylist() == ["ok", "ok", "error", "error", "ok", "ok"]
    assert table.column("error").to_pylist()[3] == "MissingFileError"
    assert table.column("error_status").to_pylist()[3] == 101
    assert all(ads[at] in table.column("message").to_pylist()[at] for at in (2, 3))
    assert table.schema.equals(schema(), check_metadata=True)
    assert table.schema.metadata[b"geminivideo.schema_version"] == b"1"


def test_a_row_says_what_the_analysis_says(table, ads):
    for row in table.to_pylist():
        if row["status"] != "ok":
            assert row["duration"] is None and row["analysis"] is None
            continue
        result = geminivideo.analyze(row["video"], **FAST)
        assert geminivideo.AnalysisResult.from_json(row["analysis"]) == result
        assert row["duration"] == result.duration and row["frames"] == result.frames
        assert [shot["end_time"] for shot in row["shots"]] == [shot.end_time for shot in result.shots]
        assert [m["reason"] for m in row["moments"]] == [m.reason for m in result.moments]
        assert row["unknown"] == [entry["what"] for entry in result.not_analyzed]
        assert row["file_size"] == os.path.getsize(row["video"])


def test_every_column_is_filled_by_some_video(music_ad, tmp_path):
    from yolo_model import write_yolov8

    model = write_yolov8(tmp_path / "bottle.onnx", [(39, 0.9, 8, 8, 24, 40)])
    videos = [music_ad[0], tmp_path / "absent.mp4"]
    rows = analyze_many(videos, ThreadPoolExecutor(1), object_model=model).to_pylist()
    for name in schema().names:
        assert any(row[name] is not None for row in rows), name
    assert rows[0]["objects"] == ["bottle"]
    assert rows[0]["tempo"] == pytest.approx(100, rel=0.03)


def test_any_executor_gives_the_same_table(table, ads):
    with ThreadPoolExecutor(2) as pool:
        assert analyze_many(ads, pool, **FAST).equals(table)
    assert analyze_many(ads, Here(), in_flight=1, **FAST).equals(table)


def test_progress_is_told_up_to_the_end(ads):
    told = []
    analyze_many(ads, Here(), progress=lambda *step: told.append(step), **FAST)
    assert told[0] == (0, 6, "videos") and told[-1] == (6, 6, "videos")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    with pytest.raises(ZeroDivisionError):
        analyze_many(ads, workers=1, progress=lambda *step: 1 / 0, **FAST)


def test_the_output_is_the_table_and_nothing_is_left_beside_it(table, ads, tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "ads.parquet"
    assert analyze_many(ads, Here(), output=path, **FAST).equals(table)
    assert pq.read_table(path).schema.equals(schema(), check_metadata=True)
    assert os.listdir(tmp_path) == ["ads.parquet"]


class CutOff(Here):
    """An executor that the machine takes away after some calls."""

    def __init__(self, calls):
        super().__init__()
        self.calls = calls

    def submit(self, fn, /, *args, **kwargs):
        if len(self.done) == self.calls:
            raise MemoryError
        return super().submit(fn, *args, **kwargs)


def test_a_batch_that_was_cut_off_goes_on_where_it_was(table, ads, tmp_path):
    path = tmp_path / "ads.parquet"
    for calls in (2, 1):
        with pytest.raises(MemoryError):
            analyze_many(ads, CutOff(calls), in_flight=1, output=path, retry_errors=False, **FAST)
    assert not path.exists()
    rest = Here()
    assert analyze_many(ads, rest, output=path, retry_errors=False, **FAST).equals(table)
    assert len(rest.done) < len(ads) - 1


def test_errors_are_tried_again_and_what_is_done_is_not(table, ads, tmp_path):
    path = tmp_path / "ads.parquet"
    analyze_many(ads, Here(), output=path, **FAST)
    again = Here()
    assert analyze_many(ads, again, output=path, **FAST).equals(table)
    assert again.done == ads[2:4]
    again = Here()
    analyze_many(ads, again, output=path, retry_errors=False, **FAST)
    assert again.done == []


def test_a_changed_file_other_options_and_new_videos_are_done_anew(ads, tmp_path):
    path, video = tmp_path / "ads.parquet", tmp_path / "mine.mp4"
    shutil.copy(ads[0], video)
    analyze_many([video], Here(), output=path, **FAST)
    for changed, options in (
        (False, {**FAST, "motion_long_side": 64}),
        (False, {**FAST, "motion_long_side": 64, "settings": Settings(motion_window_size=12)}),
        (True, {**FAST, "motion_long_side": 64, "settings": Settings(motion_window_size=12)}),
    ):
        if changed:
            os.utime(video, ns=(1, 1))
        again = Here()
        analyze_many([video], again, output=path, **options)
        assert again.done == [str(video)]
    again = Here()
    wider = analyze_many([ads[1], video], again, output=path, **options)
    assert again.done == [ads[1]]
    assert wider.column("video").to_pylist() == [ads[1], str(video)]


def test_a_file_that_is_no_output_is_not_replaced(ads, tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "mine.parquet"
    pq.write_table(pa.table({"video": ["a"]}), path)
    with pytest.raises(InvalidInputError, match="mine.parquet is there"):
        analyze_many(ads, Here(), output=path, **FAST)


def test_outputs_of_more_than_one_group_of_rows_keep_their_order(tmp_path):
    videos = [str(tmp_path / f"{number}.mp4") for number in range(150)]
    path = tmp_path / "ads.parquet"
    first = analyze_many(videos[:130], Here(), output=path)
    assert first.column("video").to_pylist() == videos[:130]
    videos.reverse()
    again = analyze_many(videos, Here(), output=path, retry_errors=False)
    assert again.column("video").to_pylist() == videos


def test_names_stand_for_addresses_and_may_not_be_there_twice(ads):
    named = analyze_many({"a": ads[0], "b": ads[1]}, Here(), documents=False, **FAST)
    assert named.column("video").to_pylist() == ["a", "b"]
    assert named.column("analysis").null_count == 2
    with pytest.raises(InvalidInputError, match="twice"):
        analyze_many([ads[0], ads[0]], Here())
    with pytest.raises(InvalidInputError, match="a list"):
        analyze_many(ads[0], Here())
    with pytest.raises(InvalidInputError, match="workers is 0"):
        analyze_many(ads, workers=0)
    with pytest.raises(TypeError, match="colour"):
        analyze_many(ads, Here(), colour="red")


def test_nothing_gives_an_empty_table(tmp_path):
    assert analyze_many([]).num_rows == 0
    assert analyze_many([], output=tmp_path / "none.parquet").schema.equals(schema())


@pytest.fixture
def server(ads):
    """The folder of the ads over HTTP, and a path that breaks off."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/broken.mp4"):
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"x" * 10)
                return
            super().do_GET()

        def log_message(self, *args):
            pass

    folder = os.path.dirname(ads[0])
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{service.server_port}"
    service.shutdown()
    service.server_close()


def test_addresses_are_fetched_and_their_secrets_are_not_told(server, ads, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    secret = "?X-Signature=hush"
    videos = {
        "ok": f"{server}/ad%200.mp4{secret}",
        "absent": f"{server}/no.mp4{secret}",
        "broken": f"{server}/broken.mp4{secret}",
        "text": f"{server}/notes.txt{secret}",
        "file": "file://" + ads[0].replace(" ", "%20"),
        "unreachable": f"http://user:hush@127.0.0.1:9/ad.mp4{secret}",
        "odd": "gopher+x://host/a.mp4",
    }
    rows = {row["video"]: row for row in analyze_many(videos, Here(), **FAST).to_pylist()}
    assert [row["status"] for row in rows.values()] == ["ok", "error", "error", "error", "ok", "error", "error"]
    assert rows["ok"]["frames"] == rows["file"]["frames"] > 0
    expected = ["MissingFileError", "TransportError", "TransportError", "UnsupportedError"]
    assert [rows[name]["error"] for name in ("absent", "broken", "unreachable", "odd")] == expected
    assert "hush" not in str(list(rows.values())) and "geminivideo-" not in str(list(rows.values()))
    assert "notes.txt" in rows["text"]["message"]


def test_addresses_are_fetched_by_what_one_brings(ads):
    def fetch(address, path):
        assert address == "store://ads/1"
        shutil.copy(ads[0], path)

    row = analyze_many(["store://ads/1"], Here(), fetch=fetch, **FAST).to_pylist()[0]
    assert row["status"] == "ok" and '"store://ads/1"' in row["analysis"]
    with pytest.raises(InvalidInputError, match="fetch cannot be sent"):
        analyze_many(["store://ads/1"], fetch=fetch)


def suicide(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def noise(value):
    print("a line that is no result")
    return value


def test_a_worker_that_dies_costs_its_own_call_only():
    with Workers(2) as pool:
        dies = pool.submit(os._exit, 7)
        lives = [pool.submit(noise, number) for number in range(6)]
        with pytest.raises(WorkerDied, match="status 7"):
            dies.result(30)
        assert [future.result(30) for future in lives] == list(range(6))
        with pytest.raises(ValueError):
            pool.submit(int, "x").result(30)


def test_a_video_that_kills_its_worker_is_a_row(ads, tmp_path):
    videos = {"a": "store://a", "b": ads[0], "c": ads[1]}
    table = analyze_many(videos, workers=1, fetch=suicide, **FAST)
    assert table.column("status").to_pylist() == ["error", "ok", "ok"]
    assert table.column("message").to_pylist()[0] == "the process that worked on it ended with signal 9"


def test_a_script_needs_no_guard_and_ctrl_c_leaves_no_process(ads, tmp_path, long_clip):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom geminivideo.batch import analyze_many\n"
        "print(analyze_many(sys.argv[1:], motion_only=True, workers=2).column('status').to_pylist())\n"
    )
    done = subprocess.run([sys.executable, script, *ads], capture_output=True, text=True, timeout=120)
    assert "'error', 'error', 'ok', 'ok'" in done.stdout, done.stderr
    copies = [tmp_path / f"long {number}.mp4" for number in range(6)]
    for copy in copies:
        os.link(long_clip, copy)
    running = subprocess.Popen(
        [sys.executable, script, *copies], stderr=subprocess.PIPE, start_new_session=True
    )
    time.sleep(4)
    os.killpg(running.pid, signal.SIGINT)
    began = time.monotonic()
    _, told = running.communicate(timeout=30)
    assert b"KeyboardInterrupt" in told and running.returncode != 0
    assert time.monotonic() - began < 5
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_workers_leave_when_their_parent_is_killed(tmp_path):
    source = (
        "from geminivideo._workers import Workers\nimport os, time\n"
        "pool = Workers(1)\nprint(pool.submit(os.getpid).result(), flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    for _ in range(100):
        state = pathlib.Path(f"/proc/{worker}/stat")
        if not state.exists() or " Z " in state.read_text():
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")


def test_the_analyzer_gives_back_what_it_is_given(ads, table):
    analyzer = pickle.loads(pickle.dumps(BatchAnalyzer("uri", **FAST)))
    given = pa.table({"ad": [1, 2, 3], "uri": [ads[0], ads[2], None]})
    made = analyzer(given)
    assert made.schema.equals(analyzer.schema(given.schema), check_metadata=True)
    assert made.column("ad").to_pylist() == [1, 2, 3]
    assert made.column("status").to_pylist() == ["ok", "error", "error"]
    assert made.column("shots")[0] == table.column("shots")[0]
    batch = given.to_batches()[0]
    assert pa.Table.from_batches([analyzer(batch)]).equals(made)
    assert [pa.Table.from_batches([b]) for b in analyzer(iter([batch]))] == [made]
    arrays = {"ad": np.array([1, 2, 3]), "uri": np.array([ads[0], ads[2], None], object)}
    assert analyzer(arrays).equals(made)
    assert list(analyzer(given.to_pandas()).status) == ["ok", "error", "error"]
    structs = analyzer(pa.array([ads[0]]))
    assert structs[0]["frames"] == table.column("frames")[0]
    assert analyzer(batch.slice(0, 0)).num_rows == 0


def test_the_analyzer_refuses_tables_that_it_cannot_extend():
    with pytest.raises(InvalidInputError, match="no column video"):
        BatchAnalyzer()(pa.table({"uri": ["a"]}))
    with pytest.raises(InvalidInputError, match="a column status"):
        BatchAnalyzer()(pa.table({"video": ["a"], "status": ["b"]}))
    with pytest.raises(InvalidInputError, match="given is int"):
        BatchAnalyzer()(5)
