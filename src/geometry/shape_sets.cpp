#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/primitive.hpp"
#include "jetpinn/geometry/shape.hpp"
#include "jetpinn/geometry/smooth_level.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

std::vector<double> each(const std::vector<double>& a, const std::vector<double>& b, bool most) {
  std::vector<double> out;
  for (std::size_t d = 0; d < a.size(); ++d) out.push_back(most ? std::max(a[d], b[d]) : std::min(a[d], b[d]));
  return out;
}

// The union of bodies, or their intersection.
class Joined : public Shape {
 public:
  Joined(std::vector<ShapePointer> parts, bool both) : parts_(std::move(parts)), both_(both) {
    lower_ = parts_[0]->lower(), upper_ = parts_[0]->upper();
    for (const ShapePointer& part : parts_) {
      lower_ = each(lower_, part->lower(), both_);
      upper_ = each(upper_, part->upper(), !both_);
      primitives_ += part->primitives();
    }
  }

  const std::vector<ShapePointer>& parts() const { return parts_; }
  bool both() const { return both_; }

  const std::vector<double>& lower() const override { return lower_; }
  const std::vector<double>& upper() const override { return upper_; }
  double distance(const double* point) const override {
    double joined = parts_[0]->distance(point);
    for (std::size_t k = 1; k < parts_.size(); ++k) {
      const double one = parts_[k]->distance(point);
      joined = both_ ? std::max(joined, one) : std::min(joined, one);
    }
    return joined;
  }
  Sides sides(const double* point, const double* normal, double error) const override {
    Sides joined{both_, both_};
    for (const ShapePointer& part : parts_) {
      const Sides one = part->sides(point, normal, error);
      joined.ahead = both_ ? joined.ahead && one.ahead : joined.ahead || one.ahead;
      joined.behind = both_ ? joined.behind && one.behind : joined.behind || one.behind;
      if (joined.ahead != both_ && joined.behind != both_) break;  // what follows changes nothing
    }
    return joined;
  }
  double rounding(const double* point) const override {
    double most = 0;
    for (const ShapePointer& part : parts_) most = std::max(most, part->rounding(point));
    return most;
  }
  double thickness() const override {
    double least = HUGE_VAL;
    for (const ShapePointer& part : parts_) least = std::min(least, part->thickness());
    return least;
  }
  // Where what all parts say alike is looked at, their product is as good as Rvachev's functions.
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    const bool alike = where == (both_ ? Where::inside : Where::outside);
    std::vector<NodeId> levels;
    for (const ShapePointer& part : parts_) levels.push_back(part->smooth_level(graph, x, alike ? where : Where::both));
    if (alike) return product(graph, levels);
    const NodeId level = both_ ? smooth_conjunction(graph, levels) : smooth_disjunction(graph, levels);
    return where == Where::outside ? graph.negate(level) : level;
  }
  std::vector<Leaf> leaves() const override {
    std::vector<Leaf> all;
    for (const ShapePointer& part : parts_)
      for (Leaf& leaf : part->leaves()) all.push_back(std::move(leaf));
    return all;
  }
  std::size_t primitives() const override { return primitives_; }
  ShapePointer moved(const Motion& motion) const override {
    std::vector<ShapePointer> parts;
    for (const ShapePointer& part : parts_) parts.push_back(part->moved(motion));
    return std::make_shared<Joined>(std::move(parts), both_);
  }
  Local in_box(const std::vector<double>& lower, const std::vector<double>& upper) const override {
    std::vector<ShapePointer> parts;
    for (const ShapePointer& part : parts_) {
      const Local local = part->in_box(lower, upper);
      if (local.body)
        parts.push_back(local.body);
      else if (local.holds != both_)
        return local;
    }
    if (parts.size() < 2) return parts.empty() ? Local{nullptr, both_} : Local{parts[0]};
    return {std::make_shared<Joined>(std::move(parts), both_)};
  }

 private:
  std::vector<ShapePointer> parts_;
  bool both_;
  std::vector<double> lower_, upper_;
  std::size_t primitives_ = 0;
};

ShapePointer join(const ShapePointer& a, const ShapePointer& b, bool both) {
  if (a->primitives() + b->primitives() > most_primitives)
    throw Error(Status::usage, "this shape is made of more than " + std::to_string(most_primitives) +
                                   " primitives; describe it with fewer, such as a polygon for many boxes");
  std::vector<ShapePointer> parts;
  for (const ShapePointer& side : {a, b}) {
    const auto* joined = dynamic_cast<const Joined*>(side.get());
    if (joined && joined->both() == both)
      parts.insert(parts.end(), joined->parts().begin(), joined->parts().end());
    else
      parts.push_back(side);
  }
  return std::make_shared<Joined>(std::move(parts), both);
}

class Complement : public Shape {
 public:
  explicit Complement(ShapePointer body)
      : body_(std::move(body)),
        lower_(body_->dimensions(), -std::numeric_limits<double>::infinity()),
        upper_(body_->dimensions(), std::numeric_limits<double>::infinity()) {}

  const ShapePointer& body() const { return body_; }

  const std::vector<double>& lower() const override { return lower_; }
  const std::vector<double>& upper() const override { return upper_; }
  double distance(const double* point) const override { return -body_->distance(point); }
  Sides sides(const double* point, const double* normal, double error) const override {
    const Sides own = body_->sides(point, normal, error);
    return {!own.ahead, !own.behind};
  }
  double rounding(const double* point) const override { return body_->rounding(point); }
  double thickness() const override { return body_->thickness(); }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    if (where == Where::both) return graph.negate(body_->smooth_level(graph, x, where));
    return body_->smooth_level(graph, x, where == Where::inside ? Where::outside : Where::inside);
  }
  std::vector<Leaf> leaves() const override { return body_->leaves(); }
  std::size_t primitives() const override { return body_->primitives(); }
  ShapePointer moved(const Motion& motion) const override { return std::make_shared<Complement>(body_->moved(motion)); }
  Local in_box(const std::vector<double>& lower, const std::vector<double>& upper) const override {
    const Local local = body_->in_box(lower, upper);
    if (!local.body) return {nullptr, !local.holds};
    return {std::make_shared<Complement>(local.body)};
  }

 private:
  ShapePointer body_;
  std::vector<double> lower_, upper_;
};

// Of motions: where a point goes, and where it came from.
class Map {
 public:
  Map(const Motion& motion, std::size_t n) : factor_(motion.factor), turn_(motion.turn), shift_(motion.shift) {
    shift_.resize(n, 0.0);
    if (!turn_.empty()) return;
    turn_.resize(n * n, 0.0);
    for (std::size_t d = 0; d < n; ++d) turn_[d * n + d] = 1;
  }

  std::size_t dimensions() const { return shift_.size(); }
  double factor() const { return factor_; }
  const std::vector<double>& shift() const { return shift_; }
  std::vector<double> turned(const double* vector) const {
    const std::size_t n = dimensions();
    std::vector<double> out(n, 0.0);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c) out[r] += turn_[r * n + c] * vector[c];
    return out;
  }
  std::vector<double> there(const double* point) const {
    std::vector<double> out = turned(point);
    for (std::size_t d = 0; d < out.size(); ++d) out[d] = factor_ * out[d] + shift_[d];
    return out;
  }
  std::vector<double> back(const double* point) const {
    const std::size_t n = dimensions();
    std::vector<double> out(n, 0.0);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c) out[c] += turn_[r * n + c] * ((point[r] - shift_[r]) / factor_);
    return out;
  }
  std::vector<NodeId> back(ExpressionGraph& graph, const std::vector<NodeId>& x) const {
    const std::size_t n = dimensions();
    std::vector<NodeId> out;
    for (std::size_t c = 0; c < n; ++c) {
      std::vector<double> share(n);
      double constant = 0;
      for (std::size_t r = 0; r < n; ++r) {
        share[r] = turn_[r * n + c] / factor_;
        constant -= share[r] * shift_[r];
      }
      out.push_back(linear(graph, share, x, constant));
    }
    return out;
  }

 private:
  double factor_;
  std::vector<double> turn_, shift_;
};

class MovedSurface : public Surface {
 public:
  MovedSurface(std::shared_ptr<const Surface> own, Map map) : own_(std::move(own)), map_(std::move(map)) {}

  int parameters() const override { return own_->parameters(); }
  double measure() const override {
    return own_->measure() * std::pow(map_.factor(), static_cast<double>(map_.dimensions()) - 1);
  }
  bool place(const double* fractions, double* point) const override {
    const bool taken = own_->place(fractions, point);
    const std::vector<double> there = map_.there(point);
    std::copy(there.begin(), there.end(), point);
    return taken;
  }
  void normal(const double* point, double* normal) const override {
    own_->normal(map_.back(point).data(), normal);
    const std::vector<double> turned = map_.turned(normal);
    std::copy(turned.begin(), turned.end(), normal);
  }

 private:
  std::shared_ptr<const Surface> own_;
  Map map_;
};

class MovedPrimitive : public Primitive {
 public:
  MovedPrimitive(std::shared_ptr<const Primitive> own, const Motion& motion)
      : MovedPrimitive(own, Map(motion, own->dimensions())) {}

  double distance(const double* point) const override { return map_.factor() * own_->distance(map_.back(point).data()); }
  double rounding(const double* point) const override {
    return map_.factor() * own_->rounding(map_.back(point).data()) +
           rounding_of(largest(point, dimensions()) + largest(map_.shift().data(), dimensions()));
  }
  double thickness() const override { return map_.factor() * own_->thickness(); }
  double volume() const override { return std::pow(map_.factor(), static_cast<double>(dimensions())) * own_->volume(); }
  std::string facts() const override { return own_->facts().empty() ? "" : own_->facts() + ", before its moves"; }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    return graph.multiply(graph.constant(map_.factor()), own_->smooth_level(graph, map_.back(graph, x), where));
  }
  Surfaces surfaces() const override {
    Surfaces all;
    for (const auto& surface : own_->surfaces()) all.push_back(std::make_shared<MovedSurface>(surface, map_));
    return all;
  }

 private:
  MovedPrimitive(const std::shared_ptr<const Primitive>& own, Map map)
      : Primitive(corner(*own, map, false), corner(*own, map, true)), own_(own), map_(std::move(map)) {}

  // Of the box that holds the moved box.
  static std::vector<double> corner(const Shape& own, const Map& map, bool most) {
    const std::size_t n = own.dimensions();
    std::vector<double> bound(n, most ? -HUGE_VAL : HUGE_VAL), point(n);
    for (std::size_t which = 0; which < (std::size_t{1} << n); ++which) {
      for (std::size_t d = 0; d < n; ++d) point[d] = (which >> d & 1) != 0 ? own.upper()[d] : own.lower()[d];
      bound = each(bound, map.there(point.data()), most);
    }
    return bound;
  }

  std::shared_ptr<const Primitive> own_;
  Map map_;
};

}  // namespace

NodeId Shape::smooth_level(ExpressionGraph&, const std::vector<NodeId>&, Where) const {
  throw Error(Status::usage, "there is no smooth expression of coordinates that vanishes on the border of this shape");
}

ShapePointer Primitive::moved(const Motion& motion) const {
  return require_thickness(
      std::make_shared<MovedPrimitive>(std::static_pointer_cast<const Primitive>(shared_from_this()), motion));
}

ShapePointer unite(const ShapePointer& a, const ShapePointer& b) { return join(a, b, false); }
ShapePointer intersect(const ShapePointer& a, const ShapePointer& b) { return join(a, b, true); }
ShapePointer complement(const ShapePointer& a) {
  if (const auto* twice = dynamic_cast<const Complement*>(a.get())) return twice->body();
  return std::make_shared<Complement>(a);
}

}  // namespace jetpinn
