// Scales at the network that training begins with and cannot bridge.
//
// A loss is a sum, and an optimiser works on its largest summand until that has fallen to the others: a term that begins
// `ratio` below counts only when the loss has fallen by `ratio`. Trainings lower the loss by 10^4 to 10^8, so that beyond
// 10^7 the smaller term is hardly trained at all. docs/warnings.md has the ratios of the shipped problems.
#include "jetpinn/audit/demand.hpp"
#include "jetpinn/audit/initial_scales.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double most_between_terms = 1e7;       // mean squares
// Between residuals of one term, which are one system and share a fate: a channel flow that
// begins at 7e8 still trains to 1e-2.
constexpr double most_between_residuals = 1e10;
constexpr double most_between_parts = 1e14;      // mean squares: 10^7 in size, behind which fp32
                                                 // does not hold the smaller one
constexpr double most_between_ranges = 100;      // sizes of a reference and of the network's output
constexpr double worth_a_remark = 5;            // the same beside another warning of scales
constexpr double held = 1e-12;                   // of the fields' size: a residual that small is met by an output transform

const char* const or_scaled = "; or let problem.scales = \"auto\" choose the sizes";

std::string number(double value) { return fmt::format("{:.2g}", value); }

// A factor to write into a config: one digit is enough.
std::string factor(double value) { return fmt::format("{:g}", std::strtod(fmt::format("{:.0e}", value).c_str(), nullptr)); }

// A term, or one residual of it.
struct Summand {
  std::size_t term = 0;
  int residual = -1;                     // -1: the whole term
  double weighted = 0, unweighted = 0;   // mean squares
};

std::string name_of(const Problem& problem, const Summand& summand) {
  const Term& term = problem.terms[summand.term];
  if (summand.residual < 0) return "'" + term.name + "'";
  return fmt::format("'{}' ({})", term.name, short_text(problem, term.stated[static_cast<std::size_t>(summand.residual)]));
}

// "problem.equations.0.residual.1", or the term's weight.
std::string key_of(const std::string& of_term, const Summand& summand) {
  return summand.residual < 0 ? of_term : of_term + "." + std::to_string(summand.residual);
}

std::string residual_key(const Problem& problem, const Summand& summand) {
  return key_of(term_key(problem, summand.term) + ".residual", summand);
}

struct FieldFit {
  double ratio = 1;        // size of the reference over that of the network
  std::string transform;   // that brings the network to the reference
};

FieldFit fit_of(const Problem& problem, const FieldScale& network, const FieldRange& reference) {
  const auto largest = [](double low, double high) { return std::max(std::abs(low), std::abs(high)); };
  const double wanted = largest(reference.low, reference.high), given = largest(network.low, network.high);
  if (!(wanted > 0 && given > 0 && std::isfinite(wanted))) return {};
  const std::string& name = problem.symbols.fields[static_cast<std::size_t>(reference.field)];
  const NodeId output = problem.outputs[static_cast<std::size_t>(reference.field)];
  const std::string inner = problem.graph[output].op == Op::field ? name : "(" + short_text(problem, output) + ")";
  const double middle = 0.5 * (reference.low + reference.high), half = 0.5 * (reference.high - reference.low);
  FieldFit fit;
  fit.ratio = wanted / given;
  fit.transform = std::abs(middle) > 3 * half && half > 0
                      ? fmt::format("{} = \"{:.3g} + {}*{}\"", name, middle, factor(half), inner)
                      : fmt::format("{} = \"{}*{}\"", name, factor(wanted), inner);
  return fit;
}

bool beyond(double ratio, double most) { return ratio > most || ratio < 1 / most; }

// ", and output = { w = "0.05*w" } brings w to its reference": for fields off by the factor; empty: none is.
std::string field_remarks(const AuditInput& input, const InitialScales& scales) {
  const Problem& problem = *input.assembly.problem;
  std::string list, names;
  for (const FieldRange& range : input.reference.ranges) {
    const FieldFit fit = fit_of(problem, scales.fields[static_cast<std::size_t>(range.field)], range);
    // beyond has a warning of its own
    if (!beyond(fit.ratio, worth_a_remark) || beyond(fit.ratio, most_between_ranges)) continue;
    list += (list.empty() ? "" : ", ") + fit.transform;
    names += (names.empty() ? "" : ", ") + problem.symbols.fields[static_cast<std::size_t>(range.field)];
  }
  return list.empty() ? "" : fmt::format("network.output = {{ {} }} brings {} to the size of the reference", list, names);
}

// The weight of a summand where training begins, if it is one number; below 0: it is not.
double weight_of(const AuditInput& input, const Summand& summand) {
  const Problem& problem = *input.assembly.problem;
  const std::vector<NodeId>& weights = stage_weights(input, input.training.trained_stages().front(), summand.term);
  const NodeId first = weights[static_cast<std::size_t>(std::max(summand.residual, 0))];
  const bool one =
      summand.residual >= 0 || std::all_of(weights.begin(), weights.end(), [&](NodeId id) { return id == first; });
  return one && problem.graph.is_constant(first) ? problem.graph[first].value : -1;
}

// What brings a summand to the size of others.
std::string mend_of(const AuditInput& input, const Summand& summand, double wanted) {
  const Problem& problem = *input.assembly.problem;
  const double ratio = summand.weighted / wanted, weight = weight_of(input, summand);
  const std::string scale = fmt::format("{} the residual of {} by {}", ratio > 1 ? "divide" : "multiply",
                                        name_of(problem, summand), factor(std::sqrt(ratio > 1 ? ratio : 1 / ratio)));
  const std::string key = key_of(weight_key(input, input.training.trained_stages().front(), summand.term), summand);
  return scale + (weight >= 0 ? fmt::format(" or let {} = {}", key, factor(weight / ratio))
                              : fmt::format(" or multiply {} by {}", key, factor(1 / ratio)));
}

double geometric_mean(const std::vector<Summand>& summands, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += std::log(summands[i].weighted);
  return std::exp(sum / static_cast<double>(end - begin));
}

// The widest gap divides the summands; the smaller group is brought to the other one. Those that an
// output transform meets do not count.
void compare(const AuditInput& input, const InitialScales& scales, std::vector<Summand> summands, double most,
             Warnings& warnings) {
  const Problem& problem = *input.assembly.problem;
  double field = 0;
  for (const FieldScale& scale : scales.fields) field = field == 0 ? scale.mean_square : std::min(field, scale.mean_square);
  const auto counts = [&](const Summand& one) { return one.weighted > 0 && one.unweighted > held * held * field; };
  summands.erase(std::remove_if(summands.begin(), summands.end(), [&](const Summand& one) { return !counts(one); }),
                 summands.end());
  std::stable_sort(summands.begin(), summands.end(),
                   [](const Summand& a, const Summand& b) { return a.weighted > b.weighted; });
  const std::size_t n = summands.size();
  if (n < 2) return;
  const Summand &largest = summands.front(), &least = summands.back();
  const double ratio = largest.weighted / least.weighted;
  if (!(ratio > most)) return;

  std::size_t split = 1;
  for (std::size_t i = 1; i < n; ++i)
    if (summands[i - 1].weighted / summands[i].weighted > summands[split - 1].weighted / summands[split].weighted) split = i;
  const bool lower_the_large = split <= n - split;
  const double wanted = lower_the_large ? geometric_mean(summands, split, n) : geometric_mean(summands, 0, split);
  const std::size_t begin = lower_the_large ? 0 : split, end = lower_the_large ? split : n;
  std::string mend;
  for (std::size_t i = begin; i < std::min(end, begin + 3); ++i)
    mend += (mend.empty() ? "" : ", ") + mend_of(input, summands[i], wanted);
  const std::string fields = field_remarks(input, scales);
  warnings.push_back(
      {"scale",
       fmt::format(
           "scales differ: at the initial network the mean square of {} ({}) is {}, that of {} ({}) {}, a ratio of {} with "
           "weights, and training sees the larger alone: {}{}{}",
           name_of(problem, largest), residual_key(problem, largest), number(largest.weighted), name_of(problem, least),
           residual_key(problem, least), number(least.weighted), number(ratio), mend, fields.empty() ? "" : "; " + fields,
           or_scaled)});
}

void compare_terms(const AuditInput& input, const InitialScales& scales, Warnings& warnings) {
  const std::vector<Term>& terms = input.assembly.problem->terms;
  std::vector<Summand> whole(terms.size());
  std::vector<std::vector<Summand>> residuals(terms.size());
  for (std::size_t t = 0; t < terms.size(); ++t) whole[t].term = t;
  for (const ResidualScale& scale : scales.residuals) {
    whole[scale.term].weighted += scale.weighted;
    whole[scale.term].unweighted += scale.unweighted;
    residuals[scale.term].push_back({scale.term, static_cast<int>(scale.residual), scale.weighted, scale.unweighted});
  }
  compare(input, scales, whole, most_between_terms, warnings);
  for (const std::vector<Summand>& one : residuals) compare(input, scales, one, most_between_residuals, warnings);
}

void compare_parts(const AuditInput& input, const InitialScales& scales, Warnings& warnings) {
  const Problem& problem = *input.assembly.problem;
  for (const ResidualScale& scale : scales.residuals) {
    const PartScale *large = nullptr, *small = nullptr;
    for (const PartScale& part : scale.parts) {
      if (part.mean_square == 0) continue;
      if (!large || part.mean_square > large->mean_square) large = &part;
      if (!small || part.mean_square < small->mean_square) small = &part;
    }
    if (!large || !(large->mean_square / small->mean_square > most_between_parts)) continue;
    const auto text = [&](NodeId part) { return short_text(scales.graph, problem, part); };
    const Summand residual{scale.term, problem.terms[scale.term].stated.size() > 1 ? static_cast<int>(scale.residual) : -1};
    warnings.push_back(
        {"scale",
         fmt::format(
             "scales differ within {} ({}): at the initial network the mean square of {} is {}, that of {} {}, a ratio of "
             "{}, and the smaller one is lost in the rounding of the larger: measure coordinates and fields in units in "
             "which both count, or leave it out",
             name_of(problem, residual), residual_key(problem, residual), text(large->part), number(large->mean_square),
             text(small->part), number(small->mean_square), number(large->mean_square / small->mean_square))});
  }
}

// What conditions ask of the fields, [fields]; low > high: nothing.
std::vector<FieldRange> demanded_ranges(const Problem& problem) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::size_t most_pieces = 8;
  std::vector<FieldRange> ranges;
  for (int f = 0; f < problem.fields(); ++f) ranges.push_back({f, infinity, -infinity});
  for (Demand& demand : demands_of_conditions(problem)) {
    const Node& leaf = problem.graph[demand.leaf()];
    if (leaf.derivative.order > 0) continue;
    FieldRange& range = ranges[static_cast<std::size_t>(leaf.index)];
    const std::vector<Piece>& pieces = problem.terms[demand.term()].region.pieces;
    for (std::size_t p = 0; p < std::min(pieces.size(), most_pieces); ++p)
      for (std::uint64_t i = 0; i < 16; ++i) {
        std::vector<double> place = pieces[p].lower;
        for (std::size_t d = 0; d < place.size(); ++d)
          place[d] += 0.5 * (1 + audit_number(i, d, 5)) * (pieces[p].upper[d] - pieces[p].lower[d]);
        const std::optional<double> value = demand.at(place);
        if (!value) continue;
        range.low = std::min(range.low, *value);
        range.high = std::max(range.high, *value);
      }
  }
  return ranges;
}

void compare_ranges(const AuditInput& input, const InitialScales& scales, Warnings& warnings) {
  const Problem& problem = *input.assembly.problem;
  const auto compare_one = [&](const FieldRange& range, const char* whose, bool small_too) {
    const FieldScale& network = scales.fields[static_cast<std::size_t>(range.field)];
    const FieldFit fit = fit_of(problem, network, range);
    if (!(small_too ? beyond(fit.ratio, most_between_ranges) : fit.ratio > most_between_ranges)) return;
    const std::string& name = problem.symbols.fields[static_cast<std::size_t>(range.field)];
    const std::string mend =
        problem.scales.on ? fmt::format("give {} a scale of its size in problem.scales, or leave it to be chosen", name)
                          : fmt::format("let network.output = {{ {} }}{}", fit.transform, or_scaled);
    warnings.push_back({"scale", fmt::format("{} {} lies in [{:.3g}, {:.3g}], the initial network's output in [{:.3g}, "
                                             "{:.3g}], and training has to bridge a factor of {}: {}",
                                             whose, name, range.low, range.high, network.low, network.high,
                                             number(fit.ratio), mend)});
  };
  for (const FieldRange& range : input.reference.ranges) compare_one(range, "the reference of", true);
  // Without a reference conditions tell of the size. Inside the domain a field may well be larger than they ask for.
  for (const FieldRange& range : demanded_ranges(problem)) {
    const auto& known = input.reference.ranges;
    const bool has_one =
        std::any_of(known.begin(), known.end(), [&](const FieldRange& other) { return other.field == range.field; });
    if (!has_one && range.low <= range.high) compare_one(range, "what conditions ask of", false);
  }
}

Warnings differences(const AuditInput& input, const InitialScales& scales) {
  Warnings warnings;
  compare_terms(input, scales, warnings);
  compare_parts(input, scales, warnings);
  return warnings;
}

bool differ_when_drawn(AuditInput input) {
  input.start.clear();
  return !differences(input, initial_scales(input)).empty();
}

}  // namespace

Warnings audit_scales(const AuditInput& input) {
  const bool drawn = input.training.start_from.empty();
  if (!drawn && input.start.empty()) return {};   // the run goes on, and what it began with is gone
  const InitialScales scales = initial_scales(input);
  Warnings warnings;
  compare_ranges(input, scales, warnings);   // what it mends changes the others
  if (input.assembly.problem->scales.on) return warnings;  // every residual is divided by its size
  const Warnings apart = differences(input, scales);
  // A trained network meets some terms already. That they are small then says nothing of their scales, unless drawn
  // parameters say it too.
  if (drawn || apart.empty() || differ_when_drawn(input)) warnings.insert(warnings.end(), apart.begin(), apart.end());
  return warnings;
}

}  // namespace jetpinn
