#include "jetpinn/report/run_network.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/field_region.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/linked_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace jetpinn {
namespace {

std::vector<EngineTerm> all_terms(const Assembly& assembly) {
  std::vector<EngineTerm> terms{assembly.fields};
  terms.insert(terms.end(), assembly.terms.begin(), assembly.terms.end());
  return terms;
}

// A field has a meaning where its equations hold: elsewhere its value is what the network happens to be.
void leave_out(const Problem& problem, const std::vector<double>& coordinates, std::vector<std::vector<double>>& fields) {
  std::vector<double> place(static_cast<std::size_t>(problem.dimensions()));
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const std::optional<PointRegion> region = field_region(problem, static_cast<int>(f));
    if (!region) continue;
    const BoxRegion boxes(*region, problem.graph);
    const std::size_t rows = fields[f].size();
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t d = 0; d < place.size(); ++d) place[d] = coordinates[d * rows + i];
      if (!boxes.inside(place.data())) fields[f][i] = std::numeric_limits<double>::quiet_NaN();
    }
  }
}

constexpr double affordable_flop = 3e10;   // of a plane, forward
constexpr std::int64_t piece_rows = 4096;

}  // namespace

RunNetwork::RunNetwork(Communicator& communicator, const Assembly& assembly, const ProblemText& text, EngineOptions options,
                       const std::vector<double>& parameters)
    : communicator_(communicator), assembly_(assembly), text_(text), parameters_(parameters) {
  options.reproducibility = Reproducibility::ranks;
  options.product_backend = "auto";
  engine_ = make_engine(options, assembly.network, all_terms(assembly));
  cost_ = cost_model(assembly.network, all_terms(assembly));
}

std::string RunNetwork::residual_text(std::size_t term, std::size_t residual) const {
  const Term& checked = problem().terms[term];
  for (const TermText& text : text_.terms)
    // A vector is one text and several residuals: these are written from the graph.
    if (text.name == checked.name && text.residuals.size() == checked.residuals.size()) return text.residuals[residual].text;
  return to_text(problem().graph, checked.stated[residual], problem().symbols.coordinates, problem().symbols.fields);
}

std::int64_t RunNetwork::affordable(int term, std::int64_t wanted) const {
  const double flop = cost_.flop_per_point[static_cast<std::size_t>(term + 1)] / 3;   // the model counts the way back too
  const double side = flop > 0 ? std::sqrt(affordable_flop / flop) : static_cast<double>(wanted);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(side), 21, wanted);
}

std::vector<std::vector<double>> RunNetwork::values(int term, const std::vector<double>& coordinates,
                                                    std::size_t region_piece) const {
  const int dimensions = problem().dimensions();
  const auto rows = static_cast<std::int64_t>(coordinates.size()) / dimensions;
  const auto outputs =
      term == fields ? assembly_.fields.residuals.size() : assembly_.terms[static_cast<std::size_t>(term)].residuals.size();
  // Whole blocks for each rank: the bits of a value depend on the rows that are computed with it.
  const std::int64_t blocks = (rows + block_points - 1) / block_points;
  const RowRange share = share_rows(blocks, communicator_.rank(), communicator_.size());
  const std::int64_t begin = share.begin * block_points, end = std::min(share.end * block_points, rows);
  PlaceColumns place;
  if (term != fields)
    if (const Term& of = problem().terms[static_cast<std::size_t>(term)]; of.reads.any())
      place = place_columns(problem(), of.reads, of.region, of.pair);
  std::vector<double> local;   // [row][output]
  communicator_.agree("report", [&] {
    std::vector<double> piece(outputs * static_cast<std::size_t>(piece_rows));
    for (std::int64_t first = begin; first < end; first += piece_rows) {
      const std::int64_t count = std::min(piece_rows, end - first);
      TermPoints points = make_point_batch(dimensions, first, count, rows);
      for (int d = 0; d < dimensions; ++d)
        std::copy_n(coordinates.begin() + d * rows + first, count, points.coordinates.begin() + d * count);
      if (term != fields && !problem().terms[static_cast<std::size_t>(term)].pair.empty())
        points.second = second_coordinates(points, problem().terms[static_cast<std::size_t>(term)].pair);
      if (!place.names.empty()) {
        const auto columns = attribute_columns(place.names, !points.second.empty()).size();
        points.attribute_columns = static_cast<int>(columns);
        points.attributes.assign(columns * static_cast<std::size_t>(count), 0.0);
        place.fill(points, [&](std::int64_t) { return region_piece; });
      }
      engine_->residuals(Stream{}, parameters_.data(), term + 1, points, piece.data());
      for (std::int64_t i = 0; i < count; ++i)
        for (std::size_t k = 0; k < outputs; ++k)
          local.push_back(piece[k * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)]);
    }
  });
  const std::vector<double> joined = communicator_.gather_rows("report", local);
  if (!communicator_.root()) return {};
  std::vector<std::vector<double>> values(outputs);
  for (std::size_t i = 0; i < joined.size(); ++i) values[i % outputs].push_back(joined[i]);
  if (term == fields) leave_out(problem(), coordinates, values);
  return values;
}

}  // namespace jetpinn
