#include "jetpinn/io/generation_file.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;

constexpr std::int64_t rows_of_file = 2 * block_points + 7, places = 3, run = 77;

class Generations : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_.file("weights");
  Generations() { GenerationFile::create(path_, rows_of_file, places, run); }

  static std::vector<double> numbers(double first, std::int64_t count = rows_of_file) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(first + static_cast<double>(i));
    return values;
  }
  std::vector<double> read(std::int64_t generation, RowRange rows = {0, rows_of_file}) const {
    std::vector<double> values(static_cast<std::size_t>(rows.count()));
    GenerationFile(path_, rows_of_file, places).read(generation, rows, values.data());
    return values;
  }
  void write(std::int64_t generation, double first) const {
    GenerationFile(path_, rows_of_file, places).write(generation, {0, rows_of_file}, numbers(first).data());
  }
};

TEST_F(Generations, AreReadAsTheyWereWrittenBesideEachOther) {
  EXPECT_EQ(static_cast<std::int64_t>(std::filesystem::file_size(path_)), GenerationFile::bytes(rows_of_file, places));
  const GenerationFile file(path_, rows_of_file, places);
  for (std::int64_t g = 0; g < places; ++g)
    file.write(g, {0, rows_of_file}, numbers(1000.0 * static_cast<double>(g)).data());
  file.write(1, {block_points, rows_of_file}, numbers(-5, block_points + 7).data());
  file.flush();
  EXPECT_EQ(read(0), numbers(0));
  EXPECT_EQ(read(2), numbers(2000));
  EXPECT_EQ(read(1, {0, block_points}), numbers(1000, block_points));
  EXPECT_EQ(read(1, {block_points, rows_of_file}), numbers(-5, block_points + 7));
}

TEST_F(Generations, OneThatIsNotThereAnyMoreIsNoticed) {
  expect_error(Status::storage, {path_, "rows 0 to 255"}, [&] { read(0); });
  write(2, 1);
  write(2 + places, 2);
  EXPECT_EQ(read(2 + places), numbers(2));
  expect_error(Status::storage, {path_, "overwritten by later steps"}, [&] { read(2); });
}

TEST_F(Generations, ABitThatChangedIsNoticed) {
  write(0, 1);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((block_points + 1 + 3) * 8);
    file.put('\1');
  }
  EXPECT_EQ(read(0, {0, block_points}), numbers(1, block_points));
  expect_error(Status::storage, {"rows 256 to 511"}, [&] { read(0); });
}

// Blocks that are copied from one file into the other are those of the other run, though generation and place are the same.
TEST_F(Generations, BlocksOfAnotherRunAreNoticed) {
  EXPECT_EQ(GenerationFile(path_, rows_of_file, places).run(), run);
  const std::string other = folder_.file("other");
  GenerationFile::create(other, rows_of_file, places, run + 1);
  GenerationFile(other, rows_of_file, places).write(0, {0, rows_of_file}, numbers(1).data());
  write(0, 1);
  constexpr std::int64_t record = (block_points + 1) * 8;
  std::string block(record, ' ');
  std::ifstream(other, std::ios::binary).read(block.data(), record);
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).write(block.data(), record);
  expect_error(Status::storage, {path_, "rows 0 to 255"}, [&] { read(0); });
}

// Files were once made without the number of their run.
TEST_F(Generations, AFileOfAnOlderVersionIsRefusedAsSuch) {
  std::filesystem::resize_file(path_, static_cast<std::uintmax_t>(GenerationFile::bytes(rows_of_file, places) - 8));
  expect_error(Status::storage, {path_, "older version of jetpinn", "--force"},
               [&] { GenerationFile(path_, rows_of_file, places); });
}

TEST_F(Generations, AFileOfAnotherSizeIsRefused) {
  expect_error(Status::storage, {path_}, [&] { GenerationFile(path_, rows_of_file + block_points, places); });
  std::filesystem::remove(path_);
  expect_error(Status::storage, {path_}, [&] { GenerationFile(path_, rows_of_file, places); });
  expect_error(Status::storage, {"none/weights"},
               [&] { GenerationFile::create(folder_.file("none/weights"), 1, places, run); });
}

}  // namespace
}  // namespace jetpinn
