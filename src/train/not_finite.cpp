#include "jetpinn/train/not_finite.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/layer_probe.hpp"
#include "jetpinn/io/point_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <exception>
#include <memory>

namespace jetpinn {
namespace {

const char* const phase = "not finite";

// Where it begins, from one term's and one rank's point of view. The smallest over points and ranks is told.
struct Place {
  enum Kind { layer, residual, square, reverse, nowhere };
  static constexpr double kinds = 1 << 20;   // layers to a kind
  static double of(Kind kind, int layer = 0) { return static_cast<int>(kind) * kinds + layer; }
  static Kind kind(double place) { return static_cast<Kind>(static_cast<int>(place / kinds)); }
  static int layer_of(double place) { return static_cast<int>(std::fmod(place, kinds)); }
};

// What this rank found of one term.
struct Found {
  std::int64_t points = 0;
  double place = Place::of(Place::nowhere);
  std::vector<double> rows;   // [points saved, dimensions + residuals]
  std::int64_t saved = 0;
};

bool all_finite(const double* values, std::int64_t count) {
  return std::all_of(values, values + count, [](double value) { return std::isfinite(value); });
}

// `count` points from `first` on, in one block.
TermPoints piece_of(const TermPoints& all, std::int64_t first, std::int64_t count) {
  TermPoints piece;
  piece.dimensions = all.dimensions;
  piece.global_count = all.global_count;
  piece.local_count = count;
  piece.blocks = {{0, count}};
  piece.weight_columns = all.weight_columns;
  for (int d = 0; d < all.dimensions; ++d)
    piece.coordinates.insert(piece.coordinates.end(), all.coordinate(d) + first, all.coordinate(d) + first + count);
  for (int k = 0; k < all.weight_columns; ++k) {
    const double* column = all.weight.data() + k * all.local_count + first;
    piece.weight.insert(piece.weight.end(), column, column + count);
  }
  return piece;
}

// One rank's look at its own points; nothing is communicated.
class Scan {
 public:
  Scan(Engine& engine, const Assembly& assembly, const PointSet& points, const std::vector<double>& parameters)
      : engine_(engine), assembly_(assembly), points_(points), parameters_(parameters), gradient_(parameters.size()) {}

  std::vector<Found> residuals() {
    return each_term([this](std::size_t t, const TermPoints& block, Found& found) {
      const std::vector<double> values = residuals_of(t, block);
      for (std::int64_t i = 0; i < block.local_count; ++i) {
        bool finite = true;
        for (std::int64_t k = i; k < static_cast<std::int64_t>(values.size()); k += block.local_count)
          finite = finite && std::isfinite(values[static_cast<std::size_t>(k)]);
        if (!finite) note(t, block, i, values, found);
      }
    });
  }

  // Where the residuals are finite and the loss or its gradient is not.
  std::vector<Found> gradients() {
    exact_overflow_.assign(points_.terms.size(), 0);
    return each_term([this](std::size_t t, const TermPoints& block, Found& found) {
      const double place = evaluate(t, block);
      exact_.clear();
      for (double value : gradient_) exact_.add(0, value);
      exact_.add(0, std::max(sums_.weighted[t], sums_.unweighted[t]));
      if (exact_.overflowed()) exact_overflow_[t] = 1;
      if (Place::kind(place) == Place::nowhere || found.points >= not_finite_points_saved) return;
      for (std::int64_t i = 0; i < block.local_count; ++i) {
        const TermPoints point = piece_of(block, i, 1);
        const double here = evaluate(t, point);
        if (Place::kind(here) == Place::nowhere) continue;
        ++found.points;
        found.place = std::min(found.place, here);
        add_row(point, 0, residuals_of(t, point), found);
      }
    });
  }

  // [terms] 1: some block's share is beyond what an exact sum holds. After gradients().
  const std::vector<std::int64_t>& exact_overflow() const { return exact_overflow_; }

 private:
  template <class Work>
  std::vector<Found> each_term(const Work& work) {
    std::vector<Found> all(points_.terms.size());
    for (std::size_t t = 0; t < all.size(); ++t) {
      const TermPoints& points = points_.terms[t];
      probe_.reset();
      for (std::int64_t first = 0; first < points.local_count; first += block_points)
        work(t, piece_of(points, first, std::min(block_points, points.local_count - first)), all[t]);
    }
    return all;
  }

  std::vector<double> residuals_of(std::size_t term, const TermPoints& points) {
    std::vector<double> values(assembly_.terms[term].residuals.size() * static_cast<std::size_t>(points.local_count));
    engine_.residuals(Stream{}, parameters_.data(), static_cast<int>(term), points, values.data());
    return values;
  }

  void note(std::size_t term, const TermPoints& block, std::int64_t i, const std::vector<double>& values, Found& found) {
    ++found.points;
    if (found.saved == not_finite_points_saved) return;
    add_row(block, i, values, found);
    if (!probe_) probe_ = make_layer_probe(assembly_.network, assembly_.terms[term].program, engine_.precision(), parameters_.data());
    const double* coordinates = found.rows.data() + found.rows.size() - row_length(term);
    const int layer = probe_->first_not_finite(coordinates);
    const bool network = layer <= static_cast<int>(assembly_.network.layers.size());
    found.place = std::min(found.place, network ? Place::of(Place::layer, layer) : Place::of(Place::residual));
  }

  std::size_t row_length(std::size_t term) const {
    return static_cast<std::size_t>(points_.terms[term].dimensions) + assembly_.terms[term].residuals.size();
  }

  void add_row(const TermPoints& points, std::int64_t i, const std::vector<double>& values, Found& found) {
    if (found.saved == not_finite_points_saved) return;
    ++found.saved;
    for (int d = 0; d < points.dimensions; ++d) found.rows.push_back(points.coordinate(d)[i]);
    for (std::int64_t k = i; k < static_cast<std::int64_t>(values.size()); k += points.local_count)
      found.rows.push_back(values[static_cast<std::size_t>(k)]);
  }

  // Leaves sums and gradient of these points of one term alone. The reverse sweep begins at the last layer: the highest layer that is not
  // finite says where it went wrong.
  double evaluate(std::size_t term, const TermPoints& points) {
    PointSet set;
    set.terms.resize(points_.terms.size());
    for (std::size_t t = 0; t < set.terms.size(); ++t) set.terms[t].dimensions = points.dimensions, set.terms[t].global_count = 1;
    set.terms[term] = points;
    engine_.loss_and_gradient(Stream{}, parameters_.data(), set, gradient_.data(), sums_);
    if (!std::isfinite(sums_.weighted[term]) || !std::isfinite(sums_.unweighted[term])) return Place::of(Place::square);
    const auto& layers = assembly_.network.layers;
    for (std::size_t l = layers.size(); l-- > 0;) {
      const std::int64_t end = l + 1 < layers.size() ? layers[l + 1].weight : assembly_.network.parameters;
      if (!all_finite(gradient_.data() + layers[l].weight, end - layers[l].weight))
        return Place::of(Place::reverse, static_cast<int>(layers.size() - l));   // counted from the output: the first one met
    }
    return Place::of(Place::nowhere);
  }

  Engine& engine_;
  const Assembly& assembly_;
  const PointSet& points_;
  const std::vector<double>& parameters_;
  std::vector<double> gradient_;
  ExactSum exact_{1};
  std::vector<std::int64_t> exact_overflow_;
  TermSums sums_;
  std::unique_ptr<LayerProbe> probe_;
};

std::string file_name(const std::string& term) {
  std::string name = term;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  return "not-finite-" + name + ".h5";
}

// Rows [n, columns] one behind the other become a table.
void save(const std::string& path, const Assembly& assembly, std::size_t term, const std::vector<double>& rows, const std::string& what) {
  PointTable table;
  table.names = assembly.problem->symbols.coordinates;
  for (std::size_t k = 0; k < assembly.terms[term].residuals.size(); ++k) table.names.push_back("residual" + std::to_string(k));
  table.columns.resize(table.names.size());
  for (std::size_t i = 0; i < rows.size(); ++i) table.columns[i % table.names.size()].push_back(rows[i]);
  write_point_table(path, table, {{"term", assembly.terms[term].name}, {"not_finite", what}});
}

struct Told {
  std::string layer, ending;
};

Told describe_place(double place, const Engine& engine, const Network& network, const std::vector<double>& parameters) {
  const auto layers = static_cast<int>(network.layers.size());
  const std::string arithmetic = engine.precision() == Precision::fp32 ? " in fp32" : "";
  const auto layer_name = [&](int l) { return l == layers ? "the output layer" : fmt::format("layer {} of {}", l, layers); };
  for (int l = 1; l <= layers; ++l) {
    const std::int64_t first = network.layers[static_cast<std::size_t>(l) - 1].weight;
    const std::int64_t end = l < layers ? network.layers[static_cast<std::size_t>(l)].weight : network.parameters;
    if (!all_finite(parameters.data() + first, end - first))
      return {"the parameters of " + layer_name(l), ", because the parameters of " + layer_name(l) + " are not finite"};
  }
  switch (Place::kind(place)) {
    case Place::layer:
      return {layer_name(Place::layer_of(place)), ", where the network's values are not finite" + arithmetic + " from " + layer_name(Place::layer_of(place)) + " on"};
    case Place::residual:
      return {"the residual", ", where the residual itself is not finite although the network and its derivatives are"};
    case Place::square: return {"its square", ", where the residual is finite but its square is not" + arithmetic};
    case Place::reverse: {
      const int l = layers + 1 - Place::layer_of(place);
      if (l == layers) return {"the derivative of the residual", ", where the residual is finite but its derivative by the network's output is not"};
      return {"the gradient of " + layer_name(l), ", where the residual is finite but the gradient is not" + arithmetic + " from " + layer_name(l) + " down"};
    }
    case Place::nowhere: break;
  }
  return {};
}

// Ranks bring their findings together; the lowest ranks' points are kept.
class Report {
 public:
  Report(Communicator& communicator, const Engine& engine, const Assembly& assembly, const std::vector<double>& parameters,
         const std::string& run_directory)
      : communicator_(communicator), engine_(engine), assembly_(assembly), parameters_(parameters), run_directory_(run_directory) {}

  // at_least: the points were counted up to the number that is saved only.
  NotFinite of(const std::vector<Found>& mine, bool at_least) {
    NotFinite result;
    std::vector<std::int64_t> counts;
    std::vector<double> places;   // negated: the maximum is the first place
    for (const Found& found : mine) counts.push_back(found.points), places.push_back(-found.place);
    communicator_.sum(phase, counts.data(), static_cast<std::int64_t>(counts.size()));
    communicator_.max(phase, places.data(), static_cast<std::int64_t>(places.size()));
    for (std::size_t t = 0; t < mine.size(); ++t) {
      if (counts[t] == 0) continue;
      const Told told = describe_place(-places[t], engine_, assembly_.network, parameters_);
      const std::string saved = save_points(t, mine[t], told.layer, result.table);
      const bool more = at_least && counts[t] >= not_finite_points_saved;
      result.terms.push_back(assembly_.terms[t].name);
      result.points += counts[t];
      if (result.layer.empty()) result.layer = told.layer;
      add_clause(fmt::format("term {} at {}{} of {} point{} ({})", assembly_.terms[t].name, counts[t], more ? " or more" : "",
                             assembly_.counts[t], assembly_.counts[t] == 1 ? "" : "s", saved), told.ending);
    }
    result.sentence = sentence_ + ending_;
    return result;
  }

 private:
  // "first at t = 0.25, x = -1; saved in FILE", or why not; equal on every rank.
  std::string save_points(std::size_t term, const Found& found, const std::string& what, std::string& first_table) {
    const auto columns = static_cast<std::int64_t>(found.saved > 0 ? found.rows.size() / static_cast<std::size_t>(found.saved) : 0);
    const std::vector<double> saved = communicator_.gather(phase, static_cast<double>(found.saved));
    double before = 0;
    for (int r = 0; r < communicator_.rank(); ++r) before += saved[static_cast<std::size_t>(r)];
    const auto room = static_cast<std::int64_t>(std::clamp<double>(static_cast<double>(not_finite_points_saved) - before, 0, static_cast<double>(found.saved)));
    const std::vector<double> rows = communicator_.gather_rows(phase, {found.rows.begin(), found.rows.begin() + room * columns});
    const std::string path = run_directory_ + "/" + file_name(assembly_.terms[term].name);
    std::string failure, first;
    if (communicator_.root()) {
      const auto& names = assembly_.problem->symbols.coordinates;
      for (std::size_t d = 0; d < names.size(); ++d) first += fmt::format("{}{} = {:.9g}", d == 0 ? "first at " : ", ", names[d], rows[d]);
      try {
        save(path, assembly_, term, rows, what);
      } catch (const std::exception& error) {   // the numerical error is what the user must see
        failure = error.what();
      }
    }
    first = communicator_.broadcast(phase, first);
    failure = communicator_.broadcast(phase, failure);
    if (!failure.empty()) return first + "; not saved: " + failure;
    if (first_table.empty()) first_table = path;
    return first + "; saved in " + path;
  }

  // Terms that went wrong in the same way share the ending.
  void add_clause(const std::string& clause, const std::string& ending) {
    sentence_ += sentence_.empty() ? "" : ending == ending_ ? " and " : ending_ + "; ";
    sentence_ += clause;
    ending_ = ending;
  }

  Communicator& communicator_;
  const Engine& engine_;
  const Assembly& assembly_;
  const std::vector<double>& parameters_;
  const std::string& run_directory_;
  std::string sentence_, ending_;
};

// No single block is to blame: the sum is.
NotFinite describe_sums(Communicator& communicator, const Assembly& assembly, std::vector<std::int64_t> exact_overflow) {
  NotFinite result;
  communicator.sum(phase, exact_overflow.data(), static_cast<std::int64_t>(exact_overflow.size()));
  std::string names;
  for (std::size_t t = 0; t < exact_overflow.size(); ++t) {
    if (exact_overflow[t] == 0) continue;
    result.terms.push_back(assembly.terms[t].name);
    names += (names.empty() ? "" : ", ") + assembly.terms[t].name;
  }
  result.layer = "the sum over the points";
  if (names.empty())
    result.sentence = "every point's share is finite, the sum over all points is not";
  else
    result.sentence = fmt::format("term{} {}: every value is finite, but loss or gradient is beyond 2^55 = 3.6e16, the largest that the "
                                  "exact sums of training.reproducibility = \"ranks\" hold", result.terms.size() > 1 ? "s" : "", names);
  return result;
}

}  // namespace

NotFinite diagnose_not_finite(Communicator& communicator, Engine& engine, const Assembly& assembly, const PointSet& points,
                              const std::vector<double>& parameters, const std::string& run_directory) {
  Scan scan(engine, assembly, points, parameters);
  std::vector<Found> found;
  communicator.agree(phase, [&] { found = scan.residuals(); });
  NotFinite result = Report(communicator, engine, assembly, parameters, run_directory).of(found, false);
  if (!result.terms.empty()) return result;
  communicator.agree(phase, [&] { found = scan.gradients(); });
  result = Report(communicator, engine, assembly, parameters, run_directory).of(found, true);
  if (!result.terms.empty()) return result;
  return describe_sums(communicator, assembly, scan.exact_overflow());
}

}  // namespace jetpinn
