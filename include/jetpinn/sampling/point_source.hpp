// Where the points of a term come from. Generated ones are a pure function of (seed, term, epoch, index): any rank can make
// any of them, and nothing keeps them (sampler.hpp); what expressions read of their places comes with them
// (placed_points.hpp). Stored ones have columns of their own, belong to the state of a run and
// may be exchanged while it goes on (stored_points.hpp).
#pragma once

#include "jetpinn/sampling/point_set.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// What points have beside their coordinates: names by the numbers of the columns in TermPoints.
struct SourceColumns {
  bool weight = false;
  std::vector<std::string> attributes;   // "normal_x", "normal_y", ..., "signed_distance"
  std::vector<std::string> data;
  bool second = false;                   // coordinates of a linked point
  bool quadrature = false;               // weights by which points count in a mean (TermPoints::quadrature)
};

class PointSource {
 public:
  virtual ~PointSource() = default;

  virtual std::int64_t count() const = 0;   // over all ranks
  virtual SourceColumns columns() const { return {}; }
  // Coordinates of points first .. first + count - 1, of a stored source those that it begins with, to out[d * stride + i].
  // Any rank may ask for any. Throws Error (usage).
  virtual void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const = 0;
  // The part of its region in which a point lies.
  virtual std::size_t part_of(std::int64_t) const { return 0; }
  // All columns of the points of points.blocks, whose room make_room has made. Throws Error (usage).
  virtual void fill(TermPoints& points) const;
};

// Points of `blocks` with room for their columns; values are zero.
TermPoints make_room(int dimensions, const SourceColumns& columns, std::int64_t global_count, std::vector<Block> blocks);

}  // namespace jetpinn
