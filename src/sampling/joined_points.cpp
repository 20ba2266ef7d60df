#include "jetpinn/sampling/joined_points.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// The columns of points one after the other: visit(values of all columns of a kind, their number).
template <class Points, class Visit>
void for_each_kind(Points& points, const Visit& visit) {
  visit(points.coordinates, points.dimensions);
  visit(points.second, points.second.empty() ? 0 : points.dimensions);
  visit(points.weight, points.weight_columns);
  visit(points.quadrature, points.quadrature_columns);
  visit(points.attributes, points.attribute_columns);
  visit(points.data, points.data_columns);
}

std::int64_t width_of(const TermPoints& points) {
  std::int64_t width = 0;
  for_each_kind(points, [&](const std::vector<double>&, int columns) { width += columns; });
  return width;
}

// [points, width]
void append_row(const TermPoints& points, std::int64_t i, std::vector<double>& rows) {
  for_each_kind(points, [&](const std::vector<double>& values, int columns) {
    for (int k = 0; k < columns; ++k) rows.push_back(values[static_cast<std::size_t>(k * points.local_count + i)]);
  });
}

void put_row(const double* row, std::int64_t i, TermPoints& points) {
  for_each_kind(points, [&](std::vector<double>& values, int columns) {
    for (int k = 0; k < columns; ++k) values[static_cast<std::size_t>(k * points.local_count + i)] = *row++;
  });
}

// Points as `like` has them, without values.
TermPoints room_like(const TermPoints& like, bool second, std::int64_t global_count, std::vector<Block> blocks) {
  TermPoints points;
  points.dimensions = like.dimensions;
  points.global_count = global_count;
  points.local_count = rows_of(blocks);
  points.blocks = std::move(blocks);
  points.term_weight = like.term_weight;
  points.weight_columns = like.weight_columns;
  points.quadrature_columns = like.quadrature_columns;
  points.attribute_columns = like.attribute_columns;
  points.data_columns = like.data_columns;
  const auto room = [&](int columns) { return std::vector<double>(static_cast<std::size_t>(columns * points.local_count)); };
  points.coordinates = room(points.dimensions);
  if (second) points.second = room(points.dimensions);
  points.weight = room(points.weight_columns);
  points.quadrature = room(points.quadrature_columns);
  points.attributes = room(points.attribute_columns);
  points.data = room(points.data_columns);
  return points;
}

// Where the runs of a part lie in the whole: [ranks + 1].
using Places = std::vector<std::int64_t>;

// [parts], the same on every rank. A rank without points of a pair does not know of their second coordinates: it is told.
std::vector<Places> places_of(Communicator& communicator, const std::vector<TermPoints>& parts, bool& second) {
  const auto ranks = static_cast<std::size_t>(communicator.size());
  std::vector<std::int64_t> counts(parts.size() * ranks + 1);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    counts[p * ranks + static_cast<std::size_t>(communicator.rank())] = parts[p].local_count;
    counts.back() += !parts[p].second.empty();
  }
  communicator.sum("adaptive points", counts.data(), static_cast<std::int64_t>(counts.size()));
  second = counts.back() > 0;
  std::vector<Places> places;
  std::int64_t at = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    places.push_back({at});
    for (std::size_t r = 0; r < ranks; ++r) places.back().push_back(at += counts[p * ranks + r]);
  }
  return places;
}

struct Run {
  std::int64_t begin = 0, end = 0;
  std::int64_t count() const { return std::max<std::int64_t>(end - begin, 0); }
};
Run common(const Run& a, const Run& b) { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

}  // namespace

TermPoints join_points(Communicator& communicator, const std::vector<TermPoints>& parts,
                       const std::vector<std::vector<Block>>& blocks) {
  bool second = false;
  const std::vector<Places> places = places_of(communicator, parts, second);
  const auto ranks = static_cast<std::size_t>(communicator.size()), own = static_cast<std::size_t>(communicator.rank());
  std::vector<Run> wanted;  // by each rank
  std::int64_t at = 0;
  for (const std::vector<Block>& of_rank : blocks) {
    wanted.push_back({at, at + rows_of(of_rank)});
    JETPINN_CHECK(of_rank.empty() || of_rank.front().first == at, "blocks in the order of ranks");
    at = wanted.back().end;
  }
  JETPINN_CHECK(at == places.back().back(), std::to_string(at) + " places for " + std::to_string(places.back().back()));

  std::vector<std::vector<double>> to(ranks);
  TermPoints joined;
  communicator.agree("adaptive points", [&] {
    joined = room_like(parts.front(), second, at, blocks[own]);
    for (std::size_t p = 0; p < parts.size(); ++p)
      for (std::size_t r = 0; r < ranks; ++r) {
        const Run run = common(wanted[r], {places[p][own], places[p][own + 1]});
        for (std::int64_t place = run.begin; place < run.end; ++place) append_row(parts[p], place - places[p][own], to[r]);
      }
  });
  const std::vector<std::vector<double>> from = communicator.exchange("adaptive points", to);

  const std::int64_t width = width_of(joined);
  std::vector<const double*> next;
  for (const std::vector<double>& rows : from) next.push_back(rows.data());
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (std::size_t r = 0; r < ranks; ++r) {
      const Run run = common(wanted[own], {places[p][r], places[p][r + 1]});
      for (std::int64_t place = run.begin; place < run.end; ++place, next[r] += width)
        put_row(next[r], place - wanted[own].begin, joined);
    }
  return joined;
}

}  // namespace jetpinn
