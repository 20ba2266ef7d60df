#include "jetpinn/io/state_file.hpp"

#include "jetpinn/io/hash.hpp"
#include "support/checkpoint_case.hpp"
#include "support/column_case.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <fstream>

namespace jetpinn {
namespace {

using testing::CheckpointCase;
using testing::expect_error;
using testing::TemporaryFolder;

TEST(StateFile, EveryBitComesBack) {
  const TemporaryFolder folder;
  CheckpointCase written(1, 300001), read(2, 300001);   // more than verification looks at at once
  write_state_file(folder.file("s.h5"), written.state());
  const auto records = describe(written.state());
  verify_state_file(folder.file("s.h5"), records);
  restore(read.state(), read_state_file(folder.file("s.h5"), records));
  EXPECT_TRUE(read == written);
}

TEST(StateFile, EqualStatesGiveEqualFiles) {
  const TemporaryFolder folder;
  CheckpointCase state(1);
  write_state_file(folder.file("a.h5"), state.state());
  write_state_file(folder.file("b.h5"), state.state());
  EXPECT_EQ(hash_of_file(folder.file("a.h5")), hash_of_file(folder.file("b.h5")));
}

TEST(StateFile, HashesSeeEveryItem) {
  CheckpointCase state(1);
  const std::uint64_t hash = hash_of(describe(state.state()));
  EXPECT_EQ(hash_of(describe(CheckpointCase(1).state())), hash);
  CheckpointCase other(1);
  other.parameters[1] = 0.0;   // it was -0
  EXPECT_NE(hash_of(describe(other.state())), hash);
  other = CheckpointCase(1), other.steps += 1;
  EXPECT_NE(hash_of(describe(other.state())), hash);
  other = CheckpointCase(1), other.no_pairs = {0};
  EXPECT_NE(hash_of(describe(other.state())), hash);
  other = CheckpointCase(1), other.reason += '\0';
  EXPECT_NE(hash_of(describe(other.state())), hash);
}

// Whoever holds which block, the ranks' hashes sum to one; a block that nobody or two ranks hold, or in another's place,
// shows.
TEST(StateFile, HashesOfColumnsDoNotDependOnTheDeal) {
  using testing::blocks_in_turns;
  constexpr std::int64_t rows = 7 * block_points + 5;
  const auto hash_over = [](int seed, const std::vector<std::vector<Block>>& deal) {
    std::uint64_t sum = 0;
    for (const auto& blocks : deal) sum += describe(testing::ColumnCase(seed, rows, blocks).state())[0].hash;
    return sum;
  };
  const std::vector<Block> all = blocks_in_turns(rows, 0, 1);
  const std::uint64_t whole = hash_over(1, {all});
  EXPECT_EQ(hash_over(1, {blocks_in_turns(rows, 0, 2), blocks_in_turns(rows, 1, 2)}), whole);
  EXPECT_EQ(hash_over(1, {blocks_in_turns(rows, 0, 3, 2), blocks_in_turns(rows, 1, 3, 2), blocks_in_turns(rows, 2, 3, 2)}),
            whole);
  EXPECT_NE(hash_over(2, {all}), whole);
  EXPECT_NE(hash_over(1, {blocks_in_turns(rows, 0, 2)}), whole);
  EXPECT_NE(hash_over(1, {all, {all[3]}}), whole);
  testing::ColumnCase column(1, rows, all);
  std::swap_ranges(column.columns[0].begin(), column.columns[0].begin() + block_points,
                   column.columns[0].begin() + block_points);
  EXPECT_NE(describe(column.state())[0].hash, whole);
  column.blocks[2].count -= 1;
  EXPECT_THROW(describe(column.state()), Error);
}

TEST(StateFile, RecordsThatDoNotFitAreNamed) {
  const TemporaryFolder folder;
  const std::string file = folder.file("s.h5");
  CheckpointCase state(1);
  write_state_file(file, state.state());
  const auto sound = describe(state.state());
  for (std::size_t k = 0; k < sound.size(); ++k) {
    SCOPED_TRACE(sound[k].name);
    auto wrong = sound;
    const auto refused = [&](const std::string& word) {
      expect_error(Status::usage, {file, wrong[k].name, word}, [&] { read_state_file(file, wrong); });
      expect_error(Status::usage, {file, wrong[k].name, word}, [&] { verify_state_file(file, wrong); });
      wrong = sound;
    };
    wrong[k].hash ^= 1, refused("hash");
    wrong[k].count += 1, refused("");
    wrong[k].count = std::int64_t{1} << 60, refused("");
    wrong[k].type = wrong[k].type == StateType::text ? StateType::real : StateType::text, refused("type");
    wrong[k].name += "_2", refused("not in the file");
  }
  auto twice = sound;
  twice.push_back(sound[0]);
  expect_error(Status::usage, {sound[0].name, "twice"}, [&] { read_state_file(file, twice); });
}

// Files whose dataset "a" is none that we would write. Each claims to be the four numbers of `record`.
class Hostile : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::string file_ = folder_.file("h.h5");
  const std::vector<double> numbers_ = {1, 2, 3, 4};
  const StateRecord record_{"a", StateType::real, 4, hash_of(numbers_.data(), 32)};

  void make(const std::string& name, hid_t type, const std::vector<hsize_t>& shape, hid_t layout = H5P_DEFAULT,
            bool write = true) {
    const hid_t file = H5Fcreate(file_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t data = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (write) H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers_.data());
    H5Dclose(data), H5Sclose(space), H5Fclose(file);
  }
  template <class Work>
  void change(const Work& work) {
    const hid_t file = H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    work(file);
    H5Fclose(file);
  }
  void refused(const std::vector<std::string>& words, const StateRecord& record) {
    expect_error(Status::usage, words, [&] { read_state_file(file_, {record}); });
    expect_error(Status::usage, words, [&] { verify_state_file(file_, {record}); });
  }
  void refused(const std::vector<std::string>& words) { refused(words, record_); }
};

TEST_F(Hostile, SoundFileIsRead) {
  make("a", H5T_IEEE_F64LE, {4});
  EXPECT_EQ(std::get<std::vector<double>>(read_state_file(file_, {record_}).at("a")), numbers_);
}

TEST_F(Hostile, OtherTypesAndShapes) {
  for (hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_STD_I64LE}) {
    make("a", type, {4});
    refused({"another type"});
  }
  make("a", H5T_IEEE_F64LE, {2, 2});
  refused({"4 values expected"});
  make("a", H5T_IEEE_F64LE, {3});
  refused({"4 values expected"});
}

TEST_F(Hostile, OtherLayouts) {
  const hsize_t chunk = 2;
  hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(layout, 1, &chunk);
  make("a", H5T_IEEE_F64LE, {4}, layout);
  refused({"one piece"});
  H5Pset_deflate(layout, 6);
  make("a", H5T_IEEE_F64LE, {4}, layout);
  refused({"one piece"});
  H5Pclose(layout);
  layout = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(layout, folder_.file("elsewhere").c_str(), 0, 32);
  make("a", H5T_IEEE_F64LE, {4}, layout);
  refused({"one piece"});
  H5Pclose(layout);
}

TEST_F(Hostile, SizesBeyondTheFile) {
  make("a", H5T_IEEE_F64LE, {hsize_t{1} << 40}, H5P_DEFAULT, false);   // 8 TiB that were never written
  StateRecord record = record_;
  record.count = std::int64_t{1} << 40;
  refused({"beyond the end"}, record);
  make("a", H5T_IEEE_F64LE, {hsize_t{1} << 62}, H5P_DEFAULT, false);   // more bytes than a 64-bit number holds
  record.count = std::int64_t{1} << 62;
  refused({"a"}, record);
}

TEST_F(Hostile, Links) {
  make("b", H5T_IEEE_F64LE, {4});
  change([](hid_t file) { H5Lcreate_soft("/b", file, "a", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"link"});
  make("b", H5T_IEEE_F64LE, {4});
  change([](hid_t file) { H5Lcreate_soft("/a", file, "a", H5P_DEFAULT, H5P_DEFAULT); });   // itself
  refused({"a"});
  make("a", H5T_IEEE_F64LE, {4});
  const std::string other = folder_.file("other.h5");
  std::ofstream(other, std::ios::binary) << std::ifstream(file_, std::ios::binary).rdbuf();
  make("b", H5T_IEEE_F64LE, {4});
  change([&](hid_t file) { H5Lcreate_external(other.c_str(), "/a", file, "a", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"link"});
  make("b", H5T_IEEE_F64LE, {4});
  change([&](hid_t file) { H5Lcreate_external(other.c_str(), "/", file, "g", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"g/a"}, {"g/a", StateType::real, 4, record_.hash});
}

TEST_F(Hostile, GroupInPlaceOfADataset) {
  make("a/b", H5T_IEEE_F64LE, {4});
  change([](hid_t file) { H5Gclose(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); });
  refused({"not a dataset"});
  refused({"not in the file"}, {"a/c", StateType::real, 4, record_.hash});
  refused({"'/'"}, {"/", StateType::real, 4, record_.hash});
  refused({"''"}, {"", StateType::real, 4, record_.hash});
  std::ofstream(file_) << "no HDF5";
  refused({file_, "not an HDF5 file"});
}

TEST_F(Hostile, CounterOfManyNumbers) {
  make("a", H5T_STD_I64LE, {4});
  const std::vector<std::int64_t> counters = {1, 2, 3, 4};
  refused({"one number"}, {"a", StateType::integer, 4, hash_of(counters.data(), 32)});
}

}  // namespace
}  // namespace jetpinn
