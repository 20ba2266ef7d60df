// The binary versions of https://www.cs.toronto.edu/~kriz/cifar.html: records of one label (of CIFAR-100 two, coarse and
// fine) and 3072 bytes, the red, the green and the blue plane, rows of 32 x 32 pixels. The page tells checksums of the
// archives alone. Those of the files in them are the ones by which MXNet's gluon.data.vision has checked what it unpacked.
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

// sha1: of the published file.
void append(ImageSet& set, const std::string& path, const CifarFile& format, const std::string& sha1) {
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
  if (format.published > 0)
    if (const std::string found = file.sha1(); found != sha1)
      file.fail(
          fmt::format("its SHA-1 is {}, and that of the published file {}: it is damaged, or another set", found, sha1),
          fetch + ", or set dataset.published = false for a set of your own");
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
  int batch = 0;
  for (const char* sha1 : {"aadd24acce27caa71bf4b10992e9e7b2d74c2540", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795",
                           "1dd00a74ab1d17a6e7d73e185b69dbf31242f295", "aab85764eb3584312d3c7f65fd2fd016e36a258e",
                           "26e2849e66a845b7f1e4614ae70f4889ae604628"})
    append(data.training, folder + "/data_batch_" + std::to_string(++batch) + ".bin", format, sha1);
  append(data.validation, folder + "/test_batch.bin", format, "67eb016db431130d61cd03c7ad570b013799c88c");
  return data;
}

ImageData read_cifar100(const std::string& folder, bool published, bool coarse) {
  CifarFile format{"CIFAR-100", 2, coarse ? 0 : 1, coarse ? 20 : 100, published ? 50000 : 0};
  ImageData data;
  append(data.training, folder + "/train.bin", format, "e207cd2e05b73b1393c74c7f5e7bea451d63e08e");
  format.published = published ? 10000 : 0;
  append(data.validation, folder + "/test.bin", format, "8fb6623e830365ff53cf14adec797474f5478006");
  return data;
}

}  // namespace jetpinn
