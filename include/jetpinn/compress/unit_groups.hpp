// Which hidden units of a network stand and fall together, and what goes from the parameters when some of them go.
//
// Activations, gates and mixes work unit by unit, so their output has the units of what they read. The matrices of an mlp
// each begin new units; a residual network, a modified mlp and a PirateNet have the same units in all of their hidden
// layers, for what is added to or mixed with them has these units; of a PirateNet its gates have others than its blocks, as
// many. Units that are not trained (Fourier features) and the
// fields themselves belong to no group.
#pragma once

#include "jetpinn/network/network.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct UnitGroup {
  std::string name;  // "layer 2 of 5"; of several networks with its fields
  int member = 0;    // of Network::members
  std::int64_t units = 0;
  std::vector<int> layers;     // whose outputs are these units, in the order of the network
  std::vector<int> consumers;  // layers that multiply these units by a matrix, which has a row for each of them
};

struct UnitGroups {
  std::vector<UnitGroup> groups;    // in the order of the network
  std::vector<int> group_of_layer;  // [layers] of the units that a layer gives; -1: none
  // [groups] the first group that has as many units whatever goes: a network whose layers share units is of one width.
  std::vector<std::size_t> width_of_group;
};

UnitGroups unit_groups(const Network& network);

// Entries of a parameter block that belong to a unit: rows of one group and columns of another, -1 where all stay.
struct BlockUnits {
  std::int64_t rows = 1, columns = 1;
  int row_group = -1, column_group = -1;
};
BlockUnits units_of_block(const UnitGroups& groups, const Network& network, std::size_t layer, const ParameterBlock& block);

// Parameters of the network if its groups had these numbers of units. widths [groups]
std::int64_t parameter_count(const Network& network, const UnitGroups& groups, const std::vector<std::int64_t>& widths);

// FLOP that one point takes forward, values alone: two for each weight of a matrix.
double flop_of_values(const Network& network, const UnitGroups& groups, const std::vector<std::int64_t>& widths);

// Numbers of the units that stay. [groups], ascending
using KeptUnits = std::vector<std::vector<std::int64_t>>;

// Folds units that go into what reads them: each becomes a constant, its mean, which is added to the bias behind every
// matrix that reads it. means [layers][units]: of the values of each layer. Only biases change.
void fold_means(const Network& network, const UnitGroups& groups, const KeptUnits& kept,
                const std::vector<std::vector<double>>& means, std::vector<double>& parameters);

// The parameters of the smaller network `to`, in its order, from those of `from`. Throws (a defect) where the networks do
// not fit each other.
std::vector<double> remove_units(const Network& from, const UnitGroups& groups, const KeptUnits& kept,
                                 const std::vector<double>& parameters, const Network& to);

// The weight with which a matrix multiplies unit i into its column j, all factors in it but a trained slope.
double effective_weight(const Layer& layer, const double* parameters, std::int64_t i, std::int64_t j);

// The block that is added to the sums of a layer with a matrix; null: there is none that is trained.
const ParameterBlock* bias_behind(const Network& network, int layer);

// `hidden` of each network as its options have it, with these widths of the groups. hidden [members] as it was.
std::vector<std::vector<std::int64_t>> hidden_of(const UnitGroups& groups, const std::vector<std::int64_t>& widths,
                                                 const std::vector<std::vector<std::int64_t>>& hidden);

}  // namespace jetpinn
