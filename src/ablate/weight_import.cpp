#include "jetpinn/ablate/weight_import.hpp"

#include "jetpinn/ablate/safetensors.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

struct Listed {
  std::string path, label;
};

// A matrix of a network: its name, and that of the second factor where it is a pair.
struct Taken {
  std::string first, second;
};

[[noreturn]] void refuse(const std::string& what) { throw Error(Status::usage, what); }

std::string trimmed(std::string text) {
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), blank).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), blank));
  return text;
}

std::vector<Listed> read_list(const std::string& list) {
  const FileText file = is_file(list) ? file_text(list) : FileText{{}, ENOENT};
  if (file.code != 0)
    refuse("cannot read the list " + list + ": " + std::strerror(file.code) +
           "; name a CSV file with the columns path and label");
  std::istringstream in(file.text);
  std::vector<Listed> networks;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (const std::string mark = "\xEF\xBB\xBF"; number == 1 && line.rfind(mark, 0) == 0)
      line.erase(0, mark.size());  // some programs begin a UTF-8 file with it
    line = trimmed(line);
    if (line.empty()) continue;
    const std::size_t comma = line.rfind(',');
    if (comma == std::string::npos) refuse(fmt::format("{}:{}: no comma; a line is path,label", list, number));
    const Listed one{trimmed(line.substr(0, comma)), trimmed(line.substr(comma + 1))};
    if (networks.empty() && number == 1) {
      if (one.path != "path" || one.label != "label")
        refuse(fmt::format("{}:1: the first line is '{}'; it must be path,label", list, line));
      continue;
    }
    if (one.path.empty() || one.label.empty()) refuse(fmt::format("{}:{}: path or label is missing", list, number));
    networks.push_back(one);
  }
  if (networks.empty()) refuse(list + " lists no network; write a line path,label for each");
  return networks;
}

// False: it is a name. NaN and what is beyond fp64 are numbers that were not meant.
bool number_of(const Listed& network, double& value) {
  const std::string& text = network.label;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return false;
  if (error != std::errc() || !std::isfinite(value))
    refuse("the label '" + text + "' of " + network.path + " is no number that fp64 holds; write another, or a name");
  return true;
}

// Numbers as they are; of names a number each, in the order of the alphabet.
WeightLabels labels_of(const std::vector<Listed>& networks) {
  WeightLabels labels;
  bool numbers = true, whole = true;
  double most = 0;
  for (const Listed& network : networks) {
    double value = 0;
    const bool number = number_of(network, value);  // among names too: 'nan' is what was missing, and no name
    numbers = numbers && number;
    whole = whole && value >= 0 && value < 1000 && value == std::floor(value);
    most = std::max(most, value);
    labels.values.push_back(value);
  }
  if (numbers) {
    for (int c = 0; whole && c <= static_cast<int>(most); ++c) labels.classes.push_back(std::to_string(c));
    return labels;
  }
  for (const Listed& network : networks) labels.classes.push_back(network.label);
  std::sort(labels.classes.begin(), labels.classes.end());
  labels.classes.erase(std::unique(labels.classes.begin(), labels.classes.end()), labels.classes.end());
  for (std::size_t i = 0; i < networks.size(); ++i)
    labels.values[i] = static_cast<double>(
        std::lower_bound(labels.classes.begin(), labels.classes.end(), networks[i].label) - labels.classes.begin());
  return labels;
}

// layers.2 stands before layers.10.
bool in_order(const std::string& x, const std::string& y) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (digit(x[i]) && digit(y[j])) {
      const auto run = [&](const std::string& text, std::size_t& at) {
        std::string digits;
        for (; at < text.size() && digit(text[at]); ++at)
          if (!digits.empty() || text[at] != '0') digits += text[at];
        return digits;
      };
      const std::string a = run(x, i), b = run(y, j);
      if (a != b) return a.size() != b.size() ? a.size() < b.size() : a < b;
    } else if (x[i] != y[j]) {
      return x[i] < y[j];
    } else {
      ++i, ++j;
    }
  }
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? std::string() : text.replace(at, what.size(), by);
}

// One network's matrices, whatever it is stored in.
class ImportedNetwork {
 public:
  ImportedNetwork(const std::string& path, const std::string& match) : path_(path), run_(is_folder(path)) {
    run_ ? take_run(match) : take_tensors(match);
    if (taken_.empty())
      refuse(path + ": no matrix of it is taken" + (match.empty() ? "" : " with --match " + match) +
             "; name other tensors with --match");
  }
  const std::vector<Taken>& taken() const { return taken_; }
  bool pairs() const { return !taken_.front().second.empty(); }

  // rows, columns and rank of one matrix.
  WeightShape shape_of(const Taken& one) const {
    const auto first = extents(one.first);
    if (one.second.empty()) return {0, 0, first[0], first[1], 0};
    const auto second = extents(one.second);
    if (second[1] != first[0])
      refuse(fmt::format("{}: '{}' is [{}, {}] and '{}' is [{}, {}]: they are no pair of factors; pick others with --match",
                         path_, one.first, first[0], first[1], one.second, second[0], second[1]));
    return {0, 0, second[0], first[1], first[0]};
  }

  void read(const std::string& name, float* out) const {
    if (!run_) {
      const std::vector<float> numbers = tensors_->read(*tensors_->find(name));
      std::copy(numbers.begin(), numbers.end(), out);
      return;
    }
    const hdf5::InputFile file(path_ + "/network.h5");
    const auto shape = file.shape(name);
    std::vector<double> numbers(static_cast<std::size_t>(shape[0] * shape[1]));
    file.read_all(name, numbers.data());
    std::copy(numbers.begin(), numbers.end(), out);
  }

 private:
  std::vector<std::int64_t> extents(const std::string& name) const {
    const std::vector<std::int64_t> shape =
        run_ ? hdf5::InputFile(path_ + "/network.h5").shape(name) : tensors_->find(name)->shape;
    if (shape.size() != 2)
      refuse(
          fmt::format("{}: '{}' is no matrix of all its weights but a list, as networks of jetpinn sparsify have; import "
                      "networks that are not sparse",
                      path_, name));
    if (shape[0] < 1 || shape[1] < 1)
      refuse(
          fmt::format("{}: '{}' is [{}, {}], without a number; pick others with --match", path_, name, shape[0], shape[1]));
    return shape;
  }

  void take_tensors(const std::string& match) {
    const SafeTensorFile& file = tensors_.emplace(path_);
    std::vector<Taken> pairs, whole;
    for (const SafeTensor& tensor : file.tensors()) {
      if (tensor.shape.size() != 2 || tensor.name.find(match) == std::string::npos) continue;
      whole.push_back({tensor.name, ""});
      for (const auto& [a, b] : {std::pair{"lora_A", "lora_B"}, {"lora_down", "lora_up"}}) {
        const std::string second = replaced(tensor.name, a, b);
        const SafeTensor* other = second.empty() ? nullptr : file.find(second);
        if (other && other->shape.size() == 2) pairs.push_back({tensor.name, second});
        if (!second.empty() && !other)
          refuse(path_ + ": '" + tensor.name + "' has no '" + second + "' beside it; export both factors");
      }
    }
    taken_ = pairs.empty() ? whole : pairs;
    std::sort(taken_.begin(), taken_.end(), [](const Taken& x, const Taken& y) { return in_order(x.first, y.first); });
  }

  // The first and the last matrix have the problem's inputs and outputs for a side.
  void take_run(const std::string& match) {
    const hdf5::InputFile file(path_ + "/network.h5");
    require_network_format(file);
    std::vector<Taken> all;
    for (int n = 0; file.has("layers/" + std::to_string(n)); ++n)
      if (const std::string name = "layers/" + std::to_string(n) + "/weight"; file.has(name)) all.push_back({name, ""});
    for (std::size_t i = 1; i + 1 < all.size(); ++i)
      if (all[i].first.find(match) != std::string::npos) taken_.push_back(all[i]);
  }

  std::string path_;
  bool run_;
  std::optional<SafeTensorFile> tensors_;
  std::vector<Taken> taken_;
};

bool same_matrix(const WeightShape& x, const WeightShape& y) {
  return x.rows == y.rows && x.columns == y.columns && x.rank == y.rank;
}

std::string words(const WeightShape& shape) {
  return fmt::format("{} x {}", shape.rows, shape.columns) + (shape.rank > 0 ? fmt::format(" of rank {}", shape.rank) : "");
}

}  // namespace

WeightFileContent import_weights(const std::string& list, const std::string& match) {
  const std::vector<Listed> networks = read_list(list);
  WeightFileContent content;
  content.labels = labels_of(networks);
  auto paths = std::make_shared<std::vector<std::string>>();
  std::string first_name;
  for (const Listed& listed : networks) {
    const fs::path path =
        fs::path(listed.path).is_absolute() ? fs::path(listed.path) : fs::path(list).parent_path() / listed.path;
    paths->push_back(path.string());
    const ImportedNetwork network(path.string(), match);
    const auto layers = static_cast<std::int64_t>(network.taken().size());
    WeightShape& shape = content.shape;
    if (shape.layers == 0) {
      shape = network.shape_of(network.taken().front());
      shape.layers = layers;
      first_name = path.string() + ", '" + network.taken().front().first + "'";
    }
    for (const Taken& one : network.taken())
      if (const WeightShape other = network.shape_of(one); !same_matrix(other, shape))
        refuse(
            fmt::format("layers of unequal shapes: {} is {}, and {}, '{}' is {}; a study compares equal matrices: pick them "
                        "with --match TEXT, which their names hold",
                        first_name, words(shape), path.string(), one.first, words(other)));
    if (layers != shape.layers)
      refuse(
          fmt::format("{} has {} layers, and {} has {}; all networks of a collection need as many: pick them with --match",
                      path.string(), layers, paths->front(), shape.layers));
  }
  content.shape.samples = static_cast<std::int64_t>(networks.size());
  content.mark = "import of " + fs::path(list).filename().string() + " " + hex(hash_of_file(list)) +
                 (match.empty() ? "" : " --match " + match);
  content.make = [paths, match](std::int64_t sample, float* a, float* b, float* weight) {
    const ImportedNetwork network((*paths)[static_cast<std::size_t>(sample)], match);
    for (const Taken& one : network.taken()) {
      const WeightShape shape = network.shape_of(one);
      network.read(one.first, shape.rank > 0 ? a : weight);
      if (shape.rank > 0) network.read(one.second, b);
      a += shape.rank * shape.columns;
      b += shape.rows * shape.rank;
      weight += shape.rank > 0 ? 0 : shape.rows * shape.columns;
    }
  };
  return content;
}

}  // namespace jetpinn
