from collections.abc import Callable
from os import PathLike
from typing import Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

from .budget_optimizer import Impact, OptimizationReport, Projection
from .elevenlabs_voice import CostEstimate, VoiceInfo
from .face_weighted_analyzer import VideoFaceMotion
from .loser_kill_switch import KillReport
from .motion_energy import CutPoint, FlowEnergy, FrameDiffEnergy, VideoMotion
from .motion_moment_sdk import AttentionOverTime
from .platform import AdInsight
from .precision_av_sync import Listening, RecutPlan, SyncQuality, VoiceDetector
from .prediction_accuracy_tracker import DashboardMetrics
from .variation_generator import ExportedVariation
from .winning_patterns_db import CreativeDna, HookStatistics, IndustryBenchmarks
from .yolo_face_detector import BestFaceMoment, VideoFaces
from .yolo_object_detector import VideoObjects

__all__ = [
    "AccuracyTracker",
    "Analysis",
    "BudgetOptimizer",
    "CampaignLearner",
    "ElevenLabs",
    "FaceDetector",
    "FeedbackLoop",
    "KillSwitch",
    "LearnedModel",
    "MetaPlatform",
    "MockElevenLabs",
    "MockRunway",
    "ObjectDetector",
    "PatternsDB",
    "RetrainPipeline",
    "Runway",
    "Session",
    "Silero",
    "Store",
    "Table",
    "VariationGenerator",
    "VoiceStream",
    "__version__",
    "analysis_cta",
    "analysis_cta_timing",
    "analysis_hook",
    "analysis_table",
    "analyze",
    "available_threads",
    "best_hook_template",
    "budget_impact",
    "captions",
    "check_analysis",
    "check_fps",
    "check_rules",
    "check_video",
    "classify_motion",
    "cli",
    "cta_for_goal",
    "cta_sequence",
    "cta_table",
    "cta_variations",
    "current_settings",
    "cut_adjustments",
    "error_table",
    "find_shots",
    "flow_energy",
    "frame_diff_energy",
    "frame_pair_motion",
    "give_settings",
    "hook_table",
    "kill_report",
    "listen",
    "listen_samples",
    "motion_energy",
    "object_tables",
    "onset_strength",
    "optimal_cut_points",
    "pattern_of_analysis",
    "placements_table",
    "read_settings",
    "sampled_cta_timing",
    "sync_points",
    "sync_quality",
    "temporal_window",
    "trigger_plan",
    "trigger_table",
    "trigger_windows",
    "variation_features",
    "video_attention",
    "video_cta",
    "video_cut_points",
    "video_face_motion",
    "video_hook",
    "video_moments",
    "video_motion",
    "visual_peaks",
    "voice_tables",
    "weighted_motion",
    "write_hook_script",
]

_Frame: TypeAlias = npt.NDArray[np.uint8]
_Path: TypeAlias = str | PathLike[str]
_Peak: TypeAlias = tuple[float, float, str]
_Given: TypeAlias = list[tuple[str, str]]
_Report: TypeAlias = Callable[[int, int | None, str], object]

__version__: str

@final
class FaceDetector:
    def __new__(
        cls,
        model: str,
        confidence: float,
        *,
        device: str | None = None,
        runtime: str | None = None,
        emotion_model: _Path | None = None,
        emotion_labels: list[str] | None = None,
        age_model: _Path | None = None,
        attribute_values: tuple[float, float] = ...,
    ) -> FaceDetector: ...
    @staticmethod
    def of(object: object) -> FaceDetector: ...
    @property
    def name(self) -> str: ...
    def detect(self, frame: _Frame) -> list[dict[str, Any]]: ...
    def video(
        self, path: _Path, sample_rate: int, *, progress: _Report | None = None
    ) -> VideoFaces: ...
    def best_moments(
        self, path: _Path, count: int, *, progress: _Report | None = None
    ) -> list[BestFaceMoment]: ...

@final
class ObjectDetector:
    def __new__(
        cls,
        size: str,
        confidence: float,
        path: _Path | None = None,
        *,
        device: str | None = None,
        runtime: str | None = None,
    ) -> ObjectDetector: ...
    @staticmethod
    def of(object: object) -> ObjectDetector: ...
    @property
    def name(self) -> str: ...
    def detect(self, frame: _Frame) -> list[dict[str, Any]]: ...
    def video(
        self, path: _Path, sample_rate: int, *, progress: _Report | None = None
    ) -> VideoObjects: ...

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
    def plan_columns(
        self,
        numbers: dict[str, npt.NDArray[np.float64]],
        texts: dict[str, list[Any]],
        total: float | None = None,
    ) -> tuple[dict[str, Any], dict[str, Any]]: ...
    def report(self, ads: list[Any]) -> OptimizationReport: ...
    def simulate(self, ads: list[Any], days: int) -> Projection: ...

@final
class KillSwitch:
    def __new__(cls, options_json: str, account: list[Any]) -> KillSwitch: ...
    def evaluate(self, ad: Any) -> dict[str, Any]: ...
    def kill_manually(self, ad: Any) -> dict[str, Any]: ...
    def batch_evaluate(self, ads: list[Any]) -> list[dict[str, Any]]: ...
    def evaluate_all(self, ads: list[Any]) -> list[dict[str, Any]]: ...
    def evaluate_columns(
        self, numbers: dict[str, npt.NDArray[np.float64]], texts: dict[str, list[Any]]
    ) -> dict[str, Any]: ...
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
    def export_timelines(
        self, variations: list[Any], main_script: str, rate: float
    ) -> list[dict[str, Any]]: ...
    @staticmethod
    def export_schema() -> str: ...

@final
class LearnedModel:
    @staticmethod
    def live(pipeline: RetrainPipeline, model_type: str) -> LearnedModel | None: ...
    def version(self) -> str: ...
    def predict(self, concept: Any, variations: list[Any]) -> list[tuple[float, float]]: ...
    def estimates(self, concept: Any, variations: list[Any]) -> list[tuple[float, float]]: ...

def variation_features(variation: Any, concept: Any) -> dict[str, Any]: ...

@final
class MetaPlatform:
    def __new__(
        cls,
        access_token: str | None,
        app_secret: str | None,
        ad_account: str | None,
        base_url: str | None,
        timeout: float,
        max_retries: int,
        journal: _Path | None,
        max_change_per_run: float,
        max_change_per_day: float,
    ) -> MetaPlatform: ...
    def state(self, ad_id: str) -> dict[str, Any]: ...
    def insights(self, since: str, until: str) -> list[AdInsight]: ...
    def apply(
        self, changes: list[tuple[str, str, float | None, float | None]], preview: bool
    ) -> dict[str, Any]: ...
    def revert(self, run: str) -> dict[str, Any]: ...

@final
class Table:
    def columns(self) -> dict[str, npt.NDArray[Any] | list[Any]]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __len__(self) -> int: ...

@final
class Store:
    def __new__(cls, address: str | None = None) -> Store: ...
    def describe(self) -> str: ...
    def backup(self, path: _Path) -> None: ...

@final
class PatternsDB:
    def __new__(cls, store: Store) -> PatternsDB: ...
    def add(self, pattern_json: str) -> str: ...
    def get(self, pattern_id: str) -> dict[str, Any] | None: ...
    def find(
        self,
        industry: str | None,
        platform: str | None,
        objective: str | None,
        hook_type: str | None,
        min_roas: float | None,
        limit: int,
        include_losers: bool,
    ) -> list[dict[str, Any]]: ...
    def top(self, limit: int) -> list[dict[str, Any]]: ...
    def hook_statistics(self) -> dict[str, HookStatistics]: ...
    def benchmarks(self, industry: str) -> IndustryBenchmarks | None: ...
    def creative_dna(self, patterns_json: str) -> CreativeDna | None: ...
    def search(self, words: str, limit: int) -> list[dict[str, Any]]: ...
    def similar(self, pattern_json: str, limit: int) -> list[dict[str, Any]]: ...
    def seed(self) -> int: ...
    def export_to(self, path: _Path) -> int: ...
    def import_from(self, path: _Path) -> int: ...

def cut_adjustments(
    points: list[tuple[_Peak, _Peak]],
    tolerance: float,
    frame_rate: float | None = None,
    speech: list[tuple[float, float]] | None = None,
) -> RecutPlan: ...
def listen(
    path: _Path,
    rate: int,
    *,
    progress: _Report | None = None,
    voice_detector: VoiceDetector | Silero | None = None,
) -> Listening: ...
def listen_samples(
    samples: npt.NDArray[np.float32],
    given_rate: int,
    rate: int,
    *,
    voice_detector: VoiceDetector | Silero | None = None,
) -> Listening: ...
def onset_strength(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]: ...
def sync_points(
    audio: list[_Peak], visual: list[_Peak], tolerance: float
) -> list[dict[str, Any]]: ...
def sync_quality(
    video_path: _Path,
    audio_path: _Path,
    rate: int,
    tolerance: float,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
    voice_detector: VoiceDetector | Silero | None = None,
) -> SyncQuality: ...
def visual_peaks(
    video_path: _Path,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> list[dict[str, Any]]: ...
def trigger_plan(motion: list[tuple[float, float, bool | None]]) -> Any: ...
def trigger_table() -> list[dict[str, Any]]: ...
def trigger_windows(motion: list[tuple[float, float, bool | None]]) -> list[dict[str, Any]]: ...
def pattern_of_analysis(analysis_json: str) -> dict[str, Any]: ...
@final
class AccuracyTracker:
    def __new__(cls, store: Store) -> AccuracyTracker: ...
    def record_prediction(
        self,
        prediction_id: str,
        model_type: str,
        model_version: str,
        predicted_value: float,
        confidence: float,
        metric_type: str,
        campaign_id: str,
        creative_id: str,
        features: str | None,
        predicted_at: int | None,
    ) -> dict[str, Any]: ...
    def record_actual(
        self,
        prediction_id: str,
        value: float,
        events: float | None,
        matured: bool,
        at: int | None,
    ) -> dict[str, Any] | None: ...
    def accuracy_report(
        self, model_type: str | None, model_version: str | None, days: float
    ) -> dict[str, Any]: ...
    def prediction_history(self, campaign_id: str | None, limit: int) -> list[dict[str, Any]]: ...
    def should_retrain(self, model_type: str) -> tuple[bool, str]: ...
    def calibrated_confidence(self, model_type: str, stated: float) -> float: ...
    def dashboard_metrics(self) -> DashboardMetrics: ...

@final
class CampaignLearner:
    def __new__(cls, store: Store, options_json: str) -> CampaignLearner: ...
    def add(self, learning_json: str) -> None: ...
    def recommendations(
        self, industry: str, objective: str, account: str | None, audience_json: str
    ) -> Any: ...
    def insight(self, industry: str) -> dict[str, Any] | None: ...
    def stats(self) -> dict[str, Any]: ...
    def export(self, redact: bool) -> Any: ...
    def merge(self, exported_json: str) -> int: ...

@final
class FeedbackLoop:
    def __new__(cls, store: Store, options_json: str) -> FeedbackLoop: ...
    def process(self, event_json: str) -> Any: ...
    def process_all(self, events_json: str) -> Any: ...
    def record_insights(self, rows_json: str) -> int: ...
    def match_predictions(self) -> list[dict[str, Any]]: ...
    def should_retrain(self) -> bool: ...
    def trigger_retrain(self) -> dict[str, Any]: ...
    def metrics(self) -> dict[str, Any]: ...
    def handle_webhook(
        self,
        app_secret: str,
        verify_token: str,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes,
    ) -> tuple[int, str, str]: ...
    def flush_outbox(
        self,
        pixel_id: str | None,
        access_token: str | None,
        base_url: str | None,
        app_secret: str | None,
        test_event_code: str | None,
    ) -> Any: ...

@final
class RetrainPipeline:
    def __new__(
        cls,
        store: Store,
        config_json: str,
        trainer: Any = None,
        trainer_name: str | None = None,
    ) -> RetrainPipeline: ...
    def check(self, model_type: str) -> dict[str, Any]: ...
    def start(self, model_type: str, trigger: str) -> dict[str, Any]: ...
    def job(self, job_id: str) -> dict[str, Any] | None: ...
    def history(self, model_type: str | None, limit: int) -> list[dict[str, Any]]: ...
    def run_scheduled_check(self) -> list[dict[str, Any]]: ...
    def status(self) -> Any: ...
    def rollback(self, model_type: str) -> dict[str, Any] | None: ...
    def promote(self, model_type: str, version: str) -> dict[str, Any]: ...
    def aliases(self, model_type: str) -> dict[str, Any]: ...
    def live_at(self, model_type: str, at: int) -> str | None: ...
    def predict(self, model_type: str, rows: list[str]) -> tuple[str, list[dict[str, Any]]] | None: ...

def budget_impact(recommendations: list[Any]) -> tuple[Impact, float, list[int]]: ...
def kill_report(decisions: list[Any]) -> KillReport: ...

@final
class Analysis:
    @staticmethod
    def from_json(text: str) -> Analysis: ...
    @property
    def duration(self) -> float: ...
    def fragment(self) -> str: ...
    def lanes(self) -> list[dict[str, Any]]: ...
    def report(
        self,
        path: _Path,
        *,
        film: bool | None = None,
        progress: _Report | None = None,
        ffmpeg: str | PathLike[str] | None = None,
    ) -> None: ...
    def to_edl(self) -> str: ...
    def to_fcpxml(self) -> str: ...
    def to_json(self) -> str: ...
    def to_otio(self) -> str: ...
    def to_csv(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

_Settings: TypeAlias = tuple[float, float, float, bool, float | None]
_Image: TypeAlias = str | bytes | PathLike[str]

@final
class Silero:
    def __new__(
        cls,
        path: _Path,
        threshold: float,
        *,
        device: str | None = None,
        runtime: str | None = None,
    ) -> Silero: ...
    @property
    def name(self) -> str: ...
    @property
    def rate(self) -> int: ...
    @property
    def frame(self) -> int: ...
    def scores(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]: ...

@final
class Session:
    def advance(self) -> float | None: ...
    def result(self) -> tuple[Any, bytes | None]: ...
    def progress(self) -> dict[str, Any] | None: ...
    def cancel(self) -> None: ...

@final
class Runway:
    def __new__(
        cls,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        state_dir: _Path | None = None,
        spending_cap_usd: float | None = None,
        timeout: float = 60.0,
        poll_interval: float = 5.0,
        max_wait: float = 600.0,
        download: bool = True,
        max_retries: int = 4,
        allow_http: bool = False,
        catalog: str | None = None,
    ) -> Runway: ...
    def start(
        self,
        prompt: str,
        model: str | None,
        duration: int,
        aspect_ratio: str,
        seed: int | None,
        image: _Image | None,
        style: str | None,
        fresh: bool,
    ) -> Session: ...
    def resume(self, task_id: str) -> Session: ...
    def product_shot(self, scene: str) -> str: ...
    def lifestyle_scene(self, description: str, mood: str) -> str: ...
    def variations(self, prompt: str, count: int, seed: int) -> list[tuple[str, int | None]]: ...
    def estimate(
        self,
        prompt: str,
        model: str | None,
        duration: int,
        aspect_ratio: str,
        image: _Image | None,
        style: str | None,
    ) -> tuple[float, float]: ...
    def cancel_task(self, task_id: str) -> None: ...
    def credit_balance(self) -> float: ...
    def open_tasks(self) -> list[str]: ...
    def ledger(self) -> Any: ...
    def release(self, entry: str) -> None: ...

@final
class MockRunway:
    def __new__(cls, failures: list[tuple[str, str]]) -> MockRunway: ...
    def generate(
        self,
        prompt: str,
        model: str | None,
        duration: int,
        aspect_ratio: str,
        seed: int | None,
        image: _Image | None,
        style: str | None,
    ) -> dict[str, Any]: ...

@final
class ElevenLabs:
    def __new__(
        cls,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        state_dir: _Path | None = None,
        spending_cap_usd: float | None = None,
        timeout: float = 240.0,
        max_retries: int = 4,
        allow_http: bool = False,
        catalog: str | None = None,
        voices: str | None = None,
    ) -> ElevenLabs: ...
    def start(
        self,
        text: str,
        voice: str,
        model: str | None,
        settings: _Settings | None,
        output_format: str,
        language: str | None,
        seed: int | None,
        timestamps: bool,
        fresh: bool,
    ) -> Session: ...
    def stream(
        self,
        text: str,
        voice: str,
        model: str | None,
        settings: _Settings | None,
        output_format: str,
        language: str | None,
        seed: int | None,
    ) -> VoiceStream: ...
    def list_voices(self) -> Session: ...
    def clone_voice(self, name: str, samples: list[bytes], description: str) -> Session: ...
    def ad_voice(self, voice_type: str) -> tuple[str, _Settings]: ...
    def multilingual(self, text: str, voice: str, language: str) -> str | None: ...
    def estimate(self, text: str, model: str | None) -> CostEstimate: ...
    def subscription(self) -> tuple[str, int, int]: ...
    def ledger(self) -> Any: ...
    def release(self, entry: str) -> None: ...

@final
class VoiceStream:
    def read(self) -> bytes | None: ...

@final
class MockElevenLabs:
    def __new__(cls, failures: list[str]) -> MockElevenLabs: ...
    def generate(
        self,
        text: str,
        voice: str,
        model: str | None,
        settings: _Settings | None,
        output_format: str,
        language: str | None,
        seed: int | None,
    ) -> tuple[dict[str, Any], bytes]: ...
    def voices(self) -> list[VoiceInfo]: ...

def captions(
    characters: list[tuple[str, float, float]], line_characters: int, lines: int
) -> tuple[list[tuple[str, float, float]], str, str]: ...
def voice_tables() -> dict[str, Any]: ...
def analyze(
    path: _Path,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
    motion_long_side: int | None = None,
    face_model: _Path | None = None,
    object_model: _Path | None = None,
    voice_model: _Path | None = None,
    device: str | None = None,
    runtime: str | None = None,
    face_detector: FaceDetector | None = None,
    object_detector: ObjectDetector | None = None,
    text_reader: Callable[[Any], str | None] | None = None,
    voice_detector: VoiceDetector | Silero | None = None,
    motion_only: bool = False,
    ffmpeg: _Path | None = None,
    settings: _Given | None = None,
) -> Analysis: ...
def analysis_table(analysis: Analysis, name: str) -> Table: ...
def available_threads() -> int: ...
def check_analysis(
    analysis: Analysis,
    placement: str | None = None,
    *,
    rules_json: str | None = None,
    placements_json: str | None = None,
) -> dict[str, Any]: ...
def check_fps(fps: float) -> None: ...
def check_rules() -> dict[str, Any]: ...
def check_video(
    path: _Path,
    placement: str | None = None,
    *,
    rules_json: str | None = None,
    placements_json: str | None = None,
    progress: _Report | None = None,
    num_threads: int | None = None,
    ffmpeg: _Path | None = None,
) -> dict[str, Any]: ...
def current_settings() -> dict[str, Any]: ...
def give_settings(given: _Given) -> None: ...
def read_settings(given: _Given) -> dict[str, Any]: ...
def classify_motion(mean_energy: float) -> str: ...
def cli(arguments: list[str], width: int) -> int: ...
def find_shots(
    path: _Path,
    *,
    threshold: float | None = None,
    progress: _Report | None = None,
    ffmpeg: _Path | None = None,
) -> dict[str, Any]: ...
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
    path: _Path,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
    settings: _Given | None = None,
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
    path: _Path,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
    settings: _Given | None = None,
) -> list[dict[str, Any]]: ...
def object_tables() -> tuple[list[str], list[tuple[str, list[str]]], list[str]]: ...
def weighted_motion(
    detector: FaceDetector,
    frame1: _Frame,
    frame2: _Frame,
    weight: float,
    frame_idx: int,
    fps: float,
) -> dict[str, Any]: ...
def video_face_motion(
    detector: FaceDetector,
    path: _Path,
    weight: float,
    peaks: int,
    *,
    progress: _Report | None = None,
) -> VideoFaceMotion: ...
def video_motion(
    method: str,
    path: _Path,
    sample_rate: int,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> VideoMotion: ...

def analysis_hook(analysis: Analysis, audio_path: _Path | None = None) -> dict[str, Any]: ...
def best_hook_template(templates_json: str, industry: str) -> int | None: ...
def hook_table() -> list[dict[str, Any]]: ...
def video_hook(
    path: _Path,
    audio_path: _Path | None = None,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> dict[str, Any]: ...
def write_hook_script(product: str, pain_point: str, templates_json: str) -> Any: ...
def analysis_cta(analysis: Analysis, placements_json: str | None = None) -> Any: ...
def analysis_cta_timing(analysis: Analysis, industry: str) -> dict[str, Any]: ...
def cta_for_goal(goal: str) -> dict[str, Any]: ...
def cta_sequence(video_duration: float, industry: str) -> Any: ...
def cta_table() -> dict[str, dict[str, Any]]: ...
def cta_variations(base: str, count: int) -> list[str]: ...
def placements_table() -> Any: ...
def sampled_cta_timing(
    duration: float | None,
    motion: list[tuple[float, float, bool | None]] | None,
    cuts: list[float] | None,
    beats: list[float] | None,
    industry: str,
) -> dict[str, Any]: ...
def video_cta(
    path: _Path,
    placements_json: str | None = None,
    *,
    progress: _Report | None = None,
    num_threads: int | None = None,
) -> Any: ...
