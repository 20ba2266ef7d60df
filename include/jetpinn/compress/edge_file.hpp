// A trained network as one flat file, F.jpn, that the headers of jetpinn/edge evaluate on devices where nothing else of this
// program is: the layout stands in edge/file_reader.hpp, edge/program.hpp, edge/body.hpp and edge/weight.hpp.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct EdgeFile {
  Precision precision = Precision::fp64;                   // of the values: fp64 | fp32
  std::vector<std::pair<std::string, std::string>> facts;  // for people: "name", "steps", ...
};

// The file's bytes. problem: its domain is what the file says was trained; network with its windows, where there are such;
// parameters [network.parameters]. A matrix of which at least half is 0 is kept without its zeros. Throws Error (usage) for
// layers that the evaluator does not know, and for values beyond the range of fp32.
std::string edge_file(const Problem& problem, const Network& network, const double* parameters, const EdgeFile& options);

// How far the evaluator's outputs lie from the engine's.
struct EdgeDifference {
  std::vector<double> largest;  // [fields] |evaluator - engine| over the points
  std::vector<double> size;     // [fields] largest |engine|
};

// file: the bytes of a file. coordinates [points, dimensions] and fields [fields, points] of the engine. Throws Error
// (storage) where the evaluator refuses the file.
EdgeDifference compare_with_edge(const std::string& file, const std::vector<double>& coordinates,
                                 const std::vector<double>& fields, std::int64_t points);

}  // namespace jetpinn
