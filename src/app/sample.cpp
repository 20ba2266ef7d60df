#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/table_mark.hpp"
#include "jetpinn/report/residual_gallery.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/train/points_file.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/twin/machining_file.hpp"
#include "jetpinn/vision/shapes.hpp"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

// A line every few seconds of what takes longer.
class Progress {
 public:
  explicit Progress(bool quiet) : quiet_(quiet) {}
  void tell(std::int64_t written, std::int64_t rows) {
    constexpr double interval = 5;
    const double now = wall_seconds();
    if (quiet_ || now - told_ < interval || written == rows) return;
    told_ = now;
    const double rate = static_cast<double>(written) / (now - begin_);
    std::fprintf(stderr, "sample: %.0f %% of %lld rows, %.2f million rows/s, %.0f s left\n",
                 100 * static_cast<double>(written) / static_cast<double>(rows), static_cast<long long>(rows), rate / 1e6,
                 static_cast<double>(rows - written) / rate);
  }

 private:
  bool quiet_;
  double begin_ = wall_seconds(), told_ = begin_;
};

// Configs in two folders may have one name, and one config other contents than before.
void require_own_sample(const std::string& file, const std::string& mark, const std::string& config,
                        const std::string& config_hash) {
  require_own_table(file, "sample", mark);
  const std::optional<std::string> found = table_mark(file, "config_hash");
  if (found && *found != config_hash)
    throw Error(Status::usage, file + " is there already and was sampled from another " + config +
                                   ", or before this one was changed; name another file with --file, or move that one away");
}

constexpr const char* picture_mark = "<!-- jetpinn sample -->\n";  // at the end of a picture

// Before anything is written: a picture is replaced by another one alone.
void prepare_picture(const std::string& path) {
  if (std::filesystem::path(path).extension().string() != ".svg")
    throw Error(Status::usage, "--picture " + path + ": pictures are SVG files; name one that ends in .svg");
  prepare_file(path);
  if (is_file(path) && !read_text_file(path).ends_with(picture_mark))
    throw Error(Status::usage, path +
                                   " is there already and is no picture of jetpinn sample; name another file with "
                                   "--picture, or move that one away");
}

std::int64_t sample_config(Communicator& communicator, const CommandLine& line, const RowWatch& watch) {
  Config config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  require_tables(communicator, problem);
  Assembly assembly;
  const std::string name = std::filesystem::path(line.subject).filename().string();
  std::string mark = name, config_hash;
  for (const std::string& set : line.sets) mark += " --set " + set;
  if (!line.term.empty()) mark += " --term " + line.term;
  communicator.agree("plan", [&] {
    if (config.training.windows.cut())
      throw Error(Status::usage,
                  line.subject +
                      ": each window of training.windows draws points of its own; sample the config of a window, "
                      "RUN/windows/1/config.toml, or --set training.windows.count=1");
    assembly = assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    record_scales(config, recorded_scales(*assembly.problem));  // as a training does before it hashes its config
    config_hash = hex(hash_of(config.resolved));
    if (communicator.root()) require_own_sample(line.file, mark, name, config_hash);
    if (communicator.root() && !line.picture.empty()) prepare_picture(line.picture);
  });
  const std::int64_t written =
      write_points(communicator, assembly, line.term, line.file,
                   {{"program", std::string("jetpinn ") + version}, {"sample", mark}, {"config_hash", config_hash}}, watch);
  communicator.agree("picture", [&] {
    if (communicator.root() && !line.picture.empty())
      write_text_file(line.picture, point_gallery(assembly).pictures.at(0).file + picture_mark);
  });
  return written;
}

}  // namespace

int run_sample(Communicator& communicator, const CommandLine& line) {
  communicator.agree("sample", [&] {
    if (!communicator.root()) return;
    if (const std::string ending = std::filesystem::path(line.file).extension().string();
        ending != ".h5" && ending != ".hdf5")
      throw Error(Status::usage, "--file " + line.file + ": samples are HDF5 files; name one that ends in .h5");
    prepare_file(line.file);
  });
  Progress progress(line.quiet);
  const RowWatch watch{stop_requested, [&](std::int64_t written, std::int64_t rows) { progress.tell(written, rows); }};
  std::int64_t written = line.count;
  const char* what = "points";
  if (line.subject == "machining") {
    write_machining(communicator, line.file, line.count, line.sample_seed, watch);
    what = "rows";
  } else if (line.subject == "images") {
    write_shapes(communicator, line.file, line.sample_seed, line.count, stop_requested);
    what = "images";
  } else {
    written = sample_config(communicator, line, watch);
  }
  if (communicator.root() && !line.quiet)
    std::printf("%s: %lld %s\n", line.file.c_str(), static_cast<long long>(written), what);
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
