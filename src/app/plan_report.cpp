#include "jetpinn/app/plan_report.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/text_runs.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/profile/memory.hpp"
#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/gauss_newton_memory.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/progress_log.hpp"
#include "jetpinn/train/recompute.hpp"
#include "jetpinn/train/run_balance.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/train/step_batches.hpp"
#include "jetpinn/train/term_measures.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

namespace jetpinn {
namespace {

constexpr std::size_t ranks_listed = 8;  // beyond it a range says enough

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), " ");
  return digits;
}

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
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
  std::vector<std::string> shapes(network.members.size());
  for (const Layer& layer : network.layers) {
    std::string& shape = shapes[static_cast<std::size_t>(layer.member)];
    if (shape.empty()) shape = std::to_string(layer.input_units);  // the features
    if (layer.block("weight")) shape += "-" + std::to_string(layer.units);
  }
  const std::vector<NetworkOptions> networks = networks_of(config.network);
  std::string text;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    text += fmt::format("{}{} {} {}", n == 0 ? "" : ", ", networks[n].kind, shapes[n], to_string(networks[n].activation));
    if (networks.size() > 1) text += " for " + network.members[n].name;
  }
  return text + ", " + parameters_text(grouped(network.layer_parameters()), network.trainables.size());
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

// How many points a piece has, of a border also each of its surfaces, numbered from `first` on.
std::string border_text(const std::vector<PiecePoints>& surfaces, std::size_t first) {
  constexpr std::size_t surfaces_listed = 12;
  std::int64_t points = 0, least = surfaces[0].points, most = least;
  std::string list;
  for (const PiecePoints& surface : surfaces) {
    points += surface.points;
    least = std::min(least, surface.points);
    most = std::max(most, surface.points);
    list += (list.empty() ? "" : " + ") + grouped(surface.points);
  }
  std::string text = fmt::format("{} on {}", grouped(points), surfaces[0].piece);
  if (surfaces.size() == 1) return text;
  text += fmt::format(" (patches {} to {}: ", first, first + surfaces.size() - 1);
  return text + (surfaces.size() <= surfaces_listed ? list : fmt::format("{} to {} each", grouped(least), grouped(most))) +
         ")";
}

// How many pieces have how many points: listed where they are few, counted where they are many.
std::string shares_text(const std::vector<PiecePoints>& pieces) {
  constexpr std::size_t pieces_listed = 8, empty_listed = 6;
  std::string text;
  std::vector<std::vector<PiecePoints>> by_name;  // a border has a piece for each of its surfaces
  for (const PiecePoints& piece : pieces)
    if (!by_name.empty() && by_name.back()[0].piece == piece.piece)
      by_name.back().push_back(piece);
    else
      by_name.push_back({piece});
  if (by_name.size() <= pieces_listed) {
    std::size_t first = 0;  // as `sample` numbers them
    for (const std::vector<PiecePoints>& surfaces : by_name) {
      text += (text.empty() ? "" : ", ") + border_text(surfaces, first);
      first += surfaces.size();
    }
    return text;
  }
  std::map<std::int64_t, std::size_t> pieces_with;   // points -> pieces
  for (const PiecePoints& piece : pieces) ++pieces_with[piece.points];
  text = fmt::format("{} faces, ", grouped(static_cast<std::int64_t>(pieces.size())));
  const std::int64_t least = pieces_with.begin()->first, most = pieces_with.rbegin()->first;
  text +=
      least == most ? fmt::format("{} each", grouped(most)) : fmt::format("{} to {} each", grouped(least), grouped(most));
  if (least > 0) return text;
  text += fmt::format(", none on {} of them: ", grouped(static_cast<std::int64_t>(pieces_with.begin()->second)));
  std::size_t named = 0;
  for (const PiecePoints& piece : pieces)
    if (piece.points == 0 && named++ < empty_listed) text += (named > 1 ? ", " : "") + piece.piece;
  return text + (named > empty_listed ? ", ..." : "");
}

// A line for each condition whose set has several pieces or borders of shapes; empty where there is none.
std::string faces_text(const Assembly& assembly) {
  const std::vector<Term>& terms = assembly.problem->terms;
  std::string text;
  for (std::size_t t = 0; t < terms.size(); ++t)
    if (const auto pieces = points_per_piece(assembly, t, assembly.chosen); pieces.size() > 1 || has_border(terms[t].region))
      text += fmt::format("{} {}: {}\n", text.empty() ? "faces     " : "          ", terms[t].name, shares_text(pieces));
  return text;
}

// A line for each condition whose points are linked with others.
std::string pairs_text(const Assembly& assembly) {
  const Problem& problem = *assembly.problem;
  std::string text;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    if (problem.terms[t].pair.empty()) continue;
    std::string set;
    for (const auto& [coordinate, value] : problem.terms[t].pair)
      set += fmt::format("{}{} == {:.6g}", set.empty() ? "" : " && ",
                         problem.symbols.coordinates[static_cast<std::size_t>(coordinate)], value);
    std::string sets;
    for (const PiecePoints& piece : points_per_piece(assembly, t, assembly.chosen))
      sets += (sets.empty() ? "" : ", ") + piece.piece;
    text += fmt::format("{}{}: {} points, each with the one at {}\n", text.empty() ? "pairs      " : "           ",
                        problem.terms[t].name + " on " + sets, grouped(assembly.counts[t]), set);
  }
  return text;
}

// Each sentence in a line of its own, behind the title.
std::string lines_text(const std::string& title, const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += fmt::format("{:<11}{}\n", text.empty() ? title : "", sentence);
  return text;
}

// A line for each integral constraint, with what it adds to the sum over ranks.
std::string means_text(const Assembly& assembly) {
  std::string text;
  for (const SquaredMean& mean : squared_means(assembly))
    text += fmt::format("{}{}: the square of its mean, {} more numbers in the sum of a step\n",
                        text.empty() ? "means      " : "           ", assembly.problem->terms[mean.term].name,
                        grouped(SquaredMeans::entries({mean}, assembly.network.parameters)));
  return text;
}

std::string stages_text(const Assembly& assembly, const Config& config, int ranks) {
  const ParameterLayout layout = parameter_layout(assembly.network, assembly.problem->trained);
  std::string text;
  for (std::size_t i = 0; i < config.training.stages.size(); ++i) {
    const StageOptions& stage = config.training.stages[i];
    const OptimizerOptions& optimizer = stage.optimizer;
    text +=
        fmt::format("{}{} {}, {}, {} steps", i == 0 ? "stages     " : "           ", i, optimizer.kind,
                        to_string(config.training.precision_of(stage)), grouped(stage.steps));
    if (optimizer.kind == "lbfgs")
      text += fmt::format(", history {}", optimizer.history);
    else if (optimizer.dense())
      text += fmt::format(", an inverse Hessian of {0} x {0}, with its vectors {1} on rank 0", grouped(layout.size),
                          format_bytes(static_cast<double>(optimizer_bytes(optimizer, layout, 0, ranks))));
    else if (const NaturalGradientSystem system = gauss_newton_system(assembly, i); optimizer.linearizes())
      text += fmt::format(", a system of {0} x {0}, an unknown for each {1}, {2} on rank 0", grouped(system.unknowns()),
                          system.in_parameters() ? "parameter" : "residual",
                          format_bytes(static_cast<double>(plan_gauss_newton_memory(assembly, config.training, i, 0))));
    else if (optimizer.kind == "soap")
      text +=
          fmt::format(", learning rate {} {}, bases followed every {} steps, with its vectors {} on each rank",
                      optimizer.learning_rate.kind, optimizer.learning_rate.start, grouped(optimizer.precondition_frequency),
                      format_bytes(static_cast<double>(optimizer_bytes(optimizer, layout, 0, ranks))));
    else
      text += fmt::format(", learning rate {} {}", optimizer.learning_rate.kind, optimizer.learning_rate.start);
    if (const std::string changes = changes_text(stage); !changes.empty()) text += ", " + changes;
    if (const std::string changes = changes_text(config.sampling, i); !changes.empty())
      text += fmt::format(", {}, {} points in all", changes, grouped(total(assembly.stage_points(i).counts)));
    if (const std::string batches = batches_text(assembly, config.training, i); !batches.empty())
      text += ", a step takes " + batches;
    text += stage.steps == 0 ? " (skipped)\n" : "\n";
  }
  return text;
}

std::string work_text(const Assembly& assembly, int ranks) {
  const std::string points = fmt::format("{} points on {} rank{}", grouped(assembly.points()), ranks, ranks == 1 ? "" : "s");
  if (assembly.flop_per_step() == 0)
    return fmt::format("work       no matrix sees all channels (a single hidden layer), {}\n", points);
  std::string text = fmt::format("work       {} per step", flop_text(assembly.flop_per_step()));
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    text += fmt::format("{}{} {}", t == 0 ? " (" : ", ", assembly.terms[t].name,
                        flop_text(assembly.cost.flop_per_point[t] * static_cast<double>(assembly.counts[t])));
  return text + "), " + points + "\n";
}

// Empty where none was asked for.
std::string recompute_report(const Assembly& assembly, const Config& config) {
  if (const auto facts = recompute_facts(assembly, config.training, config.output))
    return "recompute  " + recompute_text(*facts) + "\n";
  const RecomputeOptions& wanted = config.training.recompute;
  if (!wanted.automatic)
    return wanted.segments == 1 || config.training.engine != EngineKind::jets
               ? ""
               : fmt::format("recompute  nothing: {} segments take no less memory than keeping all\n", wanted.segments);
  return std::string("recompute  nothing: ") +
         (config.run.memory_limit_bytes > 0 ? "the plan is within run.memory_limit\n" : "there is no run.memory_limit\n");
}

std::string bytes_text(std::int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

MemoryPlan plan_of(const Assembly& assembly, const Config& config, int rank) {
  return plan_memory(assembly, config.training, config.output, rank);
}

std::string sum_text(const MemoryPlan& plan) {
  return fmt::format(
      "parameters {} + gradient {} + optimiser {} + channels of {} points {} + stored points {}{} + independent points {} + "
      "engine {} + sums {} + spare {}{}",
      bytes_text(plan.parameters), bytes_text(plan.gradient), bytes_text(plan.optimizer), plan.chunk,
      bytes_text(plan.channels), bytes_text(plan.points), plan.balance > 0 ? " + balancing " + bytes_text(plan.balance) : "",
      bytes_text(plan.independent), bytes_text(plan.engine), bytes_text(plan.sums), bytes_text(plan.spare),
      plan.libtorch > 0 ? " + LibTorch " + bytes_text(plan.libtorch) : "");
}

// What was tried already.
std::string recomputed_text(const Assembly& assembly, const Config& config) {
  const auto facts = recompute_facts(assembly, config.training, config.output);
  if (!facts) return "";
  return std::string(config.training.recompute.automatic ? ", though as little is kept as can be: " : ": ") +
         recompute_text(*facts);
}

std::string recompute_remedy(const Assembly& assembly, const Config& config) {
  if (config.training.recompute.automatic || !assembly.recomputed.empty()) return "";
  if (least_planned_bytes(assembly, config.training, config.output) > config.run.memory_limit_bytes) return "";
  return "compute hidden layers again in the reverse sweep (training.recompute = \"auto\" stays within it), ";
}

// What would help most against this plan.
std::string remedy(const MemoryPlan& plan) {
  if (plan.points >= plan.optimizer && plan.points >= plan.channels) return "lower sampling.points";
  if (plan.optimizer >= plan.channels) return "lower network.hidden, or the history of an L-BFGS stage";
  return "lower network.hidden";
}

}  // namespace

double planned_bytes(const Assembly& assembly, const Config& config) {
  return planned_bytes(assembly, config.training, config.output);
}

void choose_recomputed(Assembly& assembly, const Config& config) {
  choose_recomputed(assembly, config.training, config.output, config.run.memory_limit_bytes);
}

void require_memory(const Assembly& assembly, const Config& config) {
  for (std::size_t i = 0; i < config.training.stages.size(); ++i)
    if (const StageOptions& stage = config.training.stages[i]; stage.steps > 0) {
      require_size(stage.optimizer, assembly.network.parameters);
      if (stage.optimizer.linearizes()) require_unknowns(gauss_newton_system(assembly, i));
    }
  const double limit = config.run.memory_limit_bytes, planned = planned_bytes(assembly, config);
  if (limit <= 0 || planned <= limit) return;
  bool holds_tables = false;
  for (const Term& term : assembly.problem->terms) holds_tables = holds_tables || (term.table && !term.table->streamed);
  throw Error(Status::usage, "the planned memory of " + format_bytes(planned) +
                                 " is beyond run.memory_limit = " + format_bytes(limit) + recomputed_text(assembly, config) +
                                 "; lower sampling.points or network.hidden, " +
                                 (holds_tables ? "read tables while the run trains (stream = true), " : "") +
                                 recompute_remedy(assembly, config) + "or raise the limit");
}

std::string plan_report(const Assembly& assembly, const Config& config, int ranks) {
  const Problem& problem = *assembly.problem;
  std::vector<std::string> ranges, parameters;
  for (std::size_t d = 0; d < problem.lower.size(); ++d)
    (problem.symbols.is_parameter(static_cast<int>(d)) ? parameters : ranges)
        .push_back(fmt::format("{} {:.6g} .. {:.6g}", problem.symbols.coordinates[d], problem.lower[d], problem.upper[d]));
  const std::string domain = join_runs(ranges, ", ", ", ..., "), fields = join_runs(problem.symbols.fields, ", ", ", ..., ");

  std::string text = fmt::format("name       {}\nfields     {} of {}\n", config.name, fields, domain);
  if (!parameters.empty()) text += "parameters " + join_runs(parameters, ", ", ", ..., ") + "\n";
  text += fmt::format("reference  {}\nnetwork    {}\n", reference_text(problem), network_text(assembly, config));
  text += fmt::format("engine     {}, {}, reproducibility {}, seed {}, {} points\n", to_string(config.training.engine),
                      to_string(config.training.precision), to_string(config.training.reproducibility), config.training.seed,
                      to_string(config.sampling.method));
  text += stages_text(assembly, config, ranks) + adaptive_text(assembly) + gate_text(assembly, config.training) +
          balance_text(assembly, config.training) + "\n" + terms_text(assembly) + "\n" +
          lines_text("tables", table_sentences(assembly)) + lines_text("scales", scale_sentences(problem)) +
          lines_text("shapes", problem.shape_facts) + lines_text("measures", measure_sentences(assembly)) +
          faces_text(assembly) + pairs_text(assembly) + means_text(assembly) + work_text(assembly, ranks) +
          recompute_report(assembly, config);

  const MemoryPlan memory = plan_of(assembly, config, 0);
  text += fmt::format("memory     {} on rank 0, {} of it at least in any implementation ({})", bytes_text(memory.total()),
                      bytes_text(memory.minimum()), sum_text(memory));
  if (ranks > 1) text += fmt::format(", {} on all", format_bytes(planned_bytes(assembly, config)));
  return text + "\n";
}

std::string peaks_report(const Peaks& peaks, const Assembly& assembly, const Config& config, int ranks) {
  if (peaks.flops <= 0) return "";
  std::string text = fmt::format("peaks      {:.4g} GFLOP/s in {} on a core, {:.4g} GB/s to its second-level cache",
                                 1e-9 * peaks.flops, to_string(config.training.precision), 1e-9 * peaks.cache_bytes);
  if (peaks.memory_bytes > 0) text += fmt::format(", {:.4g} GB/s to memory", 1e-9 * peaks.memory_bytes);
  if (assembly.flop_per_step() > 0)
    text += fmt::format(": {:.3g} ms a step at least", 1e3 * assembly.flop_per_step() / peaks.flops / ranks);
  return text + "\n";
}

std::string memory_shortage(const std::vector<MemoryPlan>& plans, const std::vector<RankMemory>& places) {
  for (std::size_t r = 0; r < plans.size(); ++r) {
    if (static_cast<double>(plans[r].total()) <= places[r].address_space) continue;
    return fmt::format(
        "rank {} needs {} = {}; the limit on its address space (ulimit -v) leaves {}; {}, use more ranks, or raise the "
        "limit",
        r, bytes_text(plans[r].total()), sum_text(plans[r]), format_bytes(places[r].address_space), remedy(plans[r]));
  }
  std::map<std::string, std::vector<std::size_t>> hosts;
  for (std::size_t r = 0; r < places.size(); ++r) hosts[places[r].host].push_back(r);
  for (const auto& [host, ranks] : hosts) {
    double need = 0, free = places[ranks[0]].free;
    std::size_t largest = ranks[0];
    for (std::size_t r : ranks) {
      need += static_cast<double>(plans[r].total());
      free = std::min(free, places[r].free);
      if (plans[r].total() > plans[largest].total()) largest = r;
    }
    if (need <= free) continue;
    const std::string all = ranks.size() == 1
                                ? fmt::format("on host {}", host)
                                : fmt::format("{} ranks on host {} need {},", ranks.size(), host, format_bytes(need));
    return fmt::format("rank {} needs {} = {}; {} {} are free; {}, or use more hosts", largest,
                       bytes_text(plans[largest].total()), sum_text(plans[largest]), all, format_bytes(free),
                       remedy(plans[largest]));
  }
  return "";
}

void reserve_planned_memory(Communicator& communicator, const Assembly& assembly, const Config& config) {
  const std::vector<std::string> hosts = communicator.gather("memory", host_name());
  const std::vector<double> free = communicator.gather("memory", static_cast<double>(available_memory_bytes()));
  const std::vector<double> own = communicator.gather("memory", static_cast<double>(address_space_left_bytes()));
  std::vector<MemoryPlan> plans;
  std::vector<RankMemory> places;
  for (std::size_t r = 0; r < hosts.size(); ++r) {
    plans.push_back(plan_of(assembly, config, static_cast<int>(r)));
    places.push_back({hosts[r], free[r], own[r]});
  }
  if (const std::string shortage = memory_shortage(plans, places); !shortage.empty()) throw Error(Status::usage, shortage);
  std::optional<MemoryReservation> reservation;   // held until every rank has its own
  communicator.agree("memory", [&] { reservation.emplace(plans[static_cast<std::size_t>(communicator.rank())].total()); });
}

}  // namespace jetpinn
