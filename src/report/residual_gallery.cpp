#include "jetpinn/report/residual_gallery.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/report/field_gallery.hpp"
#include "jetpinn/report/run_data.hpp"
#include "jetpinn/report/slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;

constexpr std::size_t most_pictures = 6;   // of a condition's pieces and residuals

struct Sheet {
  Slice slice;
  std::vector<std::vector<double>> residuals;   // [residual][node], rank 0
};

// A term's points lie in its region alone: elsewhere its residual has no meaning.
void mask(const RunNetwork& network, const PointRegion& region, Sheet& sheet) {
  const BoxRegion boxes(region, network.problem().graph);
  const std::vector<double> coordinates = sheet.slice.coordinates();
  const auto rows = static_cast<std::size_t>(sheet.slice.rows());
  std::vector<double> place(sheet.slice.fixed.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t d = 0; d < place.size(); ++d) place[d] = coordinates[d * rows + i];
    const bool inside = boxes.inside(place.data());
    for (auto& residual : sheet.residuals)
      if (!inside) residual[i] = std::numeric_limits<double>::quiet_NaN();
  }
}

Sheet sheet_of(const RunNetwork& network, std::size_t term, Slice slice, std::size_t piece = 0) {
  Sheet sheet;
  slice.count = network.affordable(static_cast<int>(term), slice.count);
  sheet.residuals = network.values(static_cast<int>(term), slice.coordinates(), piece);
  sheet.slice = std::move(slice);
  if (network.communicator().root()) mask(network, network.problem().terms[term].region, sheet);
  return sheet;
}

std::string residual_text(const RunNetwork& network, std::size_t term, std::size_t k) {
  return fitted(network.residual_text(term, k), 12.5, 1200);
}

std::string residual_name(const Term& term, std::size_t k) {
  return term.name + (term.residuals.size() > 1 ? fmt::format(" [{}]", k + 1) : "");
}

std::string titled(const Problem& problem, const Term& term, std::size_t k, const Slice& slice) {
  const std::string where = where_text(problem, slice);
  return residual_name(term, k) + (where.empty() ? "" : ", " + where);
}

void add_line(Gallery& gallery, const RunNetwork& network, std::size_t t, std::size_t k,
              const std::vector<const Sheet*>& sheets) {
  const Problem& problem = network.problem();
  const Term& term = problem.terms[t];
  const Slice& first = sheets[0]->slice;
  Chart chart;
  chart.title = sheets.size() == 1 ? titled(problem, term, k, first) : residual_name(term, k);
  chart.x_label = problem.symbols.coordinates[static_cast<std::size_t>(first.axes[0])];
  chart.y_label = "residual";
  chart.layout = ChartLayout::compact;
  chart.room_x = chart.from_zero = false;
  for (const Sheet* sheet : sheets) {
    ChartSeries series{
        sheets.size() > 1 ? where_text(problem, sheet->slice) : "", Style::line, static_cast<int>(chart.series.size()), {}};
    for (std::int64_t i = 0; i < sheet->slice.count; ++i)
      series.points.push_back({sheet->slice.at(0, i), sheet->residuals[k][static_cast<std::size_t>(i)]});
    chart.series.push_back(std::move(series));
  }
  gallery.pictures.push_back(
      picture_of("residual-" + chart.title + "-over-" + chart.x_label, chart, residual_text(network, t, k)));
}

void add_plane(Gallery& gallery, const RunNetwork& network, std::size_t t, std::size_t k, const Sheet& sheet, double bound) {
  const Problem& problem = network.problem();
  HeatMap map = heat_map_of(problem, sheet.slice, sheet.slice.count, sheet.slice.count, sheet.residuals[k]);
  map.title = titled(problem, problem.terms[t], k, sheet.slice);
  map.map = ColourMap::diverging;
  ValueRange range{-bound, bound, true};
  range.widen();
  map.low = range.low, map.high = range.high;
  gallery.pictures.push_back(
      picture_of("residual-" + map.title, map,
                 residual_text(network, t, k) + ". " +
                     largest_text(problem, sheet.slice, sheet.slice.count, sheet.slice.count, sheet.residuals[k])));
}

// Planes share their colours' range; lines along one coordinate share a chart.
void add_sheets(Gallery& gallery, const RunNetwork& network, std::size_t t, const std::vector<Sheet>& sheets) {
  for (std::size_t k = 0; k < network.problem().terms[t].residuals.size(); ++k) {
    std::vector<std::vector<double>> planes;
    std::map<int, std::vector<const Sheet*>> lines;
    for (const Sheet& sheet : sheets) {
      if (sheet.slice.line()) lines[sheet.slice.axes[0]].push_back(&sheet);
      else planes.push_back(sheet.residuals[k]);
    }
    const double bound = magnitude_quantile(planes, 0.995);
    for (const auto& [axis, along] : lines) add_line(gallery, network, t, k, along);
    for (const Sheet& sheet : sheets)
      if (!sheet.slice.line()) add_plane(gallery, network, t, k, sheet, bound);
  }
}

// Of a condition at a single point; collective, words on rank 0.
std::string point_text(const RunNetwork& network, std::size_t t, const Slice& slice, std::size_t piece) {
  std::string text;
  for (const std::vector<double>& residual : network.values(static_cast<int>(t), slice.fixed, piece))
    text += (text.empty() ? "" : ", ") + figure_text(residual[0]);
  const Problem& problem = network.problem();
  return problem.terms[t].name + " at " + where_text(problem, slice) + ": residual " + text + ".";
}

// A term whose points are rows of a table has a residual there alone: a note takes the place of its pictures.
bool is_at_rows(const RunNetwork& network, std::size_t t, Gallery& gallery) {
  const Term& term = network.problem().terms[t];
  if (!term.table) return false;
  gallery.notes.push_back(
      fmt::format("{}: its residual is known at the rows of {} alone and not drawn.", term.name, term.table->file));
  return true;
}

}  // namespace

Gallery residual_gallery(const RunNetwork& network) {
  Gallery gallery;
  const Problem& problem = network.problem();
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    if (!problem.terms[t].equation || is_at_rows(network, t, gallery)) continue;
    std::vector<Sheet> sheets;
    for (Slice& slice : domain_slices(problem)) sheets.push_back(sheet_of(network, t, std::move(slice)));
    if (network.communicator().root()) add_sheets(gallery, network, t, sheets);
  }
  if (problem.dimensions() > 1)
    gallery.notes.push_back(
        "The colours reach to where 99.5 % of the magnitudes lie; single peaks beyond have the colour of the end.");
  return gallery;
}

Gallery condition_gallery(const RunNetwork& network) {
  Gallery gallery;
  const Problem& problem = network.problem();
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    if (term.equation || is_at_rows(network, t, gallery)) continue;
    std::vector<Sheet> sheets;
    std::size_t shown = 0;
    for (std::size_t p = 0; p < term.region.pieces.size(); ++p) {
      const Piece& piece = term.region.pieces[p];
      if (piece.border) continue;
      if (shown * term.residuals.size() >= most_pictures) break;
      ++shown;
      const Slice slice = piece_slice(piece);
      if (slice.count > 0)
        sheets.push_back(sheet_of(network, t, slice, p));
      else
        gallery.notes.push_back(point_text(network, t, slice, p));
    }
    if (has_border(term.region))
      gallery.notes.push_back(fmt::format("{}: borders of shapes have no pictures.", term.name));
    else if (shown < term.region.pieces.size())
      gallery.notes.push_back(
          fmt::format("{}: the first {} of its {} pieces are shown.", term.name, shown, term.region.pieces.size()));
    if (network.communicator().root()) add_sheets(gallery, network, t, sheets);
  }
  return gallery;
}

}  // namespace jetpinn
