#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/config/relations.hpp"
#include "jetpinn/config/schema.hpp"
#include "jetpinn/optim/optimizer.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

// The value that a schedule has or would get.
double rate_of(const Value& schedule, const char* key) {
  const Value* value = schedule.find(key);
  return value ? value->number
               : parse_value(find_key(std::string("training.stages.*.learning_rate.") + key)->standard, key).number;
}

// Without a schedule the rate is constant, and what only schedules read would be believed to do something.
void require_schedule(const Value& rate) {
  constexpr std::pair<const char*, const char*> of_schedules[] = {
      {"decay", "exponential"}, {"every", "exponential"}, {"end", "cosine"},    {"factor", "stall"},
      {"at", "piecewise"},      {"factors", "piecewise"}, {"max", "one_cycle"}, {"period", "cyclical"}};
  for (const auto& [key, schedule] : of_schedules)
    if (const Value* given = rate.find(key))
      fail_at(given->place, std::string("learning_rate.") + key + " belongs to a schedule, and none is named, so that the " +
                                "rate is constant; add one, as in schedule = \"" + schedule + "\", or remove it");
}

void check_pieces(const Value& schedule) {
  const Value *at = schedule.find("at"), *factors = schedule.find("factors");
  if (length(at) == 0)
    fail_at(schedule.find("schedule")->place,
            "the schedule piecewise needs steps and factors, as in at = [1000, 2000], factors = [0.5, 0.5]");
  if (length(at) != length(factors))
    fail_at(at->place, "learning_rate.at has " + std::to_string(length(at)) + " steps and learning_rate.factors has " +
                           std::to_string(length(factors)) + "; each step needs a factor");
  for (std::size_t k = 1; k < at->items.size(); ++k)
    if (at->items[k].integer <= at->items[k - 1].integer)
      fail_at(at->items[k].place, "the steps of learning_rate.at must rise");
}

}  // namespace

void check_schedule(const Value& stage) {
  const Value* schedule = stage.find("learning_rate");
  if (!schedule) return;
  const Value* kind = schedule->find("schedule");
  if (!kind) return require_schedule(*schedule);
  const std::string& name = kind->place.text;
  if (name == "piecewise") check_pieces(*schedule);
  if ((name == "cyclical" || name == "one_cycle") && rate_of(*schedule, "max") < rate_of(*schedule, "start"))
    fail_at(schedule->find("max") ? schedule->find("max")->place : schedule->find("start")->place,
            "the schedule " + name + " rises from learning_rate.start to learning_rate.max, which is below it");
}

namespace {

void check_stage_constants(const Value& stage, const Value* constants) {
  const Value* changed = stage.find("constants");
  if (!changed) return;
  Names known;
  for (std::size_t i = 0; constants && i < constants->entries.size(); ++i) known.push_back(constants->entries[i].key);
  if (known.empty() && !changed->entries.empty())
    fail_at(changed->entries[0].place, "'" + changed->entries[0].key + "' is not a constant; problem.constants has none");
  check_keys(changed, "a constant", known);
}

// The square of a batch's mean is larger than that of the mean by the batch's scatter. Batches of other terms leave it
// alone.
void check_batch_of_mean(const Value* batch, const Names& means) {
  for (std::size_t i = 0; batch && i < batch->entries.size(); ++i)
    if (has(means, batch->entries[i].key))
      fail_at(batch->entries[i].place, "the term '" + batch->entries[i].key +
                                           "' squares the mean of its residual over all its points (reduction = "
                                           "\"square_of_mean\"), so it takes no batch; leave it out here");
}

// A line search compares losses, which are those of other points in every batch.
void check_stage_batch(const Value& stage, const TermNames& terms) {
  const Value *batch = stage.find("batch"), *optimizer = stage.find("optimizer");
  check_keys(batch, "a term", terms.all);
  if (!batch || !optimizer) return;
  OptimizerOptions options;
  options.kind = optimizer->place.text;
  for (const auto& entry : batch->entries)
    if (options.searches() && !has(terms.streams, entry.key))
      fail_at(entry.place, "a stage of " + options.kind +
                               " takes all points in every step, for a line search "
                               "compares losses; batches are for adam, adamw and soap");
}

// A stage that does not say its precision computes in fp64 where it searches.
void check_stage_precision(const Value& stage) {
  const Value *precision = stage.find("precision"), *optimizer = stage.find("optimizer");
  if (!precision || !optimizer || precision->place.text != "bf16") return;
  OptimizerOptions options;
  options.kind = optimizer->place.text;
  if (options.searches())
    fail_at(precision->place, "a stage of " + options.kind +
                                  " compares losses and gradients that differ in late digits, of which bf16 has none: leave "
                                  "precision away for fp64, or take fp32; bf16 is for adam, adamw and soap");
}

// What copies tables for its windows has none of those that pass by.
void check_streams(const Value& root, const TermNames& terms) {
  if (terms.streams.empty()) return;
  const std::string what = "the rows of '" + terms.streams[0] + "' are streamed";
  if (cuts_windows(root))
    fail_at(look(root, {"training", "windows"})->place,
            "each window of training.windows has a table of its own, and " + what + ": take one of the two");
}

// At level `run` a run has the bits of the one before it, which took other times.
void check_dealing(const Value& root) {
  const Value *dealing = look(root, {"run", "dealing"}), *level = look(root, {"training", "reproducibility"});
  const bool measured = dealing && dealing->place.text == "measured";
  if (measured && (!level || level->place.text == "run"))
    fail_at(dealing->place,
            "run.dealing = \"measured\" gives the ranks shares that follow the clock, and at level run the bits follow from "
            "the shares: set training.reproducibility = \"ranks\", where they do not, or \"fast\"");
}

// Of a table with a method: without one nothing else says anything, and an option that the method does not read would be
// believed to do something. read: the options that only some methods read.
void check_method(const Value& table, const std::string& key, bool active, const std::string& example,
                  const std::map<std::string, bool>& read) {
  for (const auto& entry : table.entries) {
    if (entry.key == "method") continue;
    if (!active) fail_at(entry.place, key + "." + entry.key + " needs a method, as in method = \"" + example + "\"");
    if (const auto option = read.find(entry.key); option != read.end() && !option->second)
      fail_at(entry.place,
              "the method " + table.find("method")->place.text + " does not read " + key + "." + entry.key + "; remove it");
  }
}

void check_balance(const Value& root, const Names& terms, const Names& means) {
  const Value* balance = look(root, {"training", "balance"});
  if (!balance) return;
  BalanceOptions options;
  const Value* given = balance->find("method");
  if (given) options.method = balance_method(given->place.text);
  const BalanceDefaults& reads = balance_defaults(options.method);
  const std::map<std::string, bool> read{{"momentum", reads.momentum.has_value()},
                                         {"rate", reads.rate.has_value()},
                                         {"temperature", reads.temperature.has_value()},
                                         {"look_back", reads.look_back.has_value()},
                                         {"points", reads.points.has_value()}};
  check_method(*balance, "training.balance", options.active(), "gradnorm", read);
  const Value* chosen = balance->find("terms");
  check_items(chosen, "a term", terms);
  for (std::size_t i = 0; chosen && i < chosen->items.size(); ++i)
    if (has(means, chosen->items[i].place.text))
      fail_at(chosen->items[i].place, "the term '" + chosen->items[i].place.text +
                                          "' squares the mean of its residual (reduction = \"square_of_mean\") and keeps "
                                          "its weight; leave it out here");
  if (options.active() && length(chosen) == 0 && means.size() == terms.size())
    fail_at(given->place, "the method " + given->place.text +
                              " has nothing to balance: all terms square the mean of their "
                              "residual (reduction = \"square_of_mean\") and keep their weights");
  const Value* resample = look(root, {"sampling", "resample_every"});
  if (options.weighs_points() && resample && resample->integer > 0)
    fail_at(given->place,
            "the method " + given->place.text +
                " keeps a weight for each point, and sampling.resample_every makes other points: remove it, or "
                "take gradnorm, ntk or relobralo, which weigh whole terms");
}

}  // namespace

const Value* first_batch_of(const Value& root) {
  const auto entry = [](const Value* batch) {
    return batch && !batch->entries.empty() ? &batch->entries[0].value : nullptr;
  };
  if (const Value* own = entry(look(root, {"sampling", "batch"}))) return own;
  const Value* stages = look(root, {"training", "stages"});
  for (std::size_t i = 0; stages && i < stages->items.size(); ++i)
    if (const Value* own = entry(stages->items[i].find("batch"))) return own;
  return nullptr;
}

namespace {

void check_adaptive(const Value& root, const TermNames& terms) {
  const Value* adaptive = look(root, {"sampling", "adaptive"});
  if (!adaptive) return;
  AdaptiveOptions options;
  const Value* given = adaptive->find("method");
  if (given) options.method = adaptive_method(given->place.text);
  const AdaptiveDefaults& reads = adaptive_defaults(options.method);
  const std::map<std::string, bool> read{{"candidates", reads.candidates.has_value()},
                                         {"power", reads.power.has_value()},
                                         {"offset", reads.offset.has_value()},
                                         {"add", reads.add.has_value()},
                                         {"most", reads.most.has_value()},
                                         {"most_change", reads.most_change.has_value()},
                                         {"score", reads.scores_fresh},
                                         {"ensemble", reads.scores_fresh},
                                         {"spread", reads.scores_fresh},
                                         {"cells", reads.power.has_value()}};
  check_method(*adaptive, "sampling.adaptive", options.active(), "rad", read);
  if (!options.active()) return;
  const Value* score = adaptive->find("score");
  for (const char* key : {"ensemble", "spread"})
    if (const Value* value = adaptive->find(key); value && !(score && score->place.text == "uncertainty"))
      fail_at(value->place,
              std::string("sampling.adaptive.") + key + " is of score = \"uncertainty\"; add that, or remove it");
  check_items(adaptive->find("terms"), "a term", terms.all);
  if (const Value* batch = first_batch_of(root); options.grows() && batch)
    fail_at(batch->place, "batches share a fixed number of points, and the method " + given->place.text +
                              " (sampling.adaptive) adds some: remove one of the two, or take rad or r3");
  const Value* stages = look(root, {"training", "stages"});
  for (std::size_t i = 0; stages && i < stages->items.size() && options.method != AdaptiveMethod::importance; ++i)
    if (const Value* schedule = look(stages->items[i], {"learning_rate", "schedule"});
        schedule && schedule->place.text == "stall")
      fail_at(schedule->place, "the schedule stall lowers the rate where the loss does not fall, and each round of " +
                                   given->place.text +
                                   " (sampling.adaptive) raises the loss: take another schedule, or "
                                   "method = \"importance\"");
  if (const Value* method = method_that_weighs_points(root))
    fail_at(given->place, "the method " + method->place.text +
                              " keeps a weight for each point (training.balance), and sampling.adaptive makes other points: "
                              "remove one of the two, or take gradnorm, ntk or relobralo, which weigh whole terms");
  const Value* roll_back = adaptive->find("roll_back");
  if (roll_back && roll_back->number > 0 && roll_back->number < 1)
    fail_at(roll_back->place,
            "sampling.adaptive.roll_back is the factor by which the residual grew: 1 or more, or 0 for never");
}

void check_recompute(const Value& root) {
  const Value *recompute = look(root, {"training", "recompute"}), *engine = look(root, {"training", "engine"});
  if (!recompute || recompute->place.text == "none" || !engine || engine->place.text != "reference") return;
  fail_at(recompute->place,
          "training.recompute is of the jets engine, and the reference engine keeps what automatic differentiation keeps; "
          "remove it, or set training.engine = \"jets\"");
}

// A network that is periodic over a window begins and ends it in one state.
void check_periodic_windows(const Value* periodic, const std::string& cut) {
  for (std::size_t i = 0; periodic && i < periodic->items.size(); ++i)
    if (periodic->items[i].place.text == cut)
      fail_at(periodic->items[i].place, "training.windows cuts '" + cut +
                                            "', and a network that is periodic in it has one state at both ends of each "
                                            "window; take it out here, or cut another coordinate");
}

// Where windows lie and what holds in each is checked with the problem (problem/windows.cpp).
void check_windows(const Value& root, const Names& coordinates) {
  const Value* windows = look(root, {"training", "windows"});
  if (!windows || windows->entries.empty()) return;
  const Value *coordinate = windows->find("coordinate"), *edges = windows->find("edges");
  if (coordinate && !coordinate->place.text.empty() && !has(coordinates, coordinate->place.text))
    fail_name(coordinate->place, coordinate->place.text, "a coordinate", coordinates);
  if (!windows->find("count") && length(edges) == 0)
    fail_at(windows->entries[0].place,
            "training.windows says nothing about how many there are; add count = 4, or edges = [lower, ..., upper]");
  if (!cuts_windows(root)) return;
  const bool named = coordinate && !coordinate->place.text.empty();
  const std::string& cut = named ? coordinate->place.text : look(root, {"problem", "time"})->place.text;
  check_periodic_windows(look(root, {"network", "periodic"}), cut);
  const Value* networks = root.find("networks");
  for (std::size_t i = 0; networks && i < networks->items.size(); ++i)
    check_periodic_windows(networks->items[i].find("periodic"), cut);
}

// A table's rows are all points of its term. `key`: "sampling.points".
void check_counts(const Value* counts, const std::string& key, const TermNames& terms) {
  check_keys(counts, "a term", terms.all);
  for (std::size_t i = 0; counts && i < counts->entries.size(); ++i)
    if (const auto table = terms.tables.find(counts->entries[i].key); table != terms.tables.end())
      fail_at(counts->entries[i].value.place, "the points of '" + table->first + "' are the rows of its table, " +
                                                  table->second + ": " + key + " has no number for it");
}

// Of the run, or of a stage, whose own values go before those of the run.
void check_resampling(const Value& root, const TermNames& terms, const Value* stage = nullptr,
                      const std::string& key = "sampling") {
  const Value* own = stage ? stage->find("sampling") : nullptr;
  const auto find = [&](const char* name) {
    const Value* value = own ? own->find(name) : nullptr;
    return value ? value : look(root, {"sampling", name});
  };
  const Value *method = find("method"), *methods = find("methods"), *resample = find("resample_every");
  if (!resample || resample->integer == 0 || (!method && !methods)) return;
  const auto is_drawn = [&](const std::string& term) { return !terms.tables.count(term); };
  const auto moves = [&](const std::string& term) {
    return is_drawn(term) && !always_the_same(sampling_method_of(root, stage, term));
  };
  const bool grid = method && method->place.text == "grid";
  if (std::any_of(terms.all.begin(), terms.all.end(), moves)) return;
  if (!grid && std::none_of(terms.all.begin(), terms.all.end(), is_drawn)) return;
  const bool stays = own && !own->find("resample_every");  // the stage has a grid, and the run resamples
  fail_at(stays ? (method ? method : methods)->place : resample->place,
          std::string(grid ? "a grid is the same grid whenever it is made"
                           : "the points of all terms are the same whenever they are made") +
              ", so resampling changes nothing: " +
              (stays ? "add " + key + ".resample_every = 0" : "remove " + key + ".resample_every") + ", or take " + key +
              ".method = \"sobol\", \"lhs\" or \"uniform\"");
}

// Where a method of balancing keeps a weight for each point, they stay.
void check_stage_points(const Value& root, const Value& sampling, const std::string& key) {
  const Value* given = method_that_weighs_points(root);
  if (!given) return;
  const auto says_nothing = [](const Value& value) {
    if (value.kind == Value::Kind::table) return value.entries.empty();
    return value.kind == Value::Kind::integer && value.integer == 0;
  };
  for (const auto& entry : sampling.entries)
    if (!says_nothing(entry.value))
      fail_at(entry.place,
              "the method " + given->place.text + " keeps a weight for each point (training.balance), and " + key + "." +
                  entry.key + " makes other points: remove it, or take gradnorm, ntk or relobralo, which weigh whole terms");
}

void check_stage_sampling(const Value& root, const Value& stage, std::size_t number, const TermNames& terms) {
  const Value* sampling = stage.find("sampling");
  if (!sampling) return;
  const std::string key = "training.stages." + std::to_string(number) + ".sampling";
  check_counts(sampling->find("points"), key + ".points", terms);
  check_resampling(root, terms, &stage, key);
  check_stage_points(root, *sampling, key);
}

}  // namespace

void check_training(const Value& root, const Names& coordinates, const TermNames& terms) {
  const Value* batch = look(root, {"sampling", "batch"});
  check_counts(look(root, {"sampling", "points"}), "sampling.points", terms);
  check_keys(batch, "a term", terms.all);
  check_batch_of_mean(batch, terms.means);
  check_balance(root, terms.all, terms.means);
  check_streams(root, terms);
  check_dealing(root);
  check_adaptive(root, terms);
  check_resampling(root, terms);
  const Value* constants = look(root, {"problem", "constants"});
  const Value* stages = look(root, {"training", "stages"});
  for (std::size_t i = 0; stages && i < stages->items.size(); ++i) {
    const Value& stage = stages->items[i];
    check_schedule(stage);
    check_stage_constants(stage, constants);
    check_keys(stage.find("weights"), "a term", terms.all);
    check_stage_sampling(root, stage, i, terms);
    check_stage_batch(stage, terms);
    check_stage_precision(stage);
    check_batch_of_mean(stage.find("batch"), terms.means);
  }
  check_windows(root, coordinates);
  check_quadrature(root, terms);
  check_gate(root, terms);
  check_recompute(root);
}

}  // namespace jetpinn
