// Sums over NCCL, by a stub of it (tests/stubs/nccl.cpp): beside what every kind of sum promises (gradient_sync.cpp), that
// they are MPI's, how they go to the GPU, and how they end when something is wrong.
#include "jetpinn/comm/nccl_sync.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/comm/nccl_place.hpp"
#include "jetpinn/kernels/device_queue.hpp"
#include "support/environment_variable.hpp"
#include "support/expect_error.hpp"
#include "support/turns.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::EnvironmentVariable;

// Stands apart from the sums of other test files: its nodes are its own.
GradientSyncOptions stub_options(GradientSyncKind kind = GradientSyncKind::plain) {
  GradientSyncOptions options;
  options.kind = kind;
  options.node_ranks = kind == GradientSyncKind::hierarchical ? 2 : 0;
  options.library = GradientLibrary::nccl;
  options.nccl = {JETPINN_STUB_NCCL, {JETPINN_STUB_NCCL}};
  return options;
}

template <class Number = int>
Number stub_count(const char* name) {
  void* stub = dlopen(JETPINN_STUB_NCCL, RTLD_NOW);
  return reinterpret_cast<Number (*)()>(dlsym(stub, name))();
}

bool last_rank() { return world().rank() == world().size() - 1; }

// Numbers whose sums no type rounds.
template <class T>
std::vector<T> whole_numbers(std::size_t count) {
  std::vector<T> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = static_cast<T>((i * 7919 + 31) % 4093) + static_cast<T>(world().rank());
  return numbers;
}

template <class T>
std::vector<T> summed(GradientSync& sync, std::vector<T> numbers) {
  sync.start(Stream{}, numbers.data(), static_cast<std::int64_t>(numbers.size()));
  sync.wait(Stream{}, 60);
  return numbers;
}

void expect_sound(GradientSync& sync) {
  const auto mpi = make_gradient_sync(world());
  EXPECT_EQ(summed(sync, whole_numbers<double>(777)), summed(*mpi, whole_numbers<double>(777)));
}

// On every rank the status, and on one of them, or on all, the words.
template <class Work>
void expect_loss(const std::vector<std::string>& words, bool speaks, const Work& work) {
  testing::expect_error(Status::communication, speaks ? words : std::vector<std::string>{}, work);
}

TEST(NcclSync, WholeNumbersHaveTheBitsOfMpi) {
  const auto mpi = make_gradient_sync(world());
  for (const GradientSyncKind kind : gradient_sync_kinds) {
    const auto nccl = make_gradient_sync(world(), stub_options(kind));
    EXPECT_EQ(nccl->library(), GradientLibrary::nccl);
    EXPECT_EQ(nccl->summed_by(), "NCCL 2.28.9");
    for (const std::size_t count : {1u, 1000u, 40000u}) {  // shorter and longer than a piece of the stub
      EXPECT_EQ(summed(*nccl, whole_numbers<double>(count)), summed(*mpi, whole_numbers<double>(count)));
      EXPECT_EQ(summed(*nccl, whole_numbers<float>(count)), summed(*mpi, whole_numbers<float>(count)));
      std::vector<std::int64_t> large = whole_numbers<std::int64_t>(count);
      for (std::int64_t& number : large) number <<= 45;  // beyond what fp64 would hold
      EXPECT_EQ(summed(*nccl, large), summed(*mpi, large));
    }
  }
}

// A gradient in single precision and sums in double precision behind it: one group, so one launch.
TEST(NcclSync, PartsOfDifferentTypesGoInOneGroup) {
  const auto sync = make_gradient_sync(world(), stub_options());
  std::vector<float> gradient = whole_numbers<float>(1001);
  std::vector<double> none, tail = whole_numbers<double>(17);
  tail.front() = 0x1p-40;  // lost in fp32 beside a whole number
  tail.front() += world().rank();
  const int groups = stub_count("jetpinn_stub_groups"), collectives = stub_count("jetpinn_stub_collectives");
  const SumPart parts[] = {{gradient.data(), 1001}, {none.data(), 0}, {tail.data(), 17}};
  sync->start_together(Stream{}, parts);
  sync->wait(Stream{}, 60);
  EXPECT_EQ(stub_count("jetpinn_stub_groups"), groups + 1);
  EXPECT_EQ(stub_count("jetpinn_stub_collectives"), collectives + 2);
  const auto mpi = make_gradient_sync(world());
  EXPECT_EQ(gradient, summed(*mpi, whole_numbers<float>(1001)));
  const int size = world().size();
  EXPECT_EQ(tail.front(), size * 0x1p-40 + size * (size - 1) / 2);
}

// A stream of the stub's card, and numbers that it writes there.
class StubCard : public CudaQueue {
 public:
  explicit StubCard(const std::vector<double>& numbers)
      : library_(load_nccl(stub_options().nccl)), bytes_(numbers.size() * sizeof(double)) {
    library_.stream_create(&stream_, cuda::stream_non_blocking);
    library_.device_malloc(&there_, bytes_);
    library_.host_malloc(&here_, bytes_);
    library_.event_create(&back_, cuda::event_disable_timing);
    std::copy(numbers.begin(), numbers.end(), static_cast<double*>(here_));
  }
  ~StubCard() override {
    library_.event_destroy(back_);
    library_.host_free(here_);
    library_.device_free(there_);
    library_.stream_destroy(stream_);
  }
  double* address() const { return static_cast<double*>(there_); }
  void compute() { library_.copy(there_, here_, bytes_, cuda::host_to_device, stream_); }
  std::vector<double> numbers() {
    library_.copy(here_, there_, bytes_, cuda::device_to_host, stream_);
    library_.event_record(back_, stream_);
    while (library_.event_query(back_) == cuda::not_ready) {
    }
    const auto* begin = static_cast<const double*>(here_);
    return {begin, begin + bytes_ / sizeof(double)};
  }

  CUstream_st* native() override { return reinterpret_cast<CUstream_st*>(stream_); }
  void count() override {}
  void give(std::function<void()>) override {}
  std::int64_t given() const override { return 0; }
  void wait_for(std::int64_t) override {}
  void copy_to_device(const void*, void*, std::int64_t) override {}
  void copy_values_to_device(const void*, void*, std::int64_t) override {}
  void copy_made_to_device(std::function<void(void*)>, void*, std::int64_t) override {}
  void copy_to_host(const void*, void*, std::int64_t) override {}
  void begin_recording(std::int64_t) override {}
  std::unique_ptr<DeviceGraph> end_recording() override { return nullptr; }
  void drop_recording() noexcept override {}
  void prepare(std::function<void()>) override {}

 private:
  const NcclLibrary library_;
  const std::size_t bytes_;
  cuda::Stream stream_ = nullptr;
  cuda::Event back_ = nullptr;
  void *there_ = nullptr, *here_ = nullptr;
};

// It is summed where it lies, after what its stream still has to do; beside it only the host's part is copied.
TEST(NcclSync, WhatLiesOnACardIsSummedThere) {
  const auto mpi = make_gradient_sync(world());
  for (const GradientSyncKind kind : {GradientSyncKind::plain, GradientSyncKind::hierarchical}) {
    StubCard card(whole_numbers<double>(1001));  // the stub works last on the streams that are the oldest
    const auto sync = make_gradient_sync(world(), stub_options(kind));
    const Stream stream{&card};
    EXPECT_TRUE(sync->takes_card(stream));
    EXPECT_FALSE(sync->takes_card(Stream{}));
    EXPECT_FALSE(mpi->takes_card(stream));
    card.compute();
    std::vector<double> tail = whole_numbers<double>(17);
    const auto copied = stub_count<std::int64_t>("jetpinn_stub_copied");
    const SumPart parts[] = {SumPart::of_card(card.address(), 900), {tail.data(), 17}};
    sync->start_together(stream, parts);
    const SumPart rest = SumPart::of_card(card.address() + 900, 101);  // alone: nothing of the host goes along
    sync->start_together(stream, {&rest, 1});
    sync->wait(stream, 60);
    EXPECT_LE(stub_count<std::int64_t>("jetpinn_stub_copied") - copied, 2 * 256);  // the tail there and back, padded
    EXPECT_EQ(card.numbers(), summed(*mpi, whole_numbers<double>(1001)));
    EXPECT_EQ(tail, summed(*mpi, whole_numbers<double>(17)));
  }
}

TEST(NcclSync, RanksOfANodeAreSummedBeforeNodes) {
  const auto sync = make_gradient_sync(world(), stub_options(GradientSyncKind::hierarchical));
  const auto addend = [](int rank) { return rank == 0 ? 1 : 0x1p-53; };  // half an epsilon of the first
  double expected = 0;
  for (int first = 0; first < world().size(); first += 2)
    expected += addend(first) + (first + 1 < world().size() ? addend(first + 1) : 0);
  EXPECT_EQ(summed(*sync, std::vector<double>(9, addend(world().rank()))), std::vector<double>(9, expected));
}

// Making communicators takes seconds on GPUs: windows and stages take over those of the one before.
TEST(NcclSync, TheNextSyncTakesTheCommunicatorsOver) {
  for (const GradientSyncKind kind : {GradientSyncKind::plain, GradientSyncKind::hierarchical}) {
    make_gradient_sync(world(), stub_options(kind));
    const int comms = stub_count("jetpinn_stub_comms");
    const auto again = make_gradient_sync(world(), stub_options(kind));
    expect_sound(*again);
    EXPECT_EQ(stub_count("jetpinn_stub_comms"), comms);
  }
}

TEST(NcclSync, MemoryIsUsedAgainAndGivenBack) {
  const auto bytes = stub_count<std::int64_t>("jetpinn_stub_bytes");
  {
    const auto sync = make_gradient_sync(world(), stub_options());
    expect_sound(*sync);
    const auto once = stub_count<std::int64_t>("jetpinn_stub_bytes");
    EXPECT_GT(once, bytes);
    for (int turn = 0; turn < 5; ++turn) expect_sound(*sync);
    EXPECT_EQ(stub_count<std::int64_t>("jetpinn_stub_bytes"), once);
  }
  EXPECT_EQ(stub_count<std::int64_t>("jetpinn_stub_bytes"), bytes);
}

TEST(NcclSync, AShortSumInTheMemoryOfALongOneCopiesLittle) {
  const auto sync = make_gradient_sync(world(), stub_options());
  summed(*sync, std::vector<double>(1000, 1.0));
  const auto copied = stub_count<std::int64_t>("jetpinn_stub_copied");
  summed(*sync, std::vector<double>(1, 1.0));
  EXPECT_EQ(stub_count<std::int64_t>("jetpinn_stub_copied") - copied, 2 * 256);  // there and back, in whole alignments
}

// Its buffer is the caller's again at once, for what comes late goes into memory of the sync's own.
TEST(NcclSync, WhatWasGivenUpEndsAndTheNextOneBeginsAnew) {
  for (const GradientSyncKind kind : {GradientSyncKind::plain, GradientSyncKind::hierarchical}) {
    auto sync = make_gradient_sync(world(), stub_options(kind));
    if (!world().root() || world().size() == 1) {
      std::vector<double> buffer(3, 1.0);
      sync->start(Stream{}, buffer.data(), 3);
      if (world().size() > 1)
        expect_loss({"no answer from the other ranks", "gradient all-reduce"}, true, [&] { sync->wait(Stream{}, 0.05); });
      EXPECT_EQ(buffer, std::vector<double>(3, 1.0));
      sync->abort();
      EXPECT_NO_THROW(sync->wait(Stream{}, 1e-9));
      expect_loss({"given up"}, true, [&] { sync->start(Stream{}, buffer.data(), 3); });
    }
    sync.reset();
    sync = make_gradient_sync(world(), stub_options(kind));  // rank 0 has communicators left, the others have none
    expect_sound(*sync);
  }
}

// The failing rank says why, the others wait for it no longer than the deadline.
TEST(NcclSync, AFailureMidwayEndsTheSum) {
  struct Trouble {
    std::string kind, words;
  };
  for (const Trouble& trouble : {Trouble{"error", "NCCL failed in 'gradient all-reduce': remote process exited"},
                                 Trouble{"memory", "its GPU failed in 'gradient all-reduce': out of memory"},
                                 Trouble{"hang", "no answer from the other ranks"}}) {
    auto sync = make_gradient_sync(world(), stub_options());
    const std::string number = std::to_string(stub_count("jetpinn_stub_collectives") + 1);
    const std::string text = trouble.kind == "memory" ? trouble.kind : trouble.kind + " " + number;
    const EnvironmentVariable set("JETPINN_STUB_TROUBLE", last_rank() ? text.c_str() : nullptr);
    expect_loss({trouble.words, "rank " + std::to_string(world().rank())}, last_rank(), [&] {
      std::vector<double> buffer(3, 1.0);
      sync->start(Stream{}, buffer.data(), 3);
      sync->wait(Stream{}, 0.1);
    });
    sync.reset();
    set.set(nullptr);
    expect_sound(*make_gradient_sync(world(), stub_options()));
  }
}

TEST(NcclSync, RanksMayEndInAnyOrder) {
  constexpr int plain = -1;
  if (world().size() != 2) return;  // the same on any number, and it waits
  { const auto sync = make_gradient_sync(world(), stub_options()); }
  const int comms = stub_count("jetpinn_stub_comms");
  if (world().root()) {
    world().idle_nccl_routes().erase(plain);  // the other one does not come to this: it is aborted in the end
    EXPECT_LT(stub_count("jetpinn_stub_comms"), comms);
  }
  world().barrier("test");
  world().idle_nccl_routes().erase(plain);
  EXPECT_LT(stub_count("jetpinn_stub_comms"), comms);
  expect_sound(*make_gradient_sync(world(), stub_options()));
}

TEST(NcclSync, AnAbortThatHangsHoldsNobodyUp) {
  if (world().size() != 2) return;  // the same on any number, and it waits
  auto sync = make_gradient_sync(world(), stub_options());
  double value = 1;
  {
    const EnvironmentVariable set("JETPINN_STUB_TROUBLE", last_rank() ? "abort" : nullptr);
    if (last_rank()) sync->start(Stream{}, &value, 1);
    sync.reset();
  }
  EXPECT_EQ(value, 1);
  expect_sound(*make_gradient_sync(world(), stub_options()));
}

// All ranks end with the status, one of them says why.
void expect_refusal(const std::vector<std::string>& words, bool speaks, const GradientSyncOptions& options) {
  testing::expect_error(Status::usage, speaks ? words : std::vector<std::string>{},
                        [&] { make_gradient_sync(world(), options); });
}

TEST(NcclSync, WhatOneRankLacksIsSaidByIt) {
  GradientSyncOptions missing = stub_options();
  if (last_rank()) missing.nccl.nccl = "libno-such-nccl.so";
  expect_refusal({"NCCL cannot be loaded", "libno-such-nccl.so"}, last_rank(), missing);
  {
    const EnvironmentVariable version("JETPINN_STUB_NCCL_VERSION", last_rank() ? "21603" : nullptr);
    expect_refusal({"NCCL 2.16.3 is too old", "2.18.1"}, last_rank(), stub_options());
  }
  const EnvironmentVariable gpus("JETPINN_STUB_GPUS", last_rank() ? "0" : nullptr);
  expect_refusal({"this rank sees none", "no CUDA-capable device"}, last_rank(), stub_options());
}

TEST(NcclSync, DifferentVersionsAreRefused) {
  if (world().size() == 1) return;
  const EnvironmentVariable version("JETPINN_STUB_NCCL_VERSION", last_rank() ? "22902" : nullptr);
  expect_refusal({"rank 0 loads NCCL 2.28.9", "rank " + std::to_string(world().size() - 1) + " loads NCCL 2.29.2"},
                 world().root(), stub_options());
}

TEST(NcclSync, RanksThatShareAGpuSumByMpi) {
  if (world().size() == 1) return;
  const EnvironmentVariable one("JETPINN_STUB_ONE_GPU", "1");
  const EnvironmentVariable asked("NCCL_MULTI_RANK_GPU_ENABLE", nullptr);
  const auto expect_mpi = [](const char* words) {
    const auto sync = make_gradient_sync(world(), stub_options());
    EXPECT_EQ(sync->library(), GradientLibrary::mpi);
    EXPECT_NE(sync->summed_by().find("MPI: ranks 0 and 1 share GPU 0000:00:00.0"), std::string::npos) << sync->summed_by();
    EXPECT_NE(sync->summed_by().find(words), std::string::npos) << sync->summed_by();
    expect_sound(*sync);
  };
  expect_mpi("several from 2.30.3 on");
  const EnvironmentVariable version("JETPINN_STUB_NCCL_VERSION", "23003");
  expect_mpi("unless NCCL_MULTI_RANK_GPU_ENABLE=1");
  asked.set("1");
  world().idle_nccl_routes().clear();
  EXPECT_EQ(make_gradient_sync(world(), stub_options())->library(), GradientLibrary::nccl);
}

// Of a run that computes on a card already, for one that was left out moves all others.
TEST(NcclPlace, IsTheCardOfTheRun) {
  const NcclNames names = stub_options().nccl;
  EXPECT_EQ(find_nccl_place(world(), names).device, world().rank());
  const NcclPlace place = find_nccl_place(world(), names, world().rank() + 3);
  EXPECT_EQ(place.failure, "");
  EXPECT_EQ(place.device, world().rank() + 3);
}

TEST(NcclSync, TheFasterLibraryIsChosenByAllAlike) {
  GradientSyncOptions options = stub_options();
  options.library = GradientLibrary::automatic;
  options.measured_entries = 100;
  const auto sync = make_gradient_sync(world(), options);
  double nccl = sync->library() == GradientLibrary::nccl ? 1 : 0;
  world().sum("test", &nccl, 1);
  EXPECT_TRUE(nccl == 0 || nccl == world().size());
  if (world().size() > 1) {
    EXPECT_NE(sync->summed_by().find(": measured "), std::string::npos) << sync->summed_by();
  }
  expect_sound(*sync);

  if (last_rank()) options.nccl.nccl = "libno-such-nccl.so";
  const auto without = make_gradient_sync(world(), options);
  EXPECT_EQ(without->library(), GradientLibrary::mpi);
  if (world().size() > 1) {
    EXPECT_NE(without->summed_by().find("libno-such-nccl.so"), std::string::npos) << without->summed_by();
  }
  expect_sound(*without);
}

}  // namespace
}  // namespace jetpinn
