// What this build and this machine have of CUDA: facts alone. device_choice.hpp judges them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct CudaCard {
  std::string name;
  int capability = 0;             // 90: compute capability 9.0
  std::int64_t memory_bytes = 0;  // all of it
  std::string uuid = {};          // of the card itself, whatever number a process sees it under
  std::string failure = {};       // what CUDA said where it could not tell all that; "": it could
};

struct CudaFacts {
  bool built = false;          // with CUDA; otherwise nothing below is known
  int runtime = 0;             // 13020: the program was built with CUDA 13.2
  std::vector<int> built_for;  // capabilities, 90: its kernels run on cards of 9.0 and, compiled there, on newer ones
  int driver = 0;              // 13000: serves CUDA up to 13.0; 0: there is no driver
  std::optional<std::string> visible;  // CUDA_VISIBLE_DEVICES, where it is set
  std::vector<CudaCard> cards;         // that this process sees, in CUDA's order
  std::string failure;                 // what CUDA said where it could not list them
};

// Asks driver and cards, which takes some 0.1 s where there are any.
CudaFacts cuda_facts();
// Of the build alone: {} without CUDA.
CudaFacts cuda_build();

// Makes a card of cuda_facts() that of this process and starts work on it. Throws Error (usage), which says
// why not and what to do.
void use_card(int card);
// The number of the one in use, as use_card takes it; -1: a build without CUDA.
int card_number();
// "card 0, NVIDIA H200 (sm_90, 139.8 GiB)" of the one in use; "": none, or a build without CUDA.
std::string card_in_use();
// Of its memory, by all processes; 0: none.
std::int64_t free_card_bytes();

// "NVIDIA H200 (sm_90, 139.8 GiB)"; of one that cannot be read "a card that cannot be read (unknown error)".
std::string describe(const CudaCard& card);
// "13.2" of 13020.
std::string cuda_version_text(int version);

}  // namespace jetpinn
