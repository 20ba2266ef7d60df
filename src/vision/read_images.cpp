#include "jetpinn/vision/read_images.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/vision/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jetpinn {
namespace {

ImageData read_files(const DatasetOptions& options) {
  switch (options.format) {
    case ImageFormat::cifar10:
      return read_cifar10(options.folder, options.published);
    case ImageFormat::cifar100:
      return read_cifar100(options.folder, options.published, options.coarse);
    case ImageFormat::idx:
      return read_idx(options.folder, options.classes);
    default:
      return read_image_file(options.file, options.validation, options.classes);
  }
}

void keep_first(ImageSet& set, std::int64_t count) {
  if (count <= 0 || count >= set.count()) return;
  set.labels.resize(static_cast<std::size_t>(count));
  set.pixels.resize(static_cast<std::size_t>(count * set.shape.values()));
}

ImageData read_checked(const DatasetOptions& options) {
  ImageData data = read_files(options);
  const std::int64_t there = data.training.count();
  keep_first(data.training, options.limit);  // of files that are sorted by class these may be of one
  const std::vector<std::int32_t>& labels = data.training.labels;
  if (!labels.empty() && std::count(labels.begin(), labels.end(), labels.front()) == data.training.count())
    throw Error(Status::usage,
                fmt::format("{}: all {} images to train on have the label {}, so that there is nothing to tell apart; {}",
                            options.format == ImageFormat::hdf5 ? options.file : options.folder, data.training.count(),
                            labels.front(),
                            data.training.count() < there ? fmt::format("raise dataset.limit, {} are there", there)
                                                          : "add images of another class"));
  return data;
}

// Every rank holds all of them; ranks that share a machine share its memory too.
void require_memory(Communicator& communicator, std::int64_t images) {
  const std::vector<std::string> hosts = communicator.gather("images", host_name());
  communicator.agree("images", [&] {
    const auto ranks = static_cast<double>(std::count(hosts.begin(), hosts.end(), host_name()));
    const double bytes = static_cast<double>(images) * static_cast<double>(shape_images.values() + sizeof(std::int32_t));
    if (ranks * bytes > static_cast<double>(available_memory_bytes()))
      throw Error(Status::usage, fmt::format("{} images of {:.3g} GiB on every rank do not fit into the memory that is left "
                                             "here; lower dataset.count or dataset.validation",
                                             images, bytes / 1073741824.0));
  });
}

void share(Communicator& communicator, ImageSet& set) {
  std::int64_t facts[] = {set.shape.channels, set.shape.height, set.shape.width, set.classes, set.count()};
  communicator.broadcast("images", facts, sizeof facts);
  communicator.agree("images", [&] {
    set.shape = {facts[0], facts[1], facts[2]};
    set.classes = facts[3];
    set.labels.resize(static_cast<std::size_t>(facts[4]));
    set.pixels.resize(static_cast<std::size_t>(facts[4] * set.shape.values()));
  });
  communicator.broadcast("images", set.labels.data(), facts[4] * static_cast<std::int64_t>(sizeof(std::int32_t)));
  communicator.broadcast("images", set.pixels.data(), facts[4] * set.shape.values());
}

}  // namespace

ImageData read_images(Communicator& communicator, const DatasetOptions& options) {
  ImageData data;
  if (options.format == ImageFormat::shapes) {
    require_memory(communicator, options.count + options.validation);
    data.training = make_shapes(communicator, options.seed, 0, options.count);
    data.validation = make_shapes(communicator, options.seed, options.count, options.validation);
  } else {
    communicator.agree("images", [&] {
      if (communicator.root()) data = read_checked(options);
    });
    share(communicator, data.training);
    share(communicator, data.validation);
  }
  keep_first(data.training, options.limit);
  return data;
}

}  // namespace jetpinn
