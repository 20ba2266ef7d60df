// Keys of training.stages.*.
#include "jetpinn/config/schema_rows.hpp"

#include "jetpinn/base/types.hpp"

#include <string>

namespace jetpinn {
namespace {

StageOptions& stage(const KeySlot& slot) { return slot.config.training.stages[slot.index]; }

// "100"; of a list "[1, 1 + t]".
std::string text_of(const Value& value) {
  if (value.kind != Value::Kind::list) return value.place.text;
  std::string text;
  for (const SourceText& item : places(value)) text += (text.empty() ? "" : ", ") + item.text;
  return "[" + text + "]";
}

}  // namespace

Precision precision_word(const Value& word) {
  for (const Precision precision : {Precision::fp32, Precision::bf16})
    if (word.place.text == to_string(precision)) return precision;
  return Precision::fp64;
}

void add_stage_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "training.stages.*." + name, type, std::move(standard), std::move(doc));
  };
  const auto rate = [&](const std::string& name, double ScheduleOptions::*member, std::string standard, std::string doc) {
    return row("learning_rate." + name, KeyType::number, std::move(standard), std::move(doc))
        .set([member](const KeySlot& s, const Value& v) { stage(s).optimizer.learning_rate.*member = v.number; });
  };
  row("optimizer", KeyType::word, "\"adam\"",
      "adam; adamw: Adam with decoupled weight decay; soap: Adam in the eigenbasis of Shampoo's preconditioner; lbfgs: "
      "L-BFGS; bfgs, ssbroyden: self-scaled BFGS and Broyden with the "
      "whole matrix, for at most 8000 parameters; these three search their steps by the strong Wolfe conditions; ngd: "
      "natural gradient as damped Gauss-Newton, for at most 10000 parameters or residuals, whichever are fewer.")
      .words({"adam", "adamw", "soap", "lbfgs", "bfgs", "ssbroyden", "ngd"})
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.kind = v.place.text; });
  row("steps", KeyType::integer, "1000", "Steps of the stage; 0: it is skipped.")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).steps = v.integer; });
  row("learning_rate", KeyType::table, "", "Rate of adam, adamw and soap: a number, or a schedule.").shorthand("start");
  row("learning_rate.schedule", KeyType::word, "\"constant\"", "How the rate changes over the stage.")
      .words({"constant", "exponential", "cosine", "piecewise", "cyclical", "one_cycle", "gradient_norm", "stall"})
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.learning_rate.kind = v.place.text; });
  rate("start", &ScheduleOptions::start, "1e-3", "Rate at the beginning.").above(0);
  rate("decay", &ScheduleOptions::decay, "0.9", "exponential, stall: factor ...").above(0).at_most(1);
  rate("every", &ScheduleOptions::every, "1000", "... per this many steps, smoothly; stall: steps of a window.")
      .unit("steps")
      .above(0);
  rate("end", &ScheduleOptions::end, "0", "cosine, one_cycle: rate at the end; gradient_norm, stall: lowest rate.")
      .at_least(0);
  rate("factor", &ScheduleOptions::factor, "0.999",
       "stall: a window whose mean loss is not below this share of the lowest before lowers the rate.")
      .above(0)
      .at_most(1);
  row("learning_rate.warmup", KeyType::integer, "0", "Linear rise from 0 over this many steps.")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.learning_rate.warmup = v.integer; });
  row("learning_rate.at", KeyType::integers, "[]", "piecewise: steps of the stage, rising, from which on ...")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) {
        for (const Value& item : v.items) stage(s).optimizer.learning_rate.at.push_back(item.integer);
      });
  row("learning_rate.factors", KeyType::numbers, "[]", "... the rate is multiplied by these, one for each step of at.")
      .above(0)
      .set([](const KeySlot& s, const Value& v) {
        for (const Value& item : v.items) stage(s).optimizer.learning_rate.factors.push_back(item.number);
      });
  rate("max", &ScheduleOptions::max, "1e-2", "cyclical, one_cycle: largest rate.").above(0);
  rate("period", &ScheduleOptions::period, "1000", "cyclical: from start to max and back takes so many steps.")
      .unit("steps")
      .above(0);
  row("weight_decay", KeyType::number, "", "adamw, soap: the share of each weight that goes per step, times the rate.")
      .standard("1e-2 for adamw, 0 for soap")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.weight_decay = v.number; });
  row("clip", KeyType::number, "0", "Largest norm of the gradient, adam, adamw and soap; 0: none.")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.clip = v.number; });
  row("beta1", KeyType::number, "0.9", "adam, adamw, soap: decay of the first moment.")
      .at_least(0)
      .below(1)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.beta1 = v.number; });
  row("beta2", KeyType::number, "0.999", "adam, adamw, soap: decay of the second moment.")
      .at_least(0)
      .below(1)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.beta2 = v.number; });
  row("epsilon", KeyType::number, "1e-8", "adam, adamw, soap: added to the root of the second moment.")
      .above(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.epsilon = v.number; });
  row("shampoo_beta", KeyType::number, "0.95", "soap: decay of the gradients' squares whose eigenvectors are the basis.")
      .at_least(0)
      .below(1)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.shampoo_beta = v.number; });
  row("precondition_frequency", KeyType::integer, "10", "soap: the basis follows every so many steps.")
      .unit("steps")
      .at_least(1)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.precondition_frequency = v.integer; });
  row("precondition_limit", KeyType::integer, "1024", "soap: a side of a weight matrix that is longer has no basis.")
      .at_least(1)
      .at_most(10000)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.precondition_limit = v.integer; });
  row("history", KeyType::integer, "50", "lbfgs: pairs of steps and gradient changes kept.")
      .at_least(1)
      .at_most(10000)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.history = static_cast<int>(v.integer); });
  row("gradient_tolerance", KeyType::number, "0",
      "lbfgs, bfgs, ssbroyden, ngd: ends when no component of the gradient is larger; 0: never.")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.gradient_tolerance = v.number; });
  row("loss_tolerance", KeyType::number, "0",
      "lbfgs, bfgs, ssbroyden, ngd: ends when a step changes the loss by less than this share; 0: never.")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { stage(s).optimizer.loss_tolerance = v.number; });
  row("constants.<name>", KeyType::expression, "",
      "Another value of a constant of the problem in this stage: a number, or an expression of constants.")
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.stage_constants[s.index][s.name] = v.place;
        stage(s).constants[s.name] = v.place.text;
      });
  row("weights.<term>", KeyType::expressions, "",
      "Another weight of a term in this stage: as `weight` of the term, under the constants of the stage.")
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.stage_weights[s.index][s.name] = {places(v), v.place};
        stage(s).weights[s.name] = text_of(v);
      });
  row("batch.<term>", KeyType::integer, "", "Another number of sampling.batch in this stage.")
      .standard(
          "that of sampling.batch for adam, adamw and soap; the others take all points, of a term that is streamed "
          "those of one step")
      .unit("points")
      .at_least(1)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.stage_batch[s.index][s.name] = v.integer; });
  row("sampling.method", KeyType::word, "", "Another sampling.method in this stage.")
      .standard("that of sampling.method")
      .words(sampling_methods())
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.stages[s.index].method = sampling_method(v); });
  row("sampling.methods.<term>", KeyType::word, "", "Another method of sampling.methods in this stage.")
      .standard("that of sampling.methods")
      .words(sampling_methods())
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.stages[s.index].methods[s.name] = sampling_method(v); });
  row("sampling.points.<term>", KeyType::integer_or_integers, "", "Another number of sampling.points in this stage.")
      .standard("that of sampling.points")
      .unit("points")
      .at_least(1)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) {
        StageSampling& sampling = s.config.sampling.stages[s.index];
        sampling.points[s.name] = product_of(v);
        if (v.kind == Value::Kind::list) sampling.nodes[s.name] = numbers_in(v);
      });
  row("sampling.resample_every", KeyType::integer, "",
      "Another sampling.resample_every in this stage, counted from the beginning of the run; 0: never.")
      .standard("that of sampling.resample_every")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.stages[s.index].resample_every = v.integer; });
  row("precision", KeyType::word, "", "Arithmetic of the engine in this stage.")
      .standard("training.precision for adam, adamw and soap, fp64 for the others")
      .words({"fp64", "fp32", "bf16"}, {"tf32", "fp16"}, no_other_precision)
      .set([](const KeySlot& s, const Value& v) { stage(s).precision = precision_word(v); });
  add_stage_gate_keys(keys);
}

}  // namespace jetpinn
