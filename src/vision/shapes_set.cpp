// Shapes on several ranks: each draws a share, all get them, or rank 0 writes them.
#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/rows_of_ranks.hpp"
#include "jetpinn/io/table_mark.hpp"
#include "jetpinn/vision/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace jetpinn {

ImageSet make_shapes(Communicator& communicator, std::uint64_t seed, std::int64_t first, std::int64_t count) {
  ImageSet set;
  set.shape = shape_images;
  set.classes = static_cast<std::int64_t>(shape_class_names().size());
  const std::int64_t values = set.shape.values();
  communicator.agree("images", [&] {
    set.labels.resize(static_cast<std::size_t>(count));
    set.pixels.resize(static_cast<std::size_t>(count * values));
    for (std::int64_t i = 0; i < count; ++i) set.labels[static_cast<std::size_t>(i)] = shape_label(seed, first + i);
    const RowRange mine = share_rows(count, communicator.rank(), communicator.size());
    for (std::int64_t i = mine.begin; i < mine.end; ++i) draw_shape(seed, first + i, set.image(i));
  });
  for (int rank = 0; rank < communicator.size() && communicator.size() > 1; ++rank) {
    const RowRange share = share_rows(count, rank, communicator.size());
    communicator.broadcast("images", set.pixels.data() + share.begin * values, share.count() * values, rank);
  }
  return set;
}

namespace {

constexpr std::int64_t images_at_once = 4096;

std::unique_ptr<hdf5::OutputFile> open_file(const std::string& path, std::uint64_t seed, std::int64_t count) {
  const std::string mark = fmt::format("images --count {} --seed {}", count, seed);
  require_own_table(path, "sample", mark);
  const std::int64_t values = shape_images.values();
  require_space(path, count, static_cast<double>(values) / sizeof(double) + 1);
  auto file = std::make_unique<hdf5::OutputFile>(path, Status::usage);
  file->create_bytes("images", {count, shape_images.channels, shape_images.height, shape_images.width});
  file->attribute("/", "program", std::string("jetpinn ") + version);
  file->attribute("/", "sample", mark);
  file->attribute("/", "classes", shape_class_names());
  return file;
}

}  // namespace

void write_shapes(Communicator& communicator, const std::string& path, std::uint64_t seed, std::int64_t count,
                  const std::function<bool()>& stop_requested) {
  std::unique_ptr<hdf5::OutputFile> file;  // rank 0
  communicator.agree("sample", [&] {
    if (communicator.root()) file = open_file(path, seed, count);
  });
  std::vector<std::int64_t> labels;  // rank 0
  for (std::int64_t first = 0; first < count; first += images_at_once) {
    communicator.agree("sample", [&] {
      if (stop_requested && stop_requested())
        throw Error(Status::stopped,
                    "sample: stopped on request before its file was whole; what was there before stays, "
                    "and the same command begins again");
    });
    const ImageSet piece = make_shapes(communicator, seed, first, std::min(images_at_once, count - first));
    communicator.agree("sample", [&] {
      const ScopedRegion region(Region::io);
      if (!communicator.root()) return;
      file->write_bytes("images", first, piece.count(), piece.pixels.data());
      labels.insert(labels.end(), piece.labels.begin(), piece.labels.end());
    });
  }
  communicator.agree("sample", [&] {
    if (!communicator.root()) return;
    file->write("labels", labels);
    file->commit();
  });
}

}  // namespace jetpinn
