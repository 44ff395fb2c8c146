/* Plugs in a detector of the program's own, for the brand's red can that no public network knows: frames that the program
 * renders show it from second 1 to second 3. */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 320, HEIGHT = 180, RATE = 25, FRAMES = 100, CAN = 39 /* COCO's bottle */ };

static uint8_t pixels[HEIGHT][WIDTH][3];

/* How red a pixel must be is the user's to say; it is handed to every call. */
struct recipe {
    int least_red;
    int most_green;
};

static gv_status find_cans(const gv_picture *picture, gv_objects *found, void *userdata) {
    const struct recipe *recipe = (const struct recipe *)userdata;
    uint32_t left = picture->width, right = 0, top = picture->height, bottom = 0, x, y;
    uint64_t count = 0;
    gv_object can;
    for (y = 0; y < picture->height; y++) {
        const uint8_t *pixel = picture->planes[0] + picture->strides[0] * (ptrdiff_t)y;
        for (x = 0; x < picture->width; x++, pixel += 3) {
            if (pixel[0] < recipe->least_red || pixel[1] > recipe->most_green) continue;
            if (x < left) left = x;
            if (x > right) right = x;
            if (y < top) top = y;
            if (y > bottom) bottom = y;
            count++;
        }
    }
    if (count < 50) return GV_OK;
    gv_object_init(&can);
    can.class_id = CAN;
    can.x = (float)left;
    can.y = (float)top;
    can.width = (float)(right - left + 1);
    can.height = (float)(bottom - top + 1);
    can.confidence = (float)count / (can.width * can.height);
    return gv_objects_add(found, &can);
}

static void render(int number) {
    int shown = number >= RATE && number < 3 * RATE;
    int x, y;
    for (y = 0; y < HEIGHT; y++) {
        for (x = 0; x < WIDTH; x++) {
            int in_can = shown && x >= 140 && x < 190 && y >= 40 && y < 140;
            uint8_t grey = (uint8_t)(70 + (x / 16 + y / 16) % 2 * 40);
            pixels[y][x][0] = in_can ? 210 : grey;
            pixels[y][x][1] = in_can ? 25 : grey;
            pixels[y][x][2] = in_can ? 30 : grey;
        }
    }
}

static gv_status analyze(const gv_object_detector *detector, gv_analysis **analysis) {
    gv_analyze_options options;
    gv_video_format format;
    gv_analyzer *analyzer = NULL;
    gv_status status;
    int number;

    gv_analyze_options_init(&options);
    options.object_detector = detector;
    options.objects_per_second = 5;
    gv_video_format_init(&format);
    format.layout = GV_LAYOUT_RGB24;
    format.width = WIDTH;
    format.height = HEIGHT;
    format.rate_num = RATE;
    format.time_base_den = RATE;
    status = gv_analyzer_new(&format, &options, &analyzer);
    for (number = 0; status == GV_OK && number < FRAMES; number++) {
        gv_frame frame;
        render(number);
        gv_frame_init(&frame);
        frame.pts = number;
        frame.planes[0] = pixels[0][0];
        frame.strides[0] = WIDTH * 3;
        status = gv_analyzer_push_frame(analyzer, &frame);
    }
    if (status == GV_OK) status = gv_analyzer_finish(analyzer, analysis);
    gv_analyzer_free(analyzer);
    return status;
}

int main(void) {
    struct recipe recipe = {150, 90};
    gv_object_detector_functions functions;
    gv_object_detector *detector = NULL;
    gv_analysis *analysis = NULL;
    gv_object_figures figures;
    gv_status status;
    size_t i;

    memset(&functions, 0, sizeof functions);
    functions.struct_size = sizeof functions;
    functions.name = "red cans";
    functions.detect = find_cans;
    functions.userdata = &recipe;
    status = gv_object_detector_new(&functions, &detector);
    if (status == GV_OK) status = analyze(detector, &analysis);

    figures.struct_size = sizeof figures;
    if (status == GV_OK) status = gv_analysis_object_summary(analysis, &figures);
    if (status == GV_OK)
        printf("%s: seen for %.1f s, first at %.1f s\n", figures.detector, figures.product_seconds,
               figures.product_first_time);
    for (i = 0; status == GV_OK && i < gv_analysis_objects_len(analysis); i += 5) {
        gv_object can;
        can.struct_size = sizeof can;
        status = gv_analysis_objects_get(analysis, i, &can);
        if (status == GV_OK)
            printf("%.1f s: a %s of %.0f x %.0f pixels at %.0f, %.0f\n", can.time,
                   gv_object_class_name(can.class_id), can.width, can.height, can.x, can.y);
    }
    if (status != GV_OK)
        fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_analysis_free(analysis);
    gv_object_detector_free(detector);
    return status == GV_OK ? 0 : 1;
}
