#include "jetpinn/config/relations.hpp"

#include "jetpinn/gate/gate_options.hpp"
#include "jetpinn/optim/optimizer.hpp"

namespace jetpinn {
namespace {

// A gate as far as its keys say; none: it is the run's default.
const Value* gate_key(const Value& table, const char* key) {
  const Value* gate = table.find("gate");
  return gate ? gate->find(key) : nullptr;
}

bool is_below_one(const Value* target) { return target && target->number < 1; }

// The stage's own word, where it asks for a gate.
const Value* asked_gate(const Value& stage) {
  if (const Value* active = gate_key(stage, "active"); active && active->flag) return active;
  const Value* target = gate_key(stage, "target");
  return is_below_one(target) ? target : nullptr;
}

bool searches_steps(const Value& stage) {
  OptimizerOptions options;
  if (const Value* optimizer = stage.find("optimizer")) options.kind = optimizer->place.text;
  return options.searches();
}

// A line search compares losses at the same points, and a gate has others in every step.
void check_stage_gate(const Value& root, const Value& stage, std::size_t number) {
  const Value* asked = asked_gate(stage);
  if (asked && searches_steps(stage))
    fail_at(asked->place, "a stage of " + stage.find("optimizer")->place.text +
                              " has no gate, for it compares losses of the same points from step to step; gates are for "
                              "adam, adamw and soap");
  const Value* gate = stage.find("gate");
  if (!gate || gate->entries.empty() || is_below_one(gate_key(root, "target")) || is_below_one(gate_key(stage, "target")))
    return;
  if (const Value* active = gate->find("active"); active && !active->flag) return;
  const std::string key = "training.stages." + std::to_string(number) + ".gate";
  fail_at(gate->entries[0].place, key + "." + gate->entries[0].key +
                                      " changes a gate that there is not; add a target below 1, as in " + key +
                                      ".target = 0.06, or remove it");
}

void check_weights_of_parts(const Value& gate) {
  const Value* table = gate.find("significance");
  if (!table || table->entries.empty()) return;
  SignificanceWeights weights;
  const auto take = [&](const char* key, double& weight) {
    if (const Value* value = table->find(key)) weight = value->number;
  };
  take("residual", weights.residual);
  take("change", weights.change);
  take("gradient", weights.gradient);
  take("age", weights.age);
  const Value* uniform = gate.find("uniform");
  if (!weights.scores() && weights.age == 0 && !(uniform && uniform->number == 1))
    fail_at(table->entries[0].place,
            "all parts of gate.significance are 0, so that nothing is significant; give one a weight, or draw evenly by "
            "gate.uniform = 1");
}

void check_controller(const Value& gate) {
  const Value* table = gate.find("controller");
  if (!table || table->entries.empty()) return;
  ControllerOptions options;
  const auto take = [&](const char* key, double& number) {
    if (const Value* value = table->find(key)) number = value->number;
  };
  take("proportional", options.proportional);
  take("integral", options.integral);
  take("lowest", options.lowest);
  take("highest", options.highest);
  if (!(options.lowest < options.highest))
    fail_at(table->entries[0].place, "gate.controller.lowest is not below gate.controller.highest: no threshold is left");
  if (!(options.integral + 2 * options.proportional < 2))
    fail_at(table->entries[0].place,
            "with these gains of gate.controller the rate swings ever wider: integral + 2 proportional must be below 2");
}

// What goes by points of its own, or remembers each.
void check_gate_alone(const Value& root, const SourceText& place, const TermNames& terms) {
  const auto refuse = [&](const std::string& reason) { fail_at(place, "a gate " + reason); };
  if (!terms.streams.empty())
    refuse("keeps a score for each point, and the rows of '" + terms.streams[0] +
           "' are streamed: remove `stream` there, or the gate");
  if (const Value* dealing = look(root, {"run", "dealing"}); dealing && dealing->place.text == "measured")
    refuse(
        "deals the points of each step to the ranks anew, by their planned cost: remove run.dealing = \"measured\", or the "
        "gate");
  if (first_batch_of(root))
    refuse(
        "chooses the points of each step among all points of a term, and batches choose too: remove the batches (the "
        "target says how many points a step takes), or the gate");
  if (const Value* method = method_that_weighs_points(root))
    refuse("leaves points out, and the method " + method->place.text +
           " (training.balance) goes by the residual of every point: take gradnorm, ntk or relobralo, or remove the gate");
  const Value* equations = look(root, {"problem", "equations"});
  for (std::size_t i = 0; equations && i < equations->items.size(); ++i)
    if (const Value* causal = equations->items[i].find("causal"); causal && !causal->entries.empty())
      refuse("leaves points out, and causal weights of '" + equations->items[i].find("name")->place.text +
             "' go by the mean residual of all points: remove `causal` there, or the gate");
}

}  // namespace

void check_gate_numbers(const Value& gate) {
  check_weights_of_parts(gate);
  check_controller(gate);
}

void check_gate(const Value& root, const TermNames& terms) {
  const Value *gate = root.find("gate"), *stages = look(root, {"training", "stages"});
  const Value* target = gate_key(root, "target");
  const Value* wanted = is_below_one(target) ? target : nullptr;
  for (std::size_t i = 0; stages && i < stages->items.size(); ++i) {
    check_stage_gate(root, stages->items[i], i);
    if (const Value* own = asked_gate(stages->items[i]); !wanted && own && !searches_steps(stages->items[i])) wanted = own;
  }
  if (gate && !wanted)
    for (const auto& entry : gate->entries)
      if (entry.key != "target" && !(entry.value.kind == Value::Kind::table && entry.value.entries.empty()))
        fail_at(entry.place, "gate." + entry.key + " needs a target below 1, as in target = 0.06");
  if (!wanted) return;
  if (gate) {
    check_items(gate->find("terms"), "a term", terms.all);
    check_keys(gate->find("emphasis"), "a term", terms.all);
    check_gate_numbers(*gate);
  }
  check_gate_alone(root, wanted->place, terms);
  const Value *engine = look(root, {"training", "engine"}), *gradient = look(root, {"gate", "significance", "gradient"});
  if (engine && engine->place.text == "reference" && gradient && gradient->number > 0)
    fail_at(gradient->place,
            "gate.significance.gradient needs a linearisation, which the reference engine does not offer; take engine = "
            "\"jets\", or remove it");
}

}  // namespace jetpinn
