// Bytes as an STL file: its triangles are read or refused, and so is the body that they bound.
#include "jetpinn/geometry/shape.hpp"
#include "jetpinn/io/stl_file.hpp"

#include "fuzz/expect.hpp"

#include <cmath>
#include <string_view>
#include <vector>

using namespace jetpinn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::usage_errors_only([&] {
    const std::vector<double> corners = parse_stl({reinterpret_cast<const char*>(data), size}, "part.stl");
    fuzz::expect(!corners.empty() && corners.size() % 9 == 0 && corners.size() <= size,
                 "more numbers than the file can hold");
    for (const double x : corners) fuzz::expect(std::isfinite(x), "a corner that is not finite");
    const ShapePointer body = make_mesh(corners);
    const auto surface = body->leaves()[0].surfaces[0];
    const double fractions[] = {0.3, 0.7, 0.2};
    double point[3], normal[3];
    fuzz::expect(surface->place(fractions, point), "no point");
    surface->normal(point, normal);
    fuzz::expect(std::isfinite(body->distance(point)) && std::isfinite(normal[0]), "a distance that is not finite");
  });
  return 0;
}
