// The binary versions of https://www.cs.toronto.edu/~kriz/cifar.html: records of one label (of CIFAR-100 two, coarse and
// fine) and 3072 bytes, the red, the green and the blue plane, rows of 32 x 32 pixels. The page tells checksums of the
// archives alone, not of the files in them, so what is checked here is their size and their labels.
#include "jetpinn/vision/byte_file.hpp"
#include "jetpinn/vision/image_files.hpp"

#include <fmt/format.h>

namespace jetpinn {
namespace {

struct CifarFile {
  std::string kind;          // for messages
  std::int64_t label_bytes;  // of a record
  std::int64_t label_at;     // in it
  std::int64_t classes;
  std::int64_t published;  // images; 0: any number
};

void append(ImageSet& set, const std::string& path, const CifarFile& format) {
  const ByteFile file(path, format.kind);
  const std::int64_t pixels = set.shape.values(), record = format.label_bytes + pixels, count = file.size() / record;
  const std::string fetch = "unpack the binary version of " + format.kind + " again";
  if (format.published > 0 && file.size() != format.published * record)
    file.fail(fmt::format("it has {} bytes, and the published file of {} images has {}", file.size(), format.published,
                          format.published * record),
              fetch + ", or set dataset.published = false for a set of your own");
  if (file.size() == 0 || file.size() % record != 0)
    file.fail(fmt::format("{} bytes are no whole number of records of {} bytes: it is truncated, or no file of {}",
                          file.size(), record, format.kind),
              fetch);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint8_t* at = file.at(i * record);
    if (at[format.label_at] >= format.classes)
      file.fail(fmt::format("image {} has the label {}, and {} has the classes 0 to {}", i, at[format.label_at], format.kind,
                            format.classes - 1),
                "it is damaged, or no file of this format; " + fetch);
    set.labels.push_back(at[format.label_at]);
    set.pixels.insert(set.pixels.end(), at + format.label_bytes, at + record);
  }
  set.classes = format.classes;
}

}  // namespace

ImageData read_cifar10(const std::string& folder, bool published) {
  const CifarFile format{"CIFAR-10", 1, 0, 10, published ? 10000 : 0};
  ImageData data;
  for (int batch = 1; batch <= 5; ++batch)
    append(data.training, folder + "/data_batch_" + std::to_string(batch) + ".bin", format);
  append(data.validation, folder + "/test_batch.bin", format);
  return data;
}

ImageData read_cifar100(const std::string& folder, bool published, bool coarse) {
  CifarFile format{"CIFAR-100", 2, coarse ? 0 : 1, coarse ? 20 : 100, published ? 50000 : 0};
  ImageData data;
  append(data.training, folder + "/train.bin", format);
  format.published = published ? 10000 : 0;
  append(data.validation, folder + "/test.bin", format);
  return data;
}

}  // namespace jetpinn
