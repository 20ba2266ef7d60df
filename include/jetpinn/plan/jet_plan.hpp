// JetPlan: the cheapest set of channels from which a term's residuals can be evaluated.
//
// Required operators are read off the residual graph: inside every sum, the derivatives of one field that enter linearly
// with coefficients free of fields form one operator; every other derivative stands alone. The channels span the smallest
// linear space of symbols that holds the required operators and is closed under d/dxi. In a reduced echelon basis with pivot
// monomials m_c the coefficients of Faa di Bruno's formula are those of prod m_{c_i}(xi_i) in p(xi_1 + ... + xi_k).
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/kernels/jet_program.hpp"
#include "jetpinn/kernels/tape_program.hpp"
#include "jetpinn/plan/term_inputs.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// One summand of a channel's operator: coefficient * point_coefficient[slot] * D^derivative (slot -1: constant).
struct ChannelPart {
  Derivative derivative;
  double coefficient = 1;
  int slot = -1;
};

struct Channel {
  std::vector<ChannelPart> parts;
};

struct JetPlan {
  int dimensions = 0;
  std::vector<Channel> channels;             // channels[0] is the value
  JetProgram program;                        // what an activation does to them
  std::vector<NodeId> point_coefficients;    // free of fields, one per slot, each as at the first of linked points
  std::vector<bool> trained_slots;           // [slots] whether the coefficient depends on a trainable number
  int naive_channels = 1;                    // value and one channel per derivative, with all their lower ones
  int order() const;                         // highest derivative of any channel
  bool trained() const;                      // some slot is
};

// "1, d/dx, d/dt - 0.00318 d2/dx2"
std::string describe(const JetPlan& plan, const std::vector<std::string>& coordinates);

// Everything needed to evaluate one term's residuals, its plan included.
struct TermProgram {
  JetPlan plan;
  int dimensions = 0, fields = 0;
  int sites = 1;                   // linked points per residual: two for periodic pairs and jumps
  TapeProgram residual;
  std::vector<TermInput> inputs;   // [residual.inputs]; of channels: field * channels() + channel
  TapeProgram coefficients;        // outputs: the plan's slots, at one swept point
  std::vector<TermInput> coefficient_inputs;   // [coefficients.inputs]; no channels, nothing of another point
  int channels() const { return static_cast<int>(plan.channels.size()); }
  std::vector<bool> fields_read() const;   // [fields] of which the residuals read some channel
  int residuals() const { return static_cast<int>(residual.outputs.size()); }
};

// `residuals` refer to raw network outputs (output transforms already substituted). Throws Error (usage)
// for derivatives beyond max_order and for leaves that nothing serves.
TermProgram compile_term(ExpressionGraph& graph, const std::vector<NodeId>& residuals, int dimensions, int fields,
                         const TermGroups& groups = {});

}  // namespace jetpinn
