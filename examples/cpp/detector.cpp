// Plugs in a face detector of the program's own: a lambda, and what it sees in frames that the program renders.

#include <geminivideo.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

namespace gv = geminivideo;

namespace {

constexpr int width = 320, height = 180, rate = 25, frames = 100;

// A round face that moves right by one pixel a frame, from second 1 to second 3.
std::vector<std::uint8_t> rendered(int number) {
    std::vector<std::uint8_t> pixels(std::size_t{width} * height * 3);
    const bool shown = number >= rate && number < 3 * rate;
    const int middle = 60 + number;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const int across = x - middle, down = y - 80;
            const bool face = shown && across * across + down * down < 30 * 30;
            const auto grey = static_cast<std::uint8_t>(50 + (x / 16 + y / 16) % 2 * 40);
            auto *pixel = &pixels[(std::size_t(y) * width + std::size_t(x)) * 3];
            pixel[0] = face ? 224 : grey;
            pixel[1] = face ? 172 : grey;
            pixel[2] = face ? 105 : grey;
        }
    }
    return pixels;
}

// Everything of the colour of skin is one face.
std::vector<gv_face> find_faces(const gv_picture &picture) {
    int left = width, right = -1, top = height, bottom = -1;
    for (int y = 0; y < static_cast<int>(picture.height); ++y) {
        const std::uint8_t *pixel = picture.planes[0] + picture.strides[0] * y;
        for (int x = 0; x < static_cast<int>(picture.width); ++x, pixel += 3) {
            if (pixel[0] < 190 || pixel[0] < pixel[2] + 60) continue;
            left = std::min(left, x);
            right = std::max(right, x);
            top = std::min(top, y);
            bottom = std::max(bottom, y);
        }
    }
    if (right - left < 10 || bottom - top < 10) return {};
    const auto number = [](int value) { return static_cast<float>(value); };
    return {gv::face(number(left), number(top), number(right - left + 1),
                     number(bottom - top + 1), 0.9F)};
}

}  // namespace

int main() try {
    const gv::FaceDetector detector("skin", find_faces);
    gv::AnalyzeOptions options;
    options.face_detector = &detector;
    options.objects = false;

    auto format = gv::video_format(GV_LAYOUT_RGB24, width, height);
    format.rate_num = rate;
    format.time_base_den = rate;
    gv::Analyzer analyzer(format, options);
    for (int number = 0; number < frames; ++number)
        analyzer.push(number, rendered(number).data(), width * 3);
    const gv::Analysis analysis = analyzer.finish();

    const gv_face_presence presence = analysis.face_presence();
    std::printf("%s: a face in %.0f %% of the time, first at %.1f s\n", presence.detector,
                100 * presence.ratio, presence.first_time);
    for (const gv_face_track &track : analysis.face_tracks())
        std::printf("a face from %.1f s to %.1f s\n", track.start_time, track.end_time);
    for (const gv_face_moment &moment : analysis.face_moments())
        std::printf("%.1f s: %.2f, %s\n", moment.time, moment.score, moment.recommendation);
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
}
