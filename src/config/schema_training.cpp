#include "jetpinn/config/schema_rows.hpp"

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/base/types.hpp"

#include <optional>

namespace jetpinn {
namespace {

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
      .set([](const KeySlot& s, const Value& v) { s.config.training.precision = precision_word(v); });
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
