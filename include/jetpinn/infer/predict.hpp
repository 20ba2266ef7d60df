// Values of a trained network at given points, in parallel and piece by piece: memory does not grow with the points.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct PredictOptions {
  std::string points_file;   // a point table with every coordinate, or ...
  std::string grid;          // ... "t=0:1:101,x=-1:1:201": exactly one of them
  std::string quantities;    // "u, u_x, d(u*u, x)"; empty: every field
  std::string output;        // point table to write; an .xdmf beside it makes ParaView open it
  EngineOptions engine;
};

struct Prediction {
  std::int64_t rows = 0;
  std::vector<std::string> datasets;   // coordinates, then quantities
  std::string file, xdmf_file;
};

// Collective. Rows keep the order of the input. `problem` takes up the quantities' expressions. Throws Error (usage, storage).
Prediction predict(Communicator& communicator, Problem& problem, const Network& network, const double* parameters,
                   const PredictOptions& options);

// A quantity's text as the name of a dataset: '/' would make groups.
std::string dataset_name(const std::string& quantity);

}  // namespace jetpinn
