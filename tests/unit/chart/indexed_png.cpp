#include "jetpinn/chart/indexed_png.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

std::uint32_t word(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Chunks follow each other to the end; the pixels stand in the stored block, a row after the byte of its filter.
TEST(IndexedPng, ChunksAndPixels) {
  const std::string png = indexed_png(ColourMap::sequential, 3, 2, {0, 1, 2, 3, 254, 255});
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  std::string order;
  for (std::size_t at = 8; at < png.size(); at += word(png, at) + 12) order += png.substr(at + 4, 4) + " ";
  EXPECT_EQ(order, "IHDR PLTE tRNS IDAT IEND ");
  EXPECT_EQ(word(png, 16), 3u);
  EXPECT_EQ(word(png, 20), 2u);
  EXPECT_NE(png.find(std::string("\0\x00\x01\x02\0\x03\xfe\xff", 8)), std::string::npos);
  EXPECT_EQ(word(png, png.size() - 4), 0xae426082u);   // the known checksum of IEND
}

TEST(IndexedPng, LongPicturesTakeSeveralBlocks) {
  const int side = 300;
  const std::string png = indexed_png(ColourMap::diverging, side, side, std::vector<std::uint8_t>(side * side, 7));
  EXPECT_GT(png.size(), static_cast<std::size_t>(side * side));
}

}  // namespace
}  // namespace jetpinn
