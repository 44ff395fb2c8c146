// Renders three scenes of two seconds as BGRA, bottom row first as graphics cards give them, and has them analysed.

#include <geminivideo.hpp>

#include <cstdio>
#include <exception>
#include <vector>

namespace {

constexpr int width = 320, height = 180, rate = 25, frames = 150;

// Scene 1 pans by four pixels a frame, the others stand still.
std::vector<std::uint8_t> rendered(int number) {
    const int scene = number / 50;
    const int shift = scene == 1 ? number % 50 * 4 : 0;
    std::vector<std::uint8_t> pixels(std::size_t{width} * height * 4);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const unsigned cell_x = static_cast<unsigned>((x + shift) / 12);
            const unsigned cell_y = static_cast<unsigned>(y / (10 + 3 * scene));
            const unsigned hash =
                (cell_x * 2654435U + cell_y * 40503U + static_cast<unsigned>(scene) * 7919U) % 199U;
            const auto value =
                static_cast<std::uint8_t>(20U + static_cast<unsigned>(scene) * 60U + hash / 3U);
            const auto at = static_cast<std::size_t>(((height - 1 - y) * width + x) * 4);
            pixels[at] = pixels[at + 1] = pixels[at + 2] = value;
            pixels[at + 3] = 255;
        }
    }
    return pixels;
}

}  // namespace

int main() try {
    auto format = geminivideo::video_format(GV_LAYOUT_BGRA32, width, height);
    format.rate_num = rate;
    format.time_base_den = rate;
    geminivideo::Analyzer analyzer(format);
    for (int number = 0; number < frames; ++number) {
        const auto pixels = rendered(number);
        const auto *top = pixels.data() + std::size_t{height - 1} * width * 4;
        analyzer.push(number, top, -width * 4);
    }
    const geminivideo::Analysis analysis = analyzer.finish();

    std::printf("%.2f s\n", analysis.summary().duration);
    for (const gv_shot &shot : analysis.shots())
        std::printf("shot: %.2f s to %.2f s\n", shot.start_time, shot.end_time);
    for (const gv_moment &moment : analysis.moments())
        std::printf("%.2f s to %.2f s: %s\n", moment.start_time, moment.end_time, moment.reason);
    const auto curve = analysis.attention();
    std::printf("attention at the end: %.2f\n", curve[curve.size() - 1].value);
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
}
