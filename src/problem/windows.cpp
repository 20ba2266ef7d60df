#include "jetpinn/problem/windows.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/fault.hpp"
#include "jetpinn/problem/at_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace jetpinn {
namespace {

constexpr double golden = 0.6180339887498949;  // its multiples spread evenly over [0, 1), in each dimension by another power

double spread(int number, std::size_t dimension) {
  return std::fmod(0.5 + number * std::pow(golden, static_cast<double>(dimension + 1)), 1.0);
}

class Maker {
 public:
  Maker(const Problem& problem, const ProblemText& text, const WindowOptions& options)
      : problem_(problem), text_(text), options_(options) {}

  Windows make() {
    if (!text_.geometry.shapes.empty() || text_.geometry.domain)
      fail_at(place(), "windows of a problem with [geometry] are not available yet; take one of them out");
    find_coordinate();
    read_edges();
    for (std::size_t f = 0; f < problem_.outputs.size(); ++f) check_output(f);
    windows_.terms.resize(windows_.count());
    windows_.monitors.resize(windows_.count());
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) place_term(t);
    for (std::size_t m = 0; m < problem_.monitors.size(); ++m) place_monitor(m);
    if (std::none_of(windows_.begins.begin(), windows_.begins.end(), [](bool begins) { return begins; }))
      fail_at(place(),
              fmt::format("no condition holds at {0} alone: windows follow one another from there, each from the last "
                          "state of the one before it; add a condition on = \"{0}\", or cut another coordinate",
                          first_edge()));
    return std::move(windows_);
  }

 private:
  std::size_t c() const { return static_cast<std::size_t>(windows_.coordinate); }
  const std::string& name() const { return problem_.symbols.coordinates[c()]; }
  std::string first_edge() const { return fmt::format("{} == {:g}", name(), windows_.edges.front()); }
  // Where the windows are asked for.
  const SourceText& place() const {
    if (!options_.coordinate.text.empty()) return options_.coordinate;
    return options_.edges.empty() ? options_.count_place : options_.edges_place;
  }

  void find_coordinate() {
    const std::string& chosen = options_.coordinate.text.empty() ? text_.time : options_.coordinate.text;
    if (chosen.empty())
      fail_at(place(),
              "the problem has no time (problem.time), so training.windows.coordinate must say which coordinate is "
              "cut; add coordinate = \"" +
                  text_.coordinates[0] + "\"");
    windows_.coordinate =
        static_cast<int>(std::find(text_.coordinates.begin(), text_.coordinates.end(), chosen) - text_.coordinates.begin());
  }

  void read_edges() {
    const double lower = problem_.lower[c()], upper = problem_.upper[c()];
    std::vector<double>& edges = windows_.edges;
    if (options_.edges.empty()) {
      for (int k = 0; k < options_.count; ++k) edges.push_back(lower + (upper - lower) * k / options_.count);
      edges.push_back(upper);
      for (std::size_t k = 1; k < edges.size(); ++k)
        if (!(edges[k] > edges[k - 1]))
          fail_at(options_.count_place, "more windows than there are numbers between the bounds");
      return;
    }
    for (const SourceText& edge : options_.edges)
      edges.push_back(at_place(edge, {}, [&] { return parse_constant(edge.text, problem_.symbols.constants); }));
    const std::string domain = fmt::format("{} = [{:g}, {:g}]", name(), lower, upper);
    const auto refuse = [&](std::size_t edge, const std::string& why) {
      fail_at(options_.edges[edge], fmt::format("windows that do not tile the domain, {}: {}", domain, why));
    };
    if (edges.size() < 2) refuse(0, "name both bounds and the edges between them");
    for (std::size_t k = 1; k < edges.size(); ++k)
      if (!(edges[k] > edges[k - 1])) refuse(k, "edges rise, and this one is not above the one before it");
    if (edges.front() != lower) refuse(0, fmt::format("the first edge is {:g}, not the lower bound", edges.front()));
    if (edges.back() != upper)
      refuse(edges.size() - 1, fmt::format("the last edge is {:g}, not the upper bound", edges.back()));
    if (options_.count > 1 && static_cast<std::size_t>(options_.count) != windows_.count())
      fail_at(options_.count_place, fmt::format("count = {}, and the edges are those of {} windows; keep one of them",
                                                options_.count, windows_.count()));
  }

  // A transform that leaves nothing to learn at the first edge holds there what is true of the first window alone.
  void check_output(std::size_t field) const {
    const ExpressionGraph& graph = problem_.graph;
    const NodeId output = problem_.outputs[field];
    const std::vector<NodeId> nodes = reachable(graph, {output});
    const auto is_cut = [&](NodeId id) { return graph[id].op == Op::coordinate && graph[id].index == windows_.coordinate; };
    if (std::none_of(nodes.begin(), nodes.end(), is_cut)) return;
    constexpr int trials = 16;
    for (int trial = 0; trial < trials; ++trial)
      if (output_at_start(output, trial, 0.3) != output_at_start(output, trial, -0.4)) return;
    fail_at(
        text_.output.at(problem_.symbols.fields[field]),
        fmt::format("this output transform builds in what holds at {0}, which is so in the first window alone; state it as "
                    "a condition, on = \"{0}\", and leave {1} out of the transform",
                    first_edge(), name()));
  }

  double output_at_start(NodeId output, int trial, double raw) const {
    return evaluate(problem_.graph, output, [&](const Node& leaf) {
      if (leaf.op == Op::field) return raw;
      if (leaf.op == Op::trainable) return theta_at_start(leaf.index);
      const auto d = static_cast<std::size_t>(leaf.index);
      const double share = d == c() ? 0 : spread(trial, d);
      return problem_.lower[d] + share * (problem_.upper[d] - problem_.lower[d]);
    });
  }

  double theta_at_start(int index) const {
    const TrainedNumber& number = problem_.trained[static_cast<std::size_t>(index)];
    return number.theta(number.start);
  }

  void place_term(std::size_t t) {
    const Term& term = problem_.terms[t];
    const TermText& text = text_.terms[t];
    windows_.begins.push_back(false);
    if (term.table) {
      for (auto& terms : windows_.terms) terms.push_back(true);
      require_one_mean(t);
      return;
    }
    place_region(term.region, text.on ? &*text.on : nullptr, windows_.terms);
    require_one_mean(t);
    for (const FixedCoordinate& fixed : term.pair)
      if (fixed.coordinate == windows_.coordinate)
        fail_at(*text.pair,
                fmt::format("the two places of this condition lie in different windows of {}, of which each has a "
                            "network of its own; write it in other coordinates, or train without windows",
                            name()));
    require_whole_domain(term.reads, text.residuals[0]);
    if (term.equation || !is_fixed(term.region.pieces[0])) return;
    windows_.begins.back() = term.region.pieces[0].lower[c()] == windows_.edges.front();
    if (!windows_.begins.back()) return;
    require_one_start(t);
    if (term.reads.any())
      fail_at(text.residuals[0],
              fmt::format("a condition at {}, which later windows take over from one another as values at single places, "
                          "cannot read the normal or the distance (sdf, n_x, ..., dn); write them by coordinates",
                          first_edge()));
    if (text.pair)
      fail_at(*text.pair,
              fmt::format("a condition at {}, which later windows take over from one another as values at single "
                          "places, cannot link two of them; let the condition hold at every {}",
                          first_edge(), name()));
  }

  // A later window compares with values of the network before it, which are taken once, under the problem's constants. With
  // a trained number in the condition that difference would vanish for a jump of the fields too, where the number moved.
  void require_one_start(std::size_t t) const {
    for (const NodeId node : reachable(problem_.graph, problem_.terms[t].stated))
      if (const Node& leaf = problem_.graph[node]; leaf.op == Op::trainable)
        fail_at(
            text_.terms[t].residuals[0],
            fmt::format("'{}' is trained, and windows take over this condition at {} from one another, each with a value "
                        "of its own; leave the number out of it, or train without windows",
                        problem_.trained[static_cast<std::size_t>(leaf.index)].name, name()));
    for (const Variant& variant : problem_.variants)
      if (variant.residuals[t] != problem_.variants[0].residuals[t])
        fail_at(text_.terms[t].residuals[0],
                fmt::format("a stage changes a constant of this condition, which windows take over at {} from one another; "
                            "leave the constant out of it",
                            name()));
  }

  // A window has the mean over its own points, and the squares of several means are another constraint than that of one.
  void require_one_mean(std::size_t t) const {
    if (problem_.terms[t].reduction != Reduction::square_of_mean) return;
    const auto windows = std::count_if(windows_.terms.begin(), windows_.terms.end(),
                                       [t](const std::vector<bool>& terms) { return terms[t]; });
    if (windows < 2) return;
    const TermText& text = text_.terms[t];
    const std::string one_window = text.equation ? "a region (in)" : "a set (on)";
    fail_at(
        text.residuals[0],
        fmt::format("'{}' squares the mean of its residual over all its points (reduction = \"square_of_mean\"), which {} "
                    "in {} windows of {}; each of them would square a mean of its own, which is another constraint; {}"
                    "train without windows",
                    text.name, text.points ? "may lie" : "lie", windows, name(),
                    text.points ? "" : "give it " + one_window + " inside of one window, or "));
  }

  void require_whole_domain(const PlaceReads& reads, const SourceText& place) const {
    if (reads.distance && windows_.coordinate != problem_.symbols.time)
      fail_at(place,
              fmt::format("'sdf' is the distance to the border of the whole domain, and each window of {} has a domain "
                          "of its own; write the distance by coordinates",
                          name()));
  }

  void place_monitor(std::size_t m) {
    const MonitorText& text = text_.monitors[m];
    require_whole_domain(problem_.monitors[m].reads, text.expression);
    place_region(problem_.monitors[m].region, text.on ? &*text.on : nullptr, windows_.monitors);
  }

  bool is_fixed(const Piece& piece) const { return piece.lower[c()] == piece.upper[c()]; }

  void place_region(const PointRegion& region, const SourceText* on, std::vector<std::vector<bool>>& in_windows) const {
    const Piece& first = region.pieces[0];
    for (const Piece& piece : region.pieces)
      if (is_fixed(piece) != is_fixed(first) || (is_fixed(first) && piece.lower[c()] != first.lower[c()]))
        fail_at(*on, fmt::format("this set holds places of one {0} beside others, which lie in different windows; write one "
                                 "for each: first what holds for one {0} alone, such as {1}, then the rest",
                                 name(), first_edge()));
    for (std::size_t k = 0; k < windows_.count(); ++k)
      in_windows[k].push_back(
          std::any_of(region.pieces.begin(), region.pieces.end(), [&](const Piece& piece) { return has_place(piece, k); }));
  }

  bool has_place(Piece piece, std::size_t k) const {
    const double lower = windows_.edges[k], upper = windows_.edges[k + 1];
    if (is_fixed(piece))
      return piece.lower[c()] <= upper && (piece.lower[c()] > lower || (k == 0 && piece.lower[c()] == lower));
    piece.lower[c()] = std::max(piece.lower[c()], lower);
    piece.upper[c()] = std::min(piece.upper[c()], upper);
    if (!(piece.lower[c()] < piece.upper[c()])) return false;
    return piece.condition < 0 || some_place_meets(piece);
  }

  bool some_place_meets(const Piece& piece) const {
    constexpr int trials = 4096;
    const PointEvaluator condition(problem_.graph, piece.condition);
    std::vector<double> place(piece.lower.size());
    for (int trial = 0; trial < trials; ++trial) {
      for (std::size_t d = 0; d < place.size(); ++d)
        place[d] = piece.lower[d] + spread(trial, d) * (piece.upper[d] - piece.lower[d]);
      if (condition(place.data()) != 0) return true;
    }
    return false;
  }

  const Problem& problem_;
  const ProblemText& text_;
  const WindowOptions& options_;
  Windows windows_;
};

}  // namespace

Windows make_windows(const Problem& problem, const ProblemText& text, const WindowOptions& options) {
  return Maker(problem, text, options).make();
}

}  // namespace jetpinn
