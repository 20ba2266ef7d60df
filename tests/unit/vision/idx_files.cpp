#include "jetpinn/vision/byte_file.hpp"
#include "jetpinn/vision/image_files.hpp"
#include "support/expect_error.hpp"
#include "support/image_files.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::Bytes;
using testing::expect_error;
using testing::idx_bytes;
using testing::TemporaryFolder;

const Bytes three_images{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

void write_idx(const TemporaryFolder& folder) {
  testing::write_bytes(folder.file("train-images-idx3-ubyte"), idx_bytes({3, 2, 3}, three_images));
  testing::write_bytes(folder.file("train-labels-idx1-ubyte"), idx_bytes({3}, {0, 4, 2}));
  testing::write_bytes(folder.file("t10k-images-idx3-ubyte"), idx_bytes({1, 2, 3}, {0, 0, 0, 0, 0, 255}));
  testing::write_bytes(folder.file("t10k-labels-idx1-ubyte"), idx_bytes({1}, {1}));
}

// What ends a .gz: CRC-32 and length of what it holds, least byte first.
void write_archive(const TemporaryFolder& folder, const std::string& name, std::uint32_t crc_change = 0) {
  const ByteFile file(folder.file(name), "IDX");
  Bytes bytes{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
  for (const std::uint32_t word : {file.crc32() ^ crc_change, static_cast<std::uint32_t>(file.size())})
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  testing::write_bytes(folder.file(name + ".gz"), bytes);
}

TEST(IdxFiles, AreReadAsTheirHeadersSay) {
  const TemporaryFolder folder;
  write_idx(folder);
  const ImageData data = read_idx(folder.path());
  EXPECT_EQ(data.training.shape, (ImageShape{1, 2, 3}));
  EXPECT_EQ(data.training.pixels, three_images);
  EXPECT_EQ(data.training.labels, (std::vector<std::int32_t>{0, 4, 2}));
  EXPECT_EQ(data.validation.image(0)[5], 255);
  EXPECT_EQ(data.validation.classes, 5);
  ASSERT_EQ(data.notes.size(), 1u);
  EXPECT_NE(data.notes[0].find("sizes were checked alone"), std::string::npos) << data.notes[0];
}

// The check value of CRC-32 (RFC 1952) of the digits 1 to 9 is known everywhere.
TEST(IdxFiles, ArchivesBesideThemTellTheirChecksums) {
  const TemporaryFolder folder;
  testing::write_bytes(folder.file("digits"), {'1', '2', '3', '4', '5', '6', '7', '8', '9'});
  EXPECT_EQ(ByteFile(folder.file("digits"), "text").crc32(), 0xcbf43926u);

  write_idx(folder);
  for (const char* part : {"train", "t10k"})
    for (const char* kind : {"-images-idx3-ubyte", "-labels-idx1-ubyte"}) write_archive(folder, std::string(part) + kind);
  EXPECT_NE(read_idx(folder.path()).notes.at(0).find("have the checksums"), std::string::npos);
  write_archive(folder, "t10k-labels-idx1-ubyte", 1);
  expect_error(Status::usage, {"t10k-labels-idx1-ubyte", "checksum"}, [&] { read_idx(folder.path()); });
}

// Some classes of a set, as those that a user has picked: how many there are is told.
TEST(IdxFiles, FewOfManyClassesCanBeRead) {
  const TemporaryFolder folder;
  write_idx(folder);
  testing::write_bytes(folder.file("train-labels-idx1-ubyte"), idx_bytes({3}, {9, 1, 9}));
  expect_error(Status::usage, {"train-labels-idx1-ubyte", "largest label is 9", "dataset.classes"},
               [&] { read_idx(folder.path()); });
  const ImageData data = read_idx(folder.path(), 10);
  EXPECT_EQ(data.training.classes, 10);
  EXPECT_EQ(data.validation.classes, 10);
  expect_error(Status::usage, {"train-labels-idx1-ubyte", "image 0 has the label 9", "by dataset.classes labels are 0 to 8"},
               [&] { read_idx(folder.path(), 9); });
}

TEST(IdxFiles, WhatIsWrongWithAFileIsSaid) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& name, const Bytes& bytes, const std::vector<std::string>& words) {
    write_idx(folder);
    testing::write_bytes(folder.file(name), bytes);
    expect_error(Status::usage, words, [&] { read_idx(folder.path()); });
  };
  const std::string images = "train-images-idx3-ubyte", labels = "train-labels-idx1-ubyte";
  Bytes cut = idx_bytes({3, 2, 3}, three_images);
  cut.pop_back();
  refused(images, cut, {images, "tells of 18 values, and 17 follow"});
  refused(images, {}, {images, "no IDX file"});
  refused(images, idx_bytes({3}, {0, 1, 2}), {images, "no IDX file of unsigned bytes with 3 dimensions"});
  refused(images, {0x1f, 0x8b, 8, 0}, {images, "gzip", "gunzip"});
  refused(images, idx_bytes({0xffffffff, 0xffffffff, 0xffffffff}, {1}), {images, "1 follow"});
  refused(labels, idx_bytes({2}, {0, 1}), {labels, "2 labels", "3 images"});
  refused(labels, idx_bytes({3}, {0, 1, 200}), {labels, "largest label is 200", "3 labels"});
  refused("t10k-labels-idx1-ubyte", idx_bytes({1}, {5}), {"image 0 has the label 5", "0 to 4"});
  refused("t10k-images-idx3-ubyte", idx_bytes({1, 3, 2}, {0, 0, 0, 0, 0, 255}), {"another size"});
}

}  // namespace
}  // namespace jetpinn
