#include "jetpinn/geometry/level_text.hpp"
#include "jetpinn/geometry/primitive.hpp"
#include "jetpinn/geometry/shape.hpp"

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

// The union of two bodies, or their intersection.
class Joined : public Shape {
 public:
  Joined(ShapePointer a, ShapePointer b, bool both)
      : a_(std::move(a)),
        b_(std::move(b)),
        both_(both),
        lower_(each(a_->lower(), b_->lower(), both)),
        upper_(each(a_->upper(), b_->upper(), !both)) {}

  const std::vector<double>& lower() const override { return lower_; }
  const std::vector<double>& upper() const override { return upper_; }
  double distance(const double* point) const override {
    const double a = a_->distance(point), b = b_->distance(point);
    return both_ ? std::max(a, b) : std::min(a, b);
  }
  std::string level(const std::vector<std::string>& coordinates) const override {
    return call_text(both_ ? "max" : "min", {a_->level(coordinates), b_->level(coordinates)});
  }
  std::vector<Leaf> leaves() const override {
    std::vector<Leaf> all = a_->leaves();
    for (Leaf& leaf : b_->leaves()) all.push_back(std::move(leaf));
    return all;
  }
  ShapePointer moved(const Motion& motion) const override {
    return std::make_shared<Joined>(a_->moved(motion), b_->moved(motion), both_);
  }

 private:
  ShapePointer a_, b_;
  bool both_;
  std::vector<double> lower_, upper_;
};

class Complement : public Shape {
 public:
  explicit Complement(ShapePointer body)
      : body_(std::move(body)),
        lower_(body_->dimensions(), -std::numeric_limits<double>::infinity()),
        upper_(body_->dimensions(), std::numeric_limits<double>::infinity()) {}

  const std::vector<double>& lower() const override { return lower_; }
  const std::vector<double>& upper() const override { return upper_; }
  double distance(const double* point) const override { return -body_->distance(point); }
  std::string level(const std::vector<std::string>& coordinates) const override {
    return "-(" + body_->level(coordinates) + ")";
  }
  std::vector<Leaf> leaves() const override { return body_->leaves(); }
  ShapePointer moved(const Motion& motion) const override { return std::make_shared<Complement>(body_->moved(motion)); }

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
  std::vector<std::string> back(const std::vector<std::string>& names) const {
    const std::size_t n = dimensions();
    std::vector<std::string> out(n);
    for (std::size_t c = 0; c < n; ++c) {
      for (std::size_t r = 0; r < n; ++r) {
        const double share = turn_[r * n + c] / factor_;
        if (share == 0) continue;
        out[c] +=
            (out[c].empty() ? "" : " + ") + number_text(share) + "*(" + names[r] + " - " + number_text(shift_[r]) + ")";
      }
      out[c] = "(" + out[c] + ")";
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
  std::string level(const std::vector<std::string>& coordinates) const override {
    return own_->level(map_.back(coordinates));
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

ShapePointer Primitive::moved(const Motion& motion) const {
  return std::make_shared<MovedPrimitive>(std::static_pointer_cast<const Primitive>(shared_from_this()), motion);
}

ShapePointer unite(ShapePointer a, ShapePointer b) { return std::make_shared<Joined>(std::move(a), std::move(b), false); }
ShapePointer intersect(ShapePointer a, ShapePointer b) { return std::make_shared<Joined>(std::move(a), std::move(b), true); }
ShapePointer complement(ShapePointer a) { return std::make_shared<Complement>(std::move(a)); }

}  // namespace jetpinn
