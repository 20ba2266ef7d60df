#include "jetpinn/compress/unit_groups.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace jetpinn {
namespace {

std::size_t at(int number) { return static_cast<std::size_t>(number); }

bool has_matrix(const Layer& layer) { return layer.block("weight") != nullptr; }

// Layers whose outputs have the same units have the same root.
class SameUnits {
 public:
  explicit SameUnits(const Network& network) : parent_(network.layers.size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    for (std::size_t l = 0; l < network.layers.size(); ++l)
      for (const int input : network.layers[l].inputs)
        if (!has_matrix(network.layers[l])) parent_[root(l)] = root(at(input));
  }
  std::size_t root(std::size_t layer) const {
    while (parent_[layer] != layer) layer = parent_[layer];
    return layer;
  }

 private:
  std::vector<std::size_t> parent_;
};

// Several matrices give the same units.
bool shares_units(const Network& network, const UnitGroup& group) {
  return std::count_if(group.layers.begin(), group.layers.end(),
                       [&](int layer) { return has_matrix(network.layers[at(layer)]); }) > 1;
}

std::int64_t width_of(const std::vector<std::int64_t>& widths, int group, std::int64_t all) {
  return group < 0 ? all : widths[at(group)];
}

// Places of the units that stay; all where the entries belong to no group.
std::vector<std::int64_t> places(const KeptUnits& kept, int group, std::int64_t all) {
  if (group >= 0) return kept[at(group)];
  std::vector<std::int64_t> list(static_cast<std::size_t>(all));
  std::iota(list.begin(), list.end(), std::int64_t{0});
  return list;
}

}  // namespace

UnitGroups unit_groups(const Network& network) {
  const SameUnits same(network);
  UnitGroups all;
  all.group_of_layer.assign(network.layers.size(), -1);
  std::vector<int> group_of_root(network.layers.size(), -1);
  std::vector<bool> fixed(network.layers.size(), false);  // [roots]
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const ParameterBlock* weight = layer.block("weight");
    if (layer.kind == "output" || (weight && !weight->trained)) fixed[same.root(l)] = true;
  }
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const std::size_t root = same.root(l);
    if (fixed[root]) continue;
    int& group = group_of_root[root];
    if (group < 0) {
      group = static_cast<int>(all.groups.size());
      all.groups.push_back({network.parts[at(layer.part)].name, layer.member, layer.units, {}, {}});
    }
    all.groups[at(group)].layers.push_back(static_cast<int>(l));
    all.group_of_layer[l] = group;
  }
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    if (const Layer& layer = network.layers[l]; has_matrix(layer) && !layer.inputs.empty())
      if (const int group = all.group_of_layer[at(layer.inputs[0])]; group >= 0)
        all.groups[at(group)].consumers.push_back(static_cast<int>(l));
  for (std::size_t g = 0; g < all.groups.size(); ++g) {
    const auto first = std::find_if(all.groups.begin(), all.groups.end(),
                                    [&](const UnitGroup& group) { return group.member == all.groups[g].member; });
    const bool one_width = std::any_of(all.groups.begin(), all.groups.end(), [&](const UnitGroup& group) {
      return group.member == all.groups[g].member && shares_units(network, group);
    });
    all.width_of_group.push_back(one_width ? static_cast<std::size_t>(first - all.groups.begin()) : g);
  }
  return all;
}

BlockUnits units_of_block(const UnitGroups& groups, const Network& network, std::size_t layer, const ParameterBlock& block) {
  const Layer& owner = network.layers[layer];
  BlockUnits units;
  if (block.size() == 1 && block.name != "weight" && block.name != "bias" && block.name != "scale") return units;
  units.columns = block.shape.back();
  units.rows = block.size() / units.columns;
  JETPINN_CHECK(units.columns == owner.units, "block '" + block.name + "' of a layer of kind '" + owner.kind + "'");
  units.column_group = groups.group_of_layer[layer];
  if (block.name == "weight" && !owner.inputs.empty()) units.row_group = groups.group_of_layer[at(owner.inputs[0])];
  return units;
}

std::int64_t parameter_count(const Network& network, const UnitGroups& groups, const std::vector<std::int64_t>& widths) {
  std::int64_t count = network.trainables.size();
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const ParameterBlock& block : network.layers[l].blocks) {
      const BlockUnits units = units_of_block(groups, network, l, block);
      count += width_of(widths, units.row_group, units.rows) * width_of(widths, units.column_group, units.columns);
    }
  return count;
}

double flop_of_values(const Network& network, const UnitGroups& groups, const std::vector<std::int64_t>& widths) {
  double flop = 0;
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    if (const ParameterBlock* weight = network.layers[l].block("weight")) {
      const BlockUnits units = units_of_block(groups, network, l, *weight);
      flop += 2 * static_cast<double>(width_of(widths, units.row_group, units.rows) *
                                      width_of(widths, units.column_group, units.columns));
    }
  return flop;
}

double effective_weight(const Layer& layer, const double* parameters, std::int64_t i, std::int64_t j) {
  const ParameterBlock *weight = layer.block("weight"), *scale = layer.block("scale");
  const double v = parameters[weight->offset + i * layer.units + j];
  return scale ? v * std::exp(parameters[scale->offset + j]) : v;
}

const ParameterBlock* bias_behind(const Network& network, int layer) {
  const ParameterBlock* own = network.layers[at(layer)].block("bias");
  for (const Layer& next : network.layers)
    if (!own && next.kind == "activation" && next.inputs[0] == layer) own = next.block("bias");
  return own && own->trained ? own : nullptr;
}

void fold_means(const Network& network, const UnitGroups& groups, const KeptUnits& kept,
                const std::vector<std::vector<double>>& means, std::vector<double>& parameters) {
  for (std::size_t g = 0; g < groups.groups.size(); ++g)
    for (const int consumer : groups.groups[g].consumers) {
      const Layer& layer = network.layers[at(consumer)];
      const ParameterBlock* bias = bias_behind(network, consumer);
      const std::vector<double>& mean = means[at(layer.inputs[0])];
      for (std::int64_t unit = 0; bias && unit < groups.groups[g].units; ++unit) {
        if (std::binary_search(kept[g].begin(), kept[g].end(), unit)) continue;
        for (std::int64_t j = 0; j < layer.units; ++j)
          parameters[static_cast<std::size_t>(bias->offset + j)] +=
              mean[static_cast<std::size_t>(unit)] * effective_weight(layer, parameters.data(), unit, j);
      }
    }
}

std::vector<double> remove_units(const Network& from, const UnitGroups& groups, const KeptUnits& kept,
                                 const std::vector<double>& parameters, const Network& to) {
  JETPINN_CHECK(from.layers.size() == to.layers.size() && from.trainables.size() == to.trainables.size(), "remove_units");
  std::vector<double> smaller(static_cast<std::size_t>(to.parameters));
  for (std::size_t l = 0; l < from.layers.size(); ++l)
    for (std::size_t b = 0; b < from.layers[l].blocks.size(); ++b) {
      const ParameterBlock &old = from.layers[l].blocks[b], &block = to.layers[l].blocks[b];
      const BlockUnits units = units_of_block(groups, from, l, old);
      const std::vector<std::int64_t> rows = places(kept, units.row_group, units.rows),
                                      columns = places(kept, units.column_group, units.columns);
      JETPINN_CHECK(static_cast<std::int64_t>(rows.size() * columns.size()) == block.size(), "remove_units: " + block.name);
      auto target = smaller.begin() + block.offset;
      for (const std::int64_t row : rows)
        for (const std::int64_t column : columns)
          *target++ = parameters[static_cast<std::size_t>(old.offset + row * units.columns + column)];
    }
  std::copy_n(parameters.begin() + from.trainables.offset, from.trainables.size(), smaller.begin() + to.trainables.offset);
  return smaller;
}

std::vector<std::vector<std::int64_t>> hidden_of(const UnitGroups& groups, const std::vector<std::int64_t>& widths,
                                                 const std::vector<std::vector<std::int64_t>>& hidden) {
  std::vector<std::vector<std::int64_t>> result = hidden;
  for (std::size_t m = 0; m < result.size(); ++m) {
    std::vector<std::int64_t> own;
    for (std::size_t g = 0; g < groups.groups.size(); ++g)
      if (groups.groups[g].member == static_cast<int>(m)) own.push_back(widths[groups.width_of_group[g]]);
    const bool one_width = std::count(own.begin(), own.end(), own[0]) == static_cast<std::int64_t>(own.size());
    JETPINN_CHECK(one_width || own.size() == result[m].size(), "groups of units and network.hidden differ");
    for (std::size_t l = 0; l < result[m].size(); ++l) result[m][l] = own[one_width ? 0 : l];
  }
  return result;
}

}  // namespace jetpinn
