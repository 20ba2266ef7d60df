#include "jetpinn/bench/bench_io.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/sampling/random.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

// A folder that rank 0 makes and removes, on the file system that is measured.
class Workplace {
 public:
  Workplace(Communicator& communicator, const std::string& parent) : communicator_(communicator) {
    communicator_.agree("folder", [&] {
      if (!communicator_.root()) return;
      path_ = parent + "/jetpinn-bench-io-" + std::to_string(process_id());
      std::error_code trouble;
      fs::create_directories(path_, trouble);
      if (trouble)
        throw Error(Status::usage,
                    "cannot create the folder " + path_ + ": " + trouble.message() + "; choose another --output");
      check_writable(path_);
    });
    path_ = communicator_.broadcast("folder", path_);
  }
  ~Workplace() {
    std::error_code ignored;
    if (communicator_.root()) fs::remove_all(path_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  Communicator& communicator_;
  std::string path_;
};

// Random bits that are finite numbers, equal on every rank.
std::vector<double> random_values(std::int64_t count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    values[static_cast<std::size_t>(i)] = unit_interval(mix_bits(static_cast<std::uint64_t>(i) + 1)) - 0.5;
  return values;
}

bool same_bits(const double* a, const double* b, std::size_t count) {
  return std::memcmp(a, b, count * sizeof(double)) == 0;
}

// A file, or those of a folder; links into it are none.
std::vector<std::string> files_below(const std::string& path) {
  if (!is_folder(path)) return {path};
  std::vector<std::string> files;
  std::error_code trouble;
  for (fs::recursive_directory_iterator entry(path, trouble), end; !trouble && entry != end; entry.increment(trouble))
    if (entry->symlink_status(trouble).type() == fs::file_type::regular) files.push_back(entry->path().string());
  if (trouble) fail_to_read(path, trouble.value(), Status::storage);
  return files;
}

std::int64_t bytes_in(const std::string& path) {
  std::int64_t bytes = 0;
  for (const std::string& file : files_below(path)) bytes += file_bytes(file);
  return bytes;
}

// Asks the system to drop a file from its cache, so that a read goes to the disk where it can.
void forget(const std::string& path) {
  for (const std::string& file : files_below(path)) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
  }
}

// A kind of file: how it is written and read. Both are called by every rank; read says whether this
// rank's part came back as it was.
struct Kind {
  std::string name, path;
  std::function<void()> write;
  std::function<bool()> read;
};

void measure(Communicator& communicator, const Kind& kind, std::int64_t size, const BenchTiming& timing,
             std::vector<BenchResult>& results) {
  const auto result = [&](const char* direction, const std::vector<double>& samples) {
    BenchResult out;
    out.name = kind.name + " " + direction;
    out.parameters = {{"size", size}};
    out.seconds = spread_of(samples);
    std::int64_t bytes = 0;
    communicator.agree("bench io", [&] {
      if (communicator.root()) bytes = bytes_in(kind.path);
    });
    communicator.sum("bench io", &bytes, 1);
    out.figures = {{"bytes", bytes}, {"mb_per_s", static_cast<double>(bytes) / out.seconds.median * 1e-6}};
    return out;
  };
  BenchResult written = result("write", time_repeats(communicator, "bench io", timing, kind.write));
  std::int64_t damaged = 0;   // repetitions on this rank
  const auto samples = time_repeats(
      communicator, "bench io", timing, [&] { damaged += !kind.read(); },
      [&] {
        if (communicator.root()) forget(kind.path);
      });
  BenchResult read = result("read", samples);
  communicator.sum("bench io", &damaged, 1);
  for (BenchResult* out : {&written, &read}) {
    out->verified = damaged == 0;
    if (damaged > 0) out->trouble = "what was read is not what was written";
    results.push_back(std::move(*out));
  }
}

// The state of an optimiser: `size` bytes of numbers, a counter, and the config.
void measure_checkpoint(Communicator& communicator, const Workplace& place, std::int64_t size, const BenchTiming& timing,
                        std::vector<BenchResult>& results) {
  const std::string run = place.file("checkpoint-" + std::to_string(size));
  std::vector<double> values = random_values(size / static_cast<std::int64_t>(sizeof(double)));
  std::int64_t step = 0;
  std::string config = "name = \"bench\"\n";
  const State state{{"parameters", &values}, {"step", &step}, {"config", &config}};
  CheckpointStore store(communicator, run, {1, 0});
  communicator.agree("bench io", [&] {
    if (communicator.root()) make_folder(run);
  });
  CheckpointFacts facts;
  facts.ranks = communicator.size();
  facts.reproducibility = "run";
  facts.version = version;
  const auto write = [&] {
    facts.step = ++step;
    facts.loss = 1.0 / static_cast<double>(step);
    store.save(facts, state);
  };
  const auto read = [&] {
    const auto loaded = store.load();
    if (!loaded) return false;
    const auto& numbers = std::get<std::vector<double>>(loaded->values.at("parameters"));
    return numbers.size() == values.size() && same_bits(numbers.data(), values.data(), values.size()) &&
           std::get<std::int64_t>(loaded->values.at("step")) == step &&
           std::get<std::string>(loaded->values.at("config")) == config;
  };
  measure(communicator, {"checkpoint", run, write, read}, size, timing, results);
}

// Coordinates t and x and a field u, as `predict` writes them: piece by piece.
void measure_table(Communicator& communicator, const Workplace& place, std::int64_t size, const BenchTiming& timing,
                   std::vector<BenchResult>& results) {
  const std::vector<std::string> columns{"t", "x", "u"};
  const auto width = static_cast<std::int64_t>(columns.size());
  const std::int64_t rows = std::max<std::int64_t>(1, size / (width * static_cast<std::int64_t>(sizeof(double))));
  constexpr std::int64_t piece = 1 << 16;   // rows
  const std::vector<double> values = random_values(width * rows);   // column by column
  const std::string path = place.file("points-" + std::to_string(size) + ".h5");
  const RowRange own = share_rows(rows, communicator.rank(), communicator.size());

  const auto write = [&] {
    if (!communicator.root()) return;
    PointTableWriter writer(path, columns, rows);
    for (std::int64_t first = 0; first < rows; first += piece)
      writer.write(first, std::min(piece, rows - first), values.data() + first, rows);
    writer.finish();
  };
  const auto read = [&] {
    const PointTableReader reader(path, columns);
    bool same = reader.rows() == rows;
    std::vector<double> column(static_cast<std::size_t>(own.count()));
    for (std::int64_t c = 0; same && c < width; ++c) {
      reader.read(columns[static_cast<std::size_t>(c)], own.begin, own.count(), column.data());
      same = same_bits(column.data(), values.data() + c * rows + own.begin, column.size());
    }
    return same;
  };
  measure(communicator, {"point table", path, write, read}, size, timing, results);
}

// A network of four equal hidden layers with about `size` bytes of parameters; the file holds
// them twice, flat and by layers.
void measure_network(Communicator& communicator, const Workplace& place, std::int64_t size, const BenchTiming& timing,
                     std::vector<BenchResult>& results) {
  const auto width = std::max<std::int64_t>(1, std::llround(std::sqrt(static_cast<double>(size) / (3 * sizeof(double)))));
  const std::string text =
      "[problem]\ncoordinates = [\"t\", \"x\"]\ndomain = { t = [0, 1], x = [-1, 1] }\n[[problem.equations]]\nname = "
      "\"heat\"\n"
      "residual = \"u_t - u_xx\"\n[[training.stages]]\noptimizer = \"adam\"\n";
  const Config config = parse_config(text, "bench io", {});
  const Problem problem = build_problem(config.problem);
  NetworkOptions options = config.network;
  options.hidden.assign(4, width);
  const Network network = make_network(options, problem.symbols.coordinates, problem.fields(), problem.lower, problem.upper);
  const std::vector<double> parameters = random_values(network.parameters);
  const std::string path = place.file("network-" + std::to_string(size) + ".h5");

  const auto write = [&] {
    if (communicator.root()) write_network_file(path, problem, network, parameters.data());
  };
  const auto read = [&] {
    if (!communicator.root()) return true;
    const std::vector<double> loaded = load_parameters(path, network.parameters);
    return same_bits(loaded.data(), parameters.data(), parameters.size());
  };
  measure(communicator, {"network file", path, write, read}, size, timing, results);
}

}  // namespace

BenchReport bench_io(Communicator& communicator, const BenchIoOptions& options) {
  BenchReport report;
  report.benchmark = "io";
  report.machine = describe_machine(communicator);
  const Workplace place(communicator, options.folder);
  for (const auto& measure_kind : {measure_checkpoint, measure_table, measure_network})
    for (const std::int64_t size : options.bytes) measure_kind(communicator, place, size, options.timing, report.results);
  return report;
}

}  // namespace jetpinn
