#include "jetpinn/sampling/placed_points.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/sampling/linked_points.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

// Points of sets of t in [0, 1] and (x, y) in [-1, 1] x [0, 2].
struct Placed {
  std::vector<double> lower{0, -1, 0}, upper{1, 1, 2};
  std::vector<std::string> names{"t", "x", "y"};
  ExpressionGraph graph;
  SymbolTable symbols;
  Placed() { symbols.coordinates = names, symbols.time = 0; }

  PointRegion on(const std::string& text) {
    return condition_region(graph, parse_expression(graph, symbols, text), lower, upper, names);
  }
  PlaceColumns columns(const PointRegion& region, bool normal) {
    PlaceColumns place;
    place.names = attribute_names(symbols);
    if (!normal) place.names.resize(1);
    place.axes = {1, 2};
    place.domain = make_box({-1, 0}, {1, 2});
    if (normal) place.faces = std::make_shared<BoxRegion>(faces_along({place.axes}, region, graph));
    return place;
  }
  std::unique_ptr<Sampler> sampler(const PointRegion& region) {
    return std::make_unique<Sampler>(SamplingMethod::sobol, region, graph, 600, PointKey{3, 1, 0});
  }
  static TermPoints filled(const PointSource& source, std::vector<Block> blocks) {
    TermPoints points = make_room(3, source.columns(), source.count(), std::move(blocks));
    source.fill(points);
    return points;
  }
};

double attribute(const TermPoints& points, int column, std::int64_t i) {
  return points.attributes[static_cast<std::size_t>(column * points.local_count + i)];
}

// The second face holds at one moment alone, and is a face all the same.
TEST(PlacedPoints, NormalsPointOutOfTheirOwnFace) {
  Placed placed;
  const PointRegion region = placed.on("x == 1 || (y == 0 && t == 0.5) || x == -1 && y < 1");
  const PlacedPoints source(placed.sampler(region), placed.columns(region, true));
  EXPECT_EQ(source.columns().attributes, (std::vector<std::string>{"sdf", "n_x", "n_y"}));
  const TermPoints all = Placed::filled(source, {{0, 256}, {256, 256}, {512, 88}});
  std::vector<int> seen(3);
  for (std::int64_t i = 0; i < all.local_count; ++i) {
    const double x = all.coordinate(1)[i], y = all.coordinate(2)[i], n_x = attribute(all, 1, i), n_y = attribute(all, 2, i);
    ++seen[source.part_of(i)];
    if (source.part_of(i) == 1) {
      EXPECT_EQ(y, 0);
      EXPECT_EQ(n_x, 0);
      EXPECT_EQ(n_y, -1);
    } else {
      EXPECT_EQ(n_x, x) << "the faces x = -1 and x = 1";
      EXPECT_EQ(n_y, 0);
    }
    EXPECT_EQ(attribute(all, 0, i), 0) << "the distance of a point of the border";
  }
  for (const int count : seen) EXPECT_GT(count, 0);
  const TermPoints some = Placed::filled(source, {{512, 88}});
  for (int k = 0; k < 3; ++k)
    for (std::int64_t i = 0; i < 88; ++i)
      EXPECT_EQ(attribute(some, k, i), attribute(all, k, 512 + i)) << "whatever the blocks";
}

TEST(PlacedPoints, DistancesAreNegativeInside) {
  Placed placed;
  const PlacedPoints source(placed.sampler(placed.on("t >= 0")), placed.columns({}, false));
  EXPECT_EQ(source.columns().attributes, std::vector<std::string>{"sdf"});
  const TermPoints points = Placed::filled(source, {{256, 256}});
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    const double x = points.coordinate(1)[i], y = points.coordinate(2)[i];
    EXPECT_NEAR(attribute(points, 0, i), -std::min(std::min(1 - x, x + 1), std::min(y, 2 - y)), 1e-15);
  }
}

TEST(PlacedPoints, LinkedPointsHaveTheirOwn) {
  Placed placed;
  const PointRegion region = placed.on("x == -1"), other = placed.on("x == 1");
  PlaceColumns columns = placed.columns(region, true);
  columns.linked = std::make_shared<BoxRegion>(faces_along({columns.axes}, other, placed.graph));
  const PlacedPoints source(std::make_unique<LinkedPoints>(placed.sampler(region), std::vector<FixedCoordinate>{{1, 1.0}}),
                            columns);
  EXPECT_EQ(source.columns().attributes.size(), 6u);
  const TermPoints points = Placed::filled(source, {{0, 256}});
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    EXPECT_EQ(attribute(points, 1, i), -1);
    EXPECT_EQ(attribute(points, 4, i), 1);
    EXPECT_EQ(attribute(points, 5, i), 0);
  }
}

}  // namespace
}  // namespace jetpinn
