// The reference on a slice of the domain: an expression anywhere, or those points of a file that lie there.
#pragma once

#include "jetpinn/report/run_network.hpp"
#include "jetpinn/report/slices.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// Values on an even grid over two coordinates, or along one.
struct Raster {
  std::int64_t columns = 0, rows = 1;
  std::vector<double> values;   // [rows][columns]; not a number where nothing is known
};

// What a reference says on a slice; of one field.
struct ReferenceOnSlice {
  int field = 0;
  bool scattered = false;                      // points of a line that do not stand at its nodes:
                                               // places, reference and difference
  std::vector<double> places;
  Raster reference, difference;                // network minus reference
};

class ReferenceSource {
 public:
  // Collective: rank 0 reads the file. `note` says why there is no reference, or which part of it is shown.
  explicit ReferenceSource(const RunNetwork& network);

  bool empty() const { return problem_.exact.empty() && columns_.empty() && rows_ == 0; }
  const std::string& note() const { return note_; }

  // Collective; results on rank 0. network_values: fields at the slice's nodes.
  std::vector<ReferenceOnSlice> on(const Slice& slice, const std::vector<std::vector<double>>& network_values) const;

 private:
  void read_file();
  std::vector<std::size_t> rows_near(const Slice& slice) const;
  std::vector<ReferenceOnSlice> exact_on(const Slice& slice, const std::vector<std::vector<double>>& network_values) const;
  std::vector<ReferenceOnSlice> file_on(const Slice& slice) const;
  void remove_means(std::vector<ReferenceOnSlice>& found) const;

  const RunNetwork& network_;
  const Problem& problem_;
  std::string note_;
  std::int64_t rows_ = 0;                           // of the file, on every rank
  std::vector<std::vector<double>> coordinates_;    // [dimensions][rows], rank 0
  std::vector<std::pair<int, std::vector<double>>> columns_;   // field and values, rank 0
};

// Values at places (a, b) as a picture: cells where the places are a grid, else dots.
Raster raster_of(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& values,
                 const Slice& slice);

}  // namespace jetpinn
