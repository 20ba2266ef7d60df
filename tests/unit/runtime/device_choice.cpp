#include "jetpinn/runtime/device_choice.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

CudaFacts good() {
  CudaFacts facts;
  facts.built = true;
  facts.runtime = 13000;
  facts.built_for = {80, 90};
  facts.driver = 13000;
  facts.cards = {{"NVIDIA H200", 90, std::int64_t{140} << 30, "a"}, {"NVIDIA H200", 90, std::int64_t{140} << 30, "b"}};
  return facts;
}

// That the obstacle of good() with a change is a sentence with this in it.
template <class Change>
void expect_obstacle(const std::string& part, const Change& change) {
  CudaFacts facts = good();
  change(facts);
  EXPECT_NE(cuda_obstacle(facts).find(part), std::string::npos) << cuda_obstacle(facts);
}

TEST(CudaObstacle, GoodCardsHaveNone) {
  EXPECT_EQ(cuda_obstacle(good()), "");
  CudaFacts facts = good();
  facts.visible = "1,0";
  EXPECT_EQ(cuda_obstacle(facts), "");
  facts.visible = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6";
  EXPECT_EQ(cuda_obstacle(facts), "");
  facts.cards[1].capability = 120;  // newer than the build: the driver compiles its kernels
  EXPECT_EQ(cuda_obstacle(facts), "");
  facts.driver = 13020;
  EXPECT_EQ(cuda_obstacle(facts), "");
  facts.runtime = 13020;
  facts.driver = 13000;  // within a major version older drivers serve
  EXPECT_EQ(cuda_obstacle(facts), "");
}

TEST(CudaObstacle, SaysWhatIsMissingAndHowToMendIt) {
  expect_obstacle("this build has no CUDA", [](CudaFacts& facts) { facts.built = false; });
  expect_obstacle("no NVIDIA driver", [](CudaFacts& facts) { facts.driver = 0; });
  expect_obstacle("the driver serves CUDA up to 12.4 and this build needs 13.0",
                  [](CudaFacts& facts) { facts.driver = 12040; });
  expect_obstacle("there is no NVIDIA card on this machine; use --device cpu",
                  [](CudaFacts& facts) { facts.cards.clear(); });
  expect_obstacle("(CUDA: initialization error)", [](CudaFacts& facts) {
    facts.cards.clear();
    facts.failure = "initialization error";
  });
  expect_obstacle(
      "NVIDIA V100 (sm_70, 32.0 GiB) has compute capability 7.0 and this build's kernels need 8.0; build with "
      "-DCMAKE_CUDA_ARCHITECTURES=70",
      [](CudaFacts& facts) {
        facts.cards[1] = {"NVIDIA V100", 70, std::int64_t{32} << 30, "b"};
      });
}

// It keeps its number, which is CUDA's, and the ones behind it theirs.
TEST(CudaCards, OneThatCannotBeReadIsLeftOutAndSaid) {
  CudaFacts facts = good();
  EXPECT_EQ(unreadable_note(facts), "");
  facts.cards.insert(facts.cards.begin() + 1, CudaCard{});
  facts.cards[1].failure = "unknown error";
  EXPECT_EQ(cuda_obstacle(facts), "");
  EXPECT_EQ(readable_cards(facts), (std::vector<int>{0, 2}));
  EXPECT_EQ(unreadable_note(facts), "card 1 is left out, for it cannot be read (unknown error)");
  facts.cards = {facts.cards[1]};
  EXPECT_EQ(cuda_obstacle(facts).find("a card that cannot be read (unknown error) is all that there is; look at it with"),
            0u);
}

// A hidden card is the reason, not the list that is empty for it.
TEST(CudaObstacle, TellsCardsThatAreHiddenFromCardsThatAreNotThere) {
  for (const char* list : {"", "-1", " ", "NoDevFiles", "-1,0"})
    expect_obstacle("hides every card", [&](CudaFacts& facts) {
      facts.cards.clear();
      facts.visible = list;
    });
  for (const char* list : {"0,0", "1, 0 ,1", "GPU-8932f937,GPU-8932f937"})
    expect_obstacle("twice", [&](CudaFacts& facts) {
      facts.cards.clear();
      facts.visible = list;
    });
}

TEST(CudaCards, RanksOfAHostTakeThemInTurn) {
  EXPECT_EQ(card_of(0, 2), 0);
  EXPECT_EQ(card_of(1, 2), 1);
  EXPECT_EQ(card_of(4, 2), 0);
  EXPECT_EQ(sharing_note({"a"}), "");
  EXPECT_EQ(sharing_note({"a", "b", "c"}), "");
  EXPECT_EQ(sharing_note({"a", "a", "a"}).find("3 ranks share 1 card and"), 0u);
  EXPECT_EQ(sharing_note({"a", "b", "a"}).find("3 ranks share 2 cards and"), 0u);
}

TEST(CudaCards, AShortageIsSaidWithTheArithmetic) {
  constexpr std::int64_t gib = std::int64_t{1} << 30;
  const CardPlan plan{3 * gib, gib / 2, gib / 8, gib / 8};
  EXPECT_EQ(card_shortage(plan, plan.total(), 1, "card 0"), "");
  EXPECT_EQ(card_shortage(plan, plan.total() - 1, 1, "card 0")
                .find("device cuda: the plan needs 3.75 GiB = engine 3.00 GiB + vectors 0.50 GiB + workspace 0.12 GiB + "
                      "spare 0.12 GiB; card 0 has"),
            0u);
  EXPECT_EQ(card_shortage(plan, 8 * gib, 2, "card 0"), "");
  EXPECT_NE(card_shortage(plan, 4 * gib, 2, "card 0").find("2.00 GiB free for each of 2 ranks"), std::string::npos);
}

TEST(DeviceChoice, TheProcessorAndTheEmulatedOneAreThere) {
  Communicator communicator;
  EXPECT_EQ(choose_device(communicator, "cpu").name, "cpu");
  EXPECT_EQ(choose_device(communicator, "emulated").name, "emulated");
  const std::string obstacle = cuda_obstacle(cuda_facts());
  EXPECT_EQ(choose_device(communicator, "auto").name, obstacle.empty() ? "cuda" : "cpu");
  for (const std::string name : {"cuda", "gpu", ""}) {
    if (name == "cuda" && obstacle.empty()) continue;
    try {
      choose_device(communicator, name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_TRUE(name != "cuda" || error.what() == "device cuda: " + obstacle) << error.what();
    }
  }
}

}  // namespace
}  // namespace jetpinn
