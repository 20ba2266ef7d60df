#include "jetpinn/geometry/border_piece.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {

BorderPiece::BorderPiece(ShapePointer body, const std::vector<Shape::Leaf>& leaves, std::size_t leaf, std::size_t surface)
    : body_(std::move(body)),
      shape_(leaves[leaf].shape),
      surface_(leaves[leaf].surfaces[surface]),
      number_(surface),
      lower_(shape_->lower()),
      upper_(shape_->upper()) {
  std::vector<double> corner;
  for (std::size_t d = 0; d < lower_.size(); ++d) corner.push_back(std::max(std::abs(lower_[d]), std::abs(upper_[d])));
  const double room = border_room(shape_->rounding(corner.data()));
  for (std::size_t d = 0; d < lower_.size(); ++d) lower_[d] -= room, upper_[d] += room;
  near_ = body_->in_box(lower_, upper_).body;
  for (std::size_t k = 0; k < leaf; ++k)
    if (leaves[k].shape->in_box(lower_, upper_).body) earlier_.push_back(leaves[k].shape);
}

Shape::Sides BorderPiece::sides(const Shape& other, const double* point) const {
  std::vector<double> normal(body_->dimensions());
  surface_->normal(point, normal.data());
  return other.sides(point, normal.data(), rounding(point));
}

bool BorderPiece::on_border(const double* point) const {
  const double own = rounding(point);
  const auto shares = [&](const ShapePointer& earlier) {
    return std::abs(earlier->distance(point)) < border_room(own + earlier->rounding(point)) / 2;
  };
  return near_ && std::none_of(earlier_.begin(), earlier_.end(), shares) && on_border_of(*near_, point);
}

void BorderPiece::normal(const double* point, double* normal, const Shape* domain) const {
  surface_->normal(point, normal);
  const Shape& leave = domain && on_border_of(*domain, point) ? *domain : near_ ? *near_ : *body_;
  if (!sides(leave, point).ahead) return;
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
