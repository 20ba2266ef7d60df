#include "jetpinn/infer/xdmf.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::string plan_text(const std::string& grid_text, const std::vector<std::string>& coordinates, int time) {
  const PointGrid grid = parse_grid(grid_text, coordinates, {});
  XdmfPlan plan;
  plan.data_file = "solution.h5";
  plan.rows = grid.rows();
  plan.coordinates = coordinates;
  plan.time = time;
  plan.quantities = {"u", "u < 1"};
  plan.grid = &grid;
  return xdmf_text(plan);
}

// Every element that is opened is closed, in order; tags like <a .../> and <?...?> stand alone.
void expect_balanced(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = text.substr(at + 1, end - at - 1);
    if (tag[0] == '?' || tag.back() == '/') continue;
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(Xdmf, GridOfTwoCoordinatesHasSpaceBeforeTime) {
  const std::string text = plan_text("t=0:1:3,x=-1:1:5", {"t", "x"}, 0);
  expect_balanced(text);
  EXPECT_NE(text.find("TopologyType=\"2DSMesh\" Dimensions=\"3 5\""), std::string::npos);
  EXPECT_LT(text.find("solution.h5:/x"), text.find("solution.h5:/t"));
  EXPECT_EQ(count(text, "Dimensions=\"15\""), 4);   // two coordinates, two quantities
  EXPECT_NE(text.find("Name=\"u &lt; 1\""), std::string::npos);
}

TEST(Xdmf, TimeAndTwoMoreCoordinatesAreAFilm) {
  const std::string text = plan_text("t=0:1:3,x=0:1:4,y=0:2:5", {"t", "x", "y"}, 0);
  expect_balanced(text);
  EXPECT_EQ(count(text, "<Time Value="), 3);
  EXPECT_EQ(count(text, "Dimensions=\"4 5\""), 3);
  EXPECT_EQ(count(text, ">40 1 20<"), 2);   // both quantities of the last picture
  EXPECT_EQ(text.find("solution.h5:/t"), std::string::npos);
}

TEST(Xdmf, TimeThatIsNotSlowestIsAnAxis) {
  const std::string text = plan_text("x=0:1:4,t=0:1:3,y=0:2:5", {"t", "x", "y"}, 0);
  expect_balanced(text);
  EXPECT_NE(text.find("TopologyType=\"3DSMesh\" Dimensions=\"4 3 5\""), std::string::npos);
}

TEST(Xdmf, LinesAndClouds) {
  const std::string line = plan_text("x=0:1:5", {"x"}, -1);
  expect_balanced(line);
  EXPECT_NE(line.find("3DCoRectMesh"), std::string::npos);
  const std::string many = plan_text("a=0:1:2,b=0:1:2,c=0:1:2,d=0:1:2,e=0:1:2", {"a", "b", "c", "d", "e"}, -1);
  expect_balanced(many);
  EXPECT_NE(many.find("TopologyType=\"Polyvertex\" NumberOfElements=\"32\""), std::string::npos);
  EXPECT_EQ(count(many, "solution.h5:/"), 5);   // three axes, two quantities
  XdmfPlan scattered;
  scattered.data_file = "p.h5";
  scattered.rows = 7;
  scattered.coordinates = {"x"};
  scattered.quantities = {"u"};
  expect_balanced(xdmf_text(scattered));
}

}  // namespace
}  // namespace jetpinn
