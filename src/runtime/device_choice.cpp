#include "jetpinn/runtime/device_choice.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/comm/collective_scope.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>
#include <vector>

namespace jetpinn {
namespace {

std::vector<std::string> entries(const std::string& list) {
  std::vector<std::string> all;
  std::istringstream items(list);
  for (std::string item; std::getline(items, item, ',');) {
    item.erase(std::remove(item.begin(), item.end(), ' '), item.end());
    all.push_back(item);
  }
  return all;
}

// CUDA takes entries up to the first that names no card, and no card at all where one is named twice.
std::string obstacle_of_visible(const std::string& list) {
  const std::vector<std::string> all = entries(list);
  if (all.empty() || all.front().empty() || all.front() == "-1" || all.front() == "NoDevFiles")
    return "CUDA_VISIBLE_DEVICES=" + list +
           " hides every card; unset it, or list the cards to use, as in "
           "CUDA_VISIBLE_DEVICES=0,1";
  std::set<std::string> seen;
  for (const std::string& entry : all)
    if (!seen.insert(entry).second)
      return "CUDA_VISIBLE_DEVICES=" + list + " names the card " + entry +
             " twice, and CUDA then offers none; name each once "
             "(several ranks may share a card)";
  return "";
}

std::string capability_text(int capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

int local_rank(Communicator& communicator) {
  CollectiveScope scope("device");
  MPI_Comm host = MPI_COMM_NULL;
  if (MPI_Comm_split_type(*static_cast<MPI_Comm*>(communicator.native()), MPI_COMM_TYPE_SHARED, communicator.rank(),
                          MPI_INFO_NULL, &host) != MPI_SUCCESS)
    throw Error(Status::communication, "device: the ranks of a host cannot be counted (MPI_Comm_split_type)");
  int rank = 0;
  MPI_Comm_rank(host, &rank);
  MPI_Comm_free(&host);
  return rank;
}

// Why the card cannot be used; "": it is.
std::string obstacle_of_use(int card) {
  try {
    use_card(card);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string gib(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

}  // namespace

std::string cuda_obstacle(const CudaFacts& facts) {
  if (!facts.built) return "this build has no CUDA; use --device cpu, or build with the preset 'cuda' (docs/install.md)";
  if (facts.driver == 0) return "there is no NVIDIA driver on this machine; use --device cpu";
  if (facts.driver / 1000 < facts.runtime / 1000)
    return "the driver serves CUDA up to " + cuda_version_text(facts.driver) + " and this build needs " +
           cuda_version_text(facts.runtime) + "; update the driver, build with an older CUDA, or use --device cpu";
  if (facts.visible)
    if (std::string hidden = obstacle_of_visible(*facts.visible); !hidden.empty()) return hidden;
  if (facts.cards.empty())
    return "there is no NVIDIA card on this machine" + (facts.failure.empty() ? "" : " (CUDA: " + facts.failure + ")") +
           "; use --device cpu";
  if (readable_cards(facts).empty())
    return describe(facts.cards.front()) + " is all that there is; look at it with nvidia-smi, or use --device cpu";
  const int least = facts.built_for.empty() ? 0 : *std::min_element(facts.built_for.begin(), facts.built_for.end());
  for (const CudaCard& card : facts.cards)
    if (card.failure.empty() && card.capability < least)
      return describe(card) + " has compute capability " + capability_text(card.capability) +
             " and this build's kernels need " + capability_text(least) +
             "; build with -DCMAKE_CUDA_ARCHITECTURES=" + std::to_string(card.capability) +
             ", or leave the card out of CUDA_VISIBLE_DEVICES";
  return "";
}

std::vector<int> readable_cards(const CudaFacts& facts) {
  std::vector<int> numbers;
  for (std::size_t c = 0; c < facts.cards.size(); ++c)
    if (facts.cards[c].failure.empty()) numbers.push_back(static_cast<int>(c));
  return numbers;
}

std::string unreadable_note(const CudaFacts& facts) {
  std::string note;
  for (std::size_t c = 0; c < facts.cards.size(); ++c)
    if (const std::string& failure = facts.cards[c].failure; !failure.empty())
      note += (note.empty() ? "" : "; ") + ("card " + std::to_string(c)) + " is left out, for it cannot be read (" +
              failure + ")";
  return note;
}

std::string sharing_note(const std::vector<std::string>& cards) {
  const std::size_t different = std::set<std::string>(cards.begin(), cards.end()).size();
  if (different == cards.size()) return "";
  return std::to_string(cards.size()) + " ranks share " + std::to_string(different) + (different == 1 ? " card" : " cards") +
         " and take turns; sums over ranks go through the host's memory";
}

std::string card_shortage(const CardPlan& plan, std::int64_t free_bytes, int ranks, const std::string& card) {
  const std::int64_t share = free_bytes / std::max(ranks, 1);
  if (plan.total() <= share) return "";
  const std::string sharing = ranks > 1 ? " for each of " + std::to_string(ranks) + " ranks" : "";
  return "device cuda: the plan needs " + gib(plan.total()) + " = engine " + gib(plan.engine) + " + vectors " +
         gib(plan.vectors) + " + workspace " + gib(plan.workspace) + " + spare " + gib(plan.spare) + "; " + card + " has " +
         gib(share) + " free" + sharing + "; lower network.hidden, " + (ranks > 1 ? "use fewer ranks on a card, " : "") +
         "or use --device cpu";
}

void check_device(const std::string& name) {
  for (const char* known : {"auto", HostSpace::name, CudaSpace::name, EmulatedSpace::name})
    if (name == known) return;
  throw Error(Status::usage, "device '" + name + "' is unknown; choose auto, cpu, cuda or emulated");
}

DeviceChoice choose_device(Communicator& communicator, const std::string& name) {
  DeviceChoice choice;
  choice.name = name == "auto" ? HostSpace::name : name;
  if (name == HostSpace::name || name == EmulatedSpace::name) return choice;
  const bool asked = name == CudaSpace::name;
  const CudaFacts facts = asked || name == "auto" ? cuda_facts() : CudaFacts();
  std::string obstacle = cuda_obstacle(facts);
  const int local = facts.built ? local_rank(communicator) : 0;
  const std::vector<int> cards = readable_cards(facts);
  const int card = cards.empty() ? 0 : cards[static_cast<std::size_t>(card_of(local, static_cast<int>(cards.size())))];
  if (obstacle.empty()) obstacle = obstacle_of_use(card);
  communicator.agree("device", [&] {
    check_device(name);
    if (asked && !obstacle.empty()) throw Error(Status::usage, "device cuda: " + obstacle);
  });
  if (!facts.built) return choice;  // as every rank's build is
  const std::vector<std::string> obstacles = communicator.gather("device", obstacle);
  const auto first = std::find_if(obstacles.begin(), obstacles.end(), [](const std::string& text) { return !text.empty(); });
  if (first != obstacles.end()) {
    choice.note = "computes on the processor, for " + first->substr(0, first->find(';'));
    return choice;
  }
  const std::string own = facts.cards[static_cast<std::size_t>(card)].uuid;
  const std::vector<std::string> all = communicator.gather("device", own);
  choice.name = CudaSpace::name;
  choice.note = sharing_note(all);
  if (const std::string left_out = unreadable_note(facts); !left_out.empty())
    choice.note += (choice.note.empty() ? "" : "; ") + left_out;
  choice.sharing = static_cast<int>(std::count(all.begin(), all.end(), own));
  return choice;
}

}  // namespace jetpinn
