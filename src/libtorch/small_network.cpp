// What runtime/small_network.hpp declares.
#include "jetpinn/runtime/small_network.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/libtorch/tensors.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace jetpinn {
namespace {

using Rows = std::vector<std::int64_t>;

// [rows, length]
at::Tensor gathered(const SmallNetworkData& data, const Rows& rows) {
  const at::ScalarType type = data.fp64 ? at::kDouble : at::kFloat;
  at::Tensor out = at::empty({static_cast<std::int64_t>(rows.size()), data.length}, at::TensorOptions().dtype(type));
  const std::size_t bytes = static_cast<std::size_t>(data.length) * (data.fp64 ? sizeof(double) : sizeof(float));
  auto* to = static_cast<char*>(out.mutable_data_ptr());
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(to + i * bytes, static_cast<const char*>(data.rows) + static_cast<std::size_t>(rows[i]) * bytes, bytes);
  return out;
}

// Shift and scale of each column by the training rows. Sums are those of fp64, a thousand rows at a time.
struct Normalisation {
  at::Tensor shift, scale;

  Normalisation(const at::Tensor& train, double factor) {
    constexpr std::int64_t piece = 1024;
    const std::int64_t rows = train.size(0);
    at::Tensor sum = at::zeros({train.size(1)}, at::TensorOptions().dtype(at::kDouble)), squares = at::zeros_like(sum);
    const auto each = [&](const auto& add) {
      for (std::int64_t first = 0; first < rows; first += piece)
        add(train.slice(0, first, std::min(first + piece, rows)).to(at::kDouble));
    };
    each([&](const at::Tensor& part) { sum += part.sum(0); });
    const at::Tensor mean = sum / static_cast<double>(rows);
    each([&](const at::Tensor& part) { squares += (part - mean).square().sum(0); });
    const at::Tensor deviation = (squares / static_cast<double>(rows)).sqrt();
    // What rounding leaves of a column that does not vary is not blown up.
    constexpr double least = 1e-5;
    const at::Tensor varies = deviation > least * deviation.max();
    shift = mean.to(train.scalar_type());
    scale =
        (varies.to(at::kDouble) * factor / deviation.clamp_min(std::numeric_limits<double>::min())).to(train.scalar_type());
  }
  void apply(at::Tensor& rows) const { rows.sub_(shift).mul_(scale); }
};

class SmallNetwork {
 public:
  SmallNetwork(const SmallNetworkData& data, const SmallNetworkOptions& options)
      : type_(data.fp64 ? at::kDouble : at::kFloat),
        generator_(at::detail::createCPUGenerator(options.seed)),
        height_(data.height),
        width_(data.width),
        dropout_(options.dropout) {
    const std::int64_t outputs = data.classes > 0 ? data.classes : 1;
    std::int64_t inputs = data.length;
    if (height_ > 0) {
      std::int64_t channels = 1;
      for (const std::int64_t wide : {8, 16, 32}) {
        add({wide, channels, 3, 3}, 9 * channels);
        channels = wide;
      }
      inputs = channels;
    } else {
      for (const std::int64_t units : options.hidden) {
        add({inputs, units}, inputs);
        inputs = units;
      }
    }
    add({inputs, outputs}, inputs);
  }

  Tensors& parameters() { return parameters_; }
  at::Generator& generator() { return generator_; }

  at::Tensor operator()(const at::Tensor& rows, bool training) {
    const std::size_t layers = parameters_.size() / 2;
    at::Tensor h = rows;
    if (height_ > 0) h = h.view({rows.size(0), 1, height_, width_});
    for (std::size_t l = 0; l + 1 < layers; ++l) {
      const at::Tensor &weight = parameters_[2 * l], &bias = parameters_[2 * l + 1];
      h = at::relu(height_ > 0 ? at::conv2d(h, weight, bias, /*stride=*/2, /*padding=*/1) : at::addmm(bias, h, weight));
      if (training && dropout_ > 0 && height_ == 0) h = h * kept(h);
    }
    if (height_ > 0) {
      h = h.mean({2, 3});
      if (training && dropout_ > 0) h = h * kept(h);
    }
    return at::addmm(parameters_[2 * layers - 1], h, parameters_[2 * layers - 2]);
  }

 private:
  // He's normal start (He, Zhang, Ren and Sun 2015), biases 0. Drawn in fp64, so that both precisions start alike.
  void add(std::initializer_list<std::int64_t> shape, std::int64_t fan_in) {
    at::Tensor weight = at::empty(at::IntArrayRef(shape), at::TensorOptions().dtype(at::kDouble));
    weight.normal_(0, std::sqrt(2.0 / static_cast<double>(fan_in)), generator_);
    const std::int64_t outputs = shape.size() == 4 ? *shape.begin() : *(shape.begin() + 1);
    parameters_.push_back(weight.to(type_).requires_grad_());
    parameters_.push_back(at::zeros({outputs}, at::TensorOptions().dtype(type_)).requires_grad_());
  }
  at::Tensor kept(const at::Tensor& h) {
    at::Tensor mask = at::empty(h.sizes(), at::TensorOptions().dtype(type_));
    return mask.bernoulli_(1 - dropout_, generator_).div_(1 - dropout_);
  }

  at::ScalarType type_;
  at::Generator generator_;
  std::int64_t height_, width_;
  double dropout_;
  Tensors parameters_;  // weight and bias of each layer
};

// Steepest descent with momentum (Sutskever, Martens, Dahl and Hinton 2013); weights decay, biases do not.
class Descent {
 public:
  explicit Descent(const Tensors& parameters) {
    for (const at::Tensor& p : parameters) velocity_.push_back(at::zeros_like(p));
  }
  void step(Tensors& parameters, const Tensors& gradients, double rate, double decay) {
    constexpr double momentum = 0.9, longest = 1;
    double squares = 0;
    for (const at::Tensor& gradient : gradients) squares += gradient.square().sum().item<double>();
    const double cut = squares > longest * longest ? longest / std::sqrt(squares) : 1;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i].dim() > 1) parameters[i].mul_(1 - rate * decay);
      velocity_[i].mul_(momentum).add_(gradients[i], cut);
      parameters[i].sub_(velocity_[i], rate);
    }
  }

 private:
  Tensors velocity_;
};

class Training {
 public:
  Training(const SmallNetworkData& data, const SmallNetworkOptions& options)
      : data_(data),
        options_(options),
        train_(gathered(data, data.train)),
        validation_(gathered(data, data.validation)),
        network_(data, options),
        descent_(network_.parameters()) {
    const Normalisation normalisation(train_, data.height > 0 ? 1 : 1 / std::sqrt(static_cast<double>(data.length)));
    normalisation.apply(train_);
    normalisation.apply(validation_);
    test_ = gathered(data, data.test);
    normalisation.apply(test_);
    train_targets_ = targets(data.train);
    if (data.classes == 0) {  // values are predicted in deviations from their mean
      shift_ = train_targets_.mean().item<double>();
      const double deviation = train_targets_.std(/*unbiased=*/false).item<double>();
      scale_ = deviation > 0 ? deviation : 1;
      train_targets_ = deviations(train_targets_);
    }
    validation_targets_ = targets(data.validation);
    if (data.classes == 0) validation_targets_ = deviations(validation_targets_);
  }

  SmallNetworkResult run() {
    SmallNetworkResult result;
    double best = std::numeric_limits<double>::infinity();
    Tensors kept;
    const double begin = wall_seconds();
    for (std::int64_t epoch = 1; epoch <= options_.epochs; ++epoch) {
      run_epoch();
      result.epochs = epoch;
      const double loss = validation_loss();
      if (!std::isfinite(loss)) {
        result.finite = false;
        break;
      }
      if (loss < best) {
        best = loss;
        result.best_epoch = epoch;
        kept.clear();
        for (const at::Tensor& p : network_.parameters()) kept.push_back(p.detach().clone());
      } else if (epoch - result.best_epoch >= options_.patience) {
        break;
      }
    }
    result.seconds = wall_seconds() - begin;
    const torch::autograd::AutoGradMode off(false);
    for (std::size_t i = 0; i < kept.size(); ++i) network_.parameters()[i].copy_(kept[i]);
    predict(result);
    return result;
  }

 private:
  // Of classes their numbers; values in fp64, for values that lie close together far from 0 are all one in fp32.
  at::Tensor targets(const Rows& rows) const {
    at::Tensor values = at::empty({static_cast<std::int64_t>(rows.size())}, at::TensorOptions().dtype(at::kDouble));
    for (std::size_t i = 0; i < rows.size(); ++i) values.mutable_data_ptr<double>()[i] = data_.targets[rows[i]];
    return data_.classes > 0 ? values.to(at::kLong) : values;
  }
  at::Tensor deviations(const at::Tensor& values) const { return ((values - shift_) / scale_).to(train_.scalar_type()); }

  at::Tensor loss_of(const at::Tensor& outputs, const at::Tensor& wanted) const {
    return data_.classes > 0 ? at::nll_loss(at::log_softmax(outputs, 1), wanted) : at::mse_loss(outputs.squeeze(1), wanted);
  }

  void run_epoch() {
    const std::int64_t rows = train_.size(0), batch = std::min(options_.batch, rows);
    const at::Tensor order = at::randperm(rows, network_.generator(), at::TensorOptions().dtype(at::kLong));
    // A last batch that is less than half of one joins the one before.
    const std::int64_t batches = std::max<std::int64_t>((rows + batch / 2) / batch, 1);
    for (std::int64_t b = 0; b < batches; ++b) {
      const at::Tensor taken = order.slice(0, b * rows / batches, (b + 1) * rows / batches);
      const at::Tensor loss = loss_of(network_(train_.index_select(0, taken), true), train_targets_.index_select(0, taken));
      const Tensors slopes = torch::autograd::grad({loss}, network_.parameters());
      const torch::autograd::AutoGradMode off(false);
      descent_.step(network_.parameters(), slopes, options_.learning_rate, options_.weight_decay);
    }
  }

  // fn(first, outputs) for all rows, a few at a time.
  template <class Function>
  void each_piece(const at::Tensor& rows, const Function& function) {
    constexpr std::int64_t piece = 4096;
    for (std::int64_t first = 0; first < rows.size(0); first += piece)
      function(first, network_(rows.slice(0, first, std::min(first + piece, rows.size(0))), false));
  }

  double validation_loss() {
    const torch::autograd::AutoGradMode off(false);
    double sum = 0;
    each_piece(validation_, [&](std::int64_t first, const at::Tensor& outputs) {
      const std::int64_t count = outputs.size(0);
      sum +=
          static_cast<double>(count) * loss_of(outputs, validation_targets_.slice(0, first, first + count)).item<double>();
    });
    return sum / static_cast<double>(validation_.size(0));
  }

  void predict(SmallNetworkResult& result) {
    each_piece(test_, [&](std::int64_t, const at::Tensor& outputs) {
      const at::Tensor values =
          (data_.classes > 0 ? at::argmax(outputs, 1).to(at::kDouble) : outputs.squeeze(1).to(at::kDouble) * scale_ + shift_)
              .contiguous();
      const auto* numbers = values.const_data_ptr<double>();
      result.predicted.insert(result.predicted.end(), numbers, numbers + values.numel());
    });
  }

  const SmallNetworkData& data_;
  const SmallNetworkOptions& options_;
  at::Tensor train_, validation_, test_, train_targets_, validation_targets_;
  double shift_ = 0, scale_ = 1;
  SmallNetwork network_;
  Descent descent_;
};

SmallNetworkResult train(const SmallNetworkData& data, const SmallNetworkOptions& options) {
  return Training(data, options).run();
}

void decompose(const double* weight, std::int64_t rows, std::int64_t columns, double* values, double* left, double* right) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const at::Tensor whole = at::from_blob(const_cast<double*>(weight), {rows, columns}, at::kDouble);
  const auto [u, s, vt] = at::linalg_svd(whole, /*full_matrices=*/false);
  const std::int64_t count = s.numel();
  at::from_blob(values, {count}, at::kDouble).copy_(s);
  at::from_blob(left, {count, rows}, at::kDouble).copy_(u.t());
  at::from_blob(right, {count, columns}, at::kDouble).copy_(vt);
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchNetworks jetpinn_libtorch_networks = {jetpinn::train, jetpinn::decompose};
