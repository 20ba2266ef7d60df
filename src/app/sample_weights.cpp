// jetpinn sample weights: a collection of networks' weights, generated or imported.
#include "jetpinn/ablate/weight_file.hpp"
#include "jetpinn/ablate/weight_generator.hpp"
#include "jetpinn/ablate/weight_import.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/runtime/runtime.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace jetpinn {
namespace {

WeightFileContent generated(const CommandLine& line) {
  WeightShape shape = default_weight_shape(line.count);
  if (line.weight_layers > 0) shape.layers = line.weight_layers;
  if (line.weight_rows > 0) shape.rows = line.weight_rows;
  if (line.weight_columns > 0) shape.columns = line.weight_columns;
  if (line.weight_rank >= 0) shape.rank = line.weight_rank;
  const auto generator = std::make_shared<WeightGenerator>(shape, line.sample_seed);
  require_room_for_weights(line.file, shape);  // before the labels of so many are in memory
  WeightFileContent content;
  content.shape = shape;
  for (int c = 0; c < planted_classes; ++c) content.labels.classes.push_back(std::to_string(c));
  for (std::int64_t s = 0; s < shape.samples; ++s) content.labels.values.push_back(generator->label(s));
  content.mark = fmt::format("weights --count {} --layers {} --rows {} --columns {} --rank {} --seed {}", shape.samples,
                             shape.layers, shape.rows, shape.columns, shape.rank, line.sample_seed);
  content.make = [generator](std::int64_t sample, float* a, float* b, float* weight) {
    generator->make(sample, a, b, weight);
  };
  return content;
}

}  // namespace

int run_sample_weights(Communicator& communicator, const CommandLine& line) {
  WeightFileContent content;
  communicator.agree("sample", [&] {
    if (const std::string ending = std::filesystem::path(line.file).extension().string();
        ending != ".h5" && ending != ".hdf5")
      throw Error(Status::usage, "--file " + line.file + ": samples are HDF5 files; name one that ends in .h5");
    content = line.import_list.empty() ? generated(line) : import_weights(line.import_list, line.match);
    if (communicator.root()) prepare_file(line.file);
  });
  double told = wall_seconds();
  const bool written = write_weight_file(communicator, line.file, content, [&](std::int64_t done, std::int64_t of) {
    constexpr double interval = 5;
    if (line.quiet || wall_seconds() - told < interval || done == of) return;
    told = wall_seconds();
    std::fprintf(stderr, "sample: %.0f %%\n", 100 * static_cast<double>(done) / static_cast<double>(of));
  });
  if (!written) throw Error(Status::stopped, "stopped; nothing was written to " + line.file);
  if (communicator.root() && !line.quiet)
    std::printf("%s: %lld networks of %lld layers\n", line.file.c_str(), static_cast<long long>(content.shape.samples),
                static_cast<long long>(content.shape.layers));
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
