#include "jetpinn/optim/placed_vector.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using Values = std::vector<double>;

class PlacedVectorTest : public ::testing::Test {
 protected:
  PlacedVector there(const Values& values) {
    PlacedVector vector(static_cast<std::int64_t>(values.size()), device_.get());
    vector.open() = values;
    return vector;
  }
  const std::unique_ptr<VectorDevice> device_ = make_vector_device("emulated");
};

TEST_F(PlacedVectorTest, BeginsWithZeros) {
  EXPECT_EQ(PlacedVector(3).values(), Values(3));
  EXPECT_EQ(PlacedVector(3, device_.get()).values(), Values(3));
  EXPECT_TRUE(PlacedVector(0, device_.get()).empty());
  EXPECT_EQ(make_vector_device("cpu"), nullptr);
}

TEST_F(PlacedVectorTest, TheHostsSideIsItsOnlyOne) {
  PlacedVector vector = {1, 2};
  EXPECT_EQ(vector.place().here, vector.values().data());
  EXPECT_EQ(vector.place().device, nullptr);
}

TEST_F(PlacedVectorTest, EachSideSeesWhatTheOtherWrote) {
  PlacedVector vector = there({1, 2, 3});
  scale(2, vector, 3);
  EXPECT_EQ(vector.values(), (Values{2, 4, 6}));
  vector.open()[1] = 10;
  scale(2, vector, 3);
  EXPECT_EQ(vector.values(), (Values{4, 20, 12}));
  scale(2, vector, 3);  // what was read only is not sent again
  EXPECT_EQ(vector.open(), (Values{8, 40, 24}));
}

// A device sends when it comes to it.
TEST_F(PlacedVectorTest, WhatIsOnItsWayIsNotWrittenOver) {
  PlacedVector vector = there({1, 2, 3});
  const PlacedVector copy = vector;  // is sent, and copied there
  vector.open() = {7, 8, 9};
  EXPECT_EQ(copy.values(), (Values{1, 2, 3}));
  EXPECT_EQ(vector.values(), (Values{7, 8, 9}));
}

TEST_F(PlacedVectorTest, ACopyLiesWhereTheOriginalDoes) {
  const PlacedVector vector = there({1, 2});
  PlacedVector copy = vector;
  EXPECT_EQ(copy.place().device, device_.get());
  scale(3, copy, 2);
  EXPECT_EQ(copy.values(), (Values{3, 6}));
  EXPECT_EQ(vector.values(), (Values{1, 2}));
  PlacedVector moved = std::move(copy);
  EXPECT_EQ(moved.place().device, device_.get());
  EXPECT_EQ(moved.values(), (Values{3, 6}));
}

TEST_F(PlacedVectorTest, StaysOnItsDevice) {
  PlacedVector vector = there({1, 2});
  vector = PlacedVector{5, 6, 7};  // of a checkpoint, or where a run starts from
  EXPECT_EQ(vector.place().device, device_.get());
  scale(2, vector, 3);
  EXPECT_EQ(vector.values(), (Values{10, 12, 14}));
  PlacedVector longer = there({1});
  longer = vector;
  EXPECT_EQ(longer.values(), (Values{10, 12, 14}));
}

TEST_F(PlacedVectorTest, GrowsWithinItsRoomWithoutTheHost) {
  PlacedVector ring(6, device_.get());
  ring.clear();
  EXPECT_TRUE(ring.empty());
  ring.resize(2);
  copy_vector(there({1, 2}), ring, 2);
  ring.resize(4);
  copy_vector(there({3, 4}), ring.place() + 2, 2);
  EXPECT_EQ(ring.values(), (Values{1, 2, 3, 4}));
  ring.open() = {9, 8};  // restored
  ring.resize(4);
  copy_vector(there({7, 6}), ring.place() + 2, 2);
  EXPECT_EQ(ring.values(), (Values{9, 8, 7, 6}));
  ring.resize(8);  // beyond the room
  scale(2, ring, 8);
  EXPECT_EQ(ring.values(), (Values{18, 16, 14, 12, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace jetpinn
