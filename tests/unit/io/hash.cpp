#include "jetpinn/io/hash.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace jetpinn {
namespace {

TEST(Hash, PublishedValues) {
  EXPECT_EQ(hex(hash_of("")), "2d06800538d394c2");
  EXPECT_EQ(hex(hash_of("a")), "e6c632b61e964e1f");
}

TEST(Hash, PiecesAndFilesGiveTheHashOfTheWhole) {
  const testing::TemporaryFolder folder;
  std::string text;
  for (int k = 0; k < 700000; ++k) text += std::to_string(k);   // more than a piece of a file
  Hash pieces;
  for (std::size_t begin = 0, count = 1; begin < text.size(); begin += count, count = 3 * count + 1)
    pieces.add(text.data() + begin, static_cast<std::int64_t>(std::min(count, text.size() - begin)));
  EXPECT_EQ(pieces.value(), hash_of(text));
  std::ofstream(folder.file("a"), std::ios::binary) << text;
  EXPECT_EQ(hash_of_file(folder.file("a")), hash_of(text));
  testing::expect_error(Status::storage, {folder.file("b"), "No such file"}, [&] { hash_of_file(folder.file("b")); });
  testing::expect_error(Status::storage, {folder.path()}, [&] { hash_of_file(folder.path()); });
}

}  // namespace
}  // namespace jetpinn
