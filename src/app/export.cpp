#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/compress/edge_file.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t compared_points = 1024;

// A file of another kind in that place is somebody's. Throws Error (usage).
void check_place(const std::string& file) {
  prepare_file(file);
  if (!is_file(file)) return;
  const FileText magic = file_text(file, 4);
  if (magic.code != 0) fail_to_read(file, magic.code);
  if (magic.text != "\x89JPN")
    throw Error(Status::usage, file + " is there already and is no .jpn file; name another file, or move it away");
}

void check_name(const CommandLine& line) {
  if (line.file.empty())
    throw Error(Status::usage, "export writes one file; name it with --file, as in --file " +
                                   std::filesystem::path(line.subject).lexically_normal().filename().string() + ".jpn");
  if (!line.output.empty())
    throw Error(Status::usage, "export writes one file and no folder; leave --output away and name the file with --file");
  if (std::filesystem::path(line.file).extension() != ".jpn")
    throw Error(Status::usage,
                "--file " + line.file + " must end in .jpn, the format of the evaluator in include/jetpinn/edge");
}

// [fields, points] by the engine, at Sobol points of the trained domain: coordinates [points, dimensions].
std::vector<double> engine_fields(Engine& engine, const Trained& trained, const Problem& problem,
                                  std::vector<double>& coordinates) {
  const int dimensions = problem.dimensions();
  const Sampler sampler(SamplingMethod::sobol, domain_region(problem.lower, problem.upper), problem.graph, compared_points,
                        PointKey{});
  TermPoints points = make_point_batch(dimensions, 0, compared_points, compared_points);
  sampler.generate(0, compared_points, points.coordinates.data(), compared_points);
  for (std::int64_t i = 0; i < compared_points; ++i)
    for (int d = 0; d < dimensions; ++d)
      coordinates.push_back(points.coordinates[static_cast<std::size_t>(d * compared_points + i)]);
  std::vector<double> fields(static_cast<std::size_t>(problem.fields() * compared_points));
  engine.residuals(Stream{}, trained.parameters.data(), 0, points, fields.data());
  return fields;
}

EdgeFile options_of(const CommandLine& line, const Trained& trained) {
  EdgeFile options;
  options.precision = line.precision == "fp32" ? Precision::fp32 : Precision::fp64;
  const Network& network = trained.assembly.network;
  options.facts = {{"name", trained.config.name},
                   {"kind", network.kind},
                   {"activation", to_string(network.activation)},
                   {"version", version},
                   {"steps", std::to_string(trained.source.step)}};
  return options;
}

}  // namespace

int run_export(Communicator& communicator, const CommandLine& line) {
  check_name(line);
  Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  communicator.agree("export", [&] {
    if (communicator.root()) check_place(line.file);
  });
  trained.engine.reproducibility = Reproducibility::ranks;  // the same words on any number of ranks
  const std::unique_ptr<Engine> engine = make_engine(trained.engine, trained.assembly.network, {trained.assembly.fields});
  communicator.agree("export", [&] {
    if (!communicator.root()) return;
    const Problem problem = trained_part(trained);
    const std::string bytes =
        edge_file(problem, trained.assembly.network, trained.parameters.data(), options_of(line, trained));
    std::vector<double> coordinates;
    const std::vector<double> fields = engine_fields(*engine, trained, problem, coordinates);
    const EdgeDifference difference = compare_with_edge(bytes, coordinates, fields, compared_points);
    write_text_file(line.file, bytes);
    std::printf("%s: %lld parameters in %s, %lld bytes\n", line.file.c_str(),
                static_cast<long long>(trained.assembly.network.parameters), line.precision.c_str(),
                static_cast<long long>(bytes.size()));
    for (std::size_t f = 0; f < difference.largest.size(); ++f)
      std::printf("%s: largest difference from the engine %.2e at %lld points of the domain, where |%s| <= %.3g\n",
                  problem.symbols.fields[f].c_str(), difference.largest[f], static_cast<long long>(compared_points),
                  problem.symbols.fields[f].c_str(), difference.size[f]);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
