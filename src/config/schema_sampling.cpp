#include "jetpinn/config/schema_rows.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

constexpr SamplingMethod all_methods[] = {SamplingMethod::grid, SamplingMethod::uniform, SamplingMethod::lhs,
                                          SamplingMethod::sobol, SamplingMethod::gauss_legendre};

void add_adaptive_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "sampling.adaptive." + name, type, std::move(standard), std::move(doc));
  };
  const auto number = [&](const std::string& name, std::optional<double> AdaptiveOptions::*member, std::string doc) {
    return row(name, KeyType::number, "", std::move(doc)).set([member](const KeySlot& s, const Value& v) {
      s.config.sampling.adaptive.*member = v.number;
    });
  };
  row("method", KeyType::word, "\"none\"",
      "Points that follow the residual, in rounds: drawn anew by it (rad), also with weights that keep the loss what it is "
      "(importance), more of them by it (rar_d) or where it is largest (rar_g), kept where it is above its mean (r3).")
      .words({"none", "rad", "rar_d", "rar_g", "r3", "importance"})
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.method = adaptive_method(v.place.text); });
  row("terms", KeyType::names, "", "Names of the terms whose points follow; the others keep theirs.")
      .standard("all terms that can: not of tables, single points, hard conditions or squared means")
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.terms = texts(v); });
  row("every", KeyType::integer, "", "Steps between two rounds.")
      .standard("1000")
      .unit("steps")
      .at_least(1)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.every = v.integer; });
  row("search_every", KeyType::integer, "",
      "The same in stages of lbfgs, bfgs, ssbroyden and ngd, which begin a search anew with each; 0: points stay there.")
      .standard("that of every")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.search_every = v.integer; });
  number("candidates", &AdaptiveOptions::candidates,
         "All but r3: fresh points in which a round looks at the residual, for each point of the term.")
      .standard("10")
      .at_least(1)
      .at_most(10000);
  number("power", &AdaptiveOptions::power, "rad, importance, rar_d: of the residual s, by which points are drawn.")
      .standard("1 for rad and importance, 2 for rar_d")
      .at_least(0)
      .at_most(100);
  number("offset", &AdaptiveOptions::offset, "rad, importance, rar_d: of the density s^power / mean(s^power) + offset.")
      .standard("1 for rad and importance, 0 for rar_d")
      .at_least(0)
      .at_most(1e6);
  number("add", &AdaptiveOptions::add, "rar_d, rar_g: points that a round adds, for each of the first ones.")
      .standard("0.1")
      .above(0)
      .at_most(1e6);
  number("most", &AdaptiveOptions::most, "rar_d, rar_g: points at most, for each of the first ones.")
      .standard("2")
      .at_least(1)
      .at_most(1e6);
  number("most_change", &AdaptiveOptions::most_change, "rad, r3: the share of the points that a round exchanges at most.")
      .standard("1")
      .above(0)
      .at_most(1);
  row("score", KeyType::word, "",
      "All but r3: what fresh points are chosen by, the residual, or uncertainty: how much it differs in an ensemble of "
      "networks with perturbed parameters.")
      .words({"residual", "uncertainty"})
      .standard("residual")
      .set([](const KeySlot& s, const Value& v) {
        s.config.sampling.adaptive.score = v.place.text == "residual" ? AdaptiveScore::residual : AdaptiveScore::uncertainty;
      });
  row("ensemble", KeyType::integer, "", "score = \"uncertainty\": networks of the ensemble.")
      .standard("4")
      .at_least(2)
      .at_most(64)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.ensemble = v.integer; });
  row("spread", KeyType::number, "",
      "score = \"uncertainty\": standard deviation of the share by which each parameter of these is off.")
      .standard("0.01")
      .above(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.spread = v.number; });
  row("cells", KeyType::integer, "",
      "rad, importance, rar_d: points have the mean score of their cell in a tree that halves cells with more than this "
      "part "
      "of the residual; 0: each its own.")
      .standard("0")
      .at_least(0)
      .at_most(1e6)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.cells = v.integer; });
  row("stall", KeyType::number, "",
      "A round waits until the loss falls by less than this share from one look to the next, both `every` steps apart; 0: "
      "it "
      "does not wait.")
      .standard("0")
      .at_least(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.stall = v.number; });
  row("roll_back", KeyType::number, "",
      "A round is taken back, points and parameters, where the mean square of the residual in fresh points grew by this "
      "factor until the next; 0: never.")
      .standard("4")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.adaptive.roll_back = v.number; });
}

}  // namespace

std::int64_t product_of(const Value& counts) {
  if (counts.kind != Value::Kind::list) return counts.integer;
  std::int64_t product = 1;
  for (const Value& count : counts.items) product *= count.integer;
  return product;
}

std::vector<std::int64_t> numbers_in(const Value& counts) {
  std::vector<std::int64_t> nodes;
  for (const Value& count : counts.items) nodes.push_back(count.integer);
  return nodes;
}

std::vector<std::string> sampling_methods() {
  std::vector<std::string> names;
  for (const SamplingMethod method : all_methods) names.push_back(to_string(method));
  return names;
}

SamplingMethod sampling_method(const Value& word) {
  return *std::find_if(std::begin(all_methods), std::end(all_methods),
                       [&](SamplingMethod method) { return word.place.text == to_string(method); });
}

void add_sampling_keys(std::vector<Key>& keys) {
  const auto row = [&](std::string path, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, std::move(path), type, std::move(standard), std::move(doc));
  };
  row("sampling.method", KeyType::word, "\"sobol\"",
      "How points are chosen; lhs: Latin hypercube, sobol: scrambled, gauss_legendre: nodes of a quadrature, with its "
      "weights "
      "(docs/quadrature.md).")
      .words(sampling_methods())
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.method = sampling_method(v); });
  row("sampling.methods.<term>", KeyType::word, "", "How the points of a term are chosen, where not by sampling.method.")
      .standard("sampling.method")
      .words(sampling_methods())
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.methods[s.name] = sampling_method(v); });
  row("sampling.points.<term>", KeyType::integer_or_integers, "",
      "Points of a term over all ranks; gauss_legendre: about so many, or the nodes along each axis, as in [40, 30].")
      .standard("1000 (equations), 100 (conditions)")
      .unit("points")
      .at_least(1)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) {
        s.config.sampling.points[s.name] = product_of(v);
        if (v.kind == Value::Kind::list) s.config.sampling.nodes[s.name] = numbers_in(v);
      });
  row("sampling.resample_every", KeyType::integer, "0", "New points after this many steps; 0: never. Not with a grid.")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.resample_every = v.integer; });
  row("sampling.batch.<term>", KeyType::integer, "",
      "Points of a term in a step of adam, adamw or soap, over all ranks, in whole blocks of 256.")
      .standard("all points of the term; 16384 where they are streamed")
      .unit("points")
      .at_least(1)
      .at_most(1e15)
      .set([](const KeySlot& s, const Value& v) { s.config.sampling.batch[s.name] = v.integer; });
  add_adaptive_keys(keys);
}

}  // namespace jetpinn
