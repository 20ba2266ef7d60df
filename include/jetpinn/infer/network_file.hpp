// network.h5: everything that evaluates the trained network without this program (docs/load.py does, in NumPy).
//
// Root attributes: format, version, steps, kind, activation, coordinates, fields (lists of text). Group `constants`: an
// attribute per constant. `features/{kind,coordinate,scale,shift}`: one entry per input of the first layer (kind 0: scale x
// + shift, 1: its cosine, 2: its sine). `layers/<n>/{weight [inputs, outputs], bias [outputs]}`. `parameters`: the flat
// buffer, in the order of the layers.
// Of a sparse matrix `weight` is [kept], and there are `shape`, its inputs and outputs, and `kept`: a bit for each place,
// row by row, the lowest bit of a 64-bit word first. Group `networks`, where there are several: `features` and `layers`
// [networks], how many entries of those lists belong to each, one network after the other; `fields`: the numbers of the
// fields in the order in which the networks give them. `kind` and `activation` are those of the last network then. Group
// `trainable`, where there are trained numbers: an attribute per number, its value as expressions see it; `parameters` ends
// with what was trained for it. Group `scales`, where the problem has scales: an attribute per coordinate and field.
// `output` multiplies by those of the fields already. Group `output`: the fields from the last layer's raw outputs.
// `program`: a text per step, "multiply 0 2" names NumPy's function and earlier steps; "constant 0.5", "coordinate 1" and
// "field 0" begin. `result`: each field's step. An attribute per transformed field holds its expression for readers.
#pragma once

#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// One rank writes; parameters: [network.parameters], steps: how many the training took. Throws Error (storage).
void write_network_file(const std::string& path, const Problem& problem, const Network& network, const double* parameters,
                        std::int64_t steps = 0);

// Steps of the training behind the file; -1: it does not say. Throws Error (usage).
std::int64_t steps_of_network(const std::string& path);

// Compares the places of its kept weights with those of `network`, bit by bit. Throws Error (usage) where it has others: its
// parameters belong to another pattern.
void require_patterns(const std::string& path, const Network& network);

// Throws Error (usage) where it is no network file of the format that this program writes.
void require_network_format(const hdf5::InputFile& file);

// The flat buffer. Throws Error (usage) when the file is damaged, of another format or holds another number of parameters.
std::vector<double> load_parameters(const std::string& path, std::int64_t expected_count);

}  // namespace jetpinn
