#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/vision/image_files.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

// Images of 2 x 2 pixels, of which image i holds 4 i, 4 i + 1, ...
void write_images(const std::string& path, const std::vector<std::int64_t>& labels, std::int64_t images) {
  hdf5::OutputFile file(path);
  file.create_bytes("images", {images, 1, 2, 2});
  std::vector<std::uint8_t> pixels;
  for (std::int64_t i = 0; i < 4 * images; ++i) pixels.push_back(static_cast<std::uint8_t>(i));
  file.write_bytes("images", 1, images - 1, pixels.data() + 4);  // in two parts, the second first
  file.write_bytes("images", 0, 1, pixels.data());
  file.write("labels", labels);
  file.attribute("/", "classes", std::vector<std::string>{"a", "b", "c"});
  file.commit();
}

TEST(ImageFile, TheLastImagesAreSetAside) {
  const TemporaryFolder folder;
  write_images(folder.file("a.h5"), {0, 2, 1, 0}, 4);
  const ImageData data = read_image_file(folder.file("a.h5"), 1);
  EXPECT_EQ(data.training.labels, (std::vector<std::int32_t>{0, 2, 1}));
  EXPECT_EQ(data.validation.labels, std::vector<std::int32_t>{0});
  EXPECT_EQ(data.training.pixels, (std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(data.validation.pixels, (std::vector<std::uint8_t>{12, 13, 14, 15}));
  EXPECT_EQ(data.validation.shape, (ImageShape{1, 2, 2}));
  EXPECT_EQ(data.training.classes, 3);
}

TEST(ImageFile, HowManyClassesThereAreCanBeTold) {
  const TemporaryFolder folder;
  hdf5::OutputFile file(folder.file("a.h5"));
  const std::vector<std::uint8_t> pixels(12);
  file.create_bytes("images", {3, 2, 2});
  file.write_bytes("images", 0, 3, pixels.data());
  file.write("labels", std::vector<std::int64_t>{0, 7, 1});
  file.commit();
  EXPECT_EQ(read_image_file(folder.file("a.h5"), 1).training.classes, 8);
  EXPECT_EQ(read_image_file(folder.file("a.h5"), 1, 10).training.classes, 10);
  expect_error(Status::usage, {"image 1 has the label 7", "0 to 6"}, [&] { read_image_file(folder.file("a.h5"), 1, 7); });
  write_images(folder.file("b.h5"), {0, 2, 1, 0}, 4);
  expect_error(Status::usage, {"dataset.classes is 4", "names 3"}, [&] { read_image_file(folder.file("b.h5"), 1, 4); });
}

TEST(ImageFile, WhatIsWrongWithItIsSaid) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::vector<std::int64_t>& labels, std::int64_t aside,
                           const std::vector<std::string>& words) {
    write_images(folder.file("a.h5"), labels, 4);
    expect_error(Status::usage, words, [&] { read_image_file(folder.file("a.h5"), aside); });
  };
  refused({0, 3, 1, 0}, 1, {"image 1 has the label 3", "0 to 2"});
  refused({0, -1, 1, 0}, 1, {"image 1 has the label -1"});
  refused({0, 1, 1}, 1, {"labels", "each of the 4 images"});
  refused({0, 1, 1, 2}, 4, {"4 images", "dataset.validation sets 4 of them aside"});
  hdf5::OutputFile file(folder.file("b.h5"));
  file.write("images", {2, 1, 1, 1}, std::vector<double>{0, 1}.data());
  file.write("labels", std::vector<std::int64_t>{0, 1});
  file.commit();
  expect_error(Status::usage, {"images", "unsigned bytes", "uint8"}, [&] { read_image_file(folder.file("b.h5"), 1); });
}

}  // namespace
}  // namespace jetpinn
