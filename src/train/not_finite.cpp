#include "jetpinn/train/not_finite.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/train/not_finite_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <exception>
#include <numeric>

namespace jetpinn {
namespace {

const char* const phase = "not finite";
const char* const scaling = "write the problem in scaled quantities, so that fields, coordinates and residuals are near 1";

std::string file_name(const std::string& term) {
  std::string name = term;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  return "not-finite-" + name + ".h5";
}

// Rows [n, columns] one behind the other become a table.
void save(const std::string& path, const Assembly& assembly, std::size_t term, const std::vector<double>& rows,
          const std::string& what) {
  PointTable table;
  table.names = assembly.problem->symbols.coordinates;
  for (std::size_t k = 0; k < assembly.terms[term].residuals.size(); ++k)
    table.names.push_back("residual" + std::to_string(k));
  table.columns.resize(table.names.size());
  for (std::size_t i = 0; i < rows.size(); ++i) table.columns[i % table.names.size()].push_back(rows[i]);
  write_point_table(path, table, {{"term", assembly.terms[term].name}, {"not_finite", what}});
}

struct Explanation {
  std::string layer, ending, mend;
};

// The first layer (from 1) whose parameters are not finite; 0: none.
int first_broken_layer(const Network& network, const std::vector<double>& parameters) {
  const auto finite = [](double value) { return std::isfinite(value); };
  for (std::size_t l = 0; l < network.parts.size(); ++l)
    if (!std::all_of(parameters.begin() + network.parts[l].begin, parameters.begin() + network.parts[l].end, finite))
      return static_cast<int>(l) + 1;
  return 0;
}

// residual: at the first point, of the largest magnitude.
Explanation describe_place(double place, const FaultText& part, double residual, const Engine& engine,
                           const Network& network, const std::vector<double>& parameters) {
  const auto layers = static_cast<int>(network.parts.size());
  const bool range_of_floats = engine.precision() != Precision::fp64;
  const std::string arithmetic = range_of_floats ? fmt::format(" in {}", to_string(engine.precision())) : "";
  const auto layer_name = [&](int l) { return network.parts[static_cast<std::size_t>(l) - 1].name; };
  if (const int l = first_broken_layer(network, parameters); l > 0)
    return {"the parameters of " + layer_name(l), ", because the parameters of " + layer_name(l) + " are not finite", ""};
  switch (Place::kind(place)) {
    case Place::layer:
      return {
          layer_name(Place::layer_of(place)),
          ", where the network's values are not finite" + arithmetic + " from " + layer_name(Place::layer_of(place)) + " on",
          ""};
    case Place::residual:
      if (!part.says.empty()) return {"the residual", ", where " + part.says, part.mend};
      return {"the residual",
              ", where the residual itself is not finite" + arithmetic + " although the network and its derivatives are",
              ""};
    case Place::square:
      return {"its square",
              fmt::format(", where the residual is {:.3g} and its square overflows{}, beyond {}", residual, arithmetic,
                          range_of_floats ? "3.4e38" : "1.8e308"),
              scaling};
    case Place::reverse: {
      const int l = layers + 1 - Place::layer_of(place);
      if (!part.says.empty())
        return {"the derivative of the residual", ", where the residual is finite but " + part.says, part.mend};
      if (l == layers)
        return {"the derivative of the residual",
                ", where the residual is finite but its derivative by the network's output is not", ""};
      return {"the gradient of " + layer_name(l),
              ", where the residual is finite but the gradient is not" + arithmetic + " from " + layer_name(l) + " down",
              ""};
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
      : communicator_(communicator), engine_(engine), assembly_(assembly), parameters_(parameters),
        run_directory_(run_directory) {}

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
      const FaultText part = first_part(mine[t]);
      const Explanation explained =
          describe_place(-places[t], part, first_residual(t, mine[t]), engine_, assembly_.network, parameters_);
      const std::string saved = save_points(t, mine[t], explained.layer, result.table);
      const bool more = at_least && counts[t] >= not_finite_points_saved;
      result.terms.push_back(assembly_.terms[t].name);
      result.points += counts[t];
      if (result.layer.empty()) result.layer = explained.layer, result.mend = explained.mend;
      add_clause(fmt::format("term {} at {}{} of {} point{} ({})", assembly_.terms[t].name, counts[t],
                             more ? " or more" : "", assembly_.counts[t], assembly_.counts[t] == 1 ? "" : "s", saved),
                 explained.ending);
    }
    result.sentence = sentence_ + ending_;
    return result;
  }

 private:
  // Of the lowest rank that found one; equal on every rank.
  FaultText first_part(const Found& found) {
    FaultText first;
    for (std::string FaultText::*text : {&FaultText::says, &FaultText::mend})
      for (const std::string& one : communicator_.gather(phase, found.part.*text))
        if ((first.*text).empty()) first.*text = one;
    return first;
  }

  // Equal on every rank.
  double first_residual(std::size_t term, const Found& found) {
    const auto residuals = static_cast<std::ptrdiff_t>(assembly_.terms[term].residuals.size());
    double largest = 0;
    if (found.saved > 0) {
      const auto end = found.rows.begin() + assembly_.problem->dimensions() + residuals;
      for (auto value = end - residuals; value != end; ++value)
        if (!(std::abs(*value) <= std::abs(largest))) largest = *value;
    }
    const std::vector<double> saved = communicator_.gather(phase, static_cast<double>(found.saved)),
                              all = communicator_.gather(phase, largest);
    for (std::size_t r = 0; r < all.size(); ++r)
      if (saved[r] > 0) return all[r];
    return 0;
  }

  // "first at t = 0.25, x = -1; saved in FILE", or why not; equal on every rank.
  std::string save_points(std::size_t term, const Found& found, const std::string& what, std::string& first_table) {
    const auto columns =
        static_cast<std::int64_t>(found.saved > 0 ? found.rows.size() / static_cast<std::size_t>(found.saved) : 0);
    const std::vector<double> saved = communicator_.gather(phase, static_cast<double>(found.saved));
    double before = 0;
    for (int r = 0; r < communicator_.rank(); ++r) before += saved[static_cast<std::size_t>(r)];
    const auto room = static_cast<std::int64_t>(
        std::clamp<double>(static_cast<double>(not_finite_points_saved) - before, 0, static_cast<double>(found.saved)));
    const std::vector<double> rows =
        communicator_.gather_rows(phase, {found.rows.begin(), found.rows.begin() + room * columns});
    const std::string path = run_directory_ + "/" + file_name(assembly_.terms[term].name);
    std::string failure, first;
    if (communicator_.root()) {
      const auto& names = assembly_.problem->symbols.coordinates;
      for (std::size_t d = 0; d < names.size(); ++d)
        first += fmt::format("{}{} = {:.9g}", d == 0 ? "first at " : ", ", names[d], rows[d]);
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

std::string terms_text(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return (names.size() > 1 ? "terms " : "term ") + all;
}

// No single block is to blame: a sum is, or the square of one.
NotFinite describe_sums(Communicator& communicator, const Assembly& assembly, const std::vector<Sizes>& mine, bool exact) {
  constexpr double largest_square = 1.3e154;   // of a double that can be squared
  std::vector<double> loss, gradient, beyond;
  for (const Sizes& sizes : mine)
    loss.push_back(sizes.loss), gradient.push_back(sizes.largest_gradient), beyond.push_back(sizes.beyond_exact ? 1 : 0);
  const auto terms = static_cast<std::int64_t>(mine.size());
  communicator.sum(phase, loss.data(), terms);
  communicator.max(phase, gradient.data(), terms);
  communicator.max(phase, beyond.data(), terms);

  NotFinite result;
  result.layer = "the sum over the points";
  result.mend = scaling;
  const auto name_terms = [&](const std::vector<double>& sizes, double limit) {
    for (std::size_t t = 0; t < sizes.size(); ++t)
      if (!(sizes[t] < limit)) result.terms.push_back(assembly.terms[t].name);
    return !result.terms.empty();
  };
  const std::string sizes =
      fmt::format("loss {:.3g}, largest component of the gradient {:.3g}", std::accumulate(loss.begin(), loss.end(), 0.0),
                  *std::max_element(gradient.begin(), gradient.end()));
  if (exact && name_terms(beyond, 1)) {
    const bool run_would_do = *std::max_element(gradient.begin(), gradient.end()) < largest_square;
    if (run_would_do) result.mend += ", or take training.reproducibility = \"run\", which holds more";
    result.sentence =
        terms_text(result.terms) + ": every value is finite, but loss or gradient (" + sizes +
        ") is beyond 2^55 = 3.6e16, the largest that the exact sums of training.reproducibility = \"ranks\" hold";
  } else if (name_terms(gradient, largest_square)) {
    result.layer = "the square of the gradient";
    result.sentence =
        terms_text(result.terms) +
        ": every value is finite, but the square of the gradient, which optimisers need, overflows, beyond 1.8e308 (" +
        sizes + ")";
  } else {
    result.sentence = "every point's share is finite, but the sum over all points overflows (" + sizes + ")";
  }
  return result;
}

}  // namespace

NotFinite diagnose_not_finite(Communicator& communicator, Engine& engine, const Assembly& assembly, const PointSet& points,
                              const std::vector<double>& parameters, const std::string& run_directory,
                              Reproducibility level) {
  NotFiniteScan scan(engine, assembly, points, parameters);
  std::vector<Found> found;
  communicator.agree(phase, [&] { found = scan.residuals(); });
  NotFinite result = Report(communicator, engine, assembly, parameters, run_directory).of(found, false);
  if (!result.terms.empty()) return result;
  communicator.agree(phase, [&] { found = scan.gradients(); });
  result = Report(communicator, engine, assembly, parameters, run_directory).of(found, true);
  if (!result.terms.empty()) return result;
  return describe_sums(communicator, assembly, scan.sizes(), level == Reproducibility::ranks);
}

std::string not_finite_message(const NotFinite& found, std::int64_t step, std::int64_t stage, bool returns) {
  const std::string rate = fmt::format("training.stages.{}.learning_rate", stage);
  std::string mend = "lower " + rate + ", or look for a division by zero or a logarithm in the residuals";
  if (!found.mend.empty()) mend = found.mend + (returns ? "; a lower " + rate + " may keep the run from there" : "");
  return fmt::format("loss or gradient not finite at step {}: {}; {}", step, found.sentence, mend);
}

}  // namespace jetpinn
