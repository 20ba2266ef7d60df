#include "jetpinn/app/command_line.hpp"

#include "jetpinn/app/benchmarks.hpp"
#include "jetpinn/app/command_table.hpp"
#include "jetpinn/app/completion.hpp"
#include "jetpinn/app/data_makers.hpp"
#include "jetpinn/app/manual.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/json_schema.hpp"
#include "jetpinn/config/schema.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/runtime/device_choice.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

std::string listed(const Names& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

const Names writers_of_folders = {"train", "classify", "prune", "sparsify", "adapt", "scale", "sweep", "study", "ablate"};

[[noreturn]] void fail_choice(const std::string& what, const std::string& name, const Names& known) {
  const std::string nearest = nearest_name(name, known);
  throw Error(Status::usage, "unknown " + what + " '" + name + "'; " +
                                 (nearest.empty() ? "there is " + listed(known) : "did you mean '" + nearest + "'?"));
}

// A command that is misspelt, in words of its own.
void check_command(const std::string& name) {
  if (!has(available_commands(), name)) fail_choice("command", name, available_commands());
}

void check_benchmark(const std::string& name) {
  if (find_benchmark(name)) return;
  Names known;
  for (const Benchmark& benchmark : benchmarks()) known.push_back(benchmark.name);
  fail_choice("benchmark", name, known);
}

// Whether a config belongs to a benchmark, which the options of one subcommand for all of them cannot say.
void check_bench_subject(const CommandLine& line) {
  const Benchmark::Subject subject = find_benchmark(line.benchmark)->subject;
  if (subject == Benchmark::Subject::required && line.subject.empty())
    throw Error(Status::usage, "bench " + line.benchmark + " needs a CONFIG (see jetpinn bench --help)");
  if (subject == Benchmark::Subject::none && !line.subject.empty())
    throw Error(Status::usage,
                "bench " + line.benchmark + " takes no config, but '" + line.subject + "' was given; leave it away");
}

void check_scale(CommandTable& table) {
  ScaleOptions& options = table.line.scale;
  options.kind = scale_kind(table.kind);
  for (const std::int64_t ranks : parse_counts("--ranks", table.ranks))
    options.ranks.push_back(static_cast<int>(std::min<std::int64_t>(ranks, 1 << 30)));
  if (!table.scale_points.empty()) options.points = parse_counts("--points", table.scale_points);
  if (!table.until.empty()) options.until_error = parse_until(table.until);
}

// What `sample` makes without a config; a word that is nearly one of these, and no file, is taken for it.
bool is_data(const std::string& source) {
  if (has(data_makers(), source)) return true;
  std::error_code trouble;
  const std::string nearest = nearest_name(source, data_makers());
  if (!nearest.empty() && !std::filesystem::exists(source, trouble))
    throw Error(Status::usage,
                "there is no config '" + source + "', and no data of this name; did you mean '" + nearest + "'?");
  return false;
}

// Of data and studies, whose seed is no key of a config.
std::uint64_t own_seed(CommandTable& table) {
  std::uint64_t seed = 0;
  if (table.seed.empty()) return seed;
  const std::string& text = table.seed.back();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(Status::usage, "--seed must be a whole number >= 0, not '" + text + "'");
  table.seed.clear();
  return seed;
}

constexpr std::int64_t default_networks = 1000;

bool has_weight_options(const CommandLine& line) {
  return line.weight_layers > 0 || line.weight_rows > 0 || line.weight_columns > 0 || line.weight_rank >= 0 ||
         !line.import_list.empty() || !line.match.empty();
}

// Options of networks belong to these alone, and those of generated ones to no import.
void check_weight_options(const CommandTable& table) {
  const CommandLine& line = table.line;
  if (line.subject != "weights" && has_weight_options(line))
    throw Error(Status::usage,
                "--layers, --rows, --columns, --rank, --import and --match are of sample weights; leave them away with " +
                    line.subject);
  if (!line.match.empty() && line.import_list.empty())
    throw Error(Status::usage, "--match chooses tensors of networks that are imported; name their list with --import");
  const bool generated = line.weight_layers > 0 || line.weight_rows > 0 || line.weight_columns > 0 || line.weight_rank >= 0;
  if (!line.import_list.empty() && (generated || !table.count.empty() || !table.seed.empty()))
    throw Error(
        Status::usage,
        "--count, --layers, --rows, --columns, --rank and --seed are of networks that are generated; leave them away "
        "with --import");
}

// Before --seed becomes one of --set: data have a seed of their own.
void check_sample(CommandTable& table) {
  CommandLine& line = table.line;
  const bool data = is_data(line.subject);
  if (line.file.empty()) throw Error(Status::usage, "sample writes one file; name it, as in --file F.h5");
  if (!line.output.empty())
    throw Error(Status::usage, "--output names a folder, and sample writes one file; name it with --file F.h5");
  if (!data) {
    if (has_weight_options(line)) check_weight_options(table);
    if (!table.count.empty())
      throw Error(Status::usage,
                  "--count is the number of rows of data; the points of a config are counted by sampling.points");
    return;
  }
  if (!line.term.empty()) throw Error(Status::usage, "--term names a term of a config; leave it away with " + line.subject);
  if (!line.picture.empty())
    throw Error(Status::usage, "--picture draws the points of a config; leave it away with " + line.subject);
  if (!line.sets.empty()) throw Error(Status::usage, "--set changes a key of a config; leave it away with " + line.subject);
  check_weight_options(table);
  if (line.subject == "weights") line.count = default_networks;
  if (!table.count.empty()) line.count = parse_count("--count", table.count);
  line.sample_seed = own_seed(table);
}

void check_ablate(CommandTable& table) {
  CommandLine& line = table.line;
  AblateOptions& options = line.ablate;
  if (!line.subject.empty() && !options.data.empty())
    throw Error(Status::usage,
                "the data are given twice, as " + line.subject + " and as --dataset " + options.data + "; leave one away");
  if (options.data.empty()) options.data = line.subject;
  if (options.data.empty())
    throw Error(Status::usage,
                "ablate needs data: a collection of weights, or 1k, 10k, 50k or 100k (see jetpinn ablate --help)");
  if (!line.sets.empty())
    throw Error(Status::usage, "--set changes a key of a config, and ablate has none; use its own options");
  if (line.device != "auto" && line.device != "cpu")
    throw Error(Status::usage, "--device " + line.device + ": ablate computes on processors alone; leave it away");
  if (!table.cache_limit.empty()) {
    const auto bytes = parse_bytes(table.cache_limit);
    if (!bytes || !(*bytes >= 0))
      throw Error(Status::usage, "--cache-limit must be a size, as in \"4 GiB\", not '" + table.cache_limit + "'");
    options.cache_limit = *bytes;
  }
  options.seed = own_seed(table);
  options.output = line.output;
  options.force = line.force;
  check_ablate_options(options, 1);
}

void check_file(const CommandLine& line) {
  if (line.file.empty() || !has(writers_of_folders, line.command)) return;
  throw Error(Status::usage, "--file names a file, and " + line.command + " writes a folder; name it with --output DIR" +
                                 (line.command == "adapt" ? ", and the measurements with --data FILE" : ""));
}

void check_prune(CommandTable& table) {
  if (!has(unit_score_names(), table.score)) fail_choice("--score", table.score, unit_score_names());
  if (!has(prune_schedule_names(), table.schedule)) fail_choice("--schedule", table.schedule, prune_schedule_names());
  const Names& optimizers = find_key("training.stages.*.optimizer")->words;
  if (!has(optimizers, table.line.prune.optimizer)) fail_choice("--optimizer", table.line.prune.optimizer, optimizers);
  table.line.prune.score = unit_score(table.score);
  table.line.prune.schedule = prune_schedule(table.schedule);
}

// Commands that are nothing but words, and options that make them so.
void answer(CommandLine& line) {
  if (line.command == "completion") {
    if (!has(completion_shells(), line.subject)) fail_choice("shell", line.subject, completion_shells());
    line.answer = completion_script(line.subject);
  } else if (line.command == "manual" && line.list) {
    for (const std::string& name : manual_names()) line.answer += name + "\n";
  } else if (line.command == "manual") {
    if (!line.subject.empty()) check_command(line.subject);
    line.answer = manual_page(line.subject.empty() ? "jetpinn" : "jetpinn-" + line.subject);
  } else if (line.command == "check" && line.schema) {
    line.answer = json_schema();
  }
}

void check_values(CommandTable& table) {
  CommandLine& line = table.line;
  check_file(line);
  check_device(line.device);
  if (line.command == "sample") check_sample(table);
  if (line.command == "ablate") check_ablate(table);
  if (!table.seed.empty()) line.sets.push_back("training.seed=" + table.seed.back());
  if (!has({"debug", "info", "warning", "error"}, line.log_level))
    fail_choice("--log-level", line.log_level, {"debug", "info", "warning", "error"});
  if (!has({"auto", "never"}, line.resume)) fail_choice("--resume", line.resume, {"auto", "never"});
  if (!has({"fp32", "fp64"}, line.precision)) fail_choice("--precision", line.precision, {"fp32", "fp64"});
  if (line.log_level == "warning" || line.log_level == "error") line.quiet = true;
  if (line.log_level == "debug") line.debug = true;
  if (!line.benchmark.empty()) check_benchmark(line.benchmark), check_bench_subject(line);
  if (line.command == "scale") check_scale(table);
  if (line.command == "prune") check_prune(table);
  if (table.max_time.empty()) return;
  const auto seconds = parse_duration(table.max_time);
  if (!seconds || *seconds < 0)
    throw Error(Status::usage,
                "--max-time must be a duration, as in \"10 min\" or seconds, not '" + table.max_time + "'");
  line.max_time_s = *seconds;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.empty() || word[0] == '-') continue;
    check_command(word);
    if (word == "bench" && i + 1 < argc && argv[i + 1][0] != '-') check_benchmark(argv[i + 1]);
    break;
  }
  const auto table = std::make_unique<CommandTable>();
  CLI::App& app = table->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    table->line.answer = chosen.empty() ? app.help() : chosen[0]->help("jetpinn");
    return table->line;
  } catch (const CLI::CallForVersion& version) {
    table->line.answer = version.what();
    return table->line;
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const std::string command = chosen.empty() ? "jetpinn" : "jetpinn " + chosen[0]->get_name();
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    throw Error(Status::usage, message + " (see " + command + " --help)");
  }
  if (app.get_subcommands().empty())
    throw Error(Status::usage, "no command given; there is " + listed(available_commands()) + " (see jetpinn --help)");
  table->line.command = app.get_subcommands()[0]->get_name();
  check_values(*table);
  answer(table->line);
  return table->line;
}

}  // namespace jetpinn
