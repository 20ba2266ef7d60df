#include "jetpinn/balance/balance_options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace jetpinn {
namespace {

// In the order of the enumeration.
const std::array<BalanceDefaults, 6>& rows() {
  static const std::array<BalanceDefaults, 6> all{{
      {.method = BalanceMethod::none},
      {.method = BalanceMethod::gradnorm, .every = 100, .momentum = 0.9},
      {.method = BalanceMethod::ntk, .every = 100, .momentum = 0.9, .points = 1024},
      {.method = BalanceMethod::relobralo, .momentum = 0.999, .temperature = 0.1, .look_back = 0.999},
      {.method = BalanceMethod::self_adaptive, .rate = 0.01},
      {.method = BalanceMethod::rba, .momentum = 0.999, .rate = 0.01},
  }};
  return all;
}

}  // namespace

const char* to_string(BalanceMethod method) {
  switch (method) {
    case BalanceMethod::none:
      return "none";
    case BalanceMethod::gradnorm:
      return "gradnorm";
    case BalanceMethod::ntk:
      return "ntk";
    case BalanceMethod::relobralo:
      return "relobralo";
    case BalanceMethod::self_adaptive:
      return "self_adaptive";
    case BalanceMethod::rba:
      return "rba";
  }
  return "?";
}

BalanceMethod balance_method(const std::string& name) {
  for (const BalanceDefaults& row : rows())
    if (name == to_string(row.method)) return row.method;
  return BalanceMethod::none;
}

const BalanceDefaults& balance_defaults(BalanceMethod method) { return rows()[static_cast<std::size_t>(method)]; }

bool BalanceOptions::balances(const std::string& term) const {
  return active() && (terms.empty() || std::find(terms.begin(), terms.end(), term) != terms.end());
}

BalanceDefaults BalanceOptions::settings() const {
  BalanceDefaults all = balance_defaults(method);
  const auto take = [](auto& own, const auto& given) {
    if (given) own = *given;
  };
  take(all.every, every);
  take(all.momentum, momentum);
  take(all.rate, rate);
  take(all.temperature, temperature);
  take(all.look_back, look_back);
  take(all.points, points);
  return all;
}

}  // namespace jetpinn
