#include "jetpinn/report/field_gallery.hpp"

#include "jetpinn/report/reference_slice.hpp"
#include "jetpinn/report/run_data.hpp"
#include "jetpinn/report/slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;

struct Cut {
  Slice slice;
  std::vector<std::vector<double>> fields;        // at its nodes, rank 0
  std::vector<ReferenceOnSlice> reference;        // of those fields that have one
};

std::vector<Cut> cuts_of(const RunNetwork& network, const ReferenceSource& reference, std::vector<Slice> slices) {
  std::vector<Cut> cuts;
  for (Slice& slice : slices) {
    slice.count = network.affordable(RunNetwork::fields, slice.count);
    Cut cut;
    cut.fields = network.values(RunNetwork::fields, slice.coordinates());
    cut.reference = reference.on(slice, cut.fields);
    cut.slice = std::move(slice);
    cuts.push_back(std::move(cut));
  }
  return cuts;
}

const ReferenceOnSlice* reference_of(const Cut& cut, int field) {
  for (const ReferenceOnSlice& one : cut.reference)
    if (one.field == field) return &one;
  return nullptr;
}

const std::string& axis_name(const Problem& problem, const Slice& slice, std::size_t axis) {
  return problem.symbols.coordinates[static_cast<std::size_t>(slice.axes[axis])];
}

Chart line_chart(const Problem& problem, const Slice& slice, const std::string& title, const std::string& y_label) {
  Chart chart;
  chart.title = title;
  chart.x_label = axis_name(problem, slice, 0);
  chart.y_label = y_label;
  chart.layout = ChartLayout::compact;
  chart.room_x = chart.from_zero = false;
  return chart;
}

ChartSeries line_of(const std::string& name, int colour, const Slice& slice, const std::vector<double>& values) {
  ChartSeries series{name, Style::line, colour, {}};
  for (std::int64_t i = 0; i < slice.count; ++i)
    series.points.push_back({slice.at(0, i), values[static_cast<std::size_t>(i)]});
  return series;
}

// Reference or difference: a dashed line, or the points of a file, every k-th where there are many.
ChartSeries points_of(const std::string& name, int colour, const ReferenceOnSlice& reference,
                      const std::vector<double>& values) {
  ChartSeries series{name, reference.scattered ? Style::dots : Style::curve, colour, {}};
  const std::size_t stride = reference.scattered ? 1 + values.size() / 60 : 1;
  for (std::size_t i = 0; i < values.size(); i += stride) series.points.push_back({reference.places[i], values[i]});
  return series;
}

class FieldPictures {
 public:
  FieldPictures(const Problem& problem, const std::vector<Cut>& cuts, const std::vector<Cut>& lines, int field)
      : problem_(problem), cuts_(cuts), lines_(lines), field_(field),
        name_(problem.symbols.fields[static_cast<std::size_t>(field)]) {
    for (const Cut& cut : cuts_) {
      values_.add(cut.fields[static_cast<std::size_t>(field_)]);
      if (const ReferenceOnSlice* reference = reference_of(cut, field_))
        values_.add(reference->reference.values), differences_.add(reference->difference.values);
    }
    values_.widen();
    differences_.symmetric();
    differences_.widen();
  }

  void add_to(Gallery& gallery) const {
    for (const Cut& cut : cuts_) cut.slice.line() ? add_line(gallery, cut) : add_plane(gallery, cut);
    if (!lines_.empty()) add_times(gallery);
  }

 private:
  std::string titled(const std::string& what, const Slice& slice) const {
    const std::string where = where_text(problem_, slice);
    return name_ + what + (where.empty() ? "" : ", " + where);
  }

  void add_line(Gallery& gallery, const Cut& cut) const {
    Chart chart = line_chart(problem_, cut.slice, titled("", cut.slice), name_);
    chart.series.push_back(line_of("network", 0, cut.slice, cut.fields[static_cast<std::size_t>(field_)]));
    const ReferenceOnSlice* reference = reference_of(cut, field_);
    if (reference) chart.series.push_back(points_of("reference", 1, *reference, reference->reference.values));
    gallery.pictures.push_back(picture_of("field-" + chart.title, chart));
    if (!reference) return;
    Chart difference = line_chart(problem_, cut.slice, titled(", network minus reference", cut.slice), "difference");
    difference.series.push_back(points_of("", 0, *reference, reference->difference.values));
    if (!reference->scattered) difference.series.back().style = Style::line;
    gallery.pictures.push_back(picture_of("field-" + difference.title, difference));
  }

  void add_plane(Gallery& gallery, const Cut& cut) const {
    const auto& values = cut.fields[static_cast<std::size_t>(field_)];
    const ReferenceOnSlice* reference = reference_of(cut, field_);
    const std::int64_t side = cut.slice.count;
    add_map(gallery, titled(reference ? ", network" : "", cut.slice), cut.slice, {side, side, values}, false, "");
    if (!reference) return;
    add_map(gallery, titled(", reference", cut.slice), cut.slice, reference->reference, false, "");
    const Raster& difference = reference->difference;
    add_map(gallery, titled(", network minus reference", cut.slice), cut.slice, difference, true,
            largest_text(problem_, cut.slice, difference.columns, difference.rows, difference.values));
  }

  void add_map(Gallery& gallery, const std::string& title, const Slice& slice, const Raster& raster, bool difference,
               const std::string& caption) const {
    HeatMap map = heat_map_of(problem_, slice, raster.columns, raster.rows, raster.values);
    map.title = title;
    map.map = difference ? ColourMap::diverging : ColourMap::sequential;
    const ValueRange& range = difference ? differences_ : values_;
    map.low = range.low, map.high = range.high;
    gallery.pictures.push_back(picture_of("field-" + title, map, caption));
  }

  void add_times(Gallery& gallery) const {
    Chart chart = line_chart(problem_, lines_[0].slice, name_ + " at five times", name_);
    bool compared = false, scattered = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Cut& line = lines_[i];
      chart.series.push_back(line_of(where_text(problem_, line.slice), static_cast<int>(i), line.slice,
                                     line.fields[static_cast<std::size_t>(field_)]));
      const ReferenceOnSlice* reference = reference_of(line, field_);
      if (!reference) continue;
      chart.series.push_back(points_of("", static_cast<int>(i), *reference, reference->reference.values));
      compared = true, scattered = reference->scattered;
    }
    gallery.pictures.push_back(
        picture_of("field-" + chart.title, chart,
                   compared ? (scattered ? "Lines: network; dots: reference." : "Lines: network; dashed: reference.") : ""));
  }

  const Problem& problem_;
  const std::vector<Cut>& cuts_;
  const std::vector<Cut>& lines_;
  int field_;
  std::string name_;
  ValueRange values_, differences_;
};

}  // namespace

void ValueRange::add(const std::vector<double>& values) {
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
}

void ValueRange::symmetric() {
  high = std::max(std::abs(low), std::abs(high));
  low = -high;
}

void ValueRange::widen() {
  if (high > low) return;
  const double room = high == 0 ? 1 : 0.1 * std::abs(high);
  low -= room, high += room;
}

double magnitude_quantile(const std::vector<std::vector<double>>& values, double share) {
  std::vector<double> sizes;
  for (const auto& some : values)
    for (const double value : some)
      if (std::isfinite(value)) sizes.push_back(std::abs(value));
  if (sizes.empty()) return 0;
  const auto place = sizes.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sizes.size() - 1));
  std::nth_element(sizes.begin(), place, sizes.end());
  return *place;
}

HeatMap heat_map_of(const Problem& problem, const Slice& slice, std::int64_t columns, std::int64_t rows,
                    const std::vector<double>& values) {
  HeatMap map;
  const auto a = static_cast<std::size_t>(slice.axes[0]), b = static_cast<std::size_t>(slice.axes[1]);
  map.x_label = problem.symbols.coordinates[a];
  map.y_label = problem.symbols.coordinates[b];
  map.x_low = slice.low[a], map.x_high = slice.high[a];
  map.y_low = slice.low[b], map.y_high = slice.high[b];
  map.columns = static_cast<int>(columns), map.rows = static_cast<int>(rows);
  map.values = values;
  map.equal_axes = slice.axes[0] != problem.symbols.time && slice.axes[1] != problem.symbols.time;
  return map;
}

std::string largest_text(const Problem& problem, const Slice& slice, std::int64_t columns, std::int64_t rows,
                         const std::vector<double>& values) {
  double largest = -1;
  std::size_t place = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i]) && std::abs(values[i]) > largest) largest = std::abs(values[i]), place = i;
  if (largest < 0) return "No value is finite.";
  std::string text = "Largest magnitude " + figure_text(largest) + " at ";
  const std::int64_t nodes[2] = {static_cast<std::int64_t>(place) % columns, static_cast<std::int64_t>(place) / columns},
                     counts[2] = {columns, rows};
  for (std::size_t a = 0; a < slice.axes.size(); ++a) {
    const auto d = static_cast<std::size_t>(slice.axes[a]);
    const double share = counts[a] > 1 ? static_cast<double>(nodes[a]) / static_cast<double>(counts[a] - 1) : 0.5;
    text += (a == 0 ? "" : ", ") + problem.symbols.coordinates[d] + " = " +
            figure_text(slice.low[d] + share * (slice.high[d] - slice.low[d]));
  }
  return text + ".";
}

Gallery field_gallery(const RunNetwork& network) {
  Gallery gallery;
  const ReferenceSource reference(network);
  const std::vector<Cut> cuts = cuts_of(network, reference, domain_slices(network.problem()));
  const std::vector<Cut> lines = cuts_of(network, reference, time_lines(network.problem()));
  if (!network.communicator().root()) return gallery;
  if (!reference.note().empty()) gallery.notes.push_back(reference.note());
  else if (std::all_of(cuts.begin(), cuts.end(), [](const Cut& cut) { return cut.reference.empty(); }))
    gallery.notes.push_back("The reference has too few points on these slices to be drawn.");
  for (int f = 0; f < network.problem().fields(); ++f) FieldPictures(network.problem(), cuts, lines, f).add_to(gallery);
  return gallery;
}

}  // namespace jetpinn
