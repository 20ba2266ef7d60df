// [sampling.adaptive]: points that follow the residual (docs/adaptive.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

enum class AdaptiveMethod { none, rad, rar_d, rar_g, r3, importance };
const char* to_string(AdaptiveMethod method);
AdaptiveMethod adaptive_method(const std::string& name);  // none where no method has this name

// What points are chosen by: the residual s, or by how much it differs in an ensemble of networks whose parameters are off
// by some share.
enum class AdaptiveScore { residual, uncertainty };

// What a method reads of its options, and what they are where nothing is said; none: the method does not read the option.
struct AdaptiveDefaults {
  AdaptiveMethod method = AdaptiveMethod::none;
  std::optional<double> candidates = {}, power = {}, offset = {}, add = {}, most = {}, most_change = {};
  bool scores_fresh = true;  // it chooses among fresh points by their scores
};
const AdaptiveDefaults& adaptive_defaults(AdaptiveMethod method);

struct AdaptiveOptions {
  AdaptiveMethod method = AdaptiveMethod::none;
  std::vector<std::string> terms;            // whose points follow; empty: all that can
  std::int64_t every = 1000;                 // steps between two rounds
  std::optional<std::int64_t> search_every;  // the same in stages that search their steps; none: every, 0: no rounds there
  std::optional<double> candidates;          // of a round, for each point of the term
  std::optional<double> power, offset;       // p ~ s^power / mean(s^power) + offset, of scores s
  std::optional<double> add, most;           // of rar_d, rar_g: points of a round, and at last, for each of the first ones
  std::optional<double> most_change;         // share of the points that a round exchanges at most
  AdaptiveScore score = AdaptiveScore::residual;
  std::int64_t ensemble = 4;  // networks of it, where the score is uncertainty
  double spread = 0.01;       // standard deviation of the share by which their parameters are off
  std::int64_t cells = 0;     // about as many of them have scores in common; 0: each point has its own
  double stall = 0;      // a round waits until the loss falls by less than this share between two looks; 0: none waits
  double roll_back = 4;  // a round is taken back where the residual of fresh points grew by this factor after it; 0: never

  bool active() const { return method != AdaptiveMethod::none; }
  bool grows() const { return method == AdaptiveMethod::rar_d || method == AdaptiveMethod::rar_g; }
  bool weighs() const { return method == AdaptiveMethod::importance; }  // points bring weights
  bool names(const std::string& term) const;                            // or names none
  std::int64_t interval(bool searches) const { return searches ? search_every.value_or(every) : every; }
  // The options as they were given or, where they were not, as the method has them.
  AdaptiveDefaults settings() const;
};

}  // namespace jetpinn
