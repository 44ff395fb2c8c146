from collections.abc import Callable
from os import PathLike
from typing import Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

from .budget_optimizer import Impact, OptimizationReport, Projection
from .loser_kill_switch import KillReport
from .motion_energy import CutPoint, FlowEnergy, FrameDiffEnergy, VideoMotion
from .motion_moment_sdk import AttentionOverTime
from .variation_generator import ExportedVariation

__all__ = [
    "Analysis",
    "BudgetOptimizer",
    "KillSwitch",
    "VariationGenerator",
    "__version__",
    "analyze",
    "budget_impact",
    "check_fps",
    "classify_motion",
    "cli",
    "error_table",
    "flow_energy",
    "frame_diff_energy",
    "frame_pair_motion",
    "kill_report",
    "motion_energy",
    "optimal_cut_points",
    "temporal_window",
    "video_attention",
    "video_cut_points",
    "video_moments",
    "video_motion",
]

_Frame: TypeAlias = npt.NDArray[np.uint8]
_Path: TypeAlias = str | PathLike[str]
_Report: TypeAlias = Callable[[int, int | None, str], object]

__version__: str

@final
class BudgetOptimizer:
    def __new__(cls, options_json: str) -> BudgetOptimizer: ...
    def assess(
        self, ads: list[Any], history: dict[str, list[Any]] | None = None
    ) -> list[dict[str, Any]]: ...
    def plan(
        self,
        ads: list[Any],
        total: float | None = None,
        history: dict[str, list[Any]] | None = None,
    ) -> dict[str, Any]: ...
    def report(self, ads: list[Any]) -> OptimizationReport: ...
    def simulate(self, ads: list[Any], days: int) -> Projection: ...

@final
class KillSwitch:
    def __new__(cls, options_json: str, account: list[Any]) -> KillSwitch: ...
    def evaluate(self, ad: Any) -> dict[str, Any]: ...
    def kill_manually(self, ad: Any) -> dict[str, Any]: ...
    def batch_evaluate(self, ads: list[Any]) -> list[dict[str, Any]]: ...
    def evaluate_all(self, ads: list[Any]) -> list[dict[str, Any]]: ...
    def review_killed(self, ads: list[Any], hours_since_kill: float) -> list[dict[str, Any]]: ...

@final
class VariationGenerator:
    def __new__(
        cls, options_json: str, predict: Callable[..., Any] | None = None, basis: str = "model"
    ) -> VariationGenerator: ...
    def generate(self, concept: Any, count: int) -> dict[str, Any]: ...
    def rank_order(self, variations: list[Any]) -> list[int]: ...
    def top_order(self, variations: list[Any], count: int) -> list[int]: ...
    def export(self, variations: list[Any], main_script: str) -> list[ExportedVariation]: ...

def budget_impact(recommendations: list[Any]) -> tuple[Impact, float, list[int]]: ...
def kill_report(decisions: list[Any]) -> KillReport: ...

@final
class Analysis:
    @staticmethod
    def from_json(text: str) -> Analysis: ...
    @property
    def duration(self) -> float: ...
    def to_json(self) -> str: ...
    def to_csv(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def timeline(self) -> dict[str, npt.NDArray[Any] | list[str]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

def analyze(
    path: _Path,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
    motion_long_side: int | None = None,
    ffmpeg: _Path | None = None,
) -> Analysis: ...
def check_fps(fps: float) -> None: ...
def classify_motion(mean_energy: float) -> str: ...
def cli(arguments: list[str], width: int) -> int: ...
def error_table() -> list[tuple[str, int, BaseException]]: ...
def flow_energy(
    frame1: _Frame, frame2: _Frame, *, num_threads: int | None = None
) -> FlowEnergy: ...
def frame_diff_energy(frame1: _Frame, frame2: _Frame) -> FrameDiffEnergy: ...
def frame_pair_motion(
    method: str,
    frame1: _Frame,
    frame2: _Frame,
    frame_idx: int,
    fps: float,
    *,
    num_threads: int | None = None,
) -> dict[str, Any]: ...
def motion_energy(
    frame1: _Frame, frame2: _Frame, *, num_threads: int | None = None
) -> float: ...
def optimal_cut_points(moments: str) -> list[float]: ...
def temporal_window(
    frames: list[_Frame], face_detections: list[bool], *, num_threads: int | None = None
) -> dict[str, Any]: ...
def video_attention(
    path: _Path, *, progress: _Report | None = None, num_threads: int | None = None
) -> AttentionOverTime: ...
def video_cut_points(
    method: str,
    path: _Path,
    num_cuts: int,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> list[CutPoint]: ...
def video_moments(
    path: _Path, *, progress: _Report | None = None, num_threads: int | None = None
) -> list[dict[str, Any]]: ...
def video_motion(
    method: str,
    path: _Path,
    sample_rate: int,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> VideoMotion: ...
