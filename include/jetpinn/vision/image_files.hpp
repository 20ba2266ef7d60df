// Published sets of labelled images, read from the files in which they are published.
#pragma once

#include "jetpinn/vision/image_set.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

enum class ImageFormat {
  shapes,    // generated (vision/shapes.hpp)
  cifar10,   // data_batch_1.bin .. data_batch_5.bin, test_batch.bin
  cifar100,  // train.bin, test.bin
  idx,       // train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-...: MNIST, Fashion-MNIST and the like
  hdf5       // a file with `images` and `labels`, as `sample images` writes it
};
inline constexpr ImageFormat image_formats[] = {ImageFormat::shapes, ImageFormat::cifar10, ImageFormat::cifar100,
                                                ImageFormat::idx, ImageFormat::hdf5};
const char* to_string(ImageFormat format);

struct DatasetOptions {
  ImageFormat format = ImageFormat::shapes;
  std::string folder;               // cifar10, cifar100, idx
  std::string file;                 // hdf5
  bool published = true;            // cifar10, cifar100: files must be the published ones, by size and checksum
  bool coarse = false;              // cifar100: its 20 superclasses in place of its 100 classes
  std::int64_t count = 50000;       // shapes: images that are trained on
  std::int64_t validation = 10000;  // shapes: images behind them; hdf5: the last ones of the file
  std::uint64_t seed = 0;           // shapes
  std::int64_t classes = 0;         // idx, hdf5: how many there are; 0: as many as the labels that are trained on tell
  std::int64_t limit = 0;           // only the first so many images are trained on; 0: all
  bool operator==(const DatasetOptions& other) const = default;
};

struct ImageData {
  ImageSet training, validation;
  std::vector<std::string> notes;  // what a user should know of the files
};

// What is wrong with a file is one Error (usage) that names it. All of them check sizes, and that every label is a class.
ImageData read_cifar10(const std::string& folder, bool published);
ImageData read_cifar100(const std::string& folder, bool published, bool coarse);
// The header of an IDX file says its size. Where the .gz from which it was unpacked lies beside it, the checksum (CRC-32)
// and the length in there must be those of the file.
// classes: as DatasetOptions has it.
ImageData read_idx(const std::string& folder, std::int64_t classes = 0);
ImageData read_image_file(const std::string& path, std::int64_t validation, std::int64_t classes = 0);

}  // namespace jetpinn
