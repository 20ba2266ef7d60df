#include "jetpinn/app/rewound.hpp"

#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/later_stages.hpp"
#include "jetpinn/io/checkpoint_at.hpp"
#include "jetpinn/train/stage_ends.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <variant>

namespace jetpinn {
namespace {

[[noreturn]] void refuse_rewinding(const std::string& asked, const std::string& what) {
  throw Error(Status::usage, "--rewind " + asked + ": " + what);
}

template <class Number>
std::optional<Number> whole_text(const std::string& text) {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto [end, trouble] = std::from_chars(text.data(), last, number);
  if (text.empty() || trouble != std::errc() || end != last) return {};
  return number;
}

constexpr const char* how_to_keep = "; a run trained with output.checkpoint.keep_every = 1 keeps all that it writes";

// steps: of the checkpoints, rising. last: the run's.
std::int64_t rewound_step(const std::string& asked, const std::string& run, const std::vector<std::int64_t>& steps,
                          std::int64_t last) {
  const bool share = !asked.empty() && asked.back() == '%';
  const auto percent = share ? whole_text<double>(asked.substr(0, asked.size() - 1)) : std::nullopt;
  const auto step = whole_text<std::int64_t>(asked);
  if (share ? !percent || !(*percent >= 0 && *percent < 100) : !step || *step < 0)
    refuse_rewinding(asked, "it is none, a step of the run, or a share of its steps from 0% to below 100%");
  if (steps.empty()) refuse_rewinding(asked, run + " keeps no checkpoints" + how_to_keep);
  if (share) {
    const double most = *percent / 100 * static_cast<double>(last);
    const auto behind =
        std::find_if(steps.begin(), steps.end(), [&](std::int64_t s) { return static_cast<double>(s) > most; });
    if (behind == steps.begin())
      refuse_rewinding(asked,
                       fmt::format("{} keeps no checkpoint within its first {:.0f} of {} steps, the earliest is that of "
                                   "step {}{}",
                                   run, most, last, steps.front(), how_to_keep));
    return *(behind - 1);
  }
  if (*step >= last) refuse_rewinding(asked, fmt::format("{} ended at step {}; name an earlier one", run, last));
  if (!std::binary_search(steps.begin(), steps.end(), *step))
    refuse_rewinding(
        asked, fmt::format("{} keeps no checkpoint of that step, but of {}{}", run, fmt::join(steps, ", "), how_to_keep));
  return *step;
}

// What the run did behind the checkpoint; empty: nothing.
std::string stages_behind_checkpoint(const LoadedCheckpoint& loaded, const Config& config) {
  StageEnds ends(config.training.stages);
  std::int64_t stage = 0;
  State state = {{"stage", &stage}};
  append(state, "stages", ends.state());
  restore_part(state, loaded.values);
  const auto stages = static_cast<std::int64_t>(config.training.stages.size());
  std::int64_t done = stage < stages ? ends.steps(stage) : 0;
  if (stage < stages && (ends.finished(stage) || done >= config.training.stages[static_cast<std::size_t>(stage)].steps)) {
    ++stage;
    done = 0;
  }
  return stage < stages ? stages_behind(config, stage, done) : "";
}

std::vector<double> parameters_of_checkpoint(const LoadedCheckpoint& loaded, const Trained& trained,
                                             const std::string& run) {
  require_kept_patterns(loaded, trained.assembly.network, run);
  const auto found = loaded.values.find("parameters");
  const auto* parameters = found == loaded.values.end() ? nullptr : std::get_if<std::vector<double>>(&found->second);
  if (!parameters || parameters->size() != trained.parameters.size())
    throw Error(Status::storage, loaded.folder + " holds parameters of another network than " + run +
                                     "/config.toml describes; rewind to another step");
  return *parameters;
}

}  // namespace

Rewound load_rewound(Communicator& communicator, const std::string& run, const Trained& trained, const std::string& asked,
                     bool with_stages) {
  Rewound rewound;
  if (asked == "none") return rewound;
  communicator.agree("rewind", [&] {
    if (!communicator.root()) return;
    const std::vector<std::int64_t> steps = checkpoint_steps(run);
    rewound.step = rewound_step(asked, run, steps, std::max(trained.source.step, steps.empty() ? 0 : steps.back()));
    const LoadedCheckpoint loaded = checkpoint_at(run, rewound.step);
    rewound.parameters = parameters_of_checkpoint(loaded, trained, run);
    if (!with_stages) return;
    try {
      rewound.stages = stages_behind_checkpoint(loaded, trained.config);
    } catch (const Error& error) {
      if (error.status() != Status::usage) throw;
      refuse_rewinding(asked, error.what());
    }
    if (rewound.stages.empty())
      refuse_rewinding(
          asked, fmt::format("{} trained nothing behind step {}; say how a round trains, with --steps", run, rewound.step));
  });
  communicator.broadcast("rewind", &rewound.step, sizeof rewound.step);
  rewound.stages = communicator.broadcast("rewind", rewound.stages);
  return rewound;
}

}  // namespace jetpinn
