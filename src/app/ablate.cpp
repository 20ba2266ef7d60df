// jetpinn ablate: which representation of networks' weights tells most about their labels.
#include "jetpinn/ablate/ablate_folder.hpp"
#include "jetpinn/ablate/ablate_study.hpp"
#include "jetpinn/ablate/ablation_report.hpp"
#include "jetpinn/ablate/result_cache.hpp"
#include "jetpinn/ablate/scratch_folder.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/study_command.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/runtime/libtorch.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

std::string default_folder(const std::string& data) {
  return "studies/" + std::filesystem::path(data).stem().string() + "-ablate";
}

class AblateCommand {
 public:
  AblateCommand(Communicator& communicator, const CommandLine& line)
      : communicator_(communicator), options_(line.ablate), quiet_(line.quiet), begin_(wall_seconds()) {
    if (options_.output.empty()) options_.output = default_folder(options_.data);
    communicator_.agree("ablate", [&] {
      check_ablate_options(options_, communicator_.size());
      load_libtorch("a study of representations (ablate)");
      const FeatureCache made(options_.cache);
      source_ = open_weights(options_.data);
    });
  }

  int run() {
    Features features(communicator_, *source_, options_, scratch_folder(options_.output),
                      [this](const std::string& text) { say(text); });
    open_folder(features);
    if (!features.make(open_)) return stop();
    for (const FeatureSet& set : features.sets()) {
      RepresentationResult result = describe_result(set, source_->shape(), study_.chosen_layers);
      if (!train_representation(communicator_, set, source_->labels(), options_, result)) return stop();
      set.file.rest();  // one representation at a time is in memory
      communicator_.agree("ablate", [&] {
        if (!folder_) return;
        folder_->keep(result);
        const std::string trouble = results_->keep(result);
        if (!trouble.empty() && !std::exchange(cache_trouble_said_, true)) say(trouble);
      });
      const ScoreSpread spread = result.spread();
      say(fmt::format("{:16} {:.4f}{}   {} numbers, {:.2f} s of features{}, {:.2f} s of training", result.name, spread.mean,
                      spread.interval(4), result.numbers, result.feature_seconds, result.cached ? " (cache)" : "",
                      result.training_seconds()));
    }
    sum_up(features);
    return static_cast<int>(Status::done);
  }

 private:
  void say(const std::string& text) const { say_unless(quiet_ || !communicator_.root(), text); }

  // Rank 0 opens it, and tells the others which representations are there already, or come from the cache.
  void open_folder(const Features& features) {
    study_ = describe_ablation(*source_, options_, static_cast<std::int64_t>(features.chosen_layers().size()),
                               features.data_hash(), communicator_.size());
    const std::vector<const Representation*> wanted = named_representations(options_.representations);
    std::vector<std::int64_t> there(wanted.size(), 0);
    std::string from_cache;
    communicator_.agree("ablate", [&] {
      if (!communicator_.root()) return;
      folder_.emplace(options_.output, study_, options_.force);
      remove_stale_scratch(options_.output);
      results_.emplace(options_.cache, study_.identity);
      for (std::size_t r = 0; r < wanted.size(); ++r) {
        there[r] = folder_->has(wanted[r]->name) ? 1 : 0;
        if (there[r] != 0 || !taken_from_cache(wanted[r]->name)) continue;
        there[r] = 1;
        from_cache += (from_cache.empty() ? "scores from the cache: " : ", ") + std::string(wanted[r]->name);
      }
    });
    communicator_.broadcast("ablate", there.data(), static_cast<std::int64_t>(there.size() * sizeof there[0]));
    for (std::size_t r = 0; r < wanted.size(); ++r)
      if (there[r] == 0) open_.push_back(wanted[r]);
    say(fmt::format("{}: {} samples, {} of {} layers of {} x {}; {} representations, {} of them there already, in {}",
                    study_.data, study_.samples, study_.chosen_layers, study_.layers, study_.rows, study_.columns,
                    wanted.size(), wanted.size() - open_.size(), options_.output));
    if (!from_cache.empty()) say(from_cache);
  }

  // Rank 0.
  bool taken_from_cache(const std::string& representation) const {
    const ResultCache::Found found = results_->look_up(representation);
    if (!found.remark.empty()) say(found.remark);
    if (found.result.name.empty()) return false;
    folder_->keep(found.result);
    return true;
  }

  int stop() const {
    say("stopped; the same command goes on with the representations that are not there");
    return static_cast<int>(Status::stopped);
  }

  void sum_up(const Features& features) {
    const MachineDescription machine = describe_machine(communicator_);
    study_.hash_s = features.times().hash;
    study_.read_s = features.times().read;
    study_.spectra_s = features.times().spectra;
    study_.features_s = features.times().whole;
    study_.wall_s = wall_seconds() - begin_;
    communicator_.agree("ablate", [&] {
      if (!folder_) return;
      study_.results = folder_->results();
      const std::vector<Picture> pictures = draw_ablation(study_);
      folder_->write({{"ablate.json", ablation_json(study_, machine)},
                      {"ablate.csv", ablation_csv(study_)},
                      {"index.html", ablation_page(study_, pictures, machine)}},
                     pictures);
      say("\n" + ablation_text(study_) + "\n" + folder_->path() + "/index.html shows it with charts");
    });
  }

  Communicator& communicator_;
  AblateOptions options_;
  bool quiet_;
  double begin_;
  std::unique_ptr<WeightSource> source_;
  Ablation study_;
  std::optional<AblateFolder> folder_;  // rank 0
  std::optional<ResultCache> results_;  // rank 0
  bool cache_trouble_said_ = false;
  std::vector<const Representation*> open_;
};

}  // namespace

int run_ablate(Communicator& communicator, const CommandLine& line) { return AblateCommand(communicator, line).run(); }

}  // namespace jetpinn
