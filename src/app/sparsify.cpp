#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/bench/conversion_report.hpp"
#include "jetpinn/compress/import_network.hpp"
#include "jetpinn/compress/sparse_run.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/pattern_file.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/train/run_summary.hpp"

#include <cstdio>
#include <filesystem>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* pattern_name = "pattern.h5";

// What a run folder needs for its network to be taken from it.
void write_summary(const std::string& folder, const std::vector<double>& parameters, double begin) {
  RunSummary summary;
  summary.status = "completed";
  summary.stopped_by = "steps";
  summary.wall_s = wall_seconds() - begin;
  summary.parameters = static_cast<std::int64_t>(parameters.size());
  summary.parameter_hash = parameter_hash(parameters);
  summary.version = version;
  write_text_file(folder + "/summary.json", summary_text(summary));
}

void finish(const ConversionReport& report, const std::string& folder, bool quiet) {
  write_text_file(folder + "/conversion.json", report.json());
  if (!quiet) std::fputs((report.text() + "written to " + folder + "\n").c_str(), stdout);
  if (!report.verified())
    throw Error(Status::numerical, "the sparse network differs from its whole matrices beyond rounding, see " + folder +
                                       "/conversion.json; a defect of this program, please report it");
}

// Nothing in a file says how it was trained, so that what is imported is a network alone. One rank.
void import(const CommandLine& line) {
  const double begin = wall_seconds();
  WeightStack stack = import_network(line.import);
  if (stack.kept() == stack.weights())
    throw Error(Status::usage, line.import + ": no weight is zero or masked, so that there is nothing to make sparse; give "
                                             "masks (mask_0, ...), or prune the network first");
  const std::string stem = std::filesystem::path(line.import).stem().string();
  const std::string folder = line.output.empty() ? "runs/" + stem : line.output;
  const std::string text = config_of(stack, stem, pattern_name);
  Config config;
  Problem problem;
  try {
    config = parse_config(text, folder + "/config.toml", {});
    problem = build_problem(config.problem);
  } catch (const Error& error) {
    throw Error(Status::usage, line.import + ": names of the attributes 'inputs' and 'outputs' do not serve as coordinates "
                                             "and fields: " + error.what());
  }
  create_run_folder(folder, line.force);
  write_patterns(folder + "/" + pattern_name, patterns_of(stack));
  const Network network =
      make_network(config.network, problem.symbols.coordinates, problem.symbols.fields, problem.lower, problem.upper);
  const std::vector<double> parameters = parameters_of(stack, network, {});
  write_text_file(folder + "/config.toml", text);
  write_network_file(folder + "/network.h5", problem, network, parameters.data());
  write_summary(folder, parameters, begin);
  finish(convert(line.import, std::move(stack), {}), folder, line.quiet);
}

}  // namespace

int run_sparsify(Communicator& communicator, const CommandLine& line) {
  communicator.agree("sparsify", [&] {
    if (line.import.empty())
      throw Error(Status::usage, "sparsify RUN is not available yet in this version of jetpinn; sparsify --import FILE is");
    if (communicator.root()) import(line);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
