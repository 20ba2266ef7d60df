// Files that no sound program would write: each is refused with its dataset and reason, before memory
// is taken or another file opened.
#include "jetpinn/io/hdf5.hpp"

#include "support/expect_error.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <string>
#include <system_error>
#include <vector>

namespace jetpinn {
namespace {

using hdf5::InputFile;
using testing::expect_error;
using testing::FileSizeLimit;
using testing::TemporaryFolder;

// A file made by the plain C interface.
class RawFile {
 public:
  explicit RawFile(const std::string& path) : id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~RawFile() { H5Fclose(id); }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  // 1-D; `prepare` works on the creation properties, values may be null.
  void dataset(const char* name, hsize_t rows, hid_t type, const void* values,
               const std::function<void(hid_t)>& prepare = {}) const {
    const hid_t layout = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &rows, nullptr);
    if (prepare) prepare(layout);
    const hid_t data = H5Dcreate2(id, name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    EXPECT_GE(data, 0) << name;
    if (values) {
      EXPECT_GE(H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0) << name;
    }
    H5Dclose(data);
    H5Sclose(space);
    H5Pclose(layout);
  }

  const hid_t id;
};

std::vector<double> numbers(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.5);
  return values;
}

void chunks_of(hid_t layout, hsize_t rows) { H5Pset_chunk(layout, 1, &rows); }

void expect_refused(const std::string& path, const std::string& dataset, const std::vector<std::string>& words) {
  expect_error(Status::usage, words, [&] { InputFile(path).shape(dataset); });
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Hdf5Input, AllowedFiltersAreRead) {
  const TemporaryFolder folder;
  const std::string path = folder.file("filters.h5");
  const std::vector<double> values = numbers(1000), zeros(1'000'000, 0.0);
  {
    const RawFile file(path);
    const auto all = [](hid_t layout) {
      chunks_of(layout, 300), H5Pset_shuffle(layout), H5Pset_deflate(layout, 4), H5Pset_fletcher32(layout);
    };
    file.dataset("all", values.size(), H5T_IEEE_F64LE, values.data(), all);
    file.dataset("big_endian", values.size(), H5T_IEEE_F64BE, nullptr,
                 [](hid_t layout) { H5Pset_alloc_time(layout, H5D_ALLOC_TIME_EARLY); });
    file.dataset("compact", 20, H5T_IEEE_F64LE, values.data(), [](hid_t layout) { H5Pset_layout(layout, H5D_COMPACT); });
    // Deflate at its best: the values take the thousandth part of their size.
    file.dataset("zeros", zeros.size(), H5T_IEEE_F64LE, zeros.data(),
                 [](hid_t layout) { chunks_of(layout, 100'000), H5Pset_deflate(layout, 9); });
  }
  const InputFile file(path);
  EXPECT_EQ(file.shape("all"), std::vector<std::int64_t>{1000});
  std::vector<double> read(1000);
  file.read_rows("all", 0, 1000, read.data());
  EXPECT_EQ(read, values);
  EXPECT_EQ(file.shape("big_endian"), std::vector<std::int64_t>{1000});
  EXPECT_EQ(file.shape("compact"), std::vector<std::int64_t>{20});
  EXPECT_EQ(file.shape("zeros"), std::vector<std::int64_t>{1'000'000});
}

TEST(Hdf5Input, OtherFiltersAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("filters.h5");
  const std::vector<double> values = numbers(100);
  {
    const RawFile file(path);
    file.dataset("nbit", 100, H5T_IEEE_F64LE, values.data(),
                 [](hid_t layout) { chunks_of(layout, 100), H5Pset_nbit(layout); });
    file.dataset("scaled", 100, H5T_IEEE_F64LE, values.data(),
                 [](hid_t layout) { chunks_of(layout, 100), H5Pset_scaleoffset(layout, H5Z_SO_FLOAT_DSCALE, 3); });
    file.dataset("foreign", 100, H5T_IEEE_F64LE, values.data(), [](hid_t layout) {
      chunks_of(layout, 100);
      H5Pset_filter(layout, 32001, H5Z_FLAG_OPTIONAL, 0, nullptr);
    });
    file.dataset("twice", 100, H5T_IEEE_F64LE, values.data(),
                 [](hid_t layout) { chunks_of(layout, 100), H5Pset_deflate(layout, 1), H5Pset_deflate(layout, 1); });
  }
  expect_refused(path, "nbit", {"'nbit'", "filter 5"});
  expect_refused(path, "scaled", {"'scaled'", "filter 6"});
  expect_refused(path, "foreign", {"'foreign'", "filter 32001", "gzip"});
  expect_refused(path, "twice", {"'twice'", "filter 1 twice"});
}

TEST(Hdf5Input, NothingLeadsOutOfTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("links.h5"), other = folder.file("other.h5");
  const std::vector<double> values = numbers(4);
  { RawFile(other).dataset("u", 4, H5T_IEEE_F64LE, values.data()); }
  {
    const RawFile file(path);
    H5Lcreate_external("other.h5", "/u", file.id, "external", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/", file.id, "folder", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/folder/u", file.id, "around", H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t rows = 4;
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    file.dataset("virtual", 4, H5T_IEEE_F64LE, nullptr,
                 [&](hid_t layout) { H5Pset_virtual(layout, space, "other.h5", "u", space); });
    file.dataset("raw", 4, H5T_IEEE_F64LE, nullptr, [&](hid_t layout) { H5Pset_external(layout, other.c_str(), 0, 32); });
    H5Sclose(space);
  }
  expect_refused(path, "external", {"'external'"});
  expect_refused(path, "folder/u", {"'folder/u'"});
  expect_refused(path, "around", {"'around'"});
  expect_refused(path, "virtual", {"'virtual'", "other files"});
  expect_refused(path, "raw", {"'raw'", "other files"});
}

TEST(Hdf5Input, LinksThatLeadNowhereAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("links.h5");
  {
    const RawFile file(path);
    H5Lcreate_soft("/nowhere", file.id, "dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/b", file.id, "a", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/a", file.id, "b", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/self/self", file.id, "self", H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file.id, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file.id, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);   // a cycle of hard links
    H5Gclose(group);
  }
  for (const char* name : {"dangling", "a", "self", "a/u", "group", "group/up/group", "group/up/u"})
    expect_refused(path, name, {name});
}

TEST(Hdf5Input, TypesOtherThanIeeeFloatsAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("types.h5");
  const std::vector<double> values = numbers(64);
  {
    const RawFile file(path);
    file.dataset("long", 4, H5T_NATIVE_LDOUBLE, values.data());
    file.dataset("vax", 4, H5T_VAX_F64, values.data());
    const hid_t odd = H5Tcopy(H5T_IEEE_F64LE);
    H5Tset_precision(odd, 40);
    H5Tset_fields(odd, 39, 30, 9, 0, 30);
    file.dataset("odd", 4, odd, values.data());
    H5Tclose(odd);
    file.dataset("bits", 4, H5T_NATIVE_B64, values.data());
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    file.dataset("text", 4, text, nullptr);
    H5Tclose(text);
    const hsize_t two = 2;
    const hid_t array = H5Tarray_create2(H5T_IEEE_F64LE, 1, &two);
    file.dataset("array", 4, array, values.data());
    H5Tclose(array);
  }
  for (const char* name : {"long", "vax", "odd"}) expect_refused(path, name, {name, "unusual format", "float64"});
  for (const char* name : {"bits", "text", "array"}) expect_refused(path, name, {name, "no floating-point numbers"});
}

// Its first chunk of ten values is there; read, the rest would be made up of zeros.
void write_first_chunk(const RawFile& file, const char* name, hsize_t rows) {
  const std::vector<double> values = numbers(10);
  const hsize_t ten = 10, first = 0;
  file.dataset(name, rows, H5T_IEEE_F64LE, nullptr, [](hid_t layout) { chunks_of(layout, 10), H5Pset_deflate(layout, 1); });
  const hid_t data = H5Dopen2(file.id, name, H5P_DEFAULT), to = H5Dget_space(data),
              from = H5Screate_simple(1, &ten, nullptr);
  H5Sselect_hyperslab(to, H5S_SELECT_SET, &first, nullptr, &ten, nullptr);
  H5Dwrite(data, H5T_IEEE_F64LE, from, to, H5P_DEFAULT, values.data());
  H5Sclose(from);
  H5Sclose(to);
  H5Dclose(data);
}

TEST(Hdf5Input, ValuesThatWereNeverWrittenAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("sparse.h5");
  {
    const RawFile file(path);
    file.dataset("none", 10, H5T_IEEE_F64LE, nullptr);
    write_first_chunk(file, "some", 20);
    write_first_chunk(file, "few", hsize_t{1} << 40);
  }
  expect_refused(path, "none", {"'none'", "none of its values was ever written"});
  expect_refused(path, "some", {"'some'", "some of its values were never written"});
  expect_refused(path, "few", {"'few'", "1099511627776 values, more than a file of"});
}

// Every place of a header that holds `value` is made to claim `lie`.
void lie_about(const std::string& path, std::uint64_t value, std::uint64_t lie) {
  std::string bytes = bytes_of(path), wanted(8, '\0'), claimed(8, '\0');
  std::memcpy(wanted.data(), &value, 8);
  std::memcpy(claimed.data(), &lie, 8);
  int places = 0;
  for (std::size_t at = bytes.find(wanted); at != std::string::npos; at = bytes.find(wanted, at + 8), ++places)
    bytes.replace(at, 8, claimed);
  ASSERT_GT(places, 0);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Hdf5Input, HeadersThatLieAboutSizesAreRefused) {
  const TemporaryFolder folder;
  const hsize_t rows = 12345;   // not to be found elsewhere in the file
  const std::vector<double> values(rows, 1.0);
  const std::uint64_t lies[] = {rows + 1, std::uint64_t{1} << 31, std::uint64_t{1} << 40, std::uint64_t{1} << 56,
                                std::uint64_t{1} << 61, ~std::uint64_t{0} >> 1};
  for (const std::uint64_t lie : lies) {
    { RawFile(folder.file("contiguous.h5")).dataset("u", rows, H5T_IEEE_F64LE, values.data()); }
    {
      RawFile(folder.file("deflated.h5")).dataset("u", rows, H5T_IEEE_F64LE, values.data(), [](hid_t layout) {
        chunks_of(layout, 4096), H5Pset_deflate(layout, 9);
      });
    }
    for (const char* name : {"contiguous.h5", "deflated.h5"}) {
      lie_about(folder.file(name), rows, lie);
      if (lie == rows + 1 && name[0] == 'd') continue;   // true of the last chunk, which is stored as a whole
      expect_error(Status::usage, {name}, [&] { InputFile(folder.file(name)).shape("u"); });
    }
  }
}

TEST(Hdf5Input, ValuesOfAnotherDatasetAreNotRead) {
  const TemporaryFolder folder;
  const hsize_t rows = 12345;
  const std::vector<double> values(rows, 1.0);
  {
    const RawFile file(folder.file("two.h5"));
    file.dataset("u", rows, H5T_IEEE_F64LE, values.data());
    file.dataset("v", rows - 1, H5T_IEEE_F64LE, values.data());
  }
  lie_about(folder.file("two.h5"), rows, rows + 100);
  expect_refused(folder.file("two.h5"), "u", {"'u'", "more values than were written"});
  EXPECT_EQ(InputFile(folder.file("two.h5")).shape("v"), std::vector<std::int64_t>{12344});
}

TEST(Hdf5Input, AttributesAreNotLookedAt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("attributes.h5");
  const std::vector<double> values = numbers(4);
  {
    const RawFile file(path);
    file.dataset("u", 4, H5T_IEEE_F64LE, values.data());
    const hsize_t count = 4;
    const hid_t space = H5Screate_simple(1, &count, nullptr), odd = H5Tcreate(H5T_OPAQUE, 4000);
    H5Aclose(H5Acreate_by_name(file.id, "u", "opaque", odd, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(odd);
    H5Sclose(space);
  }
  EXPECT_EQ(InputFile(path).shape("u"), std::vector<std::int64_t>{4});
}

// The library would take two gigabytes for what the file says about its driver, see tests/fuzz.
TEST(Hdf5Input, SuperblocksThatNameADriverAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("driver.h5");
  for (const hsize_t user_block : {0, 512, 2048}) {
    const hid_t layout = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(layout, user_block);
    H5Fclose(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, layout, H5P_DEFAULT));
    H5Pclose(layout);
    EXPECT_TRUE(InputFile(path).members().empty());
    std::string bytes = bytes_of(path);
    const std::size_t driver = user_block + 24 + 3 * 8;
    ASSERT_EQ(bytes.substr(driver, 8), std::string(8, '\xFF'));
    bytes.replace(driver, 8, 8, '\0');
    std::ofstream(path, std::ios::binary) << bytes;
    expect_error(Status::usage, {"driver.h5", "several pieces"}, [&] { InputFile file(path); });
  }
}

// One of everything that is written.
void write_sample(const std::string& path) {
  const std::vector<double> values = numbers(300);
  hdf5::OutputFile file(path);
  file.attribute("/", "format", "a format");
  file.create_group("group");
  file.write("group/matrix", {3, 100}, values.data());
  file.create_rows("rows", 300, 64);
  file.write_rows("rows", 0, 200, values.data());
  file.write_rows("rows", 200, 100, values.data() + 200);
  file.write("integers", std::vector<std::int64_t>(50, 7));
  file.write("texts", std::vector<std::string>{"one", "and another"});
  file.write_text("text", std::string(200, 'x'));
  file.create_column("column", 100);
  file.attribute("group", "names", std::vector<std::string>{"u", "v"});
  file.attribute("group", "number", 0.5);
  file.commit();
}

TEST(Hdf5Output, AFileThatCannotGrowIsOneErrorWhereverItEnds) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  write_sample(path);
  const std::string whole = bytes_of(path);
  std::filesystem::remove(path);
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 61) {
    SCOPED_TRACE(bytes);
    expect_error(Status::storage, {path, "File too large; raise the limit on the size of files (ulimit -f)"}, [&] {
      const FileSizeLimit limit(bytes);
      write_sample(path);
    });
    EXPECT_TRUE(folder.names().empty());
    // What stays half open makes the library fail at the end of the program.
    EXPECT_EQ(H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL), 0);
  }
  write_sample(path);
  EXPECT_EQ(bytes_of(path), whole);
}

// From here on the file can be written through its open descriptor, and not read.
void only_write(const std::string& path) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code trouble;  // the descriptor of the listing itself is gone
    if (std::filesystem::read_symlink(entry, trouble) != std::filesystem::canonical(path)) continue;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_GE(::dup2(descriptor, std::stoi(entry.path().filename().string())), 0);
    ::close(descriptor);
    ++found;
  }
  EXPECT_EQ(found, 1);
}

TEST(Hdf5Output, WhatCannotBeReadBackIsAFailureOfStorage) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  const std::vector<double> values = numbers(5);
  expect_error(Status::storage, {path, "'column'", "Bad file descriptor"}, [&] {
    hdf5::OutputFile file(path);
    file.create_column("column", 100);
    only_write(path + ".tmp-" + std::to_string(::getpid()));
    file.write_rows("column", 10, 5, values.data());  // the library reads the rows around them first
  });
  EXPECT_TRUE(folder.names().empty());
  EXPECT_EQ(H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL), 0);
}

TEST(Hdf5Output, AMessageSaysHowToMendWhatHappened) {
  const TemporaryFolder folder;
  expect_error(Status::usage, {"cannot create the file: No such file or directory; check that its folder exists"},
               [&] { hdf5::OutputFile(folder.file("none/a.h5"), Status::usage); });
  const std::string long_name(240, 'n');  // and what a temporary file has behind it
  expect_error(Status::storage, {"File name too long; choose a shorter name"},
               [&] { hdf5::OutputFile(folder.file(long_name + long_name)); });
  expect_error(Status::storage, {"cannot read " + folder.file("c.h5"), "copy or write it again"},
               [&] { hdf5::OutputFile(folder.file("d.h5")).copy_file(folder.file("c.h5"), "c"); });
}

TEST(Hdf5Input, OnlyRegularFilesAreOpened) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("pipe.h5").c_str(), 0600), 0);   // opening it would wait for a writer
  expect_error(Status::usage, {"pipe.h5", "no regular file"}, [&] { InputFile(folder.file("pipe.h5")); });
  expect_error(Status::usage, {"/dev/zero", "no regular file"}, [] { InputFile("/dev/zero"); });
}

}  // namespace
}  // namespace jetpinn
