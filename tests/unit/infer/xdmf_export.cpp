#include "jetpinn/infer/xdmf_export.hpp"

#include "support/vtk_sample.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using Sample = testing::VtkSample;

std::string text_of(const Sample& sample) { return xdmf_text(sample.source, "p.h5"); }

std::string whole(const std::string& name, const std::string& shape) {
  return "<DataItem Dimensions=\"" + shape + "\" NumberType=\"Float\" Precision=\"8\" Format=\"HDF\">p.h5:/" + name +
         "</DataItem>";
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (part) << "\n" << (text)

TEST(XdmfExport, ATableInTheOrderOfVtkIsAUniformGrid) {
  const std::string text = text_of(Sample({"x", "y", "z"}, "z=1:4:3,y=2,x=0.5:2.5:5"));
  EXPECT_HAS(text, "<Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"3 1 5\"/>");
  EXPECT_HAS(text, "Format=\"XML\">1 2 0.5</DataItem>");  // origin and spacing from z to x
  EXPECT_HAS(text, "Format=\"XML\">1.5 1 0.5</DataItem>");
  EXPECT_HAS(text, "<Attribute Name=\"u\" AttributeType=\"Scalar\" Center=\"Node\">\n        " + whole("u", "3 1 5"));
  EXPECT_EQ(text.substr(0, 44), "<?xml version=\"1.0\"?>\n<?jetpinn ?>\n<Xdmf Ver");
}

TEST(XdmfExport, AnotherOrderTakesItsPlacesFromTheColumns) {
  for (const char* grid : {"x=0:2:5,y=0:1:3,z=0:1:4", "y=0:1:5,x=0:1:3,z=0:1:4", "z=0:1:5,y=0:1:3,x=1:0:4"}) {
    const std::string text = text_of(Sample({"x", "y", "z"}, grid));
    EXPECT_HAS(text, "<Topology TopologyType=\"3DSMesh\" Dimensions=\"5 3 4\"/>");
    EXPECT_HAS(text, "<Geometry GeometryType=\"X_Y_Z\">\n        " + whole("x", "5 3 4") + "\n        " +
                         whole("y", "5 3 4") + "\n        " + whole("z", "5 3 4"));
  }
  const std::string plane = text_of(Sample({"x", "y"}, "x=0:2:5,y=0:1:3"));
  EXPECT_HAS(plane, "<Topology TopologyType=\"3DSMesh\" Dimensions=\"1 5 3\"/>");
  EXPECT_HAS(plane, "<DataItem ItemType=\"Function\" Function=\"0*$0\" Dimensions=\"1 5 3\">");
}

TEST(XdmfExport, TimesOfALineAreItsPlane) {
  const std::string text = text_of(Sample({"t", "x"}, "t=0:1:3,x=0:1:5"));
  EXPECT_HAS(text, "3DCoRectMesh\" Dimensions=\"1 3 5\"");
  EXPECT_EQ(text.find("Temporal"), std::string::npos);
}

TEST(XdmfExport, TimesOfAPlaneAreAFilmOfHyperslabs) {
  const std::string first = text_of(Sample({"t", "x", "y"}, "t=0:1:3,y=0:1:2,x=0:1:5"));
  EXPECT_HAS(first, "CollectionType=\"Temporal\"");
  EXPECT_EQ(count_of(first, "<Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"1 2 5\"/>"), 3);
  EXPECT_HAS(first, "<Time Value=\"0.5\"/>");
  EXPECT_HAS(first,
             "<DataItem ItemType=\"HyperSlab\" Dimensions=\"1 2 5\">\n        <DataItem Dimensions=\"3 1\" "
             "NumberType=\"Int\" Format=\"XML\">10 1 10</DataItem>\n        " +
                 whole("u", "30"));
  const std::string last = text_of(Sample({"t", "x", "y"}, "y=0:1:2,x=0:1:5,t=0:1:3"));
  EXPECT_HAS(last, "Format=\"XML\">1 3 10</DataItem>");
  const std::string between = text_of(Sample({"t", "x", "y"}, "x=0:1:5,t=0:1:3,y=0:1:2"));  // no even steps: time is an axis
  EXPECT_HAS(between, "3DSMesh\" Dimensions=\"5 3 2\"");
}

TEST(XdmfExport, APointOfACloudIsAVertex) {
  Sample sample({"t", "x"}, "");
  sample.source.rows = 7;
  const std::string text = text_of(sample);
  EXPECT_HAS(text, "TopologyType=\"Polyvertex\" NumberOfElements=\"7\" NodesPerElement=\"1\"");
  EXPECT_HAS(text, "X_Y_Z\">\n        " + whole("x", "7") + "\n        " + whole("t", "7"));
  EXPECT_HAS(text, "<Attribute Name=\"t\"");
}

TEST(XdmfExport, NamesKeepTheirSigns) {
  Sample sample({"x"}, "x=0:1:3");
  sample.source.quantities = {"u < 1 && u > 0"};
  sample.source.mark = "run --quantities u > 0";
  const std::string text = text_of(sample);
  EXPECT_HAS(text, "Name=\"u &lt; 1 &amp;&amp; u &gt; 0\"");
  EXPECT_HAS(text, "p.h5:/u &lt; 1 &amp;&amp; u &gt; 0<");
  EXPECT_HAS(text, "\n<?jetpinn run --quantities u &gt; 0?>\n");
}

TEST(XdmfExport, WhatCannotBeShownIsSaid) {
  const auto obstacle = [](const std::vector<std::string>& coordinates, const std::string& grid) {
    return xdmf_obstacle(Sample(coordinates, grid).source, "p.h5");
  };
  EXPECT_EQ(obstacle({"x", "y"}, "x=0:1:3,y=0:1:3"), "");
  EXPECT_HAS(obstacle({"a", "b", "c", "d"}, "a=0:1:3,b=0:1:3,c=0:1:3,d=0:1:3"), "more than one value");
  EXPECT_HAS(obstacle({"a", "b", "c", "d"}, ""), "they have 4 space");
  EXPECT_HAS(obstacle({"t", "x", "y", "z"}, "x=0:1:3,t=0:1:3,y=0:1:3,z=0:1:3"), "neither the first nor the last axis");
  Sample sample({"x"}, "x=0:1:3");
  EXPECT_HAS(xdmf_obstacle(sample.source, "a:b.h5"), "'a:b.h5'");
  sample.source.quantities = {"u || 1"};
  EXPECT_HAS(xdmf_obstacle(sample.source, "p.h5"), "either = u || 1");
}

}  // namespace
}  // namespace jetpinn
