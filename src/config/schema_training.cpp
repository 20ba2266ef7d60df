#include "jetpinn/config/schema_rows.hpp"

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

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

Precision precision_of(const Value& word) {
  for (const Precision precision : {Precision::fp32, Precision::bf16})
    if (word.place.text == to_string(precision)) return precision;
  return Precision::fp64;
}

const char* const no_other_precision =
    ": tf32 is a format of GPUs alone, and fp16 would need its losses scaled, while bf16 has the range of fp32";

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
      .set([](const KeySlot& s, const Value& v) { stage(s).precision = precision_of(v); });
  add_stage_gate_keys(keys);
}

void add_balance_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "training.balance." + name, type, std::move(standard), std::move(doc));
  };
  const auto share = [&](const std::string& name, std::optional<double> BalanceOptions::*member, std::string doc) {
    return row(name, KeyType::number, "", std::move(doc))
        .at_least(0)
        .at_most(1)
        .set([member](const KeySlot& s, const Value& v) { s.config.training.balance.*member = v.number; });
  };
  row("method", KeyType::word, "\"none\"",
      "Weights that follow the training and multiply those of the config: of terms by the norms of their gradients "
      "(gradnorm), by the traces of their tangent kernels (ntk) or by how fast they fall (relobralo); of single points by "
      "their residuals (self_adaptive, rba).")
      .words({"none", "gradnorm", "ntk", "relobralo", "self_adaptive", "rba"})
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.method = balance_method(v.place.text); });
  row("terms", KeyType::names, "", "Names of the terms that are balanced; the others keep their weights.")
      .standard("all terms")
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.terms = texts(v); });
  row("every", KeyType::integer, "", "Steps between two refreshes of the weights.")
      .standard("100 for gradnorm and ntk, 1 for the others")
      .unit("steps")
      .at_least(1)
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.every = v.integer; });
  row("search_every", KeyType::integer, "",
      "The same in stages of lbfgs, bfgs, ssbroyden and ngd, which begin anew with each; 0: weights stay as the stage "
      "found them.")
      .standard("0")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.search_every = v.integer; });
  share("momentum", &BalanceOptions::momentum, "All but self_adaptive: what a refresh keeps of the weights before it.")
      .standard("0.9 for gradnorm and ntk, 0.999 for relobralo and rba");
  row("rate", KeyType::number, "", "self_adaptive, rba: what a refresh adds where the residual is largest.")
      .standard("0.01")
      .above(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.rate = v.number; });
  row("temperature", KeyType::number, "", "relobralo: of the softmax; the larger, the more alike the weights.")
      .standard("0.1")
      .above(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.temperature = v.number; });
  share("look_back", &BalanceOptions::look_back,
        "relobralo: how often a refresh goes on from the last weights rather than from the losses of the first step.")
      .standard("0.999");
  row("points", KeyType::integer, "",
      "ntk: points of a term that the traces are taken over, in whole blocks of 256; 0: all.")
      .standard("1024")
      .unit("points")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.balance.points = v.integer; });
}

void add_window_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "training.windows." + name, type, std::move(standard), std::move(doc));
  };
  row("coordinate", KeyType::text, "\"\"",
      "The coordinate along which the domain is cut into windows, each trained with a network of its own; empty: "
      "problem.time.")
      .set([](const KeySlot& s, const Value& v) { s.config.training.windows.coordinate = v.place; });
  row("count", KeyType::integer, "1", "Windows of equal length, trained one after the other; 1: the domain is not cut.")
      .at_least(1)
      .at_most(10000)
      .set([](const KeySlot& s, const Value& v) {
        s.config.training.windows.count = static_cast<int>(v.integer);
        s.config.training.windows.count_place = v.place;
      });
  row("edges", KeyType::expressions, "",
      "Instead of a count: where windows begin and end, from the lower to the upper bound of the domain.")
      .standard("none")
      .set([](const KeySlot& s, const Value& v) {
        s.config.training.windows.edges = places(v);
        s.config.training.windows.edges_place = v.place;
      });
  row("start_from", KeyType::word, "\"previous\"",
      "A window begins with the parameters of the one before it, or with drawn ones; the first one with "
      "training.start_from.")
      .words({"previous", "initialisation"})
      .set([](const KeySlot& s, const Value& v) { s.config.training.windows.from_previous = v.place.text == "previous"; });
}

}  // namespace

void add_training_keys(std::vector<Key>& keys) {
  const auto row = [&](std::string path, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, std::move(path), type, std::move(standard), std::move(doc));
  };
  row("training.recompute", KeyType::word_or_integer, "\"none\"",
      "Hidden layers that the reverse sweep computes again instead of keeping their jets (docs/memory.md): none; auto: as "
      "few "
      "as run.memory_limit needs; N: all but the last of N segments, chosen for the least memory.")
      .words({"none", "auto"})
      .at_least(1)
      .at_most(10000)
      .harmless()
      .set([](const KeySlot& s, const Value& v) {
        const bool word = v.kind == Value::Kind::text;
        s.config.training.recompute = {word && v.place.text == "auto", word ? 1 : static_cast<int>(v.integer)};
      });
  row("training.seed", KeyType::integer, "0", "Seed of initial parameters and of points.")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.seed = static_cast<std::uint64_t>(v.integer); });
  row("training.precision", KeyType::word, "\"fp64\"",
      "Arithmetic of the engine; parameters and optimisers stay in fp64. bf16: jets between layers and their products.")
      .words({"fp64", "fp32", "bf16"}, {"tf32", "fp16"}, no_other_precision)
      .set([](const KeySlot& s, const Value& v) { s.config.training.precision = precision_of(v); });
  row("training.reproducibility", KeyType::word, "\"run\"",
      "fast: no promise; run: same bits on the same ranks; ranks: on any number of ranks.")
      .words({"fast", "run", "ranks"})
      .set([](const KeySlot& s, const Value& v) {
        for (const auto level : {Reproducibility::fast, Reproducibility::run, Reproducibility::ranks})
          if (v.place.text == to_string(level)) s.config.training.reproducibility = level;
      });
  row("training.engine", KeyType::word, "\"jets\"",
      "jets, or reference: nested automatic differentiation by LibTorch, for comparison.")
      .words({"jets", "reference"})
      .set([](const KeySlot& s, const Value& v) {
        s.config.training.engine = v.place.text == "jets" ? EngineKind::jets : EngineKind::reference;
      });
  row("training.stop.time", KeyType::duration, "0", "Stop after this time, start-up included; 0: never.")
      .unit("s")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.stop.time_s = seconds(v); });
  row("training.stop.loss", KeyType::number, "0", "Stop when the loss is not above; 0: never.")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.stop.loss = v.number; });
  row("training.stop.error", KeyType::number, "0",
      "Stop when no field's relative L2 error is above, where there is a reference; 0: never.")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.stop.error = v.number; });
  row("training.stop.stall.steps", KeyType::integer, "0", "Stop when over this many steps ...; 0: never.")
      .unit("steps")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.stop.stall_steps = v.integer; });
  row("training.stop.stall.factor", KeyType::number, "0.999",
      "... the best loss has not fallen below this share of the best before.")
      .above(0)
      .at_most(1)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.stop.stall_factor = v.number; });
  row("training.start_from", KeyType::file, "\"\"",
      "Run folder whose network the training begins with: its parameters alone.")
      .set([](const KeySlot& s, const Value& v) { s.config.training.start_from = v.place.text; });
  add_window_keys(keys);
  row("training.stages", KeyType::tables, "[{}]", "Optimisers in their order.").set([](const KeySlot& s, const Value& v) {
    s.config.training.stages.resize(v.items.size());
    s.config.problem.stage_constants.resize(v.items.size());
    s.config.problem.stage_weights.resize(v.items.size());
    s.config.sampling.stage_batch.resize(v.items.size());
    s.config.sampling.stages.resize(v.items.size());
  });
  add_balance_keys(keys);
  add_stage_keys(keys);

  row("output.log_every", KeyType::duration, "\"2 s\"", "Time between lines of the log.")
      .unit("s")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.log_every_s = seconds(v); });
  row("output.log_every_steps", KeyType::integer, "0", "And after every so many steps; 0: by time alone.")
      .unit("steps")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.log_every_steps = v.integer; });
  row("output.evaluate_every", KeyType::integer, "500",
      "Steps between comparisons with the reference and measurements of the loss on independent points; 0: only at the end.")
      .unit("steps")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.evaluate_every = v.integer; });
  row("output.keep_best", KeyType::flag, "", "Leave the parameters of the lowest training loss instead of the last ones.")
      .standard(
          "true, but for a single stage of line searches or ngd on fixed points with fixed weights, which never gets worse")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.keep_best = v.flag; });
  row("output.checkpoint.every", KeyType::duration, "\"60 s\"",
      "Wall time between checkpoints; one is also written at the start and at the end of each stage.")
      .unit("s")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.checkpoint_every_s = seconds(v); });
  row("output.checkpoint.keep", KeyType::integer, "2",
      "Newest checkpoints that are kept, besides the one of the lowest loss.")
      .at_least(1)
      .at_most(1000000)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.checkpoint_keep = static_cast<int>(v.integer); });
  row("output.checkpoint.keep_every", KeyType::integer, "0", "And every k-th checkpoint; 0: none.")
      .at_least(0)
      .at_most(1000000)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.checkpoint_keep_every = static_cast<int>(v.integer); });

  row("output.profile.every", KeyType::duration, "\"10 s\"", "Time that one record of a rank's profile covers.")
      .unit("s")
      .at_least(0.1)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.output.profile.every_s = seconds(v); });
  row("output.profile.detail", KeyType::word, "\"steps\"",
      "steps: a few steps are traced down to their kernels; kernels: as many as fit; off: no profile.")
      .words({"steps", "kernels", "off"})
      .harmless()
      .set([](const KeySlot& s, const Value& v) {
        for (const auto detail : {ProfileDetail::off, ProfileDetail::steps, ProfileDetail::kernels})
          if (v.place.text == to_string(detail)) s.config.output.profile.detail = detail;
      });

  row("run.deadline", KeyType::duration, "\"120 s\"", "A rank that is silent for so long counts as lost; 0: never.")
      .unit("s")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.run.deadline_s = seconds(v); });
  row("run.gradient_sync", KeyType::word, "\"plain\"",
      "How gradients are summed over ranks: in one all-reduce, by way of each node's first rank, or in pieces that start "
      "early.")
      .words({"plain", "hierarchical", "early"})
      .rounds_only()
      .set([](const KeySlot& s, const Value& v) {
        for (const auto kind : gradient_sync_kinds)
          if (v.place.text == to_string(kind)) s.config.run.gradient_sync = kind;
      });
  row("run.gradient_library", KeyType::word, "\"mpi\"",
      "What sums gradients over ranks: MPI in the host's memory, NCCL between GPUs, or the faster of them.")
      .words({"mpi", "nccl", "auto"})
      .rounds_only()
      .set([](const KeySlot& s, const Value& v) {
        for (const auto library : gradient_libraries)
          if (v.place.text == to_string(library)) s.config.run.gradient_library = library;
      });
  row("run.graphs", KeyType::flag, "true",
      "On a device: evaluations are recorded and replayed as graphs (docs/gpu.md); false: given kernel by kernel.")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.training.graphs = v.flag; });
  row("run.dealing", KeyType::word, "\"planned\"",
      "The ranks' shares of the points: by planned cost, or dealt anew where the ranks' times differ for long "
      "(docs/streams.md); measured needs reproducibility = \"ranks\" or \"fast\".")
      .words({"planned", "measured"})
      .rounds_only()
      .set([](const KeySlot& s, const Value& v) {
        s.config.run.dealing_measured = s.config.sampling.dealt_by_times = v.place.text == "measured";
      });
  row("run.dealing_every", KeyType::integer, "100", "Of measured dealing: steps between two looks at the ranks' times.")
      .unit("steps")
      .at_least(1)
      .rounds_only()
      .set([](const KeySlot& s, const Value& v) { s.config.run.dealing_every = v.integer; });
  row("run.memory_limit", KeyType::bytes, "\"\"",
      "Refuse to start when the planned memory of all ranks is above, as in \"1 GiB\"; empty: no limit.")
      .unit("B")
      .harmless()
      .set(
          [](const KeySlot& s, const Value& v) { s.config.run.memory_limit_bytes = parse_bytes(v.place.text).value_or(0); });
}

}  // namespace jetpinn
