/* Renders three scenes of two seconds itself and has them analysed: no file, no decoder. */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>

enum { WIDTH = 320, HEIGHT = 180, RATE = 25, FRAMES = 150 };

static uint8_t pixels[HEIGHT][WIDTH];

/* Scene 1 pans by four pixels a frame, the others stand still. */
static void render(int number) {
    int scene = number / 50;
    int shift = scene == 1 ? number % 50 * 4 : 0;
    int x, y;
    for (y = 0; y < HEIGHT; y++) {
        for (x = 0; x < WIDTH; x++) {
            unsigned cell_x = (unsigned)((x + shift) / 12);
            unsigned cell_y = (unsigned)(y / (10 + 3 * scene));
            unsigned hash = (cell_x * 2654435u + cell_y * 40503u + (unsigned)scene * 7919u) % 199u;
            pixels[y][x] = (uint8_t)(20u + (unsigned)scene * 60u + hash / 3u);
        }
    }
}

static int failed(gv_status status) {
    fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    return 1;
}

int main(void) {
    gv_video_format format;
    gv_analyzer *analyzer = NULL;
    gv_analysis *analysis = NULL;
    gv_status status;
    int number;
    size_t i;

    gv_video_format_init(&format);
    format.layout = GV_LAYOUT_GRAY8;
    format.width = WIDTH;
    format.height = HEIGHT;
    format.rate_num = RATE;
    format.time_base_den = RATE;
    status = gv_analyzer_new(&format, NULL, &analyzer);
    for (number = 0; status == GV_OK && number < FRAMES; number++) {
        gv_frame frame;
        render(number);
        gv_frame_init(&frame);
        frame.pts = number;
        frame.planes[0] = pixels[0];
        frame.strides[0] = WIDTH;
        status = gv_analyzer_push_frame(analyzer, &frame);
    }
    if (status == GV_OK) status = gv_analyzer_finish(analyzer, &analysis);
    for (i = 0; status == GV_OK && i < gv_analysis_shots_len(analysis); i++) {
        gv_shot shot;
        shot.struct_size = sizeof shot;
        status = gv_analysis_shots_get(analysis, i, &shot);
        if (status != GV_OK) break;
        printf("shot %zu: frames %" PRIu64 " to %" PRIu64 ", %.2f s to %.2f s\n", i,
               shot.start_frame, shot.end_frame, shot.start_time, shot.end_time);
    }
    gv_analysis_free(analysis);
    gv_analyzer_free(analyzer);
    return status == GV_OK ? 0 : failed(status);
}
