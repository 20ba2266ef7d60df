#include "jetpinn/geometry/border_piece.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

// Against the size of the primitive: far above rounding, far below anything that is drawn.
constexpr double beside_share = 1e-8;

double extent(const Shape& shape) {
  double most = 0;
  for (std::size_t d = 0; d < shape.dimensions(); ++d)
    most = std::max({most, shape.upper()[d] - shape.lower()[d], std::abs(shape.upper()[d]), std::abs(shape.lower()[d])});
  return most;
}

}  // namespace

BorderPiece::BorderPiece(ShapePointer body, const std::vector<Shape::Leaf>& leaves, std::size_t leaf, std::size_t surface)
    : body_(std::move(body)),
      shape_(leaves[leaf].shape),
      surface_(leaves[leaf].surfaces[surface]),
      step_(beside_share * extent(*shape_)) {
  for (std::size_t k = 0; k < leaf; ++k) earlier_.push_back(leaves[k].shape);
}

BorderPiece::Sides BorderPiece::beside(const double* point) const {
  const std::size_t n = body_->dimensions();
  std::vector<double> normal(n);
  surface_->normal(point, normal.data());
  Sides sides{std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t d = 0; d < n; ++d) {
    sides.ahead[d] = point[d] + step_ * normal[d];
    sides.behind[d] = point[d] - step_ * normal[d];
  }
  return sides;
}

bool BorderPiece::on_border_of(const Shape& other, const double* point) const {
  const Sides sides = beside(point);
  return other.holds(sides.ahead.data()) != other.holds(sides.behind.data());
}

bool BorderPiece::within(const Shape& other, const double* point) const {
  const Sides sides = beside(point);
  return other.holds(sides.ahead.data()) || other.holds(sides.behind.data());
}

bool BorderPiece::on_border(const double* point) const {
  const auto shares = [&](const ShapePointer& earlier) { return std::abs(earlier->distance(point)) < step_ / 2; };
  return std::none_of(earlier_.begin(), earlier_.end(), shares) && on_border_of(*body_, point);
}

void BorderPiece::normal(const double* point, double* normal, const Shape* domain) const {
  surface_->normal(point, normal);
  const Shape& leave = domain && on_border_of(*domain, point) ? *domain : *body_;
  if (!leave.holds(beside(point).ahead.data())) return;
  for (std::size_t d = 0; d < body_->dimensions(); ++d) normal[d] = -normal[d];
}

std::vector<std::shared_ptr<const BorderPiece>> border_pieces(const ShapePointer& body) {
  const std::vector<Shape::Leaf> leaves = body->leaves();
  std::vector<std::shared_ptr<const BorderPiece>> pieces;
  for (std::size_t l = 0; l < leaves.size(); ++l)
    for (std::size_t s = 0; s < leaves[l].surfaces.size(); ++s)
      pieces.push_back(std::make_shared<BorderPiece>(body, leaves, l, s));
  return pieces;
}

}  // namespace jetpinn
