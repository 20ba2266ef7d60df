#include "jetpinn/app/command_rows.hpp"
#include "jetpinn/bench/bench_batches.hpp"
#include "jetpinn/bench/sparse_speed.hpp"
#include "jetpinn/config/schema.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace jetpinn {
namespace {

// Of the times in the report, which no parameter depends on.
void add_seconds(CLI::App& command, CommandLine& line, double given) {
  command
      .add_option("--seconds", line.bench_seconds,
                  fmt::format("At the end, time each batch of points at least this long, s; 0: the least number of\n"
                              "repetitions (default: {:g})",
                              given))
      ->type_name("S")
      ->check(finite(0, 1e6));
}

}  // namespace

void add_prune(CommandTable& table) {
  CommandLine& line = table.line;
  PruneOptions& options = line.prune;
  CLI::App& prune = add(table, "prune",
                        "Remove the neurons of a trained network that matter least, and train on: a smaller, "
                        "faster network in a run folder of its own",
                        "RUN", "Run folder");
  prune.add_option("--target", options.target, "Share of the parameters that goes, as in 0.75")->type_name("F")->required();
  prune.add_option("--rounds", options.rounds, "Rounds of scoring, removing and fine-tuning")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI::Option* epochs =
      prune
          .add_option("--epochs", options.epochs,
                      "Fine-tuning in each round, in passes through the batches of the term that has\nmost of them; without "
                      "sampling.batch a pass is a step")
          ->type_name("N")
          ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30));
  prune.add_option("--steps", options.steps, "Fine-tuning in each round, in steps")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
      ->capture_default_str()
      ->excludes(epochs);
  prune.add_option("--score", table.score, "How much a neuron matters")
      ->type_name(joined(unit_score_names(), "|"))
      ->capture_default_str();
  CLI::Option* global =
      prune.add_flag("--global", options.global, "One ranking of the neurons of all layers, scores normalised by layer");
  prune.add_flag("--uniform", table.uniform, "The same share of every layer (default)")->excludes(global);
  prune.add_option("--schedule", table.schedule, "How the parameters fall over the rounds")
      ->type_name(joined(prune_schedule_names(), "|"))
      ->capture_default_str();
  prune.add_option("--limit", options.limit, "Largest share of a layer's neurons that may go")
      ->type_name("F")
      ->capture_default_str();
  prune.add_option("--min-width", options.min_width, "Neurons that a layer keeps at least")
      ->type_name("N")
      ->capture_default_str();
  prune
      .add_option("--multiple", options.multiple,
                  "Widths are multiples of it (default: of the power of two up to 8 that is at most\n1/64 of the layer's "
                  "width)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20));
  prune
      .add_option("--allowed-loss", options.allowed_loss,
                  "Times that the error may be of what it was before the first round; a round beyond is rolled\nback. "
                  "Compared: errors against the reference, else at rows held out, else the root of the loss\non points "
                  "that no step trains on")
      ->type_name("F")
      ->capture_default_str();
  prune.add_flag("!--no-fold", options.fold, "Neurons that go do not leave their mean in the bias behind them");
  prune.add_option("--optimizer", options.optimizer, "Of the fine-tuning, as training.stages.*.optimizer")
      ->type_name(joined(find_key("training.stages.*.optimizer")->words, "|"))
      ->capture_default_str();
  prune
      .add_option("--learning-rate", options.learning_rate,
                  "Of the fine-tuning, falling to a hundredth (default: that of the run's first stage with a rate)")
      ->type_name("F")
      ->check(positive());
  add_seconds(prune, line, BenchBatchesOptions().seconds);
  prune.add_flag("--force", line.force, "Rename a run folder that is in the way to <folder>.old-1 (-2, ...)");
  prune.footer("Writes to --output, else to RUN-pruned. The same command goes on with a pruning that was stopped.");
}

void add_sparsify(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& sparsify =
      add(table, "sparsify", "Make a network sparse in storage and in its products, and measure it against dense", "RUN",
          "Run folder");
  sparsify.get_option("RUN")->required(false);
  sparsify
      .add_option(
          "--import", line.import,
          "A network of another program in place of RUN: HDF5 with weight_0, bias_0, mask_0, ... in PyTorch's layout")
      ->type_name("FILE");
  sparsify.add_option("--target", line.target, "Share of the weights of RUN that is left out")
      ->type_name("SHARE")
      ->capture_default_str();
  sparsify.add_option("--rounds", line.rounds, "Rounds in which the share rises to the target")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI::Option* epochs =
      sparsify
          .add_option(
              "--epochs", line.finetune_epochs,
              "Training behind each round, in passes through the batches of the term that has most of\nthem; without "
              "sampling.batch a pass is a step")
          ->type_name("N")
          ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30));
  sparsify
      .add_option("--steps", line.finetune_steps,
                  "Steps of Adam behind each round (default: 200; with --rewind all that RUN trained from\nthere on); --set "
                  "changes more of them")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
      ->excludes(epochs);
  sparsify
      .add_option("--rewind", line.rewind,
                  "In each round the weights that are kept go back to those of this step of RUN, or of its last\ncheckpoint "
                  "within this share of its steps, and train from there on as RUN did")
      ->type_name("none|STEP|P%")
      ->capture_default_str();
  sparsify.add_flag("--rates-only", line.rates_only, "With --rewind: the learning rates go back, the weights stay");
  add_seconds(sparsify, line, SparseSpeedOptions().seconds);
  sparsify.add_flag("--force", line.force, "Rename a run folder that is in the way to <folder>.old-1 (-2, ...)");
  sparsify.callback([&line, &sparsify] {
    if (line.subject.empty() == line.import.empty())
      throw CLI::ValidationError("sparsify takes either RUN or --import FILE");
    if (!line.import.empty() && !line.sets.empty())
      throw CLI::ValidationError("--set changes the config of RUN, and --import FILE has none");
    if (!line.import.empty() && line.device != "auto" && line.device != "cpu")
      throw CLI::ValidationError("--device says where a RUN is trained; --import FILE is converted on the processor");
    const char* const of_a_run[] = {"--target", "--rounds", "--steps", "--epochs", "--rewind", "--rates-only"};
    for (const char* option : of_a_run)
      if (!line.import.empty() && sparsify.count(option) > 0)
        throw CLI::ValidationError(std::string(option) + " prunes a RUN; --import FILE is pruned already");
    if (line.rates_only && line.rewind == "none")
      throw CLI::ValidationError("--rates-only says what goes back; say where to, as in --rewind 10%");
    if (line.rates_only && (line.finetune_steps >= 0 || line.finetune_epochs > 0))
      throw CLI::ValidationError("--rates-only trains with RUN's own stages; leave --steps and --epochs away");
  });
  sparsify.footer(
      "Writes a run folder to --output: the config, the pattern of the weights that are kept, the network, and "
      "conversion.json.");
}

void add_adapt(CommandTable& table) {
  AdaptOptions& options = table.line.adapt;
  CLI::App& adapt =
      add(table, "adapt", "Let a trained network follow new measurements, update by update", "RUN", "Run folder");
  adapt
      .add_option(
          "--data", table.line.data,
          "Measurements: a point table (HDF5, .csv, .vtu, .vtp), or - for lines on standard input, JSON objects or CSV")
      ->type_name("FILE")
      ->required();
  adapt.add_option("--batch", options.batch, "Rows of an update")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30))
      ->capture_default_str();
  adapt.add_option("--replay", options.replay, "Earlier rows that are kept and trained on again")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30))
      ->capture_default_str();
  adapt.add_option("--steps", options.steps, "Steps of Adam in an update")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30))
      ->capture_default_str();
  adapt.add_option("--rate", options.rate, "Learning rate")->type_name("R")->check(finite(0, 1e6))->capture_default_str();
  adapt
      .add_option("--elastic", options.elastic,
                  "Half of this, times the squared distance from the trained weights, is added to the loss")
      ->type_name("L")
      ->check(finite(0, 1e30))
      ->capture_default_str();
  adapt
      .add_option(
          "--allowed", options.allowed,
          "By how much the error of rows that are not trained on, or a statement of the problem, may become\nworse in an "
          "update, as a share; else it is taken back")
      ->type_name("SHARE")
      ->check(finite(0, 1e6))
      ->capture_default_str();
  adapt.footer("Writes a run folder to --output, by default RUN-adapted; the same command goes on where it stopped.");
}

void add_export(CommandTable& table) {
  CLI::App& command = add(table, "export", "The trained network as one flat file for the evaluator in include/jetpinn/edge",
                          "RUN", "Run folder");
  command.add_option("--precision", table.line.precision, "Type of the values in the file")
      ->type_name("fp32|fp64")
      ->capture_default_str();
  command.footer("Writes --file F.jpn, reads it back with the evaluator and prints how far it is from the engine.");
}

}  // namespace jetpinn
