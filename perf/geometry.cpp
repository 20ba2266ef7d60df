// Signed distances to a surface of triangles, one after the other on one core: to points in a box around it.
//   build/release/perf/perf_geometry
#include "jetpinn/geometry/shape.hpp"
#include "support/triangle_surfaces.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace {

using namespace jetpinn;

// A sphere with bumps. Argument: how often the 8 triangles of an octahedron are halved
std::vector<double> bumps(int halvings) {
  std::vector<double> corners = testing::sphere_surface(halvings);
  for (std::size_t i = 0; i < corners.size(); i += 3) {
    const double bump = 1 + 0.2 * std::sin(9 * corners[i]) * std::cos(7 * corners[i + 1] + 5 * corners[i + 2]);
    for (std::size_t d = 0; d < 3; ++d) corners[i + d] *= bump;
  }
  return corners;
}

void make_surface(benchmark::State& state) {
  const std::vector<double> corners = bumps(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(make_mesh(corners));
  state.counters["triangles"] = static_cast<double>(corners.size() / 9);
}
BENCHMARK(make_surface)->Arg(5)->Arg(7)->Unit(benchmark::kMillisecond);

void signed_distance(benchmark::State& state) {
  const std::vector<double> corners = bumps(static_cast<int>(state.range(0)));
  const ShapePointer mesh = make_mesh(corners);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> draw(-1.5, 1.5);
  std::vector<double> points(3 << 16);
  for (double& x : points) x = draw(random);
  std::size_t at = 0, inside = 0;
  for (auto _ : state) {
    inside += mesh->distance(points.data() + at) < 0;
    at = at + 3 == points.size() ? 0 : at + 3;
  }
  state.counters["triangles"] = static_cast<double>(corners.size() / 9);
  state.counters["inside"] = static_cast<double>(inside) / static_cast<double>(state.iterations());
}
BENCHMARK(signed_distance)->Arg(5)->Arg(7);

}  // namespace

BENCHMARK_MAIN();
