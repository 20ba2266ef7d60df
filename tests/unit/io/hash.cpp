#include "jetpinn/io/hash.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(Hash, RangesOfAFileSumToTheWholeInAnyDivision) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("a");
  std::string text((std::size_t{5} << 20) + 3, 'x');
  for (std::size_t k = 0; k < text.size(); k += 1000) text[k] = static_cast<char>(k / 1000);
  const auto sum_of = [&](int processes) {
    const auto pieces = file_pieces(static_cast<std::int64_t>(text.size()));
    std::uint64_t sum = 0;
    for (int p = 0; p < processes; ++p) sum += hash_of_file_pieces(path, share_rows(pieces, p, processes));
    return sum;
  };
  const auto write = [&] { std::ofstream(path, std::ios::binary) << text; };
  write();
  EXPECT_EQ(file_pieces(static_cast<std::int64_t>(text.size())), 6);
  const std::uint64_t whole = sum_of(1);
  for (int processes : {2, 3, 7}) EXPECT_EQ(sum_of(processes), whole) << processes;
  text.back() = 'y', write();
  EXPECT_NE(sum_of(2), whole);
  text.back() = 'x';
  const std::size_t mebi = std::size_t{1} << 20;
  std::swap_ranges(text.begin(), text.begin() + mebi, text.begin() + mebi), write();   // the same pieces in other places
  EXPECT_NE(sum_of(1), whole);
}

TEST(Hash, SizesOfFilesAreLookedAt) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.file("a")) << "abc";
  EXPECT_NO_THROW(check_file_size(folder.file("a"), 3));
  testing::expect_error(Status::storage, {"3 bytes, 4 were written"}, [&] { check_file_size(folder.file("a"), 4); });
  testing::expect_error(Status::storage, {"no such file"}, [&] { check_file_size(folder.file("b"), 0); });
}

}  // namespace
}  // namespace jetpinn
