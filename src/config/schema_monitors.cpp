#include "jetpinn/config/schema_rows.hpp"

namespace jetpinn {
namespace {

MonitorText& monitor(const KeySlot& slot) { return slot.config.problem.monitors[slot.index]; }

}  // namespace

// They watch a run and change nothing of it.
void add_monitor_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "monitors.*." + name, type, std::move(standard), std::move(doc));
  };
  KeyRow(keys, "monitors", KeyType::tables, "", "Integrals, means and extrema that are logged.")
      .standard("none")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.problem.monitors.resize(v.items.size()); });
  row("name", KeyType::text, "", "Name in metrics.jsonl, in summary.json and on the last screen.")
      .standard("monitor_<number>")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { monitor(s).options.name = v.place.text; });
  row("on", KeyType::text, "\"\"", "Where, as in a condition; empty: the whole domain.")
      .harmless()
      .set([](const KeySlot& s, const Value& v) {
        if (!v.place.text.empty()) monitor(s).on = v.place;
      });
  for (const MonitorKind kind : {MonitorKind::integral, MonitorKind::mean, MonitorKind::min, MonitorKind::max})
    row(to_string(kind), KeyType::expression, "",
        kind == MonitorKind::integral
            ? "The expression whose integral over the patch is taken; one of integral, mean, min, max."
            : std::string("The same for its ") + to_string(kind) + ".")
        .standard("none")
        .harmless()
        .set([kind](const KeySlot& s, const Value& v) {
          monitor(s).options.kind = kind;
          monitor(s).expression = v.place;
        });
  row("every", KeyType::integer, "0", "Steps between measurements; 0: with the evaluations, output.evaluate_every.")
      .unit("steps")
      .at_least(0)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { monitor(s).options.every = v.integer; });
  row("method", KeyType::word, "\"sobol\"",
      "Where the expression is taken: at scrambled Sobol points, or at the nodes of Gauss-Legendre quadrature (on boxes).")
      .words({"sobol", "gauss_legendre"})
      .harmless()
      .set([](const KeySlot& s, const Value& v) { monitor(s).options.quadrature = v.place.text == "gauss_legendre"; });
  row("points", KeyType::integer_or_integers, "4096",
      "Points that the expression is taken at, over all ranks; gauss_legendre: about so many, or the nodes along each axis.")
      .unit("points")
      .at_least(1)
      .at_most(1e9)
      .harmless()
      .set([](const KeySlot& s, const Value& v) {
        monitor(s).options.points = product_of(v);
        monitor(s).options.nodes = numbers_in(v);
      });
}

}  // namespace jetpinn
