// [training.balance]: how the weights of terms, or of their points, follow the training (docs/balance.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

enum class BalanceMethod { none, gradnorm, ntk, relobralo, self_adaptive, rba };
const char* to_string(BalanceMethod method);
BalanceMethod balance_method(const std::string& name);  // none where no method has this name

// What a method reads of its options, and what they are where nothing is said; none: the method does not read the option.
struct BalanceDefaults {
  BalanceMethod method = BalanceMethod::none;
  std::int64_t every = 1;
  std::optional<double> momentum = {}, rate = {}, temperature = {}, look_back = {};
  std::optional<std::int64_t> points = {};
};
const BalanceDefaults& balance_defaults(BalanceMethod method);

struct BalanceOptions {
  BalanceMethod method = BalanceMethod::none;
  std::vector<std::string> terms;                // that are balanced; empty: all
  std::int64_t search_every = 0;                 // steps between refreshes in stages that search their steps; 0: none there
  std::optional<std::int64_t> every;             // steps between refreshes elsewhere
  std::optional<double> momentum;                // what a refresh keeps of the weights before it
  std::optional<double> rate;                    // self_adaptive, rba: the most that a refresh adds
  std::optional<double> temperature, look_back;  // relobralo
  std::optional<std::int64_t> points;            // ntk: of a term, in whole blocks; 0: all

  bool active() const { return method != BalanceMethod::none; }
  bool linearizes() const { return method == BalanceMethod::gradnorm || method == BalanceMethod::ntk; }
  bool weighs_points() const { return method == BalanceMethod::self_adaptive || method == BalanceMethod::rba; }
  bool balances(const std::string& term) const;
  // The options as they were given or, where they were not, as the method has them.
  BalanceDefaults settings() const;
};

}  // namespace jetpinn
