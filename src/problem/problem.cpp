#include "jetpinn/problem/problem.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/problem/at_place.hpp"
#include "jetpinn/problem/expression_checks.hpp"
#include "jetpinn/problem/hard_conditions.hpp"
#include "jetpinn/problem/pair.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/problem/place_symbols.hpp"
#include "jetpinn/problem/set_reader.hpp"
#include "jetpinn/problem/stage_constants.hpp"
#include "jetpinn/problem/term_weights.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

const char* const flat =
    "stand in comparisons, step or sign alone, which are flat where they do not jump, so nothing could be learned from it";

class Builder {
 public:
  explicit Builder(const ProblemText& text) : text_(text) {}

  Problem build() {
    declare_symbols();
    read_domain();
    sets_.emplace(problem_, text_, constant_, without_fields_);
    problem_.shape = sets_->domain();
    problem_.shape_facts = sets_->shape_facts();
    problem_.scales = read_scales(text_.scales, problem_.symbols);
    read_outputs();
    read_hard_conditions();
    for (const TermText& term : text_.terms) problem_.terms.push_back(make_term(term));
    read_reference();
    for (const MonitorText& monitor : text_.monitors) problem_.monitors.push_back(make_monitor(monitor));
    make_variants();
    require_hard_conditions_stay();
    note_reads();
    return std::move(problem_);
  }

 private:
  void declare_symbols() {
    SymbolTable& symbols = problem_.symbols;
    symbols.coordinates = text_.coordinates;
    for (const auto& [name, range] : text_.parameters) symbols.coordinates.push_back(name);
    symbols.parameters = static_cast<int>(text_.parameters.size());
    symbols.fields = text_.fields;
    for (const auto& [name, place] : text_.trained)
      constant_.refused[name] =
          "'" + name + "' is trained; it can stand in residuals, definitions and output transforms alone";
    symbols.constants = constant_.constants = evaluate_constants(text_.constants, constant_.refused);
    for (const auto& [name, place] : text_.definitions) symbols.definitions[name] = place.text;
    declare_trained();
    const auto time = std::find(text_.coordinates.begin(), text_.coordinates.end(), text_.time);
    symbols.time = time == text_.coordinates.end() ? -1 : static_cast<int>(time - text_.coordinates.begin());
    check_declared(symbols, text_.name_places);
    problem_.graph.name_attributes(attribute_names(symbols));
    // What lives on the domain or a condition's set alone sees no fields.
    without_fields_ = symbols;
    without_fields_.fields.clear();
    without_fields_.trained.clear();
    without_fields_.refused = constant_.refused;
    // A definition is checked even where no residual uses it; it may be one of a condition with linked points.
    const PlaceScope anything(problem_.symbols, without_fields_, {nullptr, true, "", ""});
    for (const auto& [name, place] : text_.definitions) parse_components(place, Meaning::any);
  }

  void declare_trained() {
    problem_.trained = read_trained(text_.trained, constant_.constants, text_.scales);
    int index = 0;
    for (const TrainedNumber& number : problem_.trained) {
      const NodeId value = number.node(problem_.graph, index);
      problem_.graph.name_trainable(index++, number.name, value, number.theta(number.start));
      problem_.symbols.trained[number.name] = value;
    }
  }

  // Linked points that no residual reads, in whatever stage, would cost what they cost and say nothing.
  void require_link(std::size_t t) const {
    const auto reads_them = [&](const Variant& variant) {
      return std::any_of(variant.residuals[t].begin(), variant.residuals[t].end(),
                         [&](NodeId residual) { return problem_.graph.depends_on_second_site(residual); });
    };
    if (std::none_of(problem_.variants.begin(), problem_.variants.end(), reads_them))
      fail_at(*text_.terms[t].pair, "no residual of '" + problem_.terms[t].name +
                                        "' reads the points of `pair`: a value there is written other(...), as in " +
                                        text_.fields[0] + " - other(" + text_.fields[0] + ")");
  }

  void read_domain() {
    for (const std::string& name : text_.coordinates) read_bounds("the domain of '" + name + "'", text_.domain.at(name));
    for (const auto& [name, range] : text_.parameters) read_bounds("the range of the parameter '" + name + "'", range);
  }

  void read_bounds(const std::string& what, const std::array<SourceText, 2>& bounds) {
    double values[2];
    for (std::size_t side = 0; side < 2; ++side)
      values[side] = at_place(bounds[side], text_.definitions, [&] { return parse_constant(bounds[side].text, constant_); });
    if (!(values[0] < values[1]))
      fail_at(bounds[1], what + " is empty: its upper bound must be above its lower bound " + bounds[0].text);
    const double width = values[1] - values[0], rounding = std::numeric_limits<double>::epsilon();
    if (!std::isfinite(width)) fail_at(bounds[1], what + " is wider than numbers reach; bring its bounds closer together");
    if (width < 1000 * rounding * std::max(std::fabs(values[0]), std::fabs(values[1])))
      fail_at(bounds[1], what +
                             " is so narrow beside its bounds that rounding tells no places in it apart; measure it from "
                             "one of them");
    problem_.lower.push_back(values[0]);
    problem_.upper.push_back(values[1]);
  }

  void read_outputs() {
    for (int f = 0; f < problem_.fields(); ++f) {
      const auto found = text_.output.find(text_.fields[static_cast<std::size_t>(f)]);
      NodeId output = problem_.graph.field(f);
      if (found != text_.output.end()) {
        output = parse(found->second, problem_.symbols, Meaning::value);
        if (highest_order(problem_.graph, output) > 0)
          fail_at(found->second, "an output transform cannot contain derivatives of fields");
        if (!problem_.graph.depends_on_fields(output))
          fail_at(found->second, "this output transform contains no field, so nothing could be learned");
        if (!learns_from_fields(problem_.graph, output))
          fail_at(found->second, std::string("the fields of this output transform ") + flat);
        transformed_ = true;
      }
      problem_.outputs.push_back(output);
    }
  }

  void read_hard_conditions() {
    std::map<int, std::vector<HardCondition>> of_fields;
    const PlaceScope places(problem_.symbols, without_fields_, {nullptr, false, "", ""});  // hard_condition() refuses them
    for (const TermText& text : text_.terms) {
      if (!text.hard) continue;
      const PointRegion region = sets_->read_on(*text.on);
      for (const SourceText& place : text.residuals)
        for (const NodeId residual : parse_residuals(place)) {
          HardCondition condition = at_place(place, text_.definitions, [&] { return hard_condition(problem_, residual); });
          condition.name = text.name;
          condition.region = region;
          condition.place = *text.on;
          of_fields[condition.field].push_back(std::move(condition));
        }
    }
    if (of_fields.empty()) return;
    transformed_ = true;
    const PointRegion domain = sets_->whole_domain();
    for (const auto& of_field : of_fields) {
      const std::vector<HardCondition>& conditions = of_field.second;
      NodeId& output = problem_.outputs[static_cast<std::size_t>(of_field.first)];
      output = at_place(conditions[0].place, text_.definitions,
                        [&] { return hard_output(problem_, conditions, domain, output); });
    }
  }

  // Their form holds in all stages.
  void require_hard_conditions_stay() const {
    for (std::size_t t = 0; t < text_.terms.size(); ++t)
      for (const Variant& variant : problem_.variants)
        if (text_.terms[t].hard && variant.stated[t] != problem_.variants[0].stated[t])
          fail_at(text_.terms[t].residuals[0], "a stage changes a constant that this hard condition reads; let it be soft");
  }

  CausalTerm make_causal(const CausalText& text) const {
    const auto& names = text_.coordinates;
    const auto found = std::find(names.begin(), names.end(), text.coordinate->text);
    if (found == names.end()) fail_at(*text.coordinate, "'" + text.coordinate->text + "' is not a coordinate");
    const auto at = static_cast<std::size_t>(found - names.begin());
    return {static_cast<int>(at), problem_.lower[at], problem_.upper[at], text.options};
  }

  Term make_term(const TermText& text) {
    Term term;
    term.name = text.name;
    term.equation = text.equation;
    if (text.causal.coordinate) term.causal = make_causal(text.causal);
    term.reduction = text.reduction;
    term.integral = text.integral;
    term.hard = text.hard;
    problem_.graph.take_jump_derivatives();   // of definitions that were checked
    std::vector<DataColumn> columns;
    if (text.points) {
      term.table.emplace();
      term.table->file = text.points->text;
      term.table->place = *text.points;
      term.table->streamed = text.stream;
      term.table->holdout = text.holdout;
      if (const auto& by = text.holdout_by) term.table->holdout_by = TermColumn{by->text, *by, 0, by->text.size()};
    }
    read_residuals(text, columns, term);
    if (!text.on) {
      const bool scattered = term.table && !(term.equation && term.table->streamed);
      term.region = scattered ? domain_region(problem_.lower, problem_.upper) : sets_->whole_domain();
      return term;
    }
    term.region = text.equation ? sets_->read_in(*text.on) : sets_->read_on(*text.on);
    if (text.pair) {
      const PointRegion pair = sets_->read_pair(*text.pair);
      term.pair = at_place(*text.pair, text_.definitions,
                           [&] { return linked_place(pair, term.region, problem_.graph, problem_.symbols.coordinates); });
      require_partners(text, term);
    }
    return term;
  }

  // Outside of the domain no equation holds, so that the network has any value there.
  void require_partners(const TermText& text, const Term& term) const {
    const auto outside = at_place(*text.on, text_.definitions, [&] { return partner_outside(problem_, term); });
    if (outside)
      fail_at(*text.pair, "`pair` links points of '" + term.name + "' with some outside of the domain, as at " + *outside +
                              "; restrict `on` to points that have theirs in it");
  }

  void read_residuals(const TermText& text, std::vector<DataColumn>& columns, Term& term) {
    const PlaceScope place = scope_of(text, &columns);
    for (const SourceText& residual : text.residuals) {
      const std::size_t before = term.residuals.size();
      append_residuals(residual, term.stated, term.residuals);
      term.components.push_back(term.residuals.size() - before);
      note_columns(columns, residual, term);
    }
    term.jump_derivatives = problem_.graph.take_jump_derivatives();
    weight_reader().read(text, columns, term);
  }

  Monitor make_monitor(const MonitorText& text) {
    Monitor monitor{text.options, monitor_value(text), {}, {}, ""};
    monitor.region = text.on ? sets_->read_on(*text.on) : sets_->whole_domain();
    if (text.on) monitor.on = text.on->text;
    const auto parts = static_cast<std::int64_t>(monitor.region.pieces.size());
    if (monitor.options.points < parts)
      fail_at(*text.on, "the monitor '" + monitor.options.name + "' has " + std::to_string(monitor.options.points) +
                            " points on " + std::to_string(parts) + " faces; give it a point for each at least");
    return monitor;
  }

  // Other values of constants are numbers of other expressions, so that a stage costs what a run with these values does, and
  // what a plan makes of numbers, as a term that vanishes, it makes of them.
  void make_variants() {
    Variant own;
    for (const Term& term : problem_.terms) {
      own.stated.push_back(term.stated);
      own.residuals.push_back(term.residuals);
      own.weights.push_back(term.weights);
      own.weight_places.push_back(term.weight_places);
    }
    for (const Monitor& monitor : problem_.monitors) own.monitors.push_back(monitor.value);
    problem_.variants.push_back(std::move(own));
    const std::size_t stages = std::max(text_.stage_constants.size(), text_.stage_weights.size());
    for (std::size_t stage = 0; stage < stages; ++stage) add_stage(stage);
  }

  void add_stage(std::size_t stage) {
    Variant variant = problem_.variants[0];
    variant.changed = changed_constants(text_, stage);
    require_fixed_places(text_, variant.changed, stage);
    const std::map<std::string, double> own = problem_.symbols.constants;
    for (const auto& [name, value] : variant.changed)
      problem_.symbols.constants[name] = without_fields_.constants[name] = value;
    if (stage < text_.stage_weights.size()) take_weights(text_.stage_weights[stage], variant);
    const auto known = std::find_if(problem_.variants.begin(), problem_.variants.end(), [&](const Variant& other) {
      return other.changed == variant.changed && other.weights == variant.weights;
    });
    problem_.variant_of_stage.push_back(static_cast<std::size_t>(known - problem_.variants.begin()));
    if (known == problem_.variants.end()) {
      if (!variant.changed.empty()) take_constants(variant);
      problem_.variants.push_back(std::move(variant));
    }
    problem_.symbols.constants = without_fields_.constants = own;
  }

  // Those of a stage, under its constants. Columns that they alone read follow those that are known.
  void take_weights(const std::map<std::string, WeightText>& weights, Variant& variant) {
    for (std::size_t t = 0; t < text_.terms.size(); ++t) {
      const TermText& text = text_.terms[t];
      const auto own = weights.find(text.name);
      if (own == weights.end()) continue;
      Term& term = problem_.terms[t];
      std::vector<DataColumn> columns;
      for (std::size_t c = 0; term.table && c < term.table->columns.size(); ++c)
        columns.push_back({term.table->columns[c].name, term.table->columns[c].offset, term.table->columns[c].length});
      const PlaceScope place = scope_of(text, &columns);
      weight_reader().replace(text, own->second, columns, term);
      std::swap(variant.weights[t], term.weights);
      std::swap(variant.weight_places[t], term.weight_places);
    }
  }

  void take_constants(Variant& variant) {
    variant.stated.clear();
    variant.residuals.clear();
    variant.monitors.clear();
    for (const TermText& term : text_.terms) {
      std::vector<NodeId> stated, residuals;
      std::vector<DataColumn> columns;  // numbered as before: in the order of reading
      const PlaceScope place = scope_of(term, &columns);
      for (const SourceText& residual : term.residuals) append_residuals(residual, stated, residuals);
      variant.stated.push_back(std::move(stated));
      variant.residuals.push_back(std::move(residuals));
    }
    for (const MonitorText& monitor : text_.monitors) variant.monitors.push_back(monitor_value(monitor));
    problem_.graph.take_jump_derivatives();  // those of the terms are known
  }

  NodeId monitor_value(const MonitorText& text, const std::string& no_normal = "") {
    const PlaceScope place(problem_.symbols, without_fields_, {nullptr, false, "", no_normal});
    return in_raw_outputs(parse(text.expression, problem_.symbols, Meaning::value), text.expression);
  }

  PlaceScope scope_of(const TermText& text, std::vector<DataColumn>* columns) {
    return {problem_.symbols, without_fields_, symbols_of(text, columns)};
  }

  // In whatever stage. Where a set has no normals is known with the set: what reads one is read again, to point at it.
  void note_reads() {
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
      Term& term = problem_.terms[t];
      if (text_.terms[t].pair) require_link(t);
      for (const Variant& variant : problem_.variants)
        for (const auto* roots : {&variant.residuals[t], &variant.weights[t]})
          term.reads.add(place_reads(problem_.graph, *roots));
      if (!term.reads.normal || term.table) continue;  // whose columns are there, or not, where the file is opened
      if (const auto piece = piece_without_normal(problem_, term.region)) refuse_normals(t, *piece);
      if (!reads_linked_normal(t)) continue;
      if (const auto piece = piece_without_normal(problem_, linked_region(problem_, term.pair)))
        fail_at(*text_.terms[t].pair, no_surface("`pair` of this condition is " + *piece));
    }
    for (std::size_t m = 0; m < problem_.monitors.size(); ++m) {
      Monitor& monitor = problem_.monitors[m];
      for (const Variant& variant : problem_.variants) monitor.reads.add(place_reads(problem_.graph, {variant.monitors[m]}));
      if (!monitor.reads.normal) continue;
      if (const auto piece = piece_without_normal(problem_, monitor.region))
        monitor_value(text_.monitors[m], no_surface("this monitor watches " + *piece));
    }
  }

  bool reads_linked_normal(std::size_t t) const {
    const auto is_linked_normal = [&](NodeId id) {
      const Node& node = problem_.graph[id];
      return node.op == Op::attribute && node.index != distance_attribute && node.site != 0;
    };
    return std::any_of(problem_.variants.begin(), problem_.variants.end(), [&](const Variant& variant) {
      const std::vector<NodeId> nodes = reachable(problem_.graph, variant.residuals[t]);
      return std::any_of(nodes.begin(), nodes.end(), is_linked_normal);
    });
  }

  [[noreturn]] void refuse_normals(std::size_t t, const std::string& piece) {
    const TermText& text = text_.terms[t];
    const std::string all = problem_.terms[t].region.pieces.size() > 1 ? "holds " : "is ";
    const std::string why = no_surface("`on` of this condition " + all + piece);
    const PlaceScope place(problem_.symbols, without_fields_, {nullptr, text.pair.has_value(), "", why});
    for (const SourceText& residual : text.residuals) parse_components(residual, Meaning::residual);
    for (const SourceText& weight : text.weight) parse_without_fields(weight);
    for (const auto& stage : text_.stage_weights)
      if (const auto own = stage.find(text.name); own != stage.end())
        for (const SourceText& weight : own->second.list) parse_without_fields(weight);
    fail_at(text.residuals[0], why);
  }

  // As written, and in raw outputs.
  void append_residuals(const SourceText& text, std::vector<NodeId>& stated, std::vector<NodeId>& residuals) {
    for (const NodeId residual : parse_residuals(text)) {
      stated.push_back(residual);
      residuals.push_back(in_raw_outputs(residual, text));
    }
  }

  // One, or the components of a vector.
  std::vector<NodeId> parse_residuals(const SourceText& text) {
    const std::vector<NodeId> residuals = parse_components(text, Meaning::residual);
    for (std::size_t k = 0; k < residuals.size(); ++k) {
      const std::string which = residuals.size() == 1 ? "" : "component " + std::to_string(k + 1) + " of ";
      if (!problem_.graph.depends_on_fields(residuals[k]))
        fail_at(text, which + "this residual contains no field, so nothing could be learned from it");
      if (!learns_from_fields(problem_.graph, residuals[k]))
        fail_at(text, "the fields of " + which + "this residual " + flat);
    }
    return residuals;
  }

  NodeId in_raw_outputs(NodeId residual, const SourceText& text) {
    if (!transformed_) return residual;
    return at_place(text, text_.definitions, [&] { return substitute_fields(problem_.graph, residual, problem_.outputs); });
  }

  void read_reference() {
    problem_.reference_file = text_.reference.file;
    for (const auto& [name, place] : text_.reference.exact)
      problem_.exact.emplace_back(field_index(name), parse_without_fields(place, Meaning::value));
    std::sort(problem_.exact.begin(), problem_.exact.end());   // fields in the order in which they are declared
    for (const std::string& name : text_.reference.free_constant) problem_.free_constant.push_back(field_index(name));
  }

  int field_index(const std::string& name) const {
    const auto found = std::find(text_.fields.begin(), text_.fields.end(), name);
    if (found == text_.fields.end()) throw Error(Status::usage, "the reference names '" + name + "', which is not a field");
    return static_cast<int>(found - text_.fields.begin());
  }

  NodeId parse(const SourceText& text, const SymbolTable& symbols, Meaning meaning = Meaning::any) {
    return at_place(text, text_.definitions, [&] { return parse_expression(problem_.graph, symbols, text.text, meaning); });
  }

  std::vector<NodeId> parse_components(const SourceText& text, Meaning meaning) {
    return at_place(text, text_.definitions,
                    [&] { return jetpinn::parse_components(problem_.graph, problem_.symbols, text.text, meaning); });
  }

  NodeId parse_without_fields(const SourceText& text, Meaning meaning = Meaning::any) {
    return jetpinn::parse_without_fields(problem_.graph, without_fields_, text_, text, meaning);
  }

  WeightReader weight_reader() { return {problem_.graph, without_fields_, text_}; }

  const ProblemText& text_;
  Problem problem_;
  SymbolTable constant_;                   // what bounds of the domain see
  SymbolTable without_fields_;             // what weights and exact solutions see
  std::optional<SetReader> sets_;          // once names and domain are known
  bool transformed_ = false;
};

}  // namespace

Problem build_problem(const ProblemText& text) { return Builder(text).build(); }

std::vector<NodeId> parse_quantity(Problem& problem, const SourceText& place) {
  return at_place(place, {}, [&] {
    std::vector<NodeId> quantity = parse_components(problem.graph, problem.symbols, place.text, Meaning::value);
    for (NodeId& component : quantity) component = substitute_fields(problem.graph, component, problem.outputs);
    return quantity;
  });
}

}  // namespace jetpinn
