#include "jetpinn/geometry/normal_form.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t most_pieces = 4096;
constexpr int most_combinations = 1024;         // &&, || and ! of a set
constexpr std::size_t most_leaves = 2'000'000;  // of all parts of a normal form

// The disjunctive normal form of a boolean expression, negations driven down to its leaves. Definitions share what
// stands in several places, so each part is worked out once, and a conjunction names a leaf once: a text of n
// letters could mean 2^n of them.
class NormalForm {
 public:
  explicit NormalForm(ExpressionGraph& graph) : graph_(graph) {}

  std::vector<Conjunction> of(NodeId root) {
    int combined = 0;
    for (NodeId id : reachable(graph_, {root})) combined += is_combination(graph_[id].op);
    if (combined > most_combinations)
      throw Error(Status::usage, "this set combines more than " + std::to_string(most_combinations) +
                                     " conditions; describe it with fewer");
    return part(root, false);
  }

 private:
  static bool is_combination(Op op) { return op == Op::logical_and || op == Op::logical_or || op == Op::logical_not; }

  const std::vector<Conjunction>& part(NodeId id, bool negated) {
    const auto key = std::pair(id, negated);
    if (const auto done = parts_.find(key); done != parts_.end()) return done->second;
    return parts_.emplace(key, expand(id, negated)).first->second;
  }

  std::vector<Conjunction> expand(NodeId id, bool negated) {
    const Node node = graph_[id];  // a copy: the graph may grow
    switch (node.op) {
      case Op::logical_not:
        return part(node.operand[0], !negated);
      case Op::logical_and:
      case Op::logical_or: {
        // a map's values stay where they are
        const auto &left = part(node.operand[0], negated), &right = part(node.operand[1], negated);
        const bool either = (node.op == Op::logical_or) != negated;
        return either ? joined(left, right) : product(left, right);
      }
      case Op::constant:
        // No leaves: everywhere true; no conjunctions: nowhere.
        return (node.value != 0) != negated ? std::vector<Conjunction>{{}} : std::vector<Conjunction>{};
      default:
        return {{negated ? negation(id, node) : id}};
    }
  }

  // Pieces in their order, each once.
  class Pieces {
   public:
    explicit Pieces(std::size_t& leaves) : leaves_(leaves) {}
    void add(Conjunction piece) {
      if (!seen_.insert(piece).second) return;
      leaves_ += 1 + piece.size();
      if (list.size() >= most_pieces || leaves_ > most_leaves) refuse();
      list.push_back(std::move(piece));
    }
    std::vector<Conjunction> list;

   private:
    std::set<Conjunction> seen_;
    std::size_t& leaves_;
  };

  [[noreturn]] static void refuse() {
    throw Error(Status::usage,
                "this set has more than " + std::to_string(most_pieces) + " pieces; describe it with fewer alternatives");
  }

  std::vector<Conjunction> joined(const std::vector<Conjunction>& left, const std::vector<Conjunction>& right) {
    Pieces pieces(leaves_);
    for (const auto* side : {&left, &right})
      for (const Conjunction& piece : *side) pieces.add(piece);
    return std::move(pieces.list);
  }

  std::vector<Conjunction> product(const std::vector<Conjunction>& left, const std::vector<Conjunction>& right) {
    if (left.size() * right.size() > most_pieces) refuse();
    Pieces pieces(leaves_);
    for (const Conjunction& a : left) {
      for (const Conjunction& b : right) {
        Conjunction both = a;
        for (NodeId leaf : b)
          if (std::find(both.begin(), both.end(), leaf) == both.end()) both.push_back(leaf);
        pieces.add(std::move(both));
      }
    }
    return std::move(pieces.list);
  }

  NodeId negation(NodeId id, const Node& node) {
    const NodeId a = node.operand[0], b = node.operand[1];
    switch (node.op) {
      case Op::less:
        return graph_.make(Op::less_equal, b, a);
      case Op::less_equal:
        return graph_.make(Op::less, b, a);
      case Op::equal:
        return graph_.make(Op::not_equal, a, b);
      case Op::not_equal:
        return graph_.make(Op::equal, a, b);
      default:
        return graph_.make(Op::logical_not, id);
    }
  }

  ExpressionGraph& graph_;
  std::map<std::pair<NodeId, bool>, std::vector<Conjunction>> parts_;
  std::size_t leaves_ = 0;
};

}  // namespace

std::vector<Conjunction> normal_form(ExpressionGraph& graph, NodeId root) { return NormalForm(graph).of(root); }

}  // namespace jetpinn
