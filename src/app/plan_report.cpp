#include "jetpinn/app/plan_report.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/config/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::size_t ranks_listed = 8;  // beyond it a range says enough

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), " ");
  return digits;
}

std::string flop_text(double flop) {
  static const char* const names[] = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"};
  int unit = 0;
  for (; unit < 5 && flop >= 1000; ++unit) flop /= 1000;
  return fmt::format("{:.4g} {}", flop, names[unit]);
}

std::string blocks_text(const Assembly& assembly, std::size_t term) {
  std::string list;
  std::size_t least = std::numeric_limits<std::size_t>::max(), most = 0;
  for (const auto& rank : assembly.blocks) {
    least = std::min(least, rank[term].size());
    most = std::max(most, rank[term].size());
    list += (list.empty() ? "" : "+") + std::to_string(rank[term].size());
  }
  return assembly.blocks.size() <= ranks_listed ? list : fmt::format("{}..{}", least, most);
}

std::string network_text(const Assembly& assembly, const Config& config) {
  const Network& network = assembly.network;
  std::string shape = std::to_string(network.features.size());
  for (const DenseLayer& layer : network.layers) shape += "-" + std::to_string(layer.outputs);
  return fmt::format("{} {} {}, {} parameters", config.network.kind, shape, to_string(network.activation),
                     grouped(network.parameters));
}

std::string reference_text(const Problem& problem) {
  if (!problem.reference_file.empty()) return problem.reference_file;
  std::string fields;
  for (const auto& [field, node] : problem.exact)
    fields += (fields.empty() ? "exact " : ", ") + problem.symbols.fields[static_cast<std::size_t>(field)];
  return fields.empty() ? "none" : fields;
}

// Columns as wide as their longest entry; the last one is as long as it is.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width(rows[0].size(), 0);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c + 1 < row.size(); ++c)
      text += c == 0 ? fmt::format("{:<{}}", row[c], width[c]) : fmt::format("  {:>{}}", row[c], width[c]);
    text += "  " + row.back() + "\n";
  }
  return text;
}

std::string terms_text(const Assembly& assembly) {
  const Problem& problem = *assembly.problem;
  std::vector<std::vector<std::string>> rows{
      {"term", "points", "blocks per rank", "residuals", "channels", "naive", "plan"}};
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const TermProgram& program = assembly.terms[t].program;
    rows.push_back({problem.terms[t].name, grouped(assembly.counts[t]), blocks_text(assembly, t),
                    std::to_string(program.residuals()), std::to_string(program.channels()),
                    std::to_string(program.plan.naive_channels), describe(program.plan, problem.symbols.coordinates)});
  }
  return table_text(rows);
}

std::string stages_text(const Config& config) {
  std::string text;
  for (std::size_t i = 0; i < config.training.stages.size(); ++i) {
    const StageOptions& stage = config.training.stages[i];
    const OptimizerOptions& optimizer = stage.optimizer;
    text +=
        fmt::format("{}{} {}, {} steps", i == 0 ? "stages     " : "           ", i, optimizer.kind, grouped(stage.steps));
    if (optimizer.kind == "lbfgs")
      text += fmt::format(", history {}", optimizer.history);
    else
      text += fmt::format(", learning rate {} {}", optimizer.learning_rate.kind, optimizer.learning_rate.start);
    text += stage.steps == 0 ? " (skipped)\n" : "\n";
  }
  return text;
}

std::string work_text(const Assembly& assembly, int ranks) {
  std::string text = fmt::format("work       {} per step", flop_text(assembly.flop_per_step()));
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    text += fmt::format("{}{} {}", t == 0 ? " (" : ", ", assembly.terms[t].name,
                        flop_text(assembly.cost.flop_per_point[t] * static_cast<double>(assembly.counts[t])));
  return text + fmt::format("), {} points on {} rank{}\n", grouped(assembly.points()), ranks, ranks == 1 ? "" : "s");
}

}  // namespace

double planned_bytes(const Assembly& assembly, const Config& config, int ranks) {
  double bytes = 0;
  for (int r = 0; r < ranks; ++r)
    bytes += static_cast<double>(plan_memory(assembly, config.training, r, block_points).total());
  return bytes;
}

void require_memory(const Assembly& assembly, const Config& config, int ranks) {
  const double limit = config.run.memory_limit_bytes, planned = planned_bytes(assembly, config, ranks);
  if (limit <= 0 || planned <= limit) return;
  throw Error(Status::usage, "the planned memory of " + format_bytes(planned) + " is beyond run.memory_limit = " +
                                 format_bytes(limit) + "; lower sampling.points or network.hidden, or raise the limit");
}

std::string plan_report(const Assembly& assembly, const Config& config, int ranks) {
  const Problem& problem = *assembly.problem;
  std::string domain, fields;
  for (std::size_t d = 0; d < problem.lower.size(); ++d)
    domain += fmt::format("{}{} {:.6g} .. {:.6g}", d == 0 ? "" : ", ", problem.symbols.coordinates[d], problem.lower[d],
                          problem.upper[d]);
  for (const std::string& field : problem.symbols.fields) fields += (fields.empty() ? "" : ", ") + field;

  std::string text = fmt::format("name       {}\nfields     {} of {}\nreference  {}\nnetwork    {}\n", config.name, fields,
                                 domain, reference_text(problem), network_text(assembly, config));
  text += fmt::format("engine     {}, {}, reproducibility {}, seed {}, {} points\n", to_string(config.training.engine),
                      to_string(config.training.precision), to_string(config.training.reproducibility), config.training.seed,
                      to_string(config.sampling.method));
  text += stages_text(config) + "\n" + terms_text(assembly) + "\n" + work_text(assembly, ranks);

  const MemoryPlan memory = plan_memory(assembly, config.training, 0, block_points);
  text += fmt::format(
      "memory     {} on rank 0 (parameters {}, gradient {}, optimiser {}, channels of {} points {}, stored points {})",
      format_bytes(static_cast<double>(memory.total())), format_bytes(static_cast<double>(memory.parameters)),
      format_bytes(static_cast<double>(memory.gradient)), format_bytes(static_cast<double>(memory.optimizer)), block_points,
      format_bytes(static_cast<double>(memory.channels)), format_bytes(static_cast<double>(memory.points)));
  if (ranks > 1) text += fmt::format(", {} on all", format_bytes(planned_bytes(assembly, config, ranks)));
  return text + "\n";
}

}  // namespace jetpinn
