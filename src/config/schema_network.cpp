#include "jetpinn/config/schema_rows.hpp"

#include "jetpinn/network/builders.hpp"

#include <iterator>

namespace jetpinn {
namespace {

using NetworkOf = NetworkOptions& (*)(const KeySlot&);

NetworkOptions& only(const KeySlot& slot) { return slot.config.network; }

NetworkOptions& member(const KeySlot& slot) { return slot.config.network.members[slot.index]; }

void add_kind_key(std::vector<Key>& keys, const std::string& prefix, NetworkOf network) {
  std::vector<std::string> kinds;
  std::string texts_of_kinds;
  for (const NetworkKind& kind : network_kinds()) {
    kinds.push_back(kind.name);
    texts_of_kinds += (texts_of_kinds.empty() ? "" : "; ") + kind.name + ": " + kind.text;
  }
  KeyRow(keys, prefix + "kind", KeyType::word, "\"mlp\"", texts_of_kinds + ".")
      .words(kinds)
      .set([network](const KeySlot& s, const Value& v) { network(s).kind = v.place.text; });
}

void add_factor_keys(std::vector<Key>& keys, const std::string& prefix, NetworkOf network) {
  const auto row = [&](const std::string& name, std::string doc) {
    return KeyRow(keys, prefix + "factorized." + name, KeyType::number, "", std::move(doc));
  };
  row("mean",
      "Weights are products V exp(s) with a trained s for each column (random weight factorisation): mean of s before "
      "training.")
      .at_least(-20)
      .at_most(20)
      .standard("1 where stddev is given, else there are no factors")
      .set([network](const KeySlot& s, const Value& v) {
        network(s).factors.scale = true;
        network(s).factors.mean = v.number;
      });
  row("stddev", "Standard deviation of s before training.")
      .at_least(0)
      .at_most(10)
      .standard("0.1 where mean is given")
      .set([network](const KeySlot& s, const Value& v) {
        network(s).factors.scale = true;
        network(s).factors.deviation = v.number;
      });
}

// The keys of a network, of the only one or of one of several.
void add_keys_of_network(std::vector<Key>& keys, const std::string& prefix, NetworkOf network) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, prefix + name, type, std::move(standard), std::move(doc));
  };
  add_kind_key(keys, prefix, network);
  row("hidden", KeyType::integers, "[32, 32, 32, 32]", "Units of each hidden layer.")
      .at_least(1)
      .at_most(65536)
      .set([network](const KeySlot& s, const Value& v) {
        network(s).hidden.clear();
        for (const Value& item : v.items) network(s).hidden.push_back(item.integer);
      });
  row("activation", KeyType::word, "\"tanh\"", "Function of the hidden layers.")
      .words({std::begin(activation_names), std::end(activation_names)})
      .set([network](const KeySlot& s, const Value& v) {
        for (std::size_t k = 0; k < activation_count; ++k)
          if (v.place.text == activation_names[k]) network(s).activation = static_cast<Activation>(k);
      });
  row("periodic", KeyType::names, "[]", "Coordinates in which the network is periodic over the domain, exactly.")
      .set([network](const KeySlot& s, const Value& v) { network(s).periodic = texts(v); });
  row("slope", KeyType::word, "\"fixed\"",
      "Of the activation. trainable: each hidden layer multiplies its argument by a trained number that begins at 1.")
      .words({"fixed", "trainable"})
      .set([network](const KeySlot& s, const Value& v) { network(s).factors.slope = v.place.text == "trainable"; });
  add_factor_keys(keys, prefix, network);
  row("first_fit", KeyType::flag, "",
      "A training begins with the last layer fitted to the conditions by linear least squares.")
      .standard("true for piratenet, else false")
      .set([network](const KeySlot& s, const Value& v) { network(s).first_fit = v.flag; });
  row("pattern", KeyType::file, "\"\"",
      "File of the weights that are kept, as sparsify writes it: the others are zero and stay zero. Relative to the config.")
      .set([network](const KeySlot& s, const Value& v) { network(s).pattern = v.place.text; });
  row("fourier.features", KeyType::integer, "0",
      "Random frequencies of Fourier features, each with a cosine and a sine of the scaled coordinates; 0: none.")
      .at_least(0)
      .at_most(32768)
      .set([network](const KeySlot& s, const Value& v) { network(s).fourier_features = v.integer; });
  row("fourier.scale", KeyType::number, "1", "Standard deviation of these frequencies, for coordinates scaled to [-1, 1].")
      .above(0)
      .set([network](const KeySlot& s, const Value& v) { network(s).fourier_scale = v.number; });
  row("fourier.seed", KeyType::integer, "", "Seed of these frequencies.")
      .at_least(0)
      .standard("training.seed, with other numbers for each network")
      .set([network](const KeySlot& s, const Value& v) { network(s).fourier_seed = static_cast<std::uint64_t>(v.integer); });
  row("output.<field>", KeyType::expression, "",
      "The field as an expression of coordinates and raw network outputs: hard constraints.")
      .set([network](const KeySlot& s, const Value& v) {
        s.config.problem.output[s.name] = v.place;
        network(s).output[s.name] = v.place.text;
      });
}

KeyRow fields_key(std::vector<Key>& keys, const std::string& prefix, const std::string& doc, NetworkOf network) {
  return KeyRow(keys, prefix + "fields", KeyType::names, "", doc).set([network](const KeySlot& s, const Value& v) {
    network(s).fields = texts(v);
  });
}

}  // namespace

void add_network_keys(std::vector<Key>& keys) {
  add_keys_of_network(keys, "network.", only);
  fields_key(keys, "network.", "Fields of this network, which is the only one: all of them.", only).standard("all");
  KeyRow(keys, "networks", KeyType::tables, "", "Several networks instead of [network], each with its fields.")
      .standard("none")
      .set([](const KeySlot& s, const Value& v) { s.config.network.members.resize(v.items.size()); });
  fields_key(keys, "networks.*.", "Fields that this network gives; a field belongs to one network.", member).required();
  add_keys_of_network(keys, "networks.*.", member);
}

}  // namespace jetpinn
