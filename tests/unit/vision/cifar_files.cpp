#include "jetpinn/vision/byte_file.hpp"
#include "jetpinn/vision/image_files.hpp"
#include "support/expect_error.hpp"
#include "support/image_files.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::Bytes;
using testing::cifar_records;
using testing::expect_error;
using testing::TemporaryFolder;

void write_cifar10(const TemporaryFolder& folder) {
  for (std::uint8_t batch = 1; batch <= 5; ++batch)
    testing::write_bytes(folder.file("data_batch_" + std::to_string(batch) + ".bin"), cifar_records({{batch}, {9}}));
  testing::write_bytes(folder.file("test_batch.bin"), cifar_records({{0}}));
}

TEST(CifarFiles, BatchesAreJoinedInTheirOrder) {
  const TemporaryFolder folder;
  write_cifar10(folder);
  const ImageData data = read_cifar10(folder.path(), false);
  EXPECT_EQ(data.training.labels, (std::vector<std::int32_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9}));
  EXPECT_EQ(data.validation.labels, std::vector<std::int32_t>{0});
  EXPECT_EQ(data.training.classes, 10);
  EXPECT_EQ(data.training.shape, (ImageShape{3, 32, 32}));
  EXPECT_EQ(data.training.image(9)[0], 7);
  EXPECT_EQ(data.training.image(9)[3071], 7 + 3071 % 251);
}

TEST(CifarFiles, EitherLabelOfCifar100CanBeTaken) {
  const TemporaryFolder folder;
  testing::write_bytes(folder.file("train.bin"), cifar_records({{19, 99}, {3, 20}}));
  testing::write_bytes(folder.file("test.bin"), cifar_records({{0, 1}}));
  EXPECT_EQ(read_cifar100(folder.path(), false, false).training.labels, (std::vector<std::int32_t>{99, 20}));
  const ImageData coarse = read_cifar100(folder.path(), false, true);
  EXPECT_EQ(coarse.training.labels, (std::vector<std::int32_t>{19, 3}));
  EXPECT_EQ(coarse.training.classes, 20);
}

// The vectors of RFC 3174, and lengths around the end of a block.
TEST(CifarFiles, ChecksumsAreThoseOfTheStandard) {
  const TemporaryFolder folder;
  const auto sha1 = [&](const std::string& text) {
    testing::write_bytes(folder.file("text"), Bytes(text.begin(), text.end()));
    return ByteFile(folder.file("text"), "text").sha1();
  };
  EXPECT_EQ(sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(sha1(std::string(55, 'a')), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(sha1(std::string(64, 'a')), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
  EXPECT_EQ(sha1(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(CifarFiles, AFileOfThePublishedSizeAndOtherBytesIsRefused) {
  const TemporaryFolder folder;
  testing::write_bytes(folder.file("data_batch_1.bin"), Bytes(30730000, 0));
  expect_error(Status::usage,
               {"data_batch_1.bin", "its SHA-1 is 1b6d6937001db4fdf11695ef6a39ab2a0d19a925",
                "that of the published file aadd24acce27caa71bf4b10992e9e7b2d74c2540", "dataset.published = false"},
               [&] { read_cifar10(folder.path(), true); });
}

TEST(CifarFiles, WhatIsWrongWithAFileIsSaid) {
  const TemporaryFolder folder;
  write_cifar10(folder);
  const std::string third = folder.file("data_batch_3.bin");
  const auto refused = [&](const std::vector<std::string>& words, bool published = false) {
    expect_error(Status::usage, words, [&] { read_cifar10(folder.path(), published); });
  };
  refused({"data_batch_1.bin", "has 6146 bytes", "30730000", "dataset.published = false"}, true);

  Bytes bytes = cifar_records({{3}, {9}});
  bytes.pop_back();
  testing::write_bytes(third, bytes);
  refused({third, "6145 bytes", "truncated"});
  testing::write_bytes(third, {});
  refused({third, "0 bytes"});
  testing::write_bytes(third, cifar_records({{3}, {10}}));
  refused({third, "image 1 has the label 10", "0 to 9"});
  std::filesystem::remove(third);
  refused({third, "no such file"});
}

}  // namespace
}  // namespace jetpinn
