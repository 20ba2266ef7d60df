#include "jetpinn/sampling/linked_points.hpp"

#include "jetpinn/sampling/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

// Points of the face x = 0 of the unit cube, each linked with one that differs in x alone.
TEST(LinkedPoints, ShareAllCoordinatesButThoseOfThePair) {
  const ExpressionGraph graph;
  PointRegion face = domain_region({0, 0, 0}, {1, 1, 1});
  face.pieces[0].upper[1] = 0;
  const auto first = [&] { return std::make_unique<Sampler>(SamplingMethod::sobol, face, graph, 600, PointKey{3, 1, 0}); };
  const LinkedPoints linked(first(), {{1, 1.0}});
  EXPECT_EQ(linked.count(), 600);
  EXPECT_TRUE(linked.columns().second);

  TermPoints points = make_room(3, linked.columns(), linked.count(), {{256, 256}, {512, 88}}), alone = points;
  linked.fill(points);
  first()->fill(alone);
  EXPECT_EQ(points.coordinates, alone.coordinates);  // a pair moves no first point
  ASSERT_EQ(points.second.size(), points.coordinates.size());
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    EXPECT_EQ(points.coordinate(1)[i], 0);
    EXPECT_EQ(points.second[static_cast<std::size_t>(points.local_count + i)], 1);
    for (const int d : {0, 2})
      EXPECT_EQ(points.second[static_cast<std::size_t>(d * points.local_count + i)], points.coordinate(d)[i]);
  }
}

}  // namespace
}  // namespace jetpinn
