#include "jetpinn/config/schema_rows.hpp"

#include "jetpinn/gate/gate_options.hpp"

#include <optional>

namespace jetpinn {
namespace {

GateOptions& gate(const KeySlot& slot) { return slot.config.training.gate; }
StageGate& stage_gate(const KeySlot& slot) { return slot.config.training.stages[slot.index].gate; }

}  // namespace

void add_gate_keys(std::vector<Key>& keys) {
  // Defaults are those of GateOptions, and are not written to a resolved config: one without a gate has none of these keys.
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "gate." + name, type, "", std::move(doc)).standard(std::move(standard));
  };
  const auto part = [&](const std::string& name, double SignificanceWeights::*member, std::string standard,
                        std::string doc) {
    return row("significance." + name, KeyType::number, std::move(standard), std::move(doc))
        .at_least(0)
        .at_most(1e6)
        .set([member](const KeySlot& s, const Value& v) { gate(s).significance.*member = v.number; });
  };
  const auto gain = [&](const std::string& name, double ControllerOptions::*member, std::string standard, std::string doc) {
    return row("controller." + name, KeyType::number, std::move(standard), std::move(doc))
        .set([member](const KeySlot& s, const Value& v) { gate(s).controller.*member = v.number; });
  };
  KeyRow(keys, "gate.target", KeyType::number, "1",
         "Share of the points of the gated terms that a step of adam, adamw or soap trains, the significant ones, over all "
         "ranks; 1: no gate.")
      .above(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) {
        gate(s).target = v.number;
        s.config.sampling.gated = s.config.sampling.gated || v.number < 1;
      });
  row("unbiased", KeyType::flag, "true",
      "Chosen points weigh 1 / probability, so that the gradient is that of all points in the mean; false: they count "
      "alike.")
      .set([](const KeySlot& s, const Value& v) { gate(s).unbiased = v.flag; });
  row("refresh", KeyType::integer, "10", "Steps between two scorings of all points; between them scores stay.")
      .unit("steps")
      .at_least(1)
      .at_most(1e9)
      .set([](const KeySlot& s, const Value& v) { gate(s).refresh = v.integer; });
  row("warm_up", KeyType::integer, "5", "First steps of a stage, in which every point is trained.")
      .unit("steps")
      .at_least(0)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) { gate(s).warm_up = v.integer; });
  row("uniform", KeyType::number, "0.2",
      "Share of the target that is drawn whatever the significance; 1: all of it, and nothing is scored.")
      .at_least(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { gate(s).uniform = v.number; });
  row("terms", KeyType::names, "all terms that can: not those of single points, hard conditions or squared means",
      "Names of the terms that are gated; all points of the others are trained.")
      .set([](const KeySlot& s, const Value& v) { gate(s).terms = texts(v); });
  row("emphasis.<term>", KeyType::number, "1", "Factor of the significance of a term's points.")
      .above(0)
      .at_most(1e6)
      .set([](const KeySlot& s, const Value& v) { gate(s).emphasis[s.name] = v.number; });
  part("residual", &SignificanceWeights::residual, "1", "What the last residual of a point counts, over its term's mean.");
  part("change", &SignificanceWeights::change, "0.5", "The same of how much it changed between two scorings.");
  part("gradient", &SignificanceWeights::gradient, "0",
       "The same of the norm of its gradient by the last layer; a scoring costs about four times as much.");
  part("age", &SignificanceWeights::age, "0.1", "The same of the steps since it was trained, times the target.");
  gain("proportional", &ControllerOptions::proportional, "0.2",
       "Proportional gain of the PI controller that moves the threshold, of log(rate / target).")
      .at_least(0)
      .below(1);
  gain("integral", &ControllerOptions::integral, "0.5", "Its integral gain.").above(0).below(2);
  gain("lowest", &ControllerOptions::lowest, "1e-3", "Lower bound of the threshold, in a term's mean significance.")
      .above(0);
  gain("highest", &ControllerOptions::highest, "1e6", "Upper bound of the threshold.").above(0);
}

void add_stage_gate_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "training.stages.*.gate" + name, type, "", std::move(doc)).standard(std::move(standard));
  };
  row("", KeyType::table, "", "Another gate in this stage; false: none.").shorthand("active");
  row(".active", KeyType::flag, "true for adam, adamw and soap where gate.target is below 1",
      "false: every point is trained in this stage.")
      .set([](const KeySlot& s, const Value& v) { stage_gate(s).active = v.flag; });
  row(".target", KeyType::number, "that of gate.target", "Another gate.target in this stage.")
      .above(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) {
        stage_gate(s).target = v.number;
        s.config.sampling.gated = s.config.sampling.gated || v.number < 1;
      });
  row(".unbiased", KeyType::flag, "that of gate.unbiased", "Another gate.unbiased in this stage.")
      .set([](const KeySlot& s, const Value& v) { stage_gate(s).unbiased = v.flag; });
  row(".refresh", KeyType::integer, "that of gate.refresh", "Another gate.refresh in this stage.")
      .unit("steps")
      .at_least(1)
      .at_most(1e9)
      .set([](const KeySlot& s, const Value& v) { stage_gate(s).refresh = v.integer; });
  row(".warm_up", KeyType::integer, "that of gate.warm_up", "Another gate.warm_up in this stage.")
      .unit("steps")
      .at_least(0)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) { stage_gate(s).warm_up = v.integer; });
  row(".uniform", KeyType::number, "that of gate.uniform", "Another gate.uniform in this stage.")
      .at_least(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { stage_gate(s).uniform = v.number; });
}

}  // namespace jetpinn
