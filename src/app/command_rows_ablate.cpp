#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/app/command_rows.hpp"

#include <cstdint>

namespace jetpinn {
namespace {

constexpr std::int64_t most_count = std::int64_t{1} << 30;

std::string described_representations() {
  std::string text = "Which representations, as a list (default: all):";
  for (const Representation& one : representations()) text += std::string("\n") + one.name + ": " + one.title;
  return text;
}

void add_training_options(CLI::App& ablate, SmallNetworkOptions& network) {
  ablate.add_option("--epochs", network.epochs, "Epochs of a training at most")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, most_count))
      ->capture_default_str();
  ablate
      .add_option("--patience", network.patience, "Epochs without a better loss of the validation samples before it stops")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, most_count))
      ->capture_default_str();
  ablate.add_option("--batch", network.batch, "Samples of a step")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{256}, most_count))
      ->capture_default_str();
  ablate.add_option("--hidden", network.hidden, "Units of the hidden layers, as in 64,32")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 16))
      ->capture_default_str();
  ablate.add_option("--dropout", network.dropout, "Share of the hidden units that is left out in each step")
      ->type_name("F")
      ->check(finite(0, 1))
      ->capture_default_str();
  ablate.add_option("--weight-decay", network.weight_decay, "Share of each weight that goes in a step, times the rate")
      ->type_name("F")
      ->check(finite(0, 1e6))
      ->capture_default_str();
  ablate.add_option("--learning-rate", network.learning_rate, "Of steepest descent with momentum")
      ->type_name("F")
      ->check(positive())
      ->capture_default_str();
}

}  // namespace

void add_ablate(CommandTable& table) {
  CommandLine& line = table.line;
  AblateOptions& options = line.ablate;
  CLI::App& ablate =
      add(table, "ablate",
          "Which representation of networks' weights tells most about their labels: nine of them, each judged "
          "by small networks over several divisions of the samples",
          "DATA", "Collection of weights (HDF5), or 1k, 10k, 50k, 100k: generated as it is read");
  ablate.get_option("DATA")->required(false)->type_name("FILE");
  ablate.get_option("--device")->description("Where to compute: the processor")->type_name("auto|cpu");
  ablate.get_option("--seed")->description("Seed of the divisions and of the trainings");
  ablate.add_option("--dataset", options.data, "The same as DATA")->type_name("1k|10k|50k|100k|FILE");
  ablate.add_option("--representations", options.representations, described_representations())->type_name("LIST");
  CLI::Option* runs = ablate.add_option("--runs", options.runs, "Trainings of each, on other divisions of the samples")
                          ->type_name("N")
                          ->check(CLI::Range(std::int64_t{1}, std::int64_t{1000}))
                          ->capture_default_str();
  CLI::Option* layers =
      ablate.add_option("--sample-layers", options.sample_layers, "Share of the layers that is looked at, evenly")
          ->type_name("F")
          ->capture_default_str();
  ablate.add_flag_callback(
      "--quick",
      [&options, runs, layers] {
        if (runs->count() == 0) options.runs = quick_runs;
        if (layers->count() == 0) options.sample_layers = quick_layers;
      },
      "Three runs on half of the layers");
  ablate.add_flag_callback(
      "--no-mixed", [&options] { options.mixed = false; },
      "Numbers and products in fp64, not in fp32 with statistics in fp64");
  ablate.add_flag("--reference", options.reference,
                  "The plain path: whole decompositions of whole matrices in fp64, no cache, one rank");
  ablate
      .add_option("--cache", options.cache,
                  "Folder that keeps the features for other studies of the same data, and the scores for the same study")
      ->type_name("DIR");
  ablate
      .add_option("--cache-limit", table.cache_limit,
                  "What the cache may take, as in \"4 GiB\"; what was used longest ago goes (default: 4 GiB)")
      ->type_name("SIZE");
  add_training_options(ablate, options.network);
  ablate.add_flag("--force", line.force, "Rename another study in the folder to <folder>.old-1 (-2, ...)");
  ablate.footer(
      "Writes to --output, else to studies/<name>-ablate. The same command goes on: representations that are there are not "
      "trained again.");
}

void add_weight_options(CLI::App& sample, CommandTable& table) {
  CommandLine& line = table.line;
  const auto add_count = [&](const char* name, std::int64_t& value, std::int64_t least, const char* doc) {
    sample.add_option(name, value, doc)->type_name("N")->check(CLI::Range(least, std::int64_t{1} << 15));
  };
  add_count("--layers", line.weight_layers, 1, "Of weights: layers of each network (default: 128)");
  add_count("--rows", line.weight_rows, 1, "Of weights: rows of a layer's matrix (default: 32)");
  add_count("--columns", line.weight_columns, 1, "Of weights: its columns (default: 32)");
  add_count("--rank", line.weight_rank, 0, "Of weights: rank of the LoRA factors; 0: whole matrices (default: 4)");
  sample
      .add_option(
          "--import", line.import_list,
          "Of weights: networks to collect in place of generated ones, a CSV file with the columns\npath (safetensors, "
          "or the folder of a run) and label")
      ->type_name("FILE");
  sample.add_option("--match", line.match, "With --import: only tensors whose name holds this text")->type_name("TEXT");
}

}  // namespace jetpinn
