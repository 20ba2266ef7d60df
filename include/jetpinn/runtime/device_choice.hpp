// Where a run computes: what --device asks for, and what there is.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/runtime/cuda_facts.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Why cards cannot be used, with the remedy, as a sentence without its end; "": they can.
std::string cuda_obstacle(const CudaFacts& facts);

// Numbers of the cards that can be read, as CUDA counts them: the others stay in their places, and no rank goes to them.
std::vector<int> readable_cards(const CudaFacts& facts);
// A word about the others; "": there are none.
std::string unreadable_note(const CudaFacts& facts);

// Ranks of a host go to its cards in turn.
inline int card_of(int local_rank, int cards) { return local_rank % cards; }
// A word about ranks that share cards, by each rank's card [ranks]; "": each has its own. A rank may see its card alone, so
// that numbers of cards tell nothing.
std::string sharing_note(const std::vector<std::string>& cards);

// Why a card's memory does not hold a plan, with the arithmetic; "": it does. free: of one card, shared by so many ranks.
struct CardPlan {
  std::int64_t engine = 0, vectors = 0, workspace = 0, spare = 0;  // bytes; spare: what rounds memory up to whole slabs
  std::int64_t total() const { return engine + vectors + workspace + spare; }
};
std::string card_shortage(const CardPlan& plan, std::int64_t free_bytes, int ranks, const std::string& card);

struct DeviceChoice {
  std::string name;  // cpu | cuda | emulated
  std::string note;  // what the user should know of it; "": nothing
  int sharing = 1;   // ranks that share this rank's card
};

// Throws Error (usage) for a name that is none of auto, cpu, cuda and emulated.
void check_device(const std::string& name);

// "auto": cards, where this build has CUDA and every rank sees one that it can use, and the processor otherwise; a note says
// why, in builds with CUDA. "cuda" makes a card this process's own, by its rank on its host. Collective. Throws Error
// (usage) for a device that is unknown, or that this build or this machine does not have.
DeviceChoice choose_device(Communicator& communicator, const std::string& name);

}  // namespace jetpinn
