#include "jetpinn/vision/image_files.hpp"

namespace jetpinn {

const char* to_string(ImageFormat format) {
  switch (format) {
    case ImageFormat::shapes:
      return "shapes";
    case ImageFormat::cifar10:
      return "cifar10";
    case ImageFormat::cifar100:
      return "cifar100";
    case ImageFormat::idx:
      return "idx";
    case ImageFormat::hdf5:
      return "hdf5";
  }
  return "?";
}

}  // namespace jetpinn
