#include "jetpinn/plan/jet_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/text_runs.hpp"
#include "jetpinn/plan/linear_form.hpp"
#include "jetpinn/plan/operator_space.hpp"
#include "jetpinn/expr/compile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace jetpinn {

namespace {

using Forms = std::map<NodeId, LinearForm>;

// The operator's parts gathered by coefficient function: L = sum_j g_j L_j, L_j with constant coefficients.
std::map<NodeId, Symbol> by_function(const LinearOperator& parts) {
  std::map<NodeId, Symbol> groups;
  for (const OperatorPart& part : parts) groups[part.function][part.derivative] = part.factor;
  return groups;
}

// Linked points are swept alike, so that an operator's coefficients are those at its own point, whichever that is: as they
// read where its field is at the first point.
LinearOperator at_own_point(ExpressionGraph& graph, const FieldAt& field, LinearOperator parts) {
  if (field.site == 0) return parts;
  for (OperatorPart& part : parts) part.function = at_other_site(graph, part.function);
  return parts;
}

// A coefficient that a swept point does not know by itself.
bool reads_other_point(const ExpressionGraph& graph, const LinearOperator& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const OperatorPart& part) { return graph.depends_on_second_site(part.function); });
}

// Channels before they are numbered: a space of constant operators, and whole operators with point-dependent coefficients
// whose products the space can express but which are no factors of any product themselves.
struct Candidate {
  OperatorSpace space;
  std::vector<LinearOperator> collapsed;
  int channels() const { return 1 + space.size() + static_cast<int>(collapsed.size()); }
};

// Every L_j is a required operator.
Candidate separate_plan(const Forms& forms) {
  Candidate plan;
  for (const auto& [root, form] : forms) {
    for (const auto& [field, parts] : form.operators) {
      for (const auto& group : by_function(parts)) plan.space.add(group.second);
    }
  }
  return plan;
}

// What is left of an operator when parts that are channels anyway are moved out to the tape, scaled so that its first factor
// is 1.
LinearOperator remainder(const OperatorSpace& space, const LinearOperator& parts, double* scale = nullptr) {
  LinearOperator rest;
  for (const OperatorPart& part : parts) {
    if (!space.contains({{part.derivative, 1.0}})) rest.push_back(part);
  }
  if (rest.empty()) return rest;
  const double first = rest.front().factor;
  for (OperatorPart& part : rest) part.factor = part.factor == first ? 1 : part.factor / first;
  if (scale) *scale = first;
  return rest;
}

// Operators with several coefficient functions become one channel each, where a point knows all of these.
Candidate collapsed_plan(ExpressionGraph& graph, const Forms& forms) {
  Candidate plan;
  std::vector<LinearOperator> varying;
  for (const auto& [root, form] : forms) {
    for (const auto& [field, parts] : form.operators) {
      const auto groups = by_function(parts);
      LinearOperator own = at_own_point(graph, field, parts);
      if (groups.size() == 1 || reads_other_point(graph, own)) {
        for (const auto& group : groups) plan.space.add(group.second);
        continue;
      }
      varying.push_back(std::move(own));
      for (const OperatorPart& part : parts) {  // the product rule needs every strict sub-derivative
        for (const Symbol& lower : symbol_derivatives({{part.derivative, 1.0}})) plan.space.add(lower);
      }
    }
  }
  // An operator whose remainder has one coefficient function is a constant operator; that may
  // make more parts plain channels.
  for (bool changed = true; changed;) {
    changed = false;
    for (const LinearOperator& parts : varying) {
      const auto groups = by_function(remainder(plan.space, parts));
      if (groups.size() != 1 || plan.space.contains(groups.begin()->second)) continue;
      plan.space.add(groups.begin()->second);
      changed = true;
    }
  }
  for (const LinearOperator& parts : varying) {
    const LinearOperator rest = remainder(plan.space, parts);
    if (by_function(rest).size() < 2) continue;
    if (std::find(plan.collapsed.begin(), plan.collapsed.end(), rest) == plan.collapsed.end())
      plan.collapsed.push_back(rest);
  }
  return plan;
}

double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

// alpha! of a multi-index.
double factorial(const Derivative& alpha) {
  double product = 1;
  for (int k = 0, run = 0; k < alpha.order; ++k) {
    run = k > 0 && alpha.by[k] == alpha.by[k - 1] ? run + 1 : 1;
    product *= run;
  }
  return product;
}

// The difference alpha - beta when beta divides alpha.
bool subtract(const Derivative& alpha, const Derivative& beta, Derivative& difference) {
  difference = alpha;
  for (int k = 0; k < beta.order; ++k) {
    const auto end = difference.by.begin() + difference.order;
    if (std::find(difference.by.begin(), end, beta.by[k]) == end) return false;
    difference = without(difference, beta.by[k]);
  }
  return true;
}

// Numbered channels with what maps operators to them.
struct Numbering {
  std::vector<BasisOperator> basis;           // channels 1 .. basis.size()
  std::vector<LinearOperator> collapsed;      // channels after those
};

class PlanBuilder {
 public:
  PlanBuilder(ExpressionGraph& graph, const Numbering& numbering, int dimensions) : graph_(graph), numbering_(numbering) {
    plan_.dimensions = dimensions;
  }

  JetPlan build() {
    plan_.channels.resize(1);
    plan_.channels[0].parts.push_back({});  // the value: D^0
    for (const BasisOperator& channel : numbering_.basis) {
      Channel parts;
      for (const auto& [alpha, coefficient] : channel.symbol) parts.parts.push_back({alpha, coefficient, -1});
      plan_.channels.push_back(std::move(parts));
    }
    for (const LinearOperator& channel : numbering_.collapsed) {
      Channel parts;
      for (const OperatorPart& part : channel) parts.parts.push_back({part.derivative, part.factor, slot(part.function)});
      plan_.channels.push_back(std::move(parts));
    }
    plan_.program.channels = static_cast<int>(plan_.channels.size());
    plan_.program.slots = static_cast<int>(plan_.point_coefficients.size());
    for (NodeId coefficient : plan_.point_coefficients)
      plan_.trained_slots.push_back(graph_.depends_on_trainables(coefficient));
    for (std::size_t c = 1; c < plan_.channels.size(); ++c) {
      for (const ChannelPart& part : plan_.channels[c].parts) add_monomials(static_cast<int>(c), part);
    }
    return std::move(plan_);
  }

 private:
  int slot(NodeId function) {
    if (graph_.is_constant(function, 1)) return -1;
    auto& slots = plan_.point_coefficients;
    const auto at = std::find(slots.begin(), slots.end(), function);
    if (at == slots.end()) slots.push_back(function);
    return static_cast<int>(std::find(slots.begin(), slots.end(), function) - slots.begin());
  }

  // Products of channels whose pivots multiply to xi^alpha, from the expansion of (xi_1 + ... + xi_k)^alpha.
  void add_monomials(int target, const ChannelPart& part) {
    std::vector<int> divisors;
    Derivative rest;
    for (std::size_t c = 0; c < numbering_.basis.size(); ++c) {
      if (subtract(part.derivative, numbering_.basis[c].pivot, rest) && rest.order > 0)
        divisors.push_back(static_cast<int>(c) + 1);
    }
    std::vector<int> factors;
    choose(target, part, divisors, 0, part.derivative, factors);
  }

  // Factors ascend; `rest` is what the pivots still have to multiply to.
  void choose(int target, const ChannelPart& part, const std::vector<int>& divisors, std::size_t from,
              const Derivative& rest, std::vector<int>& factors) {
    if (rest.order == 0) return emit(target, part, factors);
    for (std::size_t k = from; k < divisors.size(); ++k) {
      Derivative left;
      if (!subtract(rest, numbering_.basis[static_cast<std::size_t>(divisors[k]) - 1].pivot, left)) continue;
      factors.push_back(divisors[k]);
      choose(target, part, divisors, k, left, factors);
      factors.pop_back();
    }
  }

  // coefficient * alpha! / prod alpha_i! * (orderings of the factors) / k!, the last two being 1 / prod (multiplicities)!.
  void emit(int target, const ChannelPart& part, const std::vector<int>& factors) {
    JetMonomial monomial;
    monomial.target = target;
    monomial.degree = static_cast<int>(factors.size());
    monomial.slot = part.slot;
    double denominator = 1;
    for (std::size_t k = 0, run = 0; k < factors.size(); ++k) {
      monomial.factor[k] = factors[k];
      run = k > 0 && factors[k] == factors[k - 1] ? run + 1 : 1;
      denominator *= static_cast<double>(run) * factorial(numbering_.basis[static_cast<std::size_t>(factors[k]) - 1].pivot);
    }
    monomial.coefficient = part.coefficient * factorial(part.derivative) / denominator;
    plan_.program.degree = std::max(plan_.program.degree, monomial.degree);
    plan_.program.monomials.push_back(monomial);
  }

  ExpressionGraph& graph_;
  const Numbering& numbering_;
  JetPlan plan_;
};

// The residuals in terms of channels.
class Rewriter {
 public:
  Rewriter(ExpressionGraph& graph, const Forms& forms, const Numbering& numbering, const OperatorSpace& space)
      : graph_(graph), forms_(forms), numbering_(numbering), space_(space),
        channels_(1 + static_cast<int>(numbering.basis.size() + numbering.collapsed.size())) {}

  std::vector<NodeId> rewrite(const std::vector<NodeId>& residuals) {
    for (const auto& [root, form] : forms_) rewritten_[root] = rewrite_form(form);  // ascending: operands of atoms first
    std::vector<NodeId> result;
    for (NodeId residual : residuals) result.push_back(rewritten_.at(residual));
    return result;
  }

 private:
  NodeId channel(const FieldAt& at, int c) { return graph_.channel(at.field * channels_ + c, at.site); }

  NodeId rewrite_form(const LinearForm& form) {
    NodeId sum = graph_.constant(0);
    for (const auto& [field, parts] : form.operators) sum = graph_.add(sum, rewrite_operator(field, parts));
    for (const auto& [field, coefficient] : form.values)
      sum = graph_.add(sum, graph_.multiply(coefficient, channel(field, 0)));
    for (const auto& [coefficient, atom] : form.atoms)
      sum = graph_.add(sum, graph_.multiply(coefficient, rewrite_atom(atom)));
    return graph_.add(sum, form.free);
  }

  NodeId rewrite_atom(NodeId id) {
    const Node node = graph_[id];
    NodeId operand[3] = {-1, -1, -1};
    for (int k = 0; k < operand_count(node.op); ++k) {
      operand[k] = graph_.depends_on_fields(node.operand[k]) ? rewritten_.at(node.operand[k]) : node.operand[k];
    }
    return graph_.make(node.op, operand[0], operand[1], operand[2]);
  }

  // Pivots occur in one channel only, so an operator's coordinates in the basis are its coefficients at the pivots.
  NodeId rewrite_operator(const FieldAt& field, LinearOperator parts) {
    NodeId sum = graph_.constant(0);
    double scale = 1;
    const LinearOperator rest = remainder(space_, at_own_point(graph_, field, parts), &scale);
    const auto at = std::find(numbering_.collapsed.begin(), numbering_.collapsed.end(), rest);
    if (!rest.empty() && at != numbering_.collapsed.end()) {
      const int c =
          1 + static_cast<int>(numbering_.basis.size() + static_cast<std::size_t>(at - numbering_.collapsed.begin()));
      sum = graph_.multiply(graph_.constant(scale), channel(field, c));
      parts.erase(std::remove_if(parts.begin(), parts.end(), [&](const OperatorPart& part) {
        return !space_.contains({{part.derivative, 1.0}});
      }), parts.end());
    }
    for (std::size_t c = 0; c < numbering_.basis.size(); ++c) {
      NodeId coefficient = graph_.constant(0);
      for (const OperatorPart& part : parts) {
        if (!(part.derivative == numbering_.basis[c].pivot)) continue;
        coefficient = graph_.add(coefficient, graph_.multiply(graph_.constant(part.factor), part.function));
      }
      sum = graph_.add(sum, graph_.multiply(coefficient, channel(field, static_cast<int>(c) + 1)));
    }
    return sum;
  }

  ExpressionGraph& graph_;
  const Forms& forms_;
  const Numbering& numbering_;
  const OperatorSpace& space_;
  int channels_;
  std::map<NodeId, NodeId> rewritten_;
};

int count_naive(const Forms& forms) {
  std::set<Derivative> needed{Derivative{}};
  std::vector<Derivative> pending;
  for (const auto& [root, form] : forms) {
    for (const auto& [field, parts] : form.operators) {
      for (const OperatorPart& part : parts) pending.push_back(part.derivative);
    }
  }
  while (!pending.empty()) {
    const Derivative next = pending.back();
    pending.pop_back();
    if (!needed.insert(next).second) continue;
    for (int k = 0; k < next.order; ++k) pending.push_back(without(next, next.by[k]));
  }
  return static_cast<int>(needed.size());
}

}  // namespace

int JetPlan::order() const {
  int highest = 0;
  for (const Channel& channel : channels) {
    for (const ChannelPart& part : channel.parts) highest = std::max<int>(highest, part.derivative.order);
  }
  return highest;
}

bool JetPlan::trained() const { return std::find(trained_slots.begin(), trained_slots.end(), true) != trained_slots.end(); }

std::vector<bool> TermProgram::fields_read() const {
  std::vector<bool> read(static_cast<std::size_t>(fields));
  for (const TapeInstruction& instruction : residual.instructions) {
    if (instruction.op != TapeOp::input) continue;
    const TermInput& input = inputs[static_cast<std::size_t>(instruction.a)];
    if (input.group == InputGroup::channel) read[static_cast<std::size_t>(input.index / channels())] = true;
  }
  return read;
}

TermProgram compile_term(ExpressionGraph& graph, const std::vector<NodeId>& residuals, int dimensions, int fields,
                         const TermGroups& groups) {
  require_served(graph, residuals, dimensions, fields, groups);
  const Forms forms = linear_forms(graph, residuals);
  Candidate chosen = separate_plan(forms);
  if (Candidate other = collapsed_plan(graph, forms); other.channels() < chosen.channels()) chosen = std::move(other);
  const Numbering numbering{chosen.space.basis(), chosen.collapsed};

  TermProgram term;
  term.plan = PlanBuilder(graph, numbering, dimensions).build();
  term.plan.naive_channels = count_naive(forms);
  term.dimensions = dimensions;
  term.fields = fields;
  term.sites = groups.sites;
  const std::vector<NodeId> rewritten = Rewriter(graph, forms, numbering, chosen.space).rewrite(residuals);
  const auto compile = [&graph](const std::vector<NodeId>& outputs, const std::vector<TermInput>& inputs) {
    return compile_tape(graph, outputs, static_cast<int>(inputs.size()), columns_of(inputs));
  };
  term.inputs = list_inputs(graph, rewritten, dimensions, fields * term.channels(), term.sites);
  term.residual = compile(rewritten, term.inputs);
  term.coefficient_inputs = list_inputs(graph, term.plan.point_coefficients, dimensions, 0, 1);
  term.coefficients = compile(term.plan.point_coefficients, term.coefficient_inputs);
  return term;
}

namespace {

// d/dx, d2/dx2, d3/dx2dy; d2/dx1^2, for x12 is another coordinate
std::string derivative_text(const Derivative& derivative, const std::vector<std::string>& coordinates) {
  std::string below;
  for (int k = 0; k < derivative.order;) {
    int run = k;
    while (run < derivative.order && derivative.by[run] == derivative.by[k]) ++run;
    const std::string& name = coordinates.at(static_cast<std::size_t>(derivative.by[k]));
    below += "d" + name;
    if (run - k > 1) below += (name.size() > 1 ? "^" : "") + std::to_string(run - k);
    k = run;
  }
  return "d" + (derivative.order > 1 ? std::to_string(derivative.order) : "") + "/" + below;
}

}  // namespace

std::string describe(const JetPlan& plan, const std::vector<std::string>& coordinates) {
  std::vector<std::string> channels{"1"};
  for (std::size_t c = 1; c < plan.channels.size(); ++c) {
    std::vector<std::string> parts;   // each with its sign
    for (const ChannelPart& part : plan.channels[c].parts) {
      const double size = std::abs(part.coefficient);
      std::string text = part.coefficient < 0 ? "- " : "+ ";
      char number[32];
      std::snprintf(number, sizeof number, "%.3g ", size);
      if (size != 1) text += number;
      if (part.slot >= 0) text += "k" + std::to_string(part.slot + 1) + "(point) ";
      parts.push_back(text + derivative_text(part.derivative, coordinates));
    }
    const bool subtracts = std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part[0] == '-'; });
    const std::string sum = join_runs(parts, " ", subtracts ? " ... " : " + ... ");
    channels.push_back((sum.rfind("- ", 0) == 0 ? "-" : "") + sum.substr(std::min<std::size_t>(2, sum.size())));
  }
  return join_runs(channels, ", ", ", ..., ");
}

}  // namespace jetpinn
