// The kinds of networks: each appends its layers to a network whose features, fields and activation are set.
#pragma once

#include "jetpinn/network/network.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct NetworkKind {
  std::string name, text;   // for a person: what it computes, in half a sentence
  void (*build)(const NetworkOptions&, Network&);
  bool first_fit = false;   // unless the options say otherwise
};
const std::vector<NetworkKind>& network_kinds();

void build_mlp(const NetworkOptions& options, Network& network);
void build_modified_mlp(const NetworkOptions& options, Network& network);
void build_residual(const NetworkOptions& options, Network& network);
void build_piratenet(const NetworkOptions& options, Network& network);

// Throws Error (usage) where hidden layers of this kind differ in width.
void require_one_width(const NetworkOptions& options);

}  // namespace jetpinn
