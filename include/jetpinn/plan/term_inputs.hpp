// What a term's tapes read: columns of points in groups, each with its own way to be filled and differentiated.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <functional>
#include <vector>

namespace jetpinn {

enum class InputGroup {
  coordinate,   // of the term's points; a problem's parameters are further coordinates, by which nothing is differentiated
  channel,      // field * channels + channel, from the sweep of the network's jets; adjoints go back into it
  data,         // further columns of the points
  attribute,    // what belongs to a place: components of the normal, signed distance
  trainable,    // one number for the run, a parameter; adjoints are summed over points
  constant      // one number for a stage
};

// One column: `index` in its group, at one of the linked points.
struct TermInput {
  InputGroup group = InputGroup::coordinate;
  int index = 0;
  int site = 0;
  bool operator==(const TermInput& o) const { return group == o.group && index == o.index && site == o.site; }
  // The same at all points.
  bool is_number() const { return group == InputGroup::trainable || group == InputGroup::constant; }
};

// How many columns there are of each group besides coordinates and channels. Attributes count at one point.
struct TermGroups {
  int data = 0, attributes = 0, trainables = 0, constants = 0;
  int sites = 1;   // linked points: 2 for periodic pairs and jumps across an interface
};

// Throws Error (usage), naming the leaf, for one of the roots' leaves that nothing serves: a column beyond its group's.
void require_served(const ExpressionGraph& graph, const std::vector<NodeId>& roots, int dimensions, int fields,
                    const TermGroups& groups);

// The columns of a tape, in order: all coordinates; all channels of one site, then of the other; of the rest those that the
// roots read. channels: fields times channels.
std::vector<TermInput> list_inputs(const ExpressionGraph& graph, const std::vector<NodeId>& roots, int dimensions,
                                   int channels, int sites);

// For compile_tape: a leaf's place in the list.
std::function<int(const Node&)> columns_of(const std::vector<TermInput>& inputs);

}  // namespace jetpinn
