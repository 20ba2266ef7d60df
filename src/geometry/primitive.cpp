#include "jetpinn/geometry/primitive.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace jetpinn {

double rounding_of(double size) { return 4 * std::numeric_limits<double>::epsilon() * size; }

double largest(const double* point, std::size_t dimensions) {
  double most = 0;
  for (std::size_t d = 0; d < dimensions; ++d) most = std::max(most, std::abs(point[d]));
  return most;
}

double Primitive::longest() const {
  double most = 0;
  for (std::size_t d = 0; d < lower_.size(); ++d) most = std::max(most, upper_[d] - lower_[d]);
  return most;
}

// A distance grows by no more than the step: beyond two of them both sides are where the point is.
Shape::Sides Primitive::sides(const double* point, const double* normal, double error) const {
  const std::size_t n = dimensions();
  const double step = border_room(error + rounding(point));
  for (std::size_t d = 0; d < n; ++d)
    if (point[d] < lower_[d] - 2 * step || point[d] > upper_[d] + 2 * step) return {false, false};
  const double here = distance(point);
  if (std::abs(here) > 2 * step) return {here < 0, here < 0};
  std::vector<double> ahead(n), behind(n);
  for (std::size_t d = 0; d < n; ++d) {
    ahead[d] = point[d] + step * normal[d];
    behind[d] = point[d] - step * normal[d];
  }
  return {holds(ahead.data()), holds(behind.data())};
}

// Its box with what rounding adds to it, which is less than the primitive measures across.
Shape::Local Primitive::in_box(const std::vector<double>& lower, const std::vector<double>& upper) const {
  const double room = thickness();
  for (std::size_t d = 0; d < dimensions(); ++d)
    if (lower_[d] - room > upper[d] || upper_[d] + room < lower[d]) return {nullptr, false};
  return {shared_from_this(), false};
}

ShapePointer require_thickness(std::shared_ptr<const Primitive> primitive) {
  constexpr double least_steps = 8;  // a primitive measures more of them across
  std::vector<double> corner;
  for (std::size_t d = 0; d < primitive->dimensions(); ++d)
    corner.push_back(std::max(std::abs(primitive->lower()[d]), std::abs(primitive->upper()[d])));
  const double step = border_room(2 * primitive->rounding(corner.data()));
  if (primitive->thickness() > least_steps * step) return primitive;
  std::ostringstream message;
  message << "this shape measures " << primitive->thickness() << " across where it is thinnest, and rounding tells nothing "
          << "below " << least_steps * step << " at coordinates of up to " << largest(corner.data(), corner.size())
          << "; make it thicker, or let the origin lie nearer to it";
  throw Error(Status::usage, message.str());
}

}  // namespace jetpinn
