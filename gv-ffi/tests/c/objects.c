/* One object of each kind that a program can have, for programs that misuse them. */

#include <geminivideo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What fails here is a mistake of the test's. */
#define MADE(call)                                                                        \
    do {                                                                                  \
        if ((call) != GV_OK) {                                                            \
            printf("line %d: %s\n", __LINE__, gv_last_error_message());                   \
            exit(1);                                                                      \
        }                                                                                 \
    } while (0)

enum { WIDTH = 64, HEIGHT = 48, FRAMES = 60, RATE = 16000, SAMPLES = 2 * RATE };

static uint8_t pixels[HEIGHT][WIDTH];
static float samples[SAMPLES];

static gv_face_detector *the_gv_face_detector;
static gv_faces *the_gv_faces;
static gv_object_detector *the_gv_object_detector;
static gv_objects *the_gv_objects;
static gv_text_reader *the_gv_text_reader;
static gv_voice_detector *the_gv_voice_detector;
static gv_analysis *the_gv_analysis;
static gv_sound *the_gv_sound;
static gv_listener *the_gv_listener;
static gv_sync *the_gv_sync;
static gv_analyzer *the_gv_analyzer;
static gv_motion_weigher *the_gv_motion_weigher;
static gv_weighted_motion *the_gv_weighted_motion;
static gv_check_report *the_gv_check_report;
static const gv_ledger *the_gv_ledger;
static gv_hook *the_gv_hook;
static gv_cta *the_gv_cta;
static gv_cta_place *the_gv_cta_place;
static gv_variation_generator *the_gv_variation_generator;
static gv_budget_optimizer *the_gv_budget_optimizer;
static gv_budget_plan *the_gv_budget_plan;
static gv_kill_switch *the_gv_kill_switch;
static gv_kill_decisions *the_gv_kill_decisions;
static gv_store *the_gv_store;
static gv_transport *the_gv_transport;
static gv_ad_platform *the_gv_ad_platform;
static gv_executor *the_gv_executor;
static gv_patterns_db *the_gv_patterns_db;
static gv_campaign_learner *the_gv_campaign_learner;
static gv_feedback_loop *the_gv_feedback_loop;
static gv_accuracy_tracker *the_gv_accuracy_tracker;
static gv_retrain_pipeline *the_gv_retrain_pipeline;
static gv_runway *the_gv_runway;
static gv_elevenlabs *the_gv_elevenlabs;

/* Only functions of the program's are handed these. */
static gv_reading *const the_gv_reading = NULL;
static gv_store_reply *const the_gv_store_reply = NULL;
static gv_http_reply *const the_gv_http_reply = NULL;
static gv_ad_insights *const the_gv_ad_insights = NULL;
static gv_voice_over *const the_gv_voice_over = NULL;

static gv_status finds_a_face(const gv_picture *picture, gv_faces *found, void *userdata) {
    gv_face face;
    (void)picture, (void)userdata;
    gv_face_init(&face);
    face.width = face.height = 20;
    face.confidence = 1;
    return gv_faces_add(found, &face);
}

static gv_status finds_nothing(const gv_picture *picture, gv_objects *found, void *userdata) {
    (void)picture, (void)found, (void)userdata;
    return GV_OK;
}

static gv_status reads(const gv_picture *line, gv_reading *reading, void *userdata) {
    (void)line, (void)userdata;
    return gv_reading_set(reading, "Ready?");
}

static gv_status hears(const float *sound, size_t sound_len, float *scores, size_t scores_len,
                       void *userdata) {
    size_t i;
    (void)sound, (void)sound_len, (void)userdata;
    for (i = 0; i < scores_len; i++) scores[i] = 0.5F;
    return GV_OK;
}

static int has_no_network(const gv_http_request *request, gv_http_reply *reply, void *userdata) {
    (void)request, (void)reply, (void)userdata;
    return GV_HTTP_NO_CONNECTION;
}

static void make_detectors(void) {
    gv_face_detector_functions faces = {0};
    gv_object_detector_functions objects = {0};
    gv_text_reader_functions reader = {0};
    gv_voice_detector_functions voices = {0};
    gv_picture picture;

    faces.struct_size = sizeof faces;
    objects.struct_size = sizeof objects;
    reader.struct_size = sizeof reader;
    voices.struct_size = sizeof voices;
    faces.name = objects.name = reader.name = voices.name = "mine";
    faces.detect = finds_a_face;
    objects.detect = finds_nothing;
    reader.read = reads;
    voices.scores = hears;
    voices.rate = 8000;
    voices.frame = 64;
    MADE(gv_face_detector_new(&faces, &the_gv_face_detector));
    MADE(gv_object_detector_new(&objects, &the_gv_object_detector));
    MADE(gv_text_reader_new(&reader, &the_gv_text_reader));
    MADE(gv_voice_detector_new(&voices, &the_gv_voice_detector));
    gv_picture_init(&picture);
    picture.layout = GV_LAYOUT_GRAY8;
    picture.width = WIDTH;
    picture.height = HEIGHT;
    picture.planes[0] = pixels[0];
    picture.strides[0] = WIDTH;
    MADE(gv_face_detector_detect(the_gv_face_detector, &picture, &the_gv_faces));
    MADE(gv_object_detector_detect(the_gv_object_detector, &picture, &the_gv_objects));
}

/* Stripes that jump to the right, and a click every half second. */
static void render(int number) {
    int x, y;
    for (y = 0; y < HEIGHT; y++)
        for (x = 0; x < WIDTH; x++) pixels[y][x] = (uint8_t)((x + number / 10 * 7) / 8 % 2 * 90 + 60);
    for (x = 0; x < SAMPLES; x++) samples[x] = x % (RATE / 2) < 200 ? 0.5F : 0;
}

static void make_analysis(void) {
    gv_analyze_options options;
    gv_video_format format;
    gv_analyzer *analyzer;
    gv_motion_weigher *weigher;
    gv_listener *listener;
    gv_frame frame;
    gv_audio audio;
    int number;

    gv_analyze_options_init(&options);
    options.face_detector = the_gv_face_detector;
    options.object_detector = the_gv_object_detector;
    options.text_reader = the_gv_text_reader;
    options.voice_detector = the_gv_voice_detector;
    gv_video_format_init(&format);
    format.layout = GV_LAYOUT_GRAY8;
    format.width = WIDTH;
    format.height = HEIGHT;
    format.rate_num = format.time_base_den = 30;
    gv_audio_init(&audio);
    audio.channels = 1;
    audio.rate = RATE;
    audio.frames = SAMPLES;
    audio.planes[0] = samples;

    MADE(gv_analyzer_new(&format, &options, &analyzer));
    MADE(gv_motion_weigher_new(&format, the_gv_face_detector, 2, NULL, &weigher));
    for (number = 0; number < FRAMES; number++) {
        render(number);
        gv_frame_init(&frame);
        frame.pts = number;
        frame.planes[0] = pixels[0];
        frame.strides[0] = WIDTH;
        MADE(gv_analyzer_push_frame(analyzer, &frame));
        MADE(gv_motion_weigher_push_frame(weigher, &frame));
    }
    MADE(gv_analyzer_push_audio(analyzer, &audio));
    MADE(gv_analyzer_finish(analyzer, &the_gv_analysis));
    MADE(gv_motion_weigher_finish(weigher, &the_gv_weighted_motion));
    gv_analyzer_free(analyzer);
    gv_motion_weigher_free(weigher);

    MADE(gv_listener_new(NULL, &listener));
    MADE(gv_listener_push(listener, &audio));
    MADE(gv_listener_finish(listener, &the_gv_sound));
    gv_listener_free(listener);
    MADE(gv_listener_new(NULL, &the_gv_listener));
    MADE(gv_analyzer_new(&format, &options, &the_gv_analyzer));
    MADE(gv_motion_weigher_new(&format, the_gv_face_detector, 2, NULL, &the_gv_motion_weigher));

    MADE(gv_sync_new(the_gv_analysis, the_gv_sound, 0.1, &the_gv_sync));
    MADE(gv_check(the_gv_analysis, "reels", NULL, NULL, &the_gv_check_report));
    MADE(gv_hook_new(the_gv_analysis, &the_gv_hook));
    MADE(gv_cta_new(the_gv_analysis, NULL, &the_gv_cta));
    MADE(gv_cta_place_new(the_gv_analysis, "ecommerce", &the_gv_cta_place));
    the_gv_ledger = gv_hook_ledger(the_gv_hook);
}

static void make_deciders(void) {
    gv_ad_performance ad;
    gv_ad_metrics metrics;

    gv_ad_performance_init(&ad);
    gv_ad_metrics_init(&metrics);
    ad.ad_id = metrics.ad_id = "a";
    ad.daily_budget = 50;
    ad.spend = metrics.spend = 200;
    ad.impressions = metrics.impressions = 9000;
    ad.clicks = metrics.clicks = 90;
    MADE(gv_variation_generator_new(NULL, &the_gv_variation_generator));
    MADE(gv_budget_optimizer_new(NULL, &the_gv_budget_optimizer));
    MADE(gv_budget_optimizer_plan(the_gv_budget_optimizer, &ad, 1, 100, &the_gv_budget_plan));
    MADE(gv_kill_switch_new(NULL, &the_gv_kill_switch));
    MADE(gv_kill_switch_evaluate(the_gv_kill_switch, &metrics, 1, &the_gv_kill_decisions));
}

static void make_keepers(void) {
    gv_transport_functions functions = {0};
    const char *key = "{\"api_key\": \"k\", \"state_dir\": \"\", \"max_retries\": 0}";
    const char *impatient = "{\"api_key\": \"k\", \"state_dir\": \"\", \"max_retries\": 0, \"max_wait\": 0.1}";

    functions.struct_size = sizeof functions;
    functions.name = "none";
    functions.send = has_no_network;
    MADE(gv_transport_new(&functions, &the_gv_transport));
    MADE(gv_runway_new(impatient, the_gv_transport, &the_gv_runway));
    MADE(gv_elevenlabs_new(key, the_gv_transport, &the_gv_elevenlabs));
    MADE(gv_ad_platform_meta("{\"access_token\": \"t\"}", the_gv_transport, &the_gv_ad_platform));
    MADE(gv_executor_new(the_gv_ad_platform, NULL, GV_NO_CENTS, GV_NO_CENTS, &the_gv_executor));
    MADE(gv_store_open(":memory:", &the_gv_store));
    MADE(gv_patterns_db_new(the_gv_store, &the_gv_patterns_db));
    MADE(gv_campaign_learner_new(the_gv_store, NULL, &the_gv_campaign_learner));
    MADE(gv_feedback_loop_new(the_gv_store, NULL, &the_gv_feedback_loop));
    MADE(gv_accuracy_tracker_new(the_gv_store, &the_gv_accuracy_tracker));
    MADE(gv_retrain_pipeline_new(the_gv_store, NULL, &the_gv_retrain_pipeline));
}

static void make_objects(void) {
    make_detectors();
    make_analysis();
    make_deciders();
    make_keepers();
}

static void free_objects(void) {
    gv_face_detector_free(the_gv_face_detector);
    gv_faces_free(the_gv_faces);
    gv_object_detector_free(the_gv_object_detector);
    gv_objects_free(the_gv_objects);
    gv_text_reader_free(the_gv_text_reader);
    gv_voice_detector_free(the_gv_voice_detector);
    gv_listener_free(the_gv_listener);
    gv_analyzer_free(the_gv_analyzer);
    gv_motion_weigher_free(the_gv_motion_weigher);
    gv_weighted_motion_free(the_gv_weighted_motion);
    gv_sync_free(the_gv_sync);
    gv_check_report_free(the_gv_check_report);
    gv_hook_free(the_gv_hook);
    gv_cta_free(the_gv_cta);
    gv_cta_place_free(the_gv_cta_place);
    gv_sound_free(the_gv_sound);
    gv_analysis_free(the_gv_analysis);
    gv_variation_generator_free(the_gv_variation_generator);
    gv_budget_plan_free(the_gv_budget_plan);
    gv_budget_optimizer_free(the_gv_budget_optimizer);
    gv_kill_decisions_free(the_gv_kill_decisions);
    gv_kill_switch_free(the_gv_kill_switch);
    gv_executor_free(the_gv_executor);
    gv_ad_platform_free(the_gv_ad_platform);
    gv_runway_free(the_gv_runway);
    gv_elevenlabs_free(the_gv_elevenlabs);
    gv_transport_free(the_gv_transport);
    gv_retrain_pipeline_free(the_gv_retrain_pipeline);
    gv_accuracy_tracker_free(the_gv_accuracy_tracker);
    gv_feedback_loop_free(the_gv_feedback_loop);
    gv_campaign_learner_free(the_gv_campaign_learner);
    gv_patterns_db_free(the_gv_patterns_db);
    gv_store_free(the_gv_store);
}
