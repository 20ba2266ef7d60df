#include "jetpinn/runtime/product.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/product_backends.hpp"

#include <algorithm>
#include <sstream>
#include <type_traits>

namespace jetpinn {
namespace {

constexpr int choice_rounds = 3;        // that another back end than the first must win
constexpr double clear_margin = 1.15;   // and by how much

constexpr const char* bf16_key = "bf16 every shape";  // three words, as of other types

template <class T>
const char* type_name() {
  return sizeof(T) == 8 ? "fp64" : "fp32";
}

std::string key(const char* type, const ProductShape& shape) {
  return std::string(type) + " " + to_string(shape.kind) + " " + std::to_string(shape.k) + "x" + std::to_string(shape.n);
}

template <class T>
std::unique_ptr<Product<T>> load_libtorch_product(const ProductShape& shape) {
  const LibtorchAlgebra& algebra = libtorch_algebra(libtorch_purposes::product);
  if constexpr (std::is_same_v<T, double>)
    return algebra.product_fp64(shape);
  else
    return algebra.product_fp32(shape);
}

}  // namespace

const char* to_string(ProductKind kind) {
  switch (kind) {
    case ProductKind::multiply: return "multiply";
    case ProductKind::add: return "add";
    case ProductKind::accumulate: break;
  }
  return "accumulate";
}

const std::vector<std::string>& product_backends() {
  static const std::vector<std::string> names{"libxsmm", "libtorch"};
  return names;
}

template <class T>
std::unique_ptr<Product<T>> make_product(const std::string& backend, const ProductShape& shape) {
  if (backend == "libxsmm") return make_libxsmm_product<T>(shape);
  if (backend == "libtorch") return load_libtorch_product<T>(shape);
  std::string known;
  for (const auto& name : product_backends()) known += (known.empty() ? "" : ", ") + name;
  throw Error(Status::usage, "unknown product back end '" + backend + "'; this build has " + known);
}

template <class T>
double measure_product(const std::string& backend, const ProductShape& shape, std::int64_t rows, double seconds) {
  Pool pool;
  const bool multiply = shape.kind != ProductKind::accumulate;
  T* a = pool.allocate<T>(rows * shape.lda);
  T* b = pool.allocate<T>((multiply ? shape.k : rows) * shape.ldb);
  T* c = pool.allocate<T>((multiply ? rows : shape.k) * shape.ldc);
  const auto product = make_product<T>(backend, shape);
  (*product)(rows, a, b, c);
  // a sample long enough for the clock, the best of as many as fit
  double best = 0, sample = 0;
  for (int calls = 1;; calls *= 2) {
    const double start = wall_seconds();
    for (int i = 0; i < calls; ++i) (*product)(rows, a, b, c);
    sample = wall_seconds() - start;
    best = shape.flop(rows) * calls / sample;
    if (sample < 2e-4) continue;
    const double until = wall_seconds() + seconds;
    while (wall_seconds() < until) {
      const double again = wall_seconds();
      for (int i = 0; i < calls; ++i) (*product)(rows, a, b, c);
      best = std::max(best, shape.flop(rows) * calls / (wall_seconds() - again));
    }
    return best;
  }
}

ProductChoice::ProductChoice(const std::string& text) {
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    std::istringstream words(item);
    std::string type, kind, shape, backend;
    words >> type >> kind >> shape >> backend;
    const auto& known = type == "bf16" ? bf16_backends() : product_backends();
    if (std::find(known.begin(), known.end(), backend) == known.end()) {
      throw Error(Status::usage, "product choice '" + item + "' is not of the form 'fp32 multiply 128x128 libxsmm'");
    }
    backend_[type + " " + kind + " " + shape] = backend;
  }
}

std::string ProductChoice::text() const {
  std::string text;
  for (const auto& [shape, backend] : backend_) text += (text.empty() ? "" : ", ") + shape + " " + backend;
  return text;
}

template <class T>
void ProductChoice::set(const ProductShape& shape, const std::string& backend) {
  backend_[key(type_name<T>(), shape)] = backend;
}

template <class T>
std::string ProductChoice::backend(const ProductShape& shape) const {
  const auto found = backend_.find(key(type_name<T>(), shape));
  return found == backend_.end() ? product_backends().front() : found->second;
}

void ProductChoice::set_bf16(const std::string& backend) { backend_[bf16_key] = backend; }

std::string ProductChoice::bf16_backend() const {
  const auto found = backend_.find(bf16_key);
  return found == backend_.end() ? bf16_backends().front() : found->second;
}

std::pair<std::string, double> choose_backend(const std::vector<std::string>& names,
                                              const std::function<double(const std::string&)>& measure) {
  std::vector<double> best(names.size(), 0);
  std::size_t winner = 0;
  for (int round = 0; round < choice_rounds; ++round) {
    std::size_t fastest = 0;
    std::vector<double> rates;
    for (std::size_t b = 0; b < names.size(); ++b) {
      rates.push_back(measure(names[b]));
      best[b] = std::max(best[b], rates[b]);
      if (rates[b] > rates[fastest]) fastest = b;
    }
    if (rates[fastest] < clear_margin * rates[0]) fastest = 0;
    if (round > 0 && fastest != winner) fastest = 0;
    winner = fastest;
    if (winner == 0) break;
  }
  return {names[winner], *std::max_element(best.begin(), best.end())};
}

bool is_wide(const ProductShape& shape) { return std::max(shape.k, shape.n) > libxsmm_block; }

std::vector<std::string> measured_backends(const ProductShape& shape) {
  const std::vector<std::string>& all = product_backends();
  return is_wide(shape) ? all : std::vector<std::string>{all.front()};
}

template <class T>
ProductChoice choose_products(const std::vector<ProductShape>& shapes, std::int64_t rows) {
  ProductChoice choice;
  double most = 0;
  for (const ProductShape& shape : shapes) most = std::max(most, shape.flop(rows));
  for (const ProductShape& shape : shapes) {
    const std::vector<std::string> backends = measured_backends(shape);
    // Where there is nothing to choose, the best rate alone is wanted, and the shapes with most work have it.
    if (backends.size() == 1 && shape.flop(rows) < most) {
      choice.set<T>(shape, backends.front());
      continue;
    }
    const auto [winner, rate] =
        choose_backend(backends, [&](const std::string& backend) { return measure_product<T>(backend, shape, rows); });
    choice.set<T>(shape, winner);
    choice.best_rate = std::max(choice.best_rate, rate);
  }
  return choice;
}

#define JETPINN_INSTANTIATE(T)                                                                         \
  template std::unique_ptr<Product<T>> make_product<T>(const std::string&, const ProductShape&);       \
  template double measure_product<T>(const std::string&, const ProductShape&, std::int64_t, double);   \
  template void ProductChoice::set<T>(const ProductShape&, const std::string&);                        \
  template std::string ProductChoice::backend<T>(const ProductShape&) const;                           \
  template ProductChoice choose_products<T>(const std::vector<ProductShape>&, std::int64_t);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
