#include "jetpinn/infer/vtk_layout.hpp"

#include "support/vtk_sample.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using Sample = testing::VtkSample;
using Kinds = std::vector<VtkKind>;

TEST(VtkLayout, WhatShowsThePointsBest) {
  const auto kinds = [](const std::vector<std::string>& coordinates, const std::string& grid) {
    return vtk_kinds(Sample(coordinates, grid).source);
  };
  EXPECT_EQ(kinds({"x", "y"}, "x=0:1:3,y=0:1:3"), Kinds{VtkKind::image});
  EXPECT_EQ(kinds({"t", "x"}, "t=0:1:3,x=0:1:3"), (Kinds{VtkKind::film, VtkKind::image}));
  EXPECT_EQ(kinds({"t", "x", "y"}, "x=0:1:3,t=0:1:3,y=0"), Kinds{VtkKind::film});
  EXPECT_EQ(kinds({"t", "x", "y"}, "x=0:1:3,t=0.5,y=0:1:3"), Kinds{VtkKind::image});
  EXPECT_EQ(kinds({"t"}, "t=0:1:3"), Kinds{VtkKind::image});
  EXPECT_EQ(kinds({"t", "x"}, "t=0:1:10001,x=0:1:3"), Kinds{VtkKind::image});  // too many files
  EXPECT_EQ(kinds({"a", "b", "c", "g"}, "a=0:1:3,b=0:1:3,c=0:1:3,g=1"), Kinds{VtkKind::image});
  EXPECT_EQ(kinds({"a", "b", "c", "g"}, "a=0:1:3,b=0:1:3,c=0:1:3,g=0:1:2"), Kinds{});
  EXPECT_EQ(kinds({"x"}, "x=1:1:3"), Kinds{});
  EXPECT_EQ(kinds({"t", "x", "y", "z"}, ""), Kinds{VtkKind::cloud});
  EXPECT_EQ(kinds({"a", "b", "c", "g"}, ""), Kinds{});
}

TEST(VtkLayout, AParameterOfOneValueSpansNothing) {
  const auto kinds = [](const std::vector<std::string>& inputs, const std::string& grid) {
    Sample sample(inputs, grid);
    sample.source.parameters = 1;
    return vtk_kinds(sample.source);
  };
  EXPECT_EQ(kinds({"x", "y", "z", "Re"}, ""), Kinds{VtkKind::cloud});
  EXPECT_EQ(kinds({"t", "x", "Re"}, "t=0:1:3,x=0:1:3,Re=20"), (Kinds{VtkKind::film, VtkKind::image}))
      << "as without the parameter";
  EXPECT_EQ(kinds({"x", "y", "z", "Re"}, "x=0:1:3,y=0:1:3,z=0:1:3,Re=0:1:2"), Kinds{});
}

TEST(VtkLayout, AnImageGoesUp) {
  const Sample sample({"x", "y"}, "y=3:1:5,x=0:2:3");
  const VtkBox box = vtk_box(sample.source, vtk_layout(sample.source, VtkKind::image));
  EXPECT_EQ(box.count, (std::array<std::int64_t, 3>{3, 5, 1}));
  EXPECT_EQ(box.origin, (std::array<double, 3>{0, 1, 0}));
  EXPECT_EQ(box.spacing, (std::array<double, 3>{1, 0.5, 1}));
  EXPECT_EQ(box.points(), 15);
}

TEST(VtkLayout, WhatAFrameDoesNotSpanHasOneValue) {
  const Sample sample({"t", "x", "y", "z", "w"}, "w=7,x=0:1:3,y=0:1:3,z=0:1:3,t=0:2:3");
  const VtkLayout layout = vtk_layout(sample.source, VtkKind::film);
  EXPECT_EQ(layout.frames, 4);
  EXPECT_EQ(fixed_coordinates(sample.source, layout, 1), (std::vector<std::pair<int, double>>{{4, 7.0}, {0, 1.0}}));
}

}  // namespace
}  // namespace jetpinn
