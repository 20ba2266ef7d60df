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
  std::string at;            // "Re=20": values of parameters that neither of them has
  std::string quantities;    // "u, u_x, speed = sqrt(u^2 + v^2)"; empty: every field
  std::string output;        // file to write; its ending chooses what it is (prediction_files.hpp)
  bool beside = false;       // `output` is a point table, and files for VTK come beside it
  std::string run;           // folder of the run, and ...
  std::vector<std::string> sets;   // ... overrides of its config: both mark what is written
  std::string parameters;    // file that the parameters came from
  std::int64_t step = -1;    // of the training behind them; -1: not known
  EngineOptions engine;
};

struct Prediction {
  std::int64_t rows = 0;
  std::vector<std::string> datasets;   // coordinates, then quantities
  std::vector<std::string> files;      // written
  std::string note;                    // why no file for VTK is; empty: one is, or none was wanted
  std::int64_t outside = 0;            // points outside the domain
  std::string first_outside;           // "t = 1.5, x = 0"
};

// Collective. Rows keep the order of the input; the same bytes on any number of ranks where the engine's values are.
// `problem` takes up the quantities' expressions and names. Files that are there already are replaced where the same
// prediction wrote them. Throws Error (usage, storage).
Prediction predict(Communicator& communicator, Problem& problem, const Network& network, const double* parameters,
                   const PredictOptions& options);

// A quantity's text as the name of a dataset: '/' would make groups.
std::string dataset_name(const std::string& quantity);

}  // namespace jetpinn
