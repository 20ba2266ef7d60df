#include "jetpinn/plan/term_inputs.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <string>

namespace jetpinn {

namespace {

TermInput input_of(const Node& leaf) {
  switch (leaf.op) {
    case Op::coordinate:
      return {InputGroup::coordinate, leaf.index, leaf.site};
    case Op::channel:
      return {InputGroup::channel, leaf.index, leaf.site};
    case Op::data:
      return {InputGroup::data, leaf.index, leaf.site};
    case Op::attribute:
      return {InputGroup::attribute, leaf.index, leaf.site};
    case Op::trainable:
      return {InputGroup::trainable, leaf.index, leaf.site};
    case Op::stage_constant:
      return {InputGroup::constant, leaf.index, leaf.site};
    default:
      break;
  }
  JETPINN_CHECK(false, "a tape reads no such leaf");
}

bool is_input(const Node& node) { return operand_count(node.op) == 0 && node.op != Op::constant; }

// A group as a message names it, and how many columns it has.
struct Served {
  std::string what;
  int count = 0;
};

Served served(Op op, int dimensions, int fields, const TermGroups& groups) {
  switch (op) {
    case Op::coordinate:
      return {"coordinates", dimensions};
    case Op::field:
      return {"fields", fields};
    case Op::data:
      return {"data columns", groups.data};
    case Op::attribute:
      return {"attributes", groups.attributes};
    case Op::trainable:
      return {"trainable numbers", groups.trainables};
    case Op::stage_constant:
      return {"constants of a stage", groups.constants};
    default:
      return {"channels of its own", 0};
  }
}

}  // namespace

void require_served(const ExpressionGraph& graph, const std::vector<NodeId>& roots, int dimensions, int fields,
                    const TermGroups& groups) {
  for (NodeId id : reachable(graph, roots)) {
    const Node& node = graph[id];
    if (!is_input(node)) continue;
    const auto refuse = [&](const Served& served) {
      throw Error(Status::usage, "this term reads " + to_text(graph, id, {}, {}) + ", which nothing serves: it has " +
                                     std::to_string(served.count) + " " + served.what);
    };
    const Served group = served(node.op, dimensions, fields, groups);
    if (node.index < 0 || node.index >= group.count) refuse(group);
    if (node.site < 0 || node.site >= groups.sites) refuse({"linked points", groups.sites});
  }
}

std::vector<TermInput> list_inputs(const ExpressionGraph& graph, const std::vector<NodeId>& roots, int dimensions,
                                   int channels, int sites) {
  std::vector<TermInput> inputs;
  for (int d = 0; d < dimensions; ++d) inputs.push_back({InputGroup::coordinate, d, 0});
  for (int site = 0; site < sites; ++site)
    for (int c = 0; c < channels; ++c) inputs.push_back({InputGroup::channel, c, site});
  for (NodeId id : reachable(graph, roots)) {
    if (!is_input(graph[id])) continue;
    const TermInput input = input_of(graph[id]);
    if (std::find(inputs.begin(), inputs.end(), input) == inputs.end()) inputs.push_back(input);
  }
  return inputs;
}

std::function<int(const Node&)> columns_of(const std::vector<TermInput>& inputs) {
  return [&inputs](const Node& leaf) {
    const auto at = std::find(inputs.begin(), inputs.end(), input_of(leaf));
    return at == inputs.end() ? -1 : static_cast<int>(at - inputs.begin());
  };
}

}  // namespace jetpinn
