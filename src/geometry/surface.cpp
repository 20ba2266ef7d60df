#include "jetpinn/geometry/surface.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace jetpinn {
namespace {

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0;
  for (std::size_t d = 0; d < n; ++d) sum += a[d] * b[d];
  return sum;
}

// Makes `rows` vectors of [n] orthonormal (Gram-Schmidt, twice) and returns the volume that they spanned.
double orthonormalize(std::vector<double>& vectors, std::size_t rows, std::size_t n) {
  double volume = 1;
  for (std::size_t r = 0; r < rows; ++r) {
    double* const row = vectors.data() + r * n;
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t q = 0; q < r; ++q) {
        const double* const other = vectors.data() + q * n;
        const double share = dot(row, other, n);
        for (std::size_t d = 0; d < n; ++d) row[d] -= share * other[d];
      }
    const double length = std::sqrt(dot(row, row, n));
    volume *= length;
    for (std::size_t d = 0; d < n && length > 0; ++d) row[d] /= length;
  }
  return volume;
}

class FlatPiece : public Surface {
 public:
  FlatPiece(std::vector<double> corners, const std::vector<double>& inside)
      : n_(inside.size()), corners_(std::move(corners)), normal_(n_) {
    std::vector<double> edges;
    for (std::size_t c = 1; c < n_; ++c)
      for (std::size_t d = 0; d < n_; ++d) edges.push_back(corners_[c * n_ + d] - corners_[d]);
    measure_ = orthonormalize(edges, n_ - 1, n_);
    for (std::size_t k = 2; k < n_; ++k) measure_ /= static_cast<double>(k);  // (n - 1)! simplices in a parallelepiped
    // What is left of the way inside once its parts along the edges are taken away.
    for (std::size_t d = 0; d < n_; ++d) normal_[d] = corners_[d] - inside[d];
    edges.insert(edges.end(), normal_.begin(), normal_.end());
    height_ = orthonormalize(edges, n_, n_);  // the edges have length one, or none
    normal_.assign(edges.end() - static_cast<std::ptrdiff_t>(n_), edges.end());
  }

  int parameters() const override { return static_cast<int>(n_) - 1; }
  double measure() const override { return measure_; }
  double height() const { return height_; }  // of the point inside

  // Uniform in a simplex: the gaps between sorted uniform numbers (Devroye, Non-uniform random variate generation, V.2.1).
  // By ways from the first corner, so that a coordinate which all corners share is exactly that of each point.
  bool place(const double* fractions, double* point) const override {
    std::vector<double> cuts(fractions, fractions + n_ - 1);
    std::sort(cuts.begin(), cuts.end());
    cuts.push_back(1);
    std::copy_n(corners_.begin(), n_, point);
    for (std::size_t c = 1; c < n_; ++c)
      for (std::size_t d = 0; d < n_; ++d) point[d] += (cuts[c] - cuts[c - 1]) * (corners_[c * n_ + d] - corners_[d]);
    return true;
  }

  void normal(const double*, double* normal) const override { std::copy(normal_.begin(), normal_.end(), normal); }

 private:
  std::size_t n_;
  std::vector<double> corners_, normal_;
  double measure_ = 1, height_ = 0;
};

class BoxFace : public Surface {
 public:
  BoxFace(std::vector<double> lower, std::vector<double> upper, std::size_t axis, bool high)
      : lower_(std::move(lower)), upper_(std::move(upper)), axis_(axis), high_(high) {
    lower_[axis] = upper_[axis] = high ? upper_[axis] : lower_[axis];
  }

  int parameters() const override { return static_cast<int>(lower_.size()) - 1; }
  double measure() const override {
    double measure = 1;
    for (std::size_t d = 0; d < lower_.size(); ++d)
      if (d != axis_) measure *= upper_[d] - lower_[d];
    return measure;
  }
  bool place(const double* fractions, double* point) const override {
    for (std::size_t d = 0; d < lower_.size(); ++d)
      point[d] = d == axis_ ? lower_[d] : std::min(lower_[d] + *fractions++ * (upper_[d] - lower_[d]), upper_[d]);
    return true;
  }
  void normal(const double*, double* normal) const override {
    std::fill_n(normal, lower_.size(), 0.0);
    normal[axis_] = high_ ? 1 : -1;
  }

 private:
  std::vector<double> lower_, upper_;
  std::size_t axis_;
  bool high_;
};

// A unit vector that is uniform on the sphere. fractions: one in two dimensions, two in three (Archimedes: heights are
// uniform), beyond them as many as dimensions (normal numbers, made of pairs by Box and Muller, scaled to length one).
int direction_parameters(std::size_t n) { return n <= 3 ? static_cast<int>(n) - 1 : static_cast<int>(n + n % 2); }

void direction(const double* fractions, std::size_t n, double* unit) {
  if (n == 2) {
    unit[0] = std::cos(2 * std::numbers::pi * fractions[0]), unit[1] = std::sin(2 * std::numbers::pi * fractions[0]);
  } else if (n == 3) {
    const double height = 2 * fractions[0] - 1, around = 2 * std::numbers::pi * fractions[1];
    const double radius = std::sqrt(std::max(0.0, 1 - height * height));
    unit[0] = radius * std::cos(around), unit[1] = radius * std::sin(around), unit[2] = height;
  } else {
    double square = 0;
    for (std::size_t d = 0; d < n; ++d) {
      const double first = fractions[d - d % 2], second = fractions[d - d % 2 + 1];
      const double size = std::sqrt(-2 * std::log1p(-first)), around = 2 * std::numbers::pi * second;
      unit[d] = size * (d % 2 == 0 ? std::cos(around) : std::sin(around));
      square += unit[d] * unit[d];
    }
    const double length = std::sqrt(square);
    for (std::size_t d = 0; d < n; ++d) unit[d] = length > 0 ? unit[d] / length : (d == 0 ? 1 : 0);
  }
}

class SphereSurface : public Surface {
 public:
  SphereSurface(std::vector<double> center, double radius, bool high)
      : center_(std::move(center)), radius_(radius), high_(high) {}

  int parameters() const override { return center_.size() == 1 ? 0 : direction_parameters(center_.size()); }
  double measure() const override {
    const auto n = static_cast<double>(center_.size());
    if (center_.size() == 1) return 1;
    return 2 * std::pow(std::numbers::pi, n / 2) / std::tgamma(n / 2) * std::pow(radius_, n - 1);
  }
  bool place(const double* fractions, double* point) const override {
    if (center_.size() == 1) {
      point[0] = center_[0] + (high_ ? radius_ : -radius_);
      return true;
    }
    direction(fractions, center_.size(), point);
    for (std::size_t d = 0; d < center_.size(); ++d) point[d] = center_[d] + radius_ * point[d];
    return true;
  }
  void normal(const double* point, double* normal) const override {
    double square = 0;
    for (std::size_t d = 0; d < center_.size(); ++d) {
      normal[d] = point[d] - center_[d];
      square += normal[d] * normal[d];
    }
    for (std::size_t d = 0; d < center_.size(); ++d) normal[d] /= std::sqrt(square);
  }

 private:
  std::vector<double> center_;
  double radius_;
  bool high_;
};

// The map of the unit sphere onto the ellipsoid stretches areas by abc |S^-1 u|, S = diag(a, b, c): uniform directions are
// kept in that proportion to the most that it can be, by a number of their own (von Neumann's rejection).
class EllipsoidSurface : public Surface {
 public:
  EllipsoidSurface(std::vector<double> center, std::vector<double> semi_axes)
      : center_(std::move(center)), axes_(std::move(semi_axes)) {
    most_ = 1 / *std::min_element(axes_.begin(), axes_.end());
  }

  int parameters() const override { return direction_parameters(axes_.size()) + 1; }
  double measure() const override {
    double product = most_;
    for (const double axis : axes_) product *= axis;
    return (axes_.size() == 2 ? 2 : 4) * std::numbers::pi * product;
  }
  bool place(const double* fractions, double* point) const override {
    std::vector<double> unit(axes_.size());
    direction(fractions, axes_.size(), unit.data());
    for (std::size_t d = 0; d < axes_.size(); ++d) point[d] = center_[d] + axes_[d] * unit[d];
    return fractions[parameters() - 1] * most_ <= stretch(unit.data());
  }
  void normal(const double* point, double* normal) const override {
    double square = 0;
    for (std::size_t d = 0; d < axes_.size(); ++d) {
      normal[d] = (point[d] - center_[d]) / (axes_[d] * axes_[d]);
      square += normal[d] * normal[d];
    }
    for (std::size_t d = 0; d < axes_.size(); ++d) normal[d] /= std::sqrt(square);
  }

 private:
  double stretch(const double* unit) const {
    double square = 0;
    for (std::size_t d = 0; d < axes_.size(); ++d) square += unit[d] * unit[d] / (axes_[d] * axes_[d]);
    return std::sqrt(square);
  }

  std::vector<double> center_, axes_;
  double most_;  // stretch
};

class Wall : public Surface {
 public:
  Wall(std::shared_ptr<const Surface> base, double lower, double upper)
      : base_(std::move(base)), lower_(lower), upper_(upper) {}

  int parameters() const override { return base_->parameters() + 1; }
  double measure() const override { return base_->measure() * (upper_ - lower_); }
  bool place(const double* fractions, double* point) const override {
    point[2] = std::min(lower_ + fractions[0] * (upper_ - lower_), upper_);
    return base_->place(fractions + 1, point);
  }
  void normal(const double* point, double* normal) const override {
    base_->normal(point, normal);
    normal[2] = 0;
  }

 private:
  std::shared_ptr<const Surface> base_;
  double lower_, upper_;
};

}  // namespace

std::unique_ptr<Surface> flat_piece(std::vector<double> corners, const std::vector<double>& inside, double* height) {
  auto piece = std::make_unique<FlatPiece>(std::move(corners), inside);
  if (height) *height = piece->height();
  return piece;
}

std::unique_ptr<Surface> box_face(std::vector<double> lower, std::vector<double> upper, std::size_t axis, bool high) {
  return std::make_unique<BoxFace>(std::move(lower), std::move(upper), axis, high);
}

std::unique_ptr<Surface> sphere_surface(std::vector<double> center, double radius, bool high) {
  return std::make_unique<SphereSurface>(std::move(center), radius, high);
}

std::unique_ptr<Surface> ellipsoid_surface(std::vector<double> center, std::vector<double> semi_axes) {
  return std::make_unique<EllipsoidSurface>(std::move(center), std::move(semi_axes));
}

std::unique_ptr<Surface> wall(std::shared_ptr<const Surface> base, double lower, double upper) {
  return std::make_unique<Wall>(std::move(base), lower, upper);
}

}  // namespace jetpinn
