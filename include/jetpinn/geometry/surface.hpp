// A smooth piece of what bounds a body: points uniform by area, and outward unit normals.
#pragma once

#include <memory>
#include <vector>

namespace jetpinn {

class Surface {
 public:
  virtual ~Surface() = default;

  // How many numbers in [0, 1) place a point. 0: the piece is a single point.
  virtual int parameters() const = 0;
  // Length, area, ... of the piece over the share of numbers that place() takes; 1 for a single point.
  virtual double measure() const = 0;
  // Numbers that are uniform and independent give points that are uniform by area. False: these numbers place none, others
  // are to be drawn. point: [dimensions] of the space, written in either case.
  virtual bool place(const double* fractions, double* point) const = 0;
  // At a point of the piece, out of the body that it bounds.
  virtual void normal(const double* point, double* normal) const = 0;
};

// A simplex of `dimensions` corners in as many dimensions: a point, a segment, a triangle, ... corners: [dimensions,
// dimensions], one corner after the other. `inside`: a point of the body, on which side the normal does not lie.
// height: receives how high the point inside stands over the piece.
std::unique_ptr<Surface> flat_piece(std::vector<double> corners, const std::vector<double>& inside,
                                    double* height = nullptr);

// A face of a box: coordinate `axis` is fixed at its upper or lower end.
std::unique_ptr<Surface> box_face(std::vector<double> lower, std::vector<double> upper, std::size_t axis, bool high);

// What is at one distance from a point, in any number of dimensions: two points for one, a circle, a sphere, ...
// In one dimension `high` says which of the two.
std::unique_ptr<Surface> sphere_surface(std::vector<double> center, double radius, bool high = true);

// Of the axes of an ellipse or an ellipsoid. semi_axes: [dimensions], 2 or 3 of them.
std::unique_ptr<Surface> ellipsoid_surface(std::vector<double> center, std::vector<double> semi_axes);

// The product of a piece of a plane body's border and an interval of the third coordinate.
std::unique_ptr<Surface> wall(std::shared_ptr<const Surface> base, double lower, double upper);

}  // namespace jetpinn
