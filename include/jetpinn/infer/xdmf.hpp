// The XML that tells ParaView how a point table is to be read.
#pragma once

#include "jetpinn/infer/grid.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct XdmfPlan {
  std::string data_file;                    // name of the HDF5 file, in the same folder
  std::int64_t rows = 0;
  std::vector<std::string> coordinates;     // names, all of them
  int time = -1;                            // which one is the time
  std::vector<std::string> quantities;      // names of datasets
  const PointGrid* grid = nullptr;          // null: scattered points
};

// Structured where the points are a grid of up to three coordinates; a grid whose slowest coordinate is the time becomes a film when it
// has two or three more; else a cloud of points over the first three coordinates. Space comes before time on ParaView's axes.
std::string xdmf_text(const XdmfPlan& plan);

}  // namespace jetpinn
