/* Renders pictures and sound itself, as an editor does, and asks whether the cuts follow the beat: clicks at 120 a minute, a
 * cut with every second one, but for one cut that comes 80 ms late. */

#include <geminivideo.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { WIDTH = 160, HEIGHT = 90, RATE = 25, SECONDS = 16, SAMPLES = 48000 };

static uint8_t pixels[HEIGHT][WIDTH];
static float samples[SAMPLES / RATE];

/* Cuts come with whole seconds; the sixth one two frames later. */
static int scene_of(int number) {
    return number < 6 * RATE || number >= 6 * RATE + 2 ? number / RATE : 5;
}

static void render(int number) {
    unsigned scene = (unsigned)scene_of(number);
    unsigned x, y;
    for (y = 0; y < HEIGHT; y++) {
        for (x = 0; x < WIDTH; x++) {
            unsigned cell = x / (5 + scene % 4) * 31 + y / (4 + scene % 3) * 17 + scene * 101;
            pixels[y][x] = (uint8_t)(40 + cell * 2654435761u / 65536u % 170u);
        }
    }
}

/* The sound of one frame: a click of 20 ms every half second. */
static void play(int number) {
    int i;
    for (i = 0; i < SAMPLES / RATE; i++) {
        double time = (double)number / RATE + (double)i / SAMPLES;
        double since = time - floor(time * 2) / 2;
        samples[i] = since < 0.02 ? (float)(0.7 * sin(6283 * since) * exp(-200 * since)) : 0;
    }
}

static gv_status push(gv_analyzer *analyzer, int number) {
    gv_frame frame;
    gv_audio sound;
    gv_status status;

    render(number);
    gv_frame_init(&frame);
    frame.pts = number;
    frame.planes[0] = pixels[0];
    frame.strides[0] = WIDTH;
    status = gv_analyzer_push_frame(analyzer, &frame);
    if (status != GV_OK) return status;

    play(number);
    gv_audio_init(&sound);
    sound.channels = 1;
    sound.rate = SAMPLES;
    sound.pts = (int64_t)number * (SAMPLES / RATE);
    sound.frames = SAMPLES / RATE;
    sound.planes[0] = samples;
    return gv_analyzer_push_audio(analyzer, &sound);
}

static gv_status report(const gv_analysis *analysis) {
    gv_sound_figures heard;
    gv_sync_figures figures;
    gv_sync *sync = NULL;
    gv_status status;
    size_t i;

    heard.struct_size = sizeof heard;
    status = gv_sound_summary(gv_analysis_sound(analysis), &heard);
    if (status != GV_OK) return status;
    printf("%.0f beats a minute\n", heard.bpm);
    status = gv_sync_new(analysis, NULL, 0.1, &sync);
    figures.struct_size = sizeof figures;
    if (status == GV_OK) status = gv_sync_summary(sync, &figures);
    if (status == GV_OK) printf("%s\n", figures.recommendation);
    for (i = 0; status == GV_OK && i < gv_sync_points_len(sync); i++) {
        gv_sync_point point;
        point.struct_size = sizeof point;
        status = gv_sync_points_get(sync, i, &point);
        if (status == GV_OK && fabs(point.offset) > 0.04)
            printf("what is seen at %.2f s is %+.0f ms from what is heard\n", point.visual_time,
                   1000 * point.offset);
    }
    gv_sync_free(sync);
    return status;
}

int main(void) {
    gv_video_format format;
    gv_analyzer *analyzer = NULL;
    gv_analysis *analysis = NULL;
    gv_status status;
    int number;

    gv_video_format_init(&format);
    format.layout = GV_LAYOUT_GRAY8;
    format.width = WIDTH;
    format.height = HEIGHT;
    format.rate_num = RATE;
    format.time_base_den = RATE;
    status = gv_analyzer_new(&format, NULL, &analyzer);
    for (number = 0; status == GV_OK && number < SECONDS * RATE; number++)
        status = push(analyzer, number);
    if (status == GV_OK) status = gv_analyzer_finish(analyzer, &analysis);
    if (status == GV_OK) status = report(analysis);
    if (status != GV_OK)
        fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_analysis_free(analysis);
    gv_analyzer_free(analyzer);
    return status == GV_OK ? 0 : 1;
}
