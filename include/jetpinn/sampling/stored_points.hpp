// Points that a table holds, all its rows or some of them: coordinates, weight, attributes as expressions call them (the
// signed distance sdf, components n_x, n_y, ... of the normal; one without a column stays zero), and columns of data. Each
// rank reads the rows of its own blocks, once, when a run begins; from then on they are state (train/training_points.hpp).
#pragma once

#include "jetpinn/io/row_table.hpp"
#include "jetpinn/sampling/point_source.hpp"
#include "jetpinn/sampling/sampling_options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

SourceColumns columns_of(const StoredPointsOptions& options);

class StoredPoints : public PointSource {
 public:
  // Columns of the coordinates have their names. Throws Error (usage) naming file and column.
  StoredPoints(StoredPointsOptions options, std::vector<std::string> coordinates);

  std::int64_t count() const override;
  SourceColumns columns() const override { return columns_of(options_); }
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const override;
  // Refuses values that are not finite, weights below zero, and normals that are none (stored_normals.hpp).
  void fill(TermPoints& points) const override;

 private:
  std::int64_t row_of(std::int64_t point) const;
  void read_rows(const std::string& column, std::int64_t first, std::int64_t count, double* out) const;  // by points
  void read(const std::string& column, const std::vector<Block>& blocks, double* out) const;
  void read_coordinate(std::size_t dimension, const std::vector<Block>& blocks, double* out) const;
  void read_weight(const std::vector<Block>& blocks, double* out) const;
  void bring_normals(TermPoints& points) const;

  StoredPointsOptions options_;
  std::vector<std::string> coordinates_;
  std::unique_ptr<RowTable> table_;
};

}  // namespace jetpinn
