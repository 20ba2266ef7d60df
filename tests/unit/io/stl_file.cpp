#include "jetpinn/io/stl_file.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/triangle_surfaces.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

const testing::Corners box = testing::box_surface({-0.1, 0, 0.25}, {0.3, 1, 1e-3 + 1.0 / 3});

TEST(StlFile, AsciiHasTheNumbersThatWereWritten) {
  EXPECT_EQ(parse_stl(testing::ascii_stl(box), "part.stl"), box);
  // blanks, letters and further solids are as programs write them
  const std::string loop = "outer loop vertex 0 0 0 vertex +1 0 -0 vertex 0 1E0 0 endloop\r\n";
  const std::string text = "\n SOLID\r\nFacet Normal nan nan nan " + loop +
                           "endfacet\nendsolid a b c\nsolid b\nfacet normal 0 0 1 " + loop + " endfacet endsolid\n\n";
  const std::vector<double> triangle = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  std::vector<double> twice = triangle;
  twice.insert(twice.end(), triangle.begin(), triangle.end());
  EXPECT_EQ(parse_stl(text, "part.stl"), twice);
}

// The same surface in either format: 0.3 is stored as 0.300000012.
TEST(StlFile, BinaryHasTheDecimalNumbersThatWereMeant) {
  const testing::Corners tenths = testing::box_surface({-0.1, 0, 0.25}, {0.3, 1, 123.456});
  EXPECT_EQ(parse_stl(testing::binary_stl(tenths), "part.stl"), tenths);
  EXPECT_NEAR(parse_stl(testing::binary_stl(box), "part.stl")[5], box[5], 1e-7);
}

TEST(StlFile, WhatIsNoneIsRefused) {
  const auto refused = [](const std::string& bytes, const std::string& words) {
    testing::expect_error(Status::usage, {"part.stl: ", words}, [&] { parse_stl(bytes, "part.stl"); });
  };
  const std::string ascii = testing::ascii_stl(box), binary = testing::binary_stl(box);
  refused("", "its 0 bytes are neither an ASCII nor a binary STL file");
  refused("solid nothing\nendsolid nothing\n", "it holds no triangle");
  refused(testing::binary_stl({}), "it holds no triangle");
  refused(ascii.substr(0, ascii.size() / 2), "it is cut off: it ends in line");
  refused(ascii.substr(0, ascii.find("vertex") + 4), "it is cut off: it ends in line 4 without endsolid");
  refused(binary.substr(0, binary.size() - 1), "it names 12 triangles, which take 684 bytes, and has 683 bytes");
  refused(binary + "more", "and has 688 bytes");
  refused("solid\nfacet normal 0 0 0 outer loop vertex 0 0 nan", "a finite number is wanted in line 2, and 'nan' is there");
  refused("solid\nfacet normal 0 0 0 outer loop vertex 0 1e999", "a finite number is wanted in line 2");
  refused("solid\nfacet normal 0 0 0 outer loop vertex 0 0 1,5", "a number is wanted in line 2, and '1,5' is there");
  refused("solid\nfacet normal 0 0 0\nouter loop vertex 0 0 0 vertex 0 0 1 vertex 0 1 0 vertex 1 1 1",
          "'endloop' is wanted in line 3, and 'vertex' is there");
  refused("solid\nfacets normal", "'facet' is wanted in line 2");
  testing::Corners infinite = box;
  infinite[13] = std::numeric_limits<double>::infinity();
  refused(testing::binary_stl(infinite), "triangle 2 has a corner that is not finite");
  std::string many = binary;
  many.replace(80, 4, std::string("\xff\xff\xff\xff"));
  refused(many, "it names 4294967295 triangles");
}

TEST(StlFile, IsReadWhereItIs) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/part.stl";
  testing::expect_error(Status::usage, {"cannot read " + path + ": no such file"}, [&] { read_stl(path); });
  testing::expect_error(Status::usage, {"it is no regular file; name a file of triangles (STL)"},
                        [&] { read_stl(folder.path()); });
}

}  // namespace
}  // namespace jetpinn
