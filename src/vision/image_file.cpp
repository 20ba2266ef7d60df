// Images as an HDF5 file: `images` [count, channels, height, width] or [count, height, width] of unsigned bytes, `labels`
// [count] of whole numbers; the attribute `classes` of the root, where it is there, names them.
#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/vision/image_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

ImageShape shape_of(const hdf5::InputFile& file, std::int64_t& count) {
  const std::vector<std::int64_t> extents = file.shape_of_any("images");
  if (extents.size() != 3 && extents.size() != 4)
    file.fail("images", fmt::format("it has {} dimensions", extents.size()),
              "write it as [images, channels, height, width]");
  const bool planes = extents.size() == 4;
  const ImageShape shape{planes ? extents[1] : 1, extents[planes ? 2 : 1], extents[planes ? 3 : 2]};
  count = extents[0];
  if (count * shape.values() == 0) file.fail("images", "it is empty", "write its images");
  return shape;
}

// told: how many classes there are; 0: nobody told.
std::vector<std::int32_t> labels_of(const hdf5::InputFile& file, std::int64_t count, std::int64_t told) {
  const std::vector<std::int64_t> extents = file.shape_of_any("labels");
  if (extents.size() != 1 || extents[0] != count)
    file.fail("labels", fmt::format("it does not hold a label for each of the {} images", count), "write it as [images]");
  std::vector<double> values(static_cast<std::size_t>(count));
  file.read_all("labels", values.data());
  const std::vector<std::string> names = file.texts_attribute("classes");
  if (told > 0 && !names.empty() && told != static_cast<std::int64_t>(names.size()))
    file.fail("labels", fmt::format("dataset.classes is {}, and the attribute 'classes' names {}", told, names.size()),
              "remove dataset.classes");
  constexpr double most_classes = 100000;
  const double classes = told > 0        ? static_cast<double>(told)
                         : names.empty() ? most_classes
                                         : static_cast<double>(names.size());
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    if (!(value >= 0 && value < classes) || value != std::floor(value))
      file.fail("labels", fmt::format("image {} has the label {:g}, and classes are 0 to {:g}", i, value, classes - 1),
                "write whole numbers of classes");
    labels.push_back(static_cast<std::int32_t>(value));
  }
  return labels;
}

ImageSet part(const ImageSet& all, std::int64_t first, std::int64_t count) {
  ImageSet set{all.shape, all.classes, {}, {}};
  const std::int64_t values = all.shape.values();
  set.labels.assign(all.labels.begin() + first, all.labels.begin() + first + count);
  set.pixels.assign(all.pixels.begin() + first * values, all.pixels.begin() + (first + count) * values);
  return set;
}

}  // namespace

ImageData read_image_file(const std::string& path, std::int64_t validation, std::int64_t classes) {
  const hdf5::InputFile file(path);
  ImageSet all;
  std::int64_t count = 0;
  all.shape = shape_of(file, count);
  if (2 * count * all.shape.values() > available_memory_bytes())
    file.fail("images", "it is too large for the memory at hand", "take fewer images");
  all.labels = labels_of(file, count, classes);
  all.pixels.resize(static_cast<std::size_t>(count * all.shape.values()));
  file.read_bytes("images", all.pixels.data());
  const std::vector<std::string> names = file.texts_attribute("classes");
  all.classes = std::max<std::int64_t>(
      {classes, static_cast<std::int64_t>(names.size()), 1 + *std::max_element(all.labels.begin(), all.labels.end())});
  if (validation >= count)
    file.fail("images", fmt::format("it has {} images, and dataset.validation sets {} of them aside", count, validation),
              "set aside fewer");
  return {part(all, 0, count - validation), part(all, count - validation, validation), {}};
}

}  // namespace jetpinn
