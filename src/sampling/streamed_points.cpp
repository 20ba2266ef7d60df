#include "jetpinn/sampling/streamed_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/place_text.hpp"
#include "jetpinn/sampling/stored_normals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {

std::vector<std::string> streamed_columns(const StoredPointsOptions& options, const std::vector<std::string>& coordinates) {
  std::vector<std::string> names = coordinates;
  for (const TableColumn& column : options.attributes)
    if (!column.column.empty()) names.push_back(column.column);
  for (const TableColumn& column : options.data) names.push_back(column.column);
  return names;
}

StreamedPoints::StreamedPoints(StoredPointsOptions options, std::vector<std::string> coordinates, const SegmentOrder& order,
                               std::vector<std::int64_t> slots, StreamedWeights* weights)
    : options_(std::move(options)),
      coordinates_(std::move(coordinates)),
      names_(streamed_columns(options_, coordinates_)),
      order_(order),
      slots_(std::move(slots)),
      weights_(weights),
      table_(options_.file, names_) {
  const std::vector<std::size_t> components = normal_components(options_.attributes);
  std::size_t column = coordinates_.size();
  for (std::size_t k = 0; k < options_.attributes.size(); ++k) {
    if (options_.attributes[k].column.empty()) continue;
    if (std::find(components.begin(), components.end(), k) != components.end()) normal_.push_back(column);
    ++column;
  }
  for (std::size_t d = 0; d < options_.lower.size(); ++d)
    room_.push_back(rounding_room(options_.lower[d], options_.upper[d], table_.single(d)));
}

bool StreamedPoints::reads_for(StreamPlace place) const { return !window_.is(place.epoch, order_.window_of(place.step)); }

std::int64_t StreamedPoints::window_bytes(const SegmentOrder& order, std::int64_t slots, std::int64_t columns, bool weighs) {
  const std::int64_t numbers = 2 * (columns + 1) + (weighs ? 3 : 0);
  return slots * order.segment_points() * numbers * static_cast<std::int64_t>(sizeof(double));
}

RowsRead StreamedPoints::take(StreamPlace place, TermPoints& points) {
  const std::int64_t number = order_.window_of(place.step);
  if (!window_.is(place.epoch, number)) {
    const ScopedRegion region(Region::io);
    const double begin = wall_seconds();
    if (next_epoch_ != place.epoch || next_number_ != number) read_ahead(place.epoch, number);
    window_ = next_.get();
    if (weights_ && !weights_->holds(place.epoch, number))
      weights_->enter(place.epoch, number,
                      window_.numbers.empty() ? weights_->read(place.epoch, number) : std::move(window_.numbers));
    waited_s_ += wall_seconds() - begin;
    for (const Segment& segment : window_.segments)
      for (std::size_t c = 0; c < columns(); ++c) read_bytes_ += segment.rows.count() * (table_.single(c) ? 4 : 8);
    const bool last = number + 1 == order_.windows();
    read_ahead(place.epoch + (last ? 1 : 0), last ? 0 : number + 1);
  }
  return gather(place, points);
}

// One block of each segment.
RowsRead StreamedPoints::gather(StreamPlace place, TermPoints& points) const {
  RowsRead taken;
  points.dimensions = static_cast<int>(coordinates_.size());
  points.attribute_columns = static_cast<int>(options_.attributes.size());
  points.data_columns = static_cast<int>(options_.data.size());
  points.global_count = order_.points_of(place.step);
  points.blocks.clear();
  for (std::size_t s = 0; s < window_.segments.size(); ++s)
    if (const RowRange places = order_.taken(place.step, window_.segments[s].rows.count()); places.count() > 0)
      points.blocks.push_back({slots_[s] * block_points, places.count()});
  points.local_count = rows_of(points.blocks);
  points.weight_columns = 0;
  points.weight.clear();
  points.coordinates.clear();
  points.attributes.clear();
  points.data.clear();
  std::size_t column = 0;
  for (std::size_t d = 0; d < coordinates_.size(); ++d) append(place.step, column++, points.coordinates);
  for (const TableColumn& attribute : options_.attributes)
    if (attribute.column.empty())
      points.attributes.insert(points.attributes.end(), static_cast<std::size_t>(points.local_count), 0.0);
    else
      append(place.step, column++, points.attributes);
  for (std::size_t k = 0; k < options_.data.size(); ++k) append(place.step, column++, points.data);
  for (const Segment& segment : window_.segments) {
    const RowRange places = order_.taken(place.step, segment.rows.count());
    taken.rows += places.count();
    for (std::int64_t i = places.begin; i < places.end; ++i)
      taken.numbers += static_cast<std::uint64_t>(segment.rows.begin + segment.order[static_cast<std::size_t>(i)]);
  }
  return taken;
}

void StreamedPoints::append(std::int64_t step, std::size_t column, std::vector<double>& out) const {
  for (const Segment& segment : window_.segments) {
    const RowRange places = order_.taken(step, segment.rows.count());
    const auto values = segment.values.begin() + static_cast<std::int64_t>(column) * segment.rows.count();
    out.insert(out.end(), values + places.begin, values + places.end);
  }
}

template <class Visit>
void StreamedPoints::for_each_number(StreamPlace place, const Visit& visit) {
  std::size_t at = 0;
  for (std::size_t s = 0; s < window_.segments.size(); ++s) {
    const Segment& segment = window_.segments[s];
    const RowRange places = order_.taken(place.step, segment.rows.count());
    double* numbers = weights_->segment(s);
    for (std::int64_t i = places.begin; i < places.end; ++i, ++at)
      visit(at, numbers[segment.order[static_cast<std::size_t>(i)]]);
  }
}

std::vector<double> StreamedPoints::numbers_at(StreamPlace place) {
  std::vector<double> numbers;
  for_each_number(place, [&](std::size_t, double& number) { numbers.push_back(number); });
  return numbers;
}

void StreamedPoints::put_numbers(StreamPlace place, const std::vector<double>& numbers) {
  for_each_number(place, [&](std::size_t at, double& number) { number = numbers[at]; });
}

// The other thread reads what nothing changes before it has ended: take() asks for its window first.
// Numbers of an epoch's first window are not read ahead: the epoch before may still change them.
void StreamedPoints::read_ahead(std::int64_t epoch, std::int64_t number) {
  if (next_.valid()) next_.wait();
  const bool numbers = weights_ && number > 0 && !weights_->holds(epoch, number);
  next_epoch_ = epoch;
  next_number_ = number;
  next_ = std::async(std::launch::async, [this, epoch, number, numbers] { return read(epoch, number, numbers); });
}

StreamedPoints::Window StreamedPoints::read(std::int64_t epoch, std::int64_t number, bool numbers) const {
  Window window{epoch, number, {}, {}};
  const std::int64_t held = order_.slots_of(number);
  for (const std::int64_t slot : slots_) {
    if (slot >= held) break;
    window.segments.push_back({order_.rows_in(epoch, number, slot), {}, {}});
    read_segment(epoch, window.segments.back());
  }
  if (numbers) window.numbers = weights_->read(epoch, number);
  if (table_.changed())
    throw Error(Status::usage, options_.file +
                                   " was changed while the run reads it, and some rows were trained on already: "
                                   "begin anew with another --output");
  return window;
}

void StreamedPoints::read_segment(std::int64_t epoch, Segment& segment) const {
  const auto count = static_cast<std::size_t>(segment.rows.count());
  segment.order = order_.shuffled(epoch, segment.rows);
  std::vector<double> lying(columns() * count), row(columns());  // as they lie in the file
  for (std::size_t c = 0; c < columns(); ++c)
    table_.read(c, segment.rows.begin, segment.rows.count(), lying.data() + c * count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t number = segment.rows.begin + static_cast<std::int64_t>(i);
    for (std::size_t c = 0; c < columns(); ++c) {
      row[c] = lying[c * count + i];
      if (!std::isfinite(row[c]))
        throw Error(Status::usage, fmt::format("{}, dataset '{}': row {} is not a finite number; leave such points out",
                                               options_.file, table_.name(c), number));
    }
    if (!bring_inside(options_.lower, options_.upper, room_, row.data()))
      fail_outside(options_.file, coordinates_, number, row.data());
    bring_normal(number, row);
    for (std::size_t d = 0; d < room_.size(); ++d) lying[d * count + i] = row[d];
    for (const std::size_t c : normal_) lying[c * count + i] = row[c];
  }
  segment.values.resize(lying.size());
  for (std::size_t c = 0; c < columns(); ++c)
    for (std::size_t i = 0; i < count; ++i)
      segment.values[c * count + i] = lying[c * count + static_cast<std::size_t>(segment.order[i])];
}

// Of a row, in place.
void StreamedPoints::bring_normal(std::int64_t number, std::vector<double>& row) const {
  if (normal_.empty()) return;
  std::vector<double> normal;
  for (const std::size_t c : normal_) normal.push_back(row[c]);
  if (!make_unit(normal)) {
    std::vector<std::string> names;
    for (const std::size_t c : normal_) names.push_back(names_[c]);
    fail_normal(options_.file, number, names, normal);
  }
  for (std::size_t k = 0; k < normal_.size(); ++k) row[normal_[k]] = normal[k];
}

void fail_outside(const std::string& file, const std::vector<std::string>& coordinates, std::int64_t row,
                  const double* place) {
  throw Error(Status::usage, fmt::format("row {} of {} lies outside the domain, at {}; all rows of a table that is streamed "
                                         "are trained on: let problem.domain hold it, or leave it out",
                                         row, file, place_text(coordinates, place)));
}

}  // namespace jetpinn
