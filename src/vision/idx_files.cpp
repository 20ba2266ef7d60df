// The IDX format of http://yann.lecun.com/exdb/mnist: two zero bytes, the type (8: unsigned bytes), the number of
// dimensions, each extent as a big-endian integer of 32 bits, and the values.
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/vision/byte_file.hpp"
#include "jetpinn/vision/image_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace jetpinn {
namespace {

const char* const unpack_again = "unpack it again, as by `gunzip -k`";

// Extents, behind which the values lie at 4 + 4 * dimensions.
std::vector<std::int64_t> extents_of(const ByteFile& file, int dimensions) {
  if (file.size() >= 2 && *file.at(0) == 0x1f && *file.at(1) == 0x8b) file.fail("it is packed by gzip", unpack_again);
  const std::int64_t header = 4 + 4 * dimensions;
  if (file.size() < header || *file.at(0) != 0 || *file.at(1) != 0 || *file.at(2) != 8 || *file.at(3) != dimensions)
    file.fail(fmt::format("it is no IDX file of unsigned bytes with {} dimension{}", dimensions, dimensions == 1 ? "" : "s"),
              "name the folder of an MNIST-like set in dataset.folder");
  std::vector<std::int64_t> extents;
  std::int64_t values = 1;
  constexpr std::int64_t most = std::int64_t{1} << 40;
  for (int d = 0; d < dimensions; ++d) {
    extents.push_back(file.big_endian(4 + 4 * d));
    values = std::min(most, values * extents.back());
  }
  if (values == 0 || file.size() != header + values)
    file.fail(fmt::format("its header tells of {} values, and {} follow: it is truncated or damaged", values,
                          file.size() - header),
              unpack_again);
  return extents;
}

// The last eight bytes of a .gz are the CRC-32 and the length of what it holds (RFC 1952). Whether there was one.
bool matches_archive(const ByteFile& file) {
  const std::string path = file.path() + ".gz";
  if (!is_file(path)) return false;
  const ByteFile archive(path, "gzip");
  if (archive.size() < 18 || archive.little_endian(archive.size() - 4) != static_cast<std::uint32_t>(file.size()) ||
      archive.little_endian(archive.size() - 8) != file.crc32())
    file.fail("its checksum or length is not that in " + path, unpack_again + std::string(", or move that one away"));
  return true;
}

bool read_pair(const std::string& prefix, ImageSet& set) {
  const ByteFile images(prefix + "-images-idx3-ubyte", "IDX"), labels(prefix + "-labels-idx1-ubyte", "IDX");
  const std::vector<std::int64_t> extents = extents_of(images, 3);
  const std::int64_t count = extents_of(labels, 1)[0];
  if (count != extents[0])
    labels.fail(fmt::format("it has {} labels, and {} has {} images", count, images.path(), extents[0]),
                "the two files are not of one set");
  constexpr std::int64_t most_side = 4096;
  if (std::max(extents[1], extents[2]) > most_side)
    images.fail(
        fmt::format("its images have {} x {} pixels; at most {} on a side are possible", extents[1], extents[2], most_side),
        "name the folder of an MNIST-like set in dataset.folder");
  set.shape = {1, extents[1], extents[2]};
  set.pixels.assign(images.at(16), images.at(16) + count * set.shape.values());
  set.labels.assign(labels.at(8), labels.at(8) + count);
  const bool known = matches_archive(images);
  return matches_archive(labels) && known;
}

void require_labels(const ImageSet& set, std::int64_t classes, const std::string& prefix, std::int64_t told) {
  for (std::size_t i = 0; i < set.labels.size(); ++i)
    if (set.labels[i] >= classes)
      ByteFile(prefix + "-labels-idx1-ubyte", "IDX")
          .fail(fmt::format("image {} has the label {}, and {} 0 to {}", i, set.labels[i],
                            told > 0 ? "by dataset.classes labels are" : "the labels trained on are", classes - 1),
                told > 0 ? "it is damaged, or raise dataset.classes" : "it is damaged, or of another set");
}

}  // namespace

ImageData read_idx(const std::string& folder, std::int64_t told) {
  ImageData data;
  const bool trained = read_pair(folder + "/train", data.training), tested = read_pair(folder + "/t10k", data.validation);
  if (trained && tested)
    data.notes.push_back("the IDX files have the checksums of the archives beside them");
  else
    data.notes.push_back(
        "the IDX files have no archive (.gz) beside them to compare checksums with: their sizes were checked alone");
  if (!(data.training.shape == data.validation.shape))
    ByteFile(folder + "/t10k-images-idx3-ubyte", "IDX")
        .fail("its images have another size than those of train-images-idx3-ubyte", "the files are not of one set");
  // The format does not tell the number of classes: where nobody does, it is that of the labels that are trained on. Sets
  // that number them from 1 on leave a class empty; one that has no image for most of them has a label that is none.
  const std::set<std::int32_t> seen(data.training.labels.begin(), data.training.labels.end());
  const std::int64_t classes = told > 0 ? told : 1 + *seen.rbegin(), there = static_cast<std::int64_t>(seen.size());
  if (told == 0 && 2 * there < classes)
    ByteFile(folder + "/train-labels-idx1-ubyte", "IDX")
        .fail(fmt::format("its largest label is {}, and {} labels are there in all", classes - 1, there),
              "it is damaged; or number the classes from 0 on, or tell how many there are by dataset.classes");
  require_labels(data.training, classes, folder + "/train", told);
  require_labels(data.validation, classes, folder + "/t10k", told);
  data.training.classes = data.validation.classes = classes;
  return data;
}

}  // namespace jetpinn
