#include "jetpinn/sampling/quadrature_points.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw Error(Status::usage, "gauss_legendre " + reason); }

std::vector<double> lengths_of(const Piece& piece, const std::vector<std::size_t>& free, const std::vector<double>& units) {
  std::vector<double> lengths;
  for (const std::size_t d : free) lengths.push_back((piece.upper[d] - piece.lower[d]) / units[d]);
  return lengths;
}

// What a part is that is no box of its own; empty: it is one.
std::string why_no_box(const BoxRegion& region, std::size_t part) {
  const Piece& piece = region.region().pieces[part];
  if (piece.border) return "is a part of the border of '" + piece.border->name + "'";
  if (!piece.earlier.empty()) return "meets another part of its set";
  if (region.restricted(part) || piece.flat) return "is cut by a shape, or by a condition that is no bound of a coordinate";
  return "";
}

void require_boxes(const BoxRegion& region) {
  for (std::size_t p = 0; p < region.parts(); ++p) {
    if (const std::string reason = why_no_box(region, p); !reason.empty())
      refuse("has its nodes in boxes and on their faces, and " +
             (region.parts() == 1 ? "this set" : "part " + std::to_string(p + 1) + " of this set") + " " + reason +
             "; take another sampling method for it");
    if (const std::size_t axes = free_coordinates(region.region().pieces[p]).size(); axes > most_product_axes)
      refuse(
          fmt::format("is a product of nodes along each axis, which has too many or too few of them in {} dimensions ({} "
                      "at most); take sobol for this term",
                      axes, most_product_axes));
  }
}

// The nodes along the free coordinates of a part, from those along all coordinates or along the free ones.
std::vector<std::int64_t> chosen(const std::vector<std::int64_t>& nodes, const std::vector<std::size_t>& free,
                                 std::size_t dimensions) {
  if (nodes.size() == free.size()) return nodes;
  if (nodes.size() != dimensions)
    refuse(fmt::format("was given {} numbers of nodes, and there are {} coordinates, {} of them free here", nodes.size(),
                       dimensions, free.size()));
  std::vector<std::int64_t> own;
  for (const std::size_t d : free) own.push_back(nodes[d]);
  return own;
}

// With a number for each free coordinate, all parts have the same ones.
void require_same_axes(const PointRegion& region, const std::vector<std::int64_t>& nodes) {
  if (nodes.empty() || nodes.size() == region.lower.size()) return;
  for (const Piece& piece : region.pieces)
    if (free_coordinates(piece) != free_coordinates(region.pieces[0]))
      refuse(
          fmt::format("was given {} numbers of nodes for parts that lie along different coordinates; give a number for "
                      "each of the {} coordinates",
                      nodes.size(), region.lower.size()));
}

}  // namespace

std::vector<std::int64_t> product_counts(const std::vector<double>& lengths, std::int64_t points) {
  const std::size_t axes = lengths.size();
  if (axes == 0) return {};
  if (axes == 1 && points >= 2) return {points};
  if (static_cast<double>(points) < std::ldexp(1.0, static_cast<int>(axes))) return {};
  // l / h along each axis with prod (l / h) = points; an axis that would have fewer than two nodes has two, and the others
  // share what is left.
  std::vector<double> ideal(axes, 0.0);
  std::vector<bool> least(axes, false);
  for (bool settled = false; !settled;) {
    double logarithm = std::log(static_cast<double>(points));
    std::size_t open = 0;
    for (std::size_t k = 0; k < axes; ++k) {
      logarithm -= least[k] ? std::log(2.0) : std::log(lengths[k]);
      open += !least[k];
    }
    settled = true;
    for (std::size_t k = 0; k < axes; ++k) {
      ideal[k] = least[k] ? 2 : lengths[k] * std::exp(logarithm / static_cast<double>(open));
      if (!least[k] && ideal[k] < 2) least[k] = true, settled = false;
    }
  }
  std::vector<std::int64_t> best;
  double nearest = std::numeric_limits<double>::infinity();
  for (std::uint32_t rounding = 0; rounding < (1u << axes); ++rounding) {
    std::vector<std::int64_t> counts;
    double product = 1;
    for (std::size_t k = 0; k < axes; ++k) {
      counts.push_back(static_cast<std::int64_t>(ideal[k] * (1 + 1e-12)) + (rounding >> k & 1));
      product *= static_cast<double>(counts.back());
    }
    if (const double off = std::abs(product - static_cast<double>(points)); off < nearest) {
      nearest = off;
      best = std::move(counts);
    }
  }
  return best;
}

QuadraturePoints::QuadraturePoints(const PointRegion& region, const ExpressionGraph& graph, std::int64_t points,
                                   const std::vector<std::int64_t>& nodes) {
  const BoxRegion boxes(region, graph);
  require_boxes(boxes);
  require_same_axes(region, nodes);
  part_begin_.assign(1, 0);
  for (std::size_t p = 0; p < boxes.parts(); ++p) {
    const Piece& piece = region.pieces[p];
    const std::vector<std::size_t> free = free_coordinates(piece);
    shares_.push_back(boxes.measure(p) / boxes.measure());
    if (!nodes.empty()) {
      add_part(piece, chosen(nodes, free, region.lower.size()));
      continue;
    }
    const auto own = static_cast<std::int64_t>(std::llround(static_cast<double>(points) * shares_.back()));
    const std::vector<std::int64_t> counts = product_counts(lengths_of(piece, free, boxes.units()), own);
    if (counts.size() < free.size())
      refuse(
          fmt::format("needs {} points for two nodes along each axis here, and {} are given; give more, or the nodes along "
                      "each axis, as in [4, 3]",
                      std::int64_t{1} << free.size(), own));
    add_part(piece, counts);
  }
}

void QuadraturePoints::add_part(const Piece& piece, const std::vector<std::int64_t>& nodes) {
  Part part{piece.lower, free_coordinates(piece), {}};
  std::int64_t count = 1;
  for (std::size_t k = 0; k < part.free.size(); ++k) {
    const std::size_t d = part.free[k];
    if (nodes[k] > std::numeric_limits<std::int64_t>::max() / 1024 / count) refuse("was given a product of too many nodes");
    count *= nodes[k];
    part.axes.emplace_back(piece.lower[d], piece.upper[d], nodes[k]);
  }
  part_begin_.push_back(part_begin_.back() + count);
  parts_.push_back(std::move(part));
}

SourceColumns QuadraturePoints::columns() const {
  SourceColumns columns;
  columns.quadrature = true;
  return columns;
}

std::size_t QuadraturePoints::part_of(std::int64_t point) const {
  return static_cast<std::size_t>(std::upper_bound(part_begin_.begin(), part_begin_.end(), point) - part_begin_.begin()) - 1;
}

template <class Visit>
void QuadraturePoints::for_each_axis(const Part& part, std::int64_t index, const Visit& visit) const {
  for (std::size_t k = part.axes.size(); k-- > 0;) {
    visit(k, index % part.axes[k].nodes());
    index /= part.axes[k].nodes();
  }
}

void QuadraturePoints::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  JETPINN_CHECK(first >= 0 && count >= 0 && first + count <= this->count(),
                "points " + std::to_string(first) + " + " + std::to_string(count) + " of " + std::to_string(this->count()));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::size_t p = part_of(first + i);
    const Part& part = parts_[p];
    for (std::size_t d = 0; d < part.corner.size(); ++d) out[static_cast<std::int64_t>(d) * stride + i] = part.corner[d];
    for_each_axis(part, first + i - part_begin_[p], [&](std::size_t k, std::int64_t node) {
      out[static_cast<std::int64_t>(part.free[k]) * stride + i] = part.axes[k].node(node);
    });
  }
}

double QuadraturePoints::weight(std::int64_t point) const {
  const std::size_t p = part_of(point);
  double weight = shares_[p] * static_cast<double>(count());
  for_each_axis(parts_[p], point - part_begin_[p],
                [&](std::size_t k, std::int64_t node) { weight *= parts_[p].axes[k].weight(node); });
  return weight;
}

void QuadraturePoints::fill(TermPoints& points) const {
  PointSource::fill(points);
  if (points.quadrature_columns == 0) return;
  std::size_t i = 0;
  for (const Block& block : points.blocks)
    for (std::int64_t number = block.first; number < block.first + block.count; ++number)
      points.quadrature[i++] = weight(number);
}

std::string QuadraturePoints::text(std::size_t part) const {
  std::string text;
  for (const QuadratureAxis& axis : parts_[part].axes) text += (text.empty() ? "" : " x ") + std::to_string(axis.nodes());
  return text.empty() ? "1" : text;
}

}  // namespace jetpinn
