// A region as a sampler sees it: parts with their measures, in which points are placed uniformly, and its surface, which is
// a region again. Boxes are one kind (box_region.hpp); a kind is added by deriving from this class.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace jetpinn {

class SampledRegion {
 public:
  virtual ~SampledRegion() = default;

  virtual bool inside(const double* point) const = 0;   // in one of its parts; point [dimensions], as all below
  double measure() const;                               // of all parts
  int dimension() const;                                // the largest of its parts'

  // What bounds it, as a region with normals: its measure is the surface measure, and its points are uniform by area. Throws
  // Error (usage) where it is not known.
  virtual std::unique_ptr<SampledRegion> surface() const = 0;

  virtual std::size_t parts() const = 0;
  // Length, area, ... of a part, each coordinate in units() of its own; 1 for a single point.
  virtual double measure(std::size_t part) const = 0;
  // How many numbers in [0, 1) place a point in the part, no fewer than its dimensions. 0: a single point.
  virtual int parameters(std::size_t part) const = 0;
  virtual int dimension(std::size_t part) const { return parameters(part); }
  // The point that they place. Numbers that are uniform and independent give points that are uniform in the part, once those
  // that accepts() refuses are left out.
  virtual void place(std::size_t part, const double* fractions, double* point) const = 0;
  // Whether accepts() may refuse a point that place() gave, which is then to be drawn again.
  virtual bool restricted(std::size_t part) const = 0;
  virtual bool accepts(std::size_t part, const double* point) const = 0;
  // Whether a grid can stand in the part; Sobol points take its place where not.
  virtual bool has_grid(std::size_t) const { return true; }
  // The outward unit normal at a point of the part. False, and nothing written: the part bounds nothing.
  virtual bool normal(std::size_t part, const double* point, double* normal) const = 0;

  // A box that holds the part, flat where the part is: grids stand in it. [dimensions]
  virtual const std::vector<double>& lower(std::size_t part) const = 0;
  virtual const std::vector<double>& upper(std::size_t part) const = 0;
  virtual const std::vector<double>& units() const = 0;   // [dimensions] the length that counts as 1 along each coordinate
};

}  // namespace jetpinn
