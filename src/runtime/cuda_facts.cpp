// The one source of the start-up that calls CUDA: it fills records and decides nothing.
#include "jetpinn/runtime/cuda_facts.hpp"

#include "jetpinn/base/error.hpp"

#if defined(JETPINN_CUDA)
#include <cuda_runtime_api.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace jetpinn {

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string describe(const CudaCard& card) {
  if (!card.failure.empty()) return "a card that cannot be read (" + card.failure + ")";
  char gib[32];
  std::snprintf(gib, sizeof(gib), "%.1f GiB", static_cast<double>(card.memory_bytes) / (1 << 30));
  return card.name + " (sm_" + std::to_string(card.capability) + ", " + gib + ")";
}

#if defined(JETPINN_CUDA)

namespace {

// `number` of cards as CUDA counts them.
CudaCard read_card(int number) {
  cudaDeviceProp facts{};
  CudaCard card;
  if (const cudaError_t error = cudaGetDeviceProperties(&facts, number); error != cudaSuccess) {
    card.failure = cudaGetErrorString(error);
    return card;
  }
  card.name = facts.name;
  card.capability = facts.major * 10 + facts.minor;
  card.memory_bytes = static_cast<std::int64_t>(facts.totalGlobalMem);
  for (const char byte : facts.uuid.bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    card.uuid += digits;
  }
  return card;
}

}  // namespace

CudaFacts cuda_build() {
  CudaFacts facts;
  facts.built = true;
  facts.runtime = CUDART_VERSION;
  std::istringstream list(JETPINN_CUDA_ARCHITECTURES);  // "80,90"
  for (std::string item; std::getline(list, item, ',');) facts.built_for.push_back(std::atoi(item.c_str()));
  return facts;
}

CudaFacts cuda_facts() {
  CudaFacts facts = cuda_build();
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) facts.visible = visible;
  if (cudaDriverGetVersion(&facts.driver) != cudaSuccess) facts.driver = 0;
  int count = 0;
  const cudaError_t listed = cudaGetDeviceCount(&count);
  if (listed != cudaSuccess) {
    facts.failure = cudaGetErrorString(listed);
    count = 0;
  }
  for (int i = 0; i < count; ++i) facts.cards.push_back(read_card(i));
  cudaGetLastError();  // nothing of this is an error of what comes later
  return facts;
}

void use_card(int card) {
  cudaError_t error = cudaSetDevice(card);
  if (error == cudaSuccess) error = cudaFree(nullptr);  // older runtimes start work on the card with the first call
  if (error == cudaSuccess) return;
  cudaGetLastError();
  throw Error(Status::usage, "card " + std::to_string(card) + " cannot be used: " + cudaGetErrorString(error) +
                                 "; look at it with nvidia-smi, or use --device cpu");
}

int card_number() {
  int number = -1;
  return cudaGetDevice(&number) == cudaSuccess ? number : -1;
}

std::string card_in_use() {
  const int number = card_number();
  if (number < 0) return "";
  return "card " + std::to_string(number) + ", " + describe(read_card(number));
}

std::int64_t free_card_bytes() {
  std::size_t free = 0, all = 0;
  return cudaMemGetInfo(&free, &all) == cudaSuccess ? static_cast<std::int64_t>(free) : 0;
}

#else

CudaFacts cuda_build() { return {}; }
CudaFacts cuda_facts() { return {}; }
void use_card(int) { throw Error(Status::usage, "this build has no CUDA"); }
int card_number() { return -1; }
std::string card_in_use() { return ""; }
std::int64_t free_card_bytes() { return 0; }

#endif

}  // namespace jetpinn
