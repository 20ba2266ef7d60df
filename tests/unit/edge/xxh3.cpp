#include "jetpinn/edge/xxh3.hpp"

#include "jetpinn/io/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

// Every remainder of stripes and blocks.
TEST(EdgeXxh3, AgreesWithTheLibrary) {
  std::string text;
  for (int k = 0; k < 3000; ++k) text += static_cast<char>(k * 131 + (k >> 3));
  for (std::size_t bytes = edge::least_hashed_bytes; bytes <= text.size(); ++bytes)
    ASSERT_EQ(edge::Xxh3::of(reinterpret_cast<const unsigned char*>(text.data()), bytes),
              hash_of(text.data(), static_cast<std::int64_t>(bytes)))
        << bytes;
}

}  // namespace
}  // namespace jetpinn
