#include "jetpinn/classify/epoch_log.hpp"

#include "jetpinn/classify/epoch_totals.hpp"
#include "jetpinn/classify/image_engine.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

Agreed step_of(double loss, double share_wrong) {
  Agreed agreed;
  agreed.terms.resize(image_terms);
  agreed.terms[cross_entropy] = loss;
  agreed.terms[wrong] = share_wrong;
  return agreed;
}

// 30 images at a loss of 2 and 10 at 1; of 40, 15 + 1 were wrong.
TEST(EpochTotals, AreMeansOverImages) {
  EpochTotals totals;
  totals.begin({100, 500, 40});
  totals.account(step_of(2, 0.5), 30, 30);
  totals.account(step_of(1, 0.1), 50, 10);
  EpochRecord record;
  totals.tell(record, {104, 700, 90});
  EXPECT_DOUBLE_EQ(record.loss, 1.75);
  EXPECT_DOUBLE_EQ(record.accuracy, 0.6);
  EXPECT_EQ(record.images, 80);
  EXPECT_EQ(record.trained, 40);
  EXPECT_EQ(record.epoch_s, 4);
  EXPECT_EQ(record.epoch_joules, 200);
  EXPECT_FALSE(record.joules_modelled);
  EXPECT_EQ(record.saved, 0.5);
  totals.begin({104, 700, 90});
  totals.account(step_of(3, 0), 10, 10);
  totals.tell(record, {105, -1, 100});
  EXPECT_EQ(record.loss, 3);
  EXPECT_TRUE(record.joules_modelled) << "the meter can be read no more";
  EXPECT_EQ(record.joules, 100);
  EXPECT_EQ(record.epoch_joules, 10);
  totals.begin({105, -1, 100});
  totals.tell(record, {106, 900, 120});
  EXPECT_EQ(record.epoch_joules, -1) << "the meter can be read again, and was not when the epoch began";
  EXPECT_EQ(totals.images_in_all(), 90);
  EXPECT_EQ(totals.trained_in_all(), 50);
}

TEST(EpochLog, LinesTellTheEpoch) {
  EpochRecord record;
  record.epoch = 3, record.step = 12, record.images = 80, record.trained = 40;
  record.time_s = 65, record.epoch_s = 4;
  record.loss = 1.75, record.accuracy = 0.6, record.validation_loss = 2, record.validation_accuracy = 0.5;
  const std::string line = epoch_line(record, 10);
  EXPECT_EQ(line.size(), epoch_header().size());
  for (const char* word : {"3/10", "1.750e+00", "60.00%", "50.00%", " 50.0%", " 80 ", " 20 ", "1:05", " -"})
    EXPECT_NE(line.find(word), std::string::npos) << word << " is not in: " << line;
  const auto json = nlohmann::json::parse(epoch_json(record));
  EXPECT_EQ(json["epoch"], 3);
  EXPECT_EQ(json["step"], 12);
  EXPECT_EQ(json["activation"], 0.5);
  EXPECT_EQ(json["validation"]["accuracy"], 0.5);
  EXPECT_TRUE(json["joules"].is_null());
  EXPECT_FALSE(json.contains("gate"));
  record.joules = record.epoch_joules = 1.5, record.joules_modelled = true;
  record.saved = 0.25, record.threshold = 3;
  const std::string gated = epoch_line(record, 10);
  EXPECT_EQ(gated.size(), epoch_header().size());
  for (const char* word : {" 25.0%", " 1.5 J*"}) EXPECT_NE(gated.find(word), std::string::npos) << word << ": " << gated;
  const auto told = nlohmann::json::parse(epoch_json(record));
  EXPECT_EQ(told["joules"], 1.5);
  EXPECT_EQ(told["joules_modelled"], true);
  EXPECT_EQ(told["gate"], nlohmann::json::parse(R"({"activation": 0.5, "saved": 0.25, "threshold": 3.0})"));
}

}  // namespace
}  // namespace jetpinn
