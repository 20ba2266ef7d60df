// Coefficients and source terms that are not finite, or huge, at a point of their term: 1/sin(theta) at a pole.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/field_free_parts.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/compile.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr std::int64_t most_blocks = 1024, most_ratios = 4096;   // of a term that are looked at, points
                                                                 // whose median is taken
constexpr double huge_ratio = 1e12, huge_at_least = 1e6;

// What one part is at the points of its term.
struct Seen {
  std::int64_t not_finite = 0;
  double bad = 0, largest = 0;             // the first that is not finite; the largest magnitude
  std::vector<double> bad_at, largest_at;  // [dimensions]
  std::vector<double> some;                // magnitudes that are not zero, of points spread over all
};

// Blocks of the term's own points in their order, all of them or evenly spread; the first and the last one are among them.
std::vector<std::int64_t> blocks_of(std::int64_t points) {
  const std::int64_t blocks = (points + block_points - 1) / block_points, chosen = std::min(blocks, most_blocks);
  std::vector<std::int64_t> result;
  for (std::int64_t k = 0; k < chosen; ++k) result.push_back(chosen == 1 ? 0 : k * (blocks - 1) / (chosen - 1));
  return result;
}

void account(Seen& seen, double value, const std::vector<double>& place, bool counts_for_median) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) {
    if (seen.not_finite++ == 0) seen.bad = value, seen.bad_at = place;
    return;
  }
  if (size > seen.largest) seen.largest = size, seen.largest_at = place;
  if (counts_for_median && size > 0) seen.some.push_back(size);
}

std::vector<Seen> look(const Assembly& assembly, std::size_t term, const ExpressionGraph& graph,
                       const std::vector<FieldFreePart>& parts) {
  const auto dimensions = static_cast<std::size_t>(assembly.problem->dimensions());
  std::vector<NodeId> nodes;
  for (const FieldFreePart& part : parts) nodes.push_back(part.value);
  const std::vector<double>& starts = graph.trainable_starts();  // columns behind the coordinates
  const std::vector<FixedCoordinate>& pair = assembly.problem->terms[term].pair;  // columns behind those
  const auto source = term_source(assembly, term, 0);
  const SourceColumns columns = source->columns();
  const std::size_t attributes = columns.attributes.size(), before = dimensions + starts.size() + pair.size();
  const TapeProgram tape = compile_tape(graph, nodes, static_cast<int>(before + attributes), [&](const Node& leaf) {
    if (leaf.op == Op::trainable) return static_cast<int>(dimensions) + leaf.index;
    if (leaf.op == Op::attribute)
      return static_cast<int>(before + static_cast<std::size_t>(leaf.site) * attributes / 2) + leaf.index;
    for (std::size_t k = 0; k < pair.size() && leaf.site == 1; ++k)
      if (leaf.op == Op::coordinate && pair[k].coordinate == leaf.index)
        return static_cast<int>(dimensions + starts.size() + k);
    return leaf.op == Op::coordinate ? leaf.index : -1;
  });
  const std::vector<std::int64_t> blocks = blocks_of(source->count());
  const std::int64_t stride =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(blocks.size()) * block_points / most_ratios);
  std::vector<double> values(nodes.size() * block_points), place(dimensions);
  std::vector<Column<const double>> inputs;
  std::vector<Column<double>> outputs;
  inputs.resize(dimensions);
  for (const double& start : starts) inputs.push_back({&start, 0});
  for (const FixedCoordinate& fixed : pair) inputs.push_back({&fixed.value, 0});
  inputs.resize(before + attributes);
  for (std::size_t k = 0; k < nodes.size(); ++k) outputs.push_back({values.data() + k * block_points, 1});
  std::vector<Seen> all(parts.size());
  for (std::int64_t block : blocks) {
    const std::int64_t count = std::min(block_points, source->count() - block * block_points);
    TermPoints points = make_room(static_cast<int>(dimensions), columns, source->count(), {{block * block_points, count}});
    source->fill(points);
    for (std::size_t d = 0; d < dimensions; ++d) inputs[d] = {points.coordinate(static_cast<int>(d)), 1};
    for (std::size_t k = 0; k < attributes; ++k)
      inputs[before + k] = {points.attributes.data() + k * static_cast<std::size_t>(count), 1};
    tape_forward<double>(Stream{}, tape, count, inputs.data(), outputs.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::size_t d = 0; d < dimensions; ++d) place[d] = inputs[d].data[i];
      for (std::size_t k = 0; k < parts.size(); ++k) account(all[k], outputs[k].data[i], place, i % stride == 0);
    }
  }
  return all;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How one term is spoken of.
class Speaker {
 public:
  Speaker(const Assembly& assembly, std::size_t term, const ExpressionGraph& graph)
      : assembly_(assembly), term_(term), graph_(graph) {}

  std::string not_finite(const FieldFreePart& part, const Seen& seen, std::size_t others) const {
    const std::int64_t points = assembly_.counts[term_];
    const bool all = points <= most_blocks * block_points;
    return fmt::format("{} {} {} {}of {} points, first at {}{}; {}", named(part),
                       std::isnan(seen.bad) ? "is not a number at" : "is infinite at", seen.not_finite,
                       all ? "" : "or more ", points, at(seen.bad_at),
                       others == 0 ? ""
                                   : fmt::format(", and so {} {} other part{} of it", others == 1 ? "is" : "are", others,
                                                 others == 1 ? "" : "s"),
                       mend(part));
  }

  std::string huge(const FieldFreePart& part, const Seen& seen, double ratio) const {
    return fmt::format("{} is {:.3g} at {}, {:.1g} times its median, so that this place outweighs all others; {}",
                       named(part), seen.largest, at(seen.largest_at), ratio, mend(part));
  }

 private:
  const Problem& problem() const { return *assembly_.problem; }
  std::string text(NodeId id) const {
    return short_text(graph_, id, problem().symbols.coordinates, problem().symbols.fields);
  }

  std::string named(const FieldFreePart& part) const {
    return fmt::format("the {} {} of '{}' ({}.residual)", part.coefficient ? "coefficient" : "part", text(part.shown),
                       problem().terms[term_].name, term_key(problem(), term_));
  }

  std::string at(const std::vector<double>& place) const {
    std::string all;
    for (std::size_t d = 0; d < place.size(); ++d)
      all += fmt::format("{}{} = {:.6g}", d == 0 ? "" : ", ", problem().symbols.coordinates[d], place[d]);
    return all;
  }

  std::string mend(const FieldFreePart& part) const {
    const bool of_border = place_reads(graph_, {part.value}).distance;
    if (of_border && lies_on_border())
      return "sdf is 0 on the border, where all points of this condition lie: leave it out here";
    std::vector<std::string> ways;
    if (!of_border) ways.emplace_back("move the domain's edge away from there");
    const std::string& name = problem().terms[term_].name;
    const SamplingOptions& sampling = assembly_.sampling;
    if (sampling.method_of(name) == SamplingMethod::grid)
      ways.push_back("take sampling.method" + (sampling.methods.count(name) ? "s." + name : "") +
                     " = \"sobol\", whose points lie inside");
    ways.push_back(part.divisor >= 0 ? "multiply the residual by " + text(part.divisor)
                                     : "write it so that it stays finite");
    std::string sentence = of_border ? "sdf is 0 on the border: " : "";
    for (std::size_t k = 0; k < ways.size(); ++k) sentence += (k == 0 ? "" : k + 1 < ways.size() ? ", " : ", or ") + ways[k];
    return sentence;
  }

  bool lies_on_border() const {
    const Term& term = problem().terms[term_];
    return !term.equation && !piece_without_normal(problem(), term.region);
  }

  const Assembly& assembly_;
  const std::size_t term_;
  const ExpressionGraph& graph_;
};

}  // namespace

// Throws Error (usage) where one is not finite: such a run could not take a step.
Warnings audit_coefficients(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  ExpressionGraph graph = problem.graph;   // grows: the problem is left alone
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    std::vector<FieldFreePart> parts = field_free_parts(graph, problem.terms[t].stated);
    parts.erase(std::remove_if(parts.begin(), parts.end(),  // a table's columns are finite, and what they measure
                               [&](const FieldFreePart& part) { return reads_data(graph, part.value); }),
                parts.end());
    if (parts.empty()) continue;
    const std::vector<Seen> seen = look(input.assembly, t, graph, parts);
    const Speaker speaker(input.assembly, t, graph);
    const auto broken = [](const Seen& one) { return one.not_finite > 0; };
    if (const auto first = std::find_if(seen.begin(), seen.end(), broken); first != seen.end()) {
      const auto others = static_cast<std::size_t>(std::count_if(first + 1, seen.end(), broken));
      throw Error(Status::usage, speaker.not_finite(parts[static_cast<std::size_t>(first - seen.begin())], *first, others));
    }
    double worst = huge_ratio;
    std::string sentence;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const double ratio = seen[k].largest / median(seen[k].some);
      if (!parts[k].coefficient || !(seen[k].largest > huge_at_least) || !(ratio > worst)) continue;
      worst = ratio;
      sentence = speaker.huge(parts[k], seen[k], ratio);
    }
    if (!sentence.empty()) warnings.push_back({"coefficient", sentence});
  }
  return warnings;
}

}  // namespace jetpinn
