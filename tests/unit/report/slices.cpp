#include "jetpinn/report/slices.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

// A box with one coordinate to 1, one to 2, ...
Problem box(const std::vector<std::string>& coordinates, int time) {
  Problem problem;
  problem.symbols.coordinates = coordinates;
  problem.symbols.time = time;
  for (std::size_t d = 0; d < coordinates.size(); ++d)
    problem.lower.push_back(0), problem.upper.push_back(1.0 + static_cast<double>(d));
  return problem;
}

TEST(Slices, OneCoordinateIsALineTwoAreAPlane) {
  const auto line = domain_slices(box({"x"}, -1));
  ASSERT_EQ(line.size(), 1u);
  EXPECT_TRUE(line[0].line());
  const auto plane = domain_slices(box({"x", "t"}, 1));
  ASSERT_EQ(plane.size(), 1u);
  EXPECT_EQ(plane[0].axes, (std::vector<int>{1, 0}));   // time to the right
  EXPECT_EQ(where_text(box({"x", "t"}, 1), plane[0]), "");
}

TEST(Slices, TimeAndAPlaneAreCutAtFourTimes) {
  const Problem problem = box({"t", "x", "y"}, 0);
  const auto slices = domain_slices(problem);
  ASSERT_EQ(slices.size(), 4u);
  EXPECT_EQ(where_text(problem, slices[0]), "t = 0");
  EXPECT_EQ(where_text(problem, slices[3]), "t = 1");
  EXPECT_EQ(slices[1].axes, (std::vector<int>{1, 2}));
}

TEST(Slices, ManyCoordinatesAreCutThroughTheMiddle) {
  std::vector<std::string> names;
  for (int d = 1; d <= 100; ++d) names.push_back("x" + std::to_string(d));
  const Problem problem = box(names, -1);
  const auto slices = domain_slices(problem);
  ASSERT_EQ(slices.size(), 3u);
  EXPECT_EQ(where_text(problem, slices[0]), "x3 = 1.5, x4 = 2, x5 = 2.5, x6 = 3, ...");
  EXPECT_EQ(slices[0].coordinates().size(), 100u * 101 * 101);
}

TEST(Slices, TheFirstAxisVariesFastest) {
  Slice slice = domain_slices(box({"x", "y"}, -1))[0];
  slice.count = 3;
  EXPECT_EQ(slice.coordinates(), (std::vector<double>{0, 0.5, 1, 0, 0.5, 1, 0, 0.5, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2}));
}

TEST(Slices, PiecesAreLinesPlanesOrNothing) {
  const Piece edge{{0, 1}, {2, 1}}, face{{0, 0, 1}, {1, 1, 1}}, corner{{0, 1}, {0, 1}}, wall{{0, 0, 0, 5}, {1, 1, 4, 5}};
  EXPECT_TRUE(piece_slice(edge).line());
  EXPECT_EQ(piece_slice(edge).fixed[1], 1);
  EXPECT_EQ(piece_slice(face).axes, (std::vector<int>{0, 1}));
  EXPECT_EQ(piece_slice(corner).count, 0);
  EXPECT_EQ(piece_slice(wall).axes, (std::vector<int>{0, 1}));
  EXPECT_EQ(piece_slice(wall).fixed[2], 2);   // the middle
}

TEST(Slices, AParameterStaysInTheMiddleOfItsRange) {
  Problem problem = box({"t", "x", "Re"}, 0);
  problem.symbols.parameters = 1;
  const auto slices = domain_slices(problem);
  ASSERT_EQ(slices.size(), 1u);
  EXPECT_EQ(slices[0].axes, (std::vector<int>{0, 1}));
  EXPECT_EQ(where_text(problem, slices[0]), "Re = 1.5");
  EXPECT_EQ(time_lines(problem).size(), 5u);
  Problem alone = box({"x", "Re", "k"}, -1);
  alone.symbols.parameters = 2;
  ASSERT_EQ(domain_slices(alone).size(), 1u);
  EXPECT_TRUE(domain_slices(alone)[0].line());
}

}  // namespace
}  // namespace jetpinn
