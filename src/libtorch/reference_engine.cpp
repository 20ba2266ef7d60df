#include "jetpinn/engine/reference_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/layer/term_columns.hpp"
#include "jetpinn/libtorch/layer_twin.hpp"
#include "jetpinn/libtorch/reference_functions.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <map>
#include <utility>

namespace jetpinn {
namespace {

using Tensors = std::vector<at::Tensor>;

// A column of doubles as a tensor of its own.
at::Tensor copy_column(const double* data, std::int64_t count, at::ScalarType type) {
  const at::Tensor view = at::from_blob(const_cast<double*>(data), {count}, at::TensorOptions().dtype(at::kDouble));
  return view.to(type, /*non_blocking=*/false, /*copy=*/true);
}

// Columns k = 0 .. size - 1 of data [size, stride], rows first .. first + count - 1.
Tensors columns(const double* data, std::size_t size, std::int64_t stride, std::int64_t first, std::int64_t count,
                at::ScalarType type) {
  Tensors result;
  for (std::size_t k = 0; k < size; ++k)
    result.push_back(copy_column(data + static_cast<std::int64_t>(k) * stride + first, count, type));
  return result;
}

// target += tensor; an undefined tensor is zero.
void add_to(double* target, const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const double* data = flat.const_data_ptr<double>();
  for (std::int64_t i = 0; i < flat.numel(); ++i) target[i] += data[i];
}

// d sum_k cotangents_k . outputs_k / d inputs; undefined where nothing depends on an input. The graph stays alive.
Tensors gradients(const Tensors& outputs, const Tensors& cotangents, const Tensors& inputs, bool create_graph) {
  Tensors from, seeds;
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (outputs[k].requires_grad()) {
      from.push_back(outputs[k]);
      seeds.push_back(cotangents[k]);
    }
  if (from.empty()) return Tensors(inputs.size());
  return torch::autograd::grad(from, inputs, seeds, /*retain_graph=*/true, create_graph, /*allow_unused=*/true);
}

at::Tensor feature_values(const Feature& feature, const Tensors& coordinates) {
  const at::Tensor argument = feature.scale * coordinates[static_cast<std::size_t>(feature.coordinate)] + feature.shift;
  switch (feature.kind) {
    case Feature::Kind::linear: return argument;
    case Feature::Kind::cosine: return at::cos(argument);
    case Feature::Kind::sine: return at::sin(argument);
  }
  throw Error(Status::usage, "the reference engine does not know this feature");
}

// Parameters block by block, the trained ones as leaves of the autograd graph.
class Leaves {
 public:
  Leaves(const Network& network, const double* parameters, at::ScalarType type) : network_(network) {
    for (const Layer& layer : network.layers)
      for (const ParameterBlock& block : layer.blocks) {
        tensors_.push_back(copy_column(parameters + block.offset, block.size(), type).view(block.shape));
        if (!block.trained) continue;
        add_trained(tensors_.back(), block.offset);
      }
    trainables_ = copy_column(parameters + network.layer_parameters(), network.trainables.size(), type);
    if (network.trainables.size() > 0) add_trained(trainables_, network.layer_parameters());
  }
  const Network& network() const { return network_; }
  const Tensors& tensors() const { return tensors_; }
  const Tensors& trained() const { return trained_; }
  at::Tensor trainable(int index) const { return trainables_.select(0, index); }

  // flat[parameters] += one tensor per trained block
  void scatter(const Tensors& values, double* flat) const {
    for (std::size_t k = 0; k < offsets_.size(); ++k) add_to(flat + offsets_[k], values[k]);
  }

 private:
  void add_trained(at::Tensor& tensor, std::int64_t offset) {
    trained_.push_back(tensor.requires_grad_());
    offsets_.push_back(offset);
  }

  const Network& network_;
  Tensors tensors_, trained_;
  at::Tensor trainables_;
  std::vector<std::int64_t> offsets_;   // of the trained ones in the flat buffer
};

// Rows first .. first + count - 1 of a term's points, of which all columns are [count].
struct ChunkRows {
  const TermPoints& points;
  std::int64_t first, count;
  at::ScalarType type;

  // Row `index` of columns [.., local_count].
  at::Tensor column(const std::vector<double>& columns, int index) const {
    const std::int64_t begin = index * points.local_count + first;
    JETPINN_CHECK(begin + count <= static_cast<std::int64_t>(columns.size()), "a term reads a column that its points lack");
    return copy_column(columns.data() + begin, count, type);
  }
};

// The network over one chunk of points at one site: fields and, on demand, their derivatives. All columns are [count].
class ChunkFields {
 public:
  ChunkFields(const Leaves& leaves, const ChunkRows& rows, const std::vector<double>& coordinates) {
    for (int d = 0; d < rows.points.dimensions; ++d) coordinates_.push_back(rows.column(coordinates, d).requires_grad_());
    const Network& network = leaves.network();
    Tensors features;
    for (const Feature& feature : network.features) features.push_back(feature_values(feature, coordinates_));
    const auto of_layer = [&](const Layer& layer) {
      const auto first = features.begin() + static_cast<std::ptrdiff_t>(layer.first_feature);
      return layer.inputs.empty() ? Tensors(first, first + static_cast<std::ptrdiff_t>(layer.input_units)) : Tensors();
    };
    Tensors outputs;   // [layers]
    auto leaf = leaves.tensors().begin();
    for (const Layer& layer : network.layers) {
      const Tensors own = of_layer(layer);
      TwinInput input{own, {}, {leaf, leaf + static_cast<std::ptrdiff_t>(layer.blocks.size())}};
      for (int k : layer.inputs) input.inputs.push_back(outputs[static_cast<std::size_t>(k)]);
      outputs.push_back(layer_twin(layer, input));
      leaf += static_cast<std::ptrdiff_t>(layer.blocks.size());
    }
    for (std::size_t l = 0; l < outputs.size(); ++l) {
      if (network.layers[l].kind != "output") continue;
      const std::vector<int>& fields = network.members[static_cast<std::size_t>(network.layers[l].member)].fields;
      for (std::size_t column = 0; column < fields.size(); ++column)
        derivatives_[{fields[column], Derivative{}}] = outputs[l].select(1, static_cast<std::int64_t>(column));
    }
  }

  at::Tensor coordinate(int d) const { return coordinates_[static_cast<std::size_t>(d)].detach(); }

  // D^a u = d/dx_last of the derivative without its last direction; one call yields all directions, which are kept.
  at::Tensor derivative(int field, const Derivative& wanted) {
    const auto found = derivatives_.find({field, wanted});
    if (found != derivatives_.end()) return found->second;
    Derivative lower = wanted;
    lower.by[static_cast<std::size_t>(--lower.order)] = -1;
    const at::Tensor value = derivative(field, lower);
    const Tensors slopes = gradients({value}, {at::ones_like(value)}, coordinates_, /*create_graph=*/true);
    for (std::size_t d = 0; d < slopes.size(); ++d)
      derivatives_.try_emplace({field, lower.along(static_cast<int>(d))},
                               slopes[d].defined() ? slopes[d] : at::zeros_like(value));
    return derivatives_.at({field, wanted});
  }

 private:
  Tensors coordinates_;
  std::map<std::pair<int, Derivative>, at::Tensor> derivatives_;
};

// What the leaves of a term's expressions are over one chunk.
class ChunkLeaves {
 public:
  ChunkLeaves(const Leaves& leaves, const ChunkRows& rows, const std::vector<double>& constants, int sites)
      : leaves_(leaves), rows_(rows), constants_(constants), sites_(sites) {
    fields_.emplace_back(leaves, rows, rows.points.coordinates);
    if (sites > 1) fields_.emplace_back(leaves, rows, rows.points.second);
  }
  std::int64_t count() const { return rows_.count; }

  at::Tensor operator()(const Node& leaf) {
    switch (leaf.op) {
      case Op::constant: return scalar(leaf.value);
      case Op::coordinate: return at_site(leaf).coordinate(leaf.index);
      case Op::field: return at_site(leaf).derivative(leaf.index, leaf.derivative);
      case Op::data: return rows_.column(rows_.points.data, leaf.index);
      case Op::attribute:
        return rows_.column(rows_.points.attributes, leaf.site * rows_.points.attribute_columns / sites_ + leaf.index);
      case Op::trainable: return leaves_.trainable(leaf.index);
      case Op::stage_constant: return scalar(constant_at(constants_, leaf.index));
      default: break;
    }
    JETPINN_CHECK(false, "a residual contains no such leaf");
  }

 private:
  ChunkFields& at_site(const Node& leaf) { return fields_.at(static_cast<std::size_t>(leaf.site)); }
  at::Tensor scalar(double value) const { return at::scalar_tensor(value, at::TensorOptions().dtype(rows_.type)); }

  const Leaves& leaves_;
  const ChunkRows rows_;
  const std::vector<double>& constants_;
  const int sites_;
  std::vector<ChunkFields> fields_;   // [sites]
};

// A term's residual graph in an order in which operands come first.
class TermGraph {
 public:
  explicit TermGraph(const EngineTerm& term) : graph_(*term.graph), residuals_(term.residuals), sites_(sites_of(term)) {
    // Operands are interned before what uses them, so that their numbers are smaller.
    std::vector<char> needed(graph_.size(), 0);
    for (NodeId id : residuals_) needed[static_cast<std::size_t>(id)] = 1;
    for (std::size_t id = needed.size(); id-- > 0;)
      if (needed[id])
        for (NodeId operand : graph_[static_cast<NodeId>(id)].operand)
          if (operand >= 0) {
            JETPINN_CHECK(static_cast<std::size_t>(operand) < id, "expression graph out of order");
            needed[static_cast<std::size_t>(operand)] = 1;
          }
    for (std::size_t id = 0; id < needed.size(); ++id)
      if (needed[id]) order_.push_back(static_cast<NodeId>(id));
  }

  int residuals() const { return static_cast<int>(residuals_.size()); }
  int sites() const { return sites_; }

  // Residuals [count] each.
  Tensors evaluate(ChunkLeaves& leaves) const {
    std::map<NodeId, at::Tensor> values;
    for (NodeId id : order_) {
      const Node& node = graph_[id];
      const auto operand = [&](std::size_t i) { return node.operand[i] < 0 ? at::Tensor() : values.at(node.operand[i]); };
      const bool fixed_power = node.op == Op::power && graph_.is_constant(node.operand[1]);
      // A power with a constant exponent has a finite slope at base 0, which the general rule
      // (through the logarithm) has not.
      values[id] = fixed_power ? at::pow(operand(0), graph_[node.operand[1]].value)
                   : operand_count(node.op) == 0
                       ? leaves(node)
                       : reference_operation(node.op, operand(0), operand(1), operand(2));
    }
    Tensors residuals;
    for (NodeId id : residuals_) residuals.push_back(values.at(id).expand({leaves.count()}));
    return residuals;
  }

 private:
  // Of the residuals alone: the program is the jets engine's.
  static int sites_of(const EngineTerm& term) {
    const auto linked = [&](NodeId id) { return term.graph->depends_on_second_site(id); };
    return std::any_of(term.residuals.begin(), term.residuals.end(), linked) ? 2 : 1;
  }

  const ExpressionGraph& graph_;
  std::vector<NodeId> residuals_;
  int sites_;
  std::vector<NodeId> order_;   // ascending: operands first
};

// By the graph of the residuals, which stays alive.
class ReferenceLinearization : public Linearization {
 public:
  ReferenceLinearization(const Leaves& leaves, Tensors residuals, PointRange range)
      : leaves_(leaves), residuals_(std::move(residuals)) {
    range_ = range;
  }

  void residuals(double* values, std::int64_t stride) override { write(residuals_, values, stride); }

  void transposed(const double* w, std::int64_t stride, double* gradient) override {
    leaves_.scatter(gradients(residuals_, columns(w, residuals_.size(), stride, 0, range_.points, type()), leaves_.trained(),
                              /*create_graph=*/false),
                    gradient);
  }

  // J v = d (v . Jᵀ c) / dc
  void times(const double* v, double* values, std::int64_t stride) override {
    const Leaves along(leaves_.network(), v, type());
    Tensors seeds;
    for (const at::Tensor& value : residuals_) seeds.push_back(at::zeros_like(value).requires_grad_());
    at::Tensor product = at::scalar_tensor(0.0, at::TensorOptions().dtype(type()));
    const Tensors transposed = gradients(residuals_, seeds, leaves_.trained(), /*create_graph=*/true);
    for (std::size_t i = 0; i < transposed.size(); ++i)
      if (transposed[i].defined()) product = product + (transposed[i] * along.trained()[i].detach()).sum();
    write(gradients({product}, {at::ones_like(product)}, seeds, /*create_graph=*/false), values, stride);
  }

  void rows(std::int64_t first, std::int64_t count, double* rows, std::int64_t stride) override {
    const std::int64_t parameters = leaves_.network().parameters;
    for (std::size_t k = 0; k < residuals_.size(); ++k)
      for (std::int64_t i = 0; i < count; ++i) {
        double* row = rows + (static_cast<std::int64_t>(k) * stride + i) * parameters;
        std::fill_n(row, parameters, 0.0);
        at::Tensor seed = at::zeros_like(residuals_[k]).contiguous();
        seed[first + i].fill_(1);
        leaves_.scatter(gradients({residuals_[k]}, {seed}, leaves_.trained(), /*create_graph=*/false), row);
      }
  }

 private:
  at::ScalarType type() const { return residuals_[0].scalar_type(); }
  void write(const Tensors& columns, double* values, std::int64_t stride) const {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      double* target = values + static_cast<std::int64_t>(k) * stride;
      std::fill_n(target, range_.points, 0.0);
      add_to(target, columns[k]);
    }
  }

  const Leaves& leaves_;
  const Tensors residuals_;   // [points] each
};

class ReferenceEngine : public Engine {
 public:
  ReferenceEngine(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms)
      : network_(network), chunk_(options.chunk > 0 ? options.chunk : block_points) {
    if (options.precision != Precision::fp64 && options.precision != Precision::fp32)
      throw Error(Status::usage, std::string("the reference engine computes in fp64 or fp32, not in ") +
                                     to_string(options.precision) + "; set training.precision to one of these");
    type_ = options.precision == Precision::fp64 ? at::kDouble : at::kFloat;
    for (const EngineTerm& term : terms) {
      JETPINN_CHECK(term.graph != nullptr, "term '" + term.name + "' has no expression graph");
      terms_.emplace_back(term);
    }
  }

  void loss_and_gradient(Stream, const double* parameters, const PointSet& points, double* gradient,
                         TermSums& sums) override {
    const ScopedRegion heard(region(), "jetpinn::loss_and_gradient");
    const Leaves leaves(network_, parameters, type_);
    std::fill_n(gradient, network_.parameters, 0.0);
    sums.weighted.assign(terms_.size(), 0);
    sums.unweighted.assign(terms_.size(), 0);
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      if (leaves_out(t)) continue;
      for_chunks(points.terms[t], [&](std::int64_t first, std::int64_t count) {
        add_loss(leaves, t, points.terms[t], first, count, gradient, sums.weighted[t], sums.unweighted[t]);
      });
    }
  }

  void loss_and_gradient_exact(Stream, const double* parameters, const PointSet& points, ExactSum& total) override {
    const ScopedRegion heard(region(), "jetpinn::loss_and_gradient");
    const Leaves leaves(network_, parameters, type_);
    std::vector<double> gradient(static_cast<std::size_t>(network_.parameters));
    const auto first_sum = network_.parameters, count_of_terms = static_cast<std::int64_t>(terms_.size());
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      if (leaves_out(t)) continue;
      std::int64_t first = 0;
      for (const Block& block : points.terms[t].blocks) {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        double weighted = 0, unweighted = 0;
        add_loss(leaves, t, points.terms[t], first, block.count, gradient.data(), weighted, unweighted);
        total.add(0, gradient.data(), network_.parameters);
        total.add(first_sum + static_cast<std::int64_t>(t), weighted);
        total.add(first_sum + count_of_terms + static_cast<std::int64_t>(t), unweighted);
        first += block.count;
      }
    }
  }

  void residuals(Stream, const double* parameters, int term, const TermPoints& points, double* residuals) override {
    const ScopedRegion heard(region(), "jetpinn::residuals");
    const Leaves leaves(network_, parameters, type_);
    for_chunks(points, [&](std::int64_t first, std::int64_t count) {
      const Tensors values = evaluate(leaves, static_cast<std::size_t>(term), points, first, count);
      for (std::size_t k = 0; k < values.size(); ++k) {
        double* target = residuals + static_cast<std::int64_t>(k) * points.local_count + first;
        std::fill_n(target, count, 0.0);
        add_to(target, values[k]);
      }
    });
  }

  void linearize(Stream, const double* parameters, int term, const TermPoints& points,
                 const VisitLinearization& visit) override {
    const ScopedRegion heard(region(), "jetpinn::linearize");
    const Leaves leaves(network_, parameters, type_);
    for_chunks_of_blocks(points, chunk_, [&](PointRange range) {
      const auto which = static_cast<std::size_t>(term);
      ReferenceLinearization chunk(leaves, evaluate(leaves, which, points, range.first, range.points), range);
      visit(chunk);
    });
  }
  int residuals_of(int term) const override { return terms_[static_cast<std::size_t>(term)].residuals(); }

  Precision precision() const override { return type_ == at::kDouble ? Precision::fp64 : Precision::fp32; }
  std::string backend() const override { return "libtorch autograd"; }
  std::int64_t pool_bytes() const override { return 0; }   // LibTorch allocates chunk by chunk, outside the pool
  std::int64_t chunk() const override { return chunk_; }
  double product_rate() const override { return 0; }

 private:
  // Autograd tells nothing of its parts: all of it counts as products, as far as it is training.
  static Region region() { return current_region() == Region::evaluation ? Region::evaluation : Region::product; }

  template <class Work>
  void for_chunks(const TermPoints& points, const Work& work) const {
    for (std::int64_t first = 0; first < points.local_count; first += chunk_)
      work(first, std::min(chunk_, points.local_count - first));
  }

  Tensors evaluate(const Leaves& leaves, std::size_t term, const TermPoints& points, std::int64_t first,
                   std::int64_t count) const {
    ChunkLeaves values(leaves, {points, first, count, type_}, constants_, terms_[term].sites());
    return terms_[term].evaluate(values);
  }

  Tensors weights_of(const TermPoints& points, std::int64_t first, std::int64_t count) const {
    const int given = points.weighted_columns();
    std::vector<double> weights;  // [given, count]
    for (int k = 0; k < given; ++k)
      for (std::int64_t i = 0; i < count; ++i) weights.push_back(points.weight_at(k, first + i));
    return columns(weights.data(), static_cast<std::size_t>(given), count, 0, count, type_);
  }

  void tell_residuals(const Tensors& values, std::size_t term, std::int64_t first, std::int64_t count) const {
    std::vector<double> told(values.size() * static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < values.size(); ++k) add_to(told.data() + static_cast<std::int64_t>(k) * count, values[k]);
    residuals_known_(static_cast<int>(term), first, count, told.data());
  }

  // loss = sum_i sum_k w_ki r_ki^2 / N, its gradient by the residuals is the seed 2 w r / N.
  void add_loss(const Leaves& leaves, std::size_t term, const TermPoints& points, std::int64_t first, std::int64_t count,
                double* gradient, double& weighted, double& unweighted) const {
    const Tensors values = evaluate(leaves, term, points, first, count);
    if (residuals_known_) tell_residuals(values, term, first, count);
    const Tensors weights = weights_of(points, first, count);
    const double share = 1 / static_cast<double>(points.global_count);
    at::Tensor loss = at::scalar_tensor(0.0, at::TensorOptions().dtype(type_));
    for (std::size_t k = 0; k < values.size(); ++k) {
      const at::Tensor square = values[k] * values[k];
      const at::Tensor product = weights.empty() ? square : square * weights[weights.size() == 1 ? 0 : k];
      loss = loss + share * product.sum();
      weighted += share * product.detach().to(at::kDouble).sum().item<double>();
      unweighted += share * square.detach().to(at::kDouble).sum().item<double>();
    }
    leaves.scatter(gradients({loss}, {at::ones_like(loss)}, leaves.trained(), /*create_graph=*/false), gradient);
  }

  Network network_;
  std::int64_t chunk_;
  at::ScalarType type_ = at::kDouble;
  std::vector<TermGraph> terms_;
};

std::unique_ptr<Engine> make(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms) {
  return std::make_unique<ReferenceEngine>(options, network, terms);
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchEngines jetpinn_libtorch_engines = {jetpinn::make};
