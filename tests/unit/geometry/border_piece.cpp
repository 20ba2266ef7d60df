#include "jetpinn/geometry/border_piece.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

using std::numbers::pi;

// Length or area, and outward flux over dimensions, of the border of a body.
struct Totals {
  double border = 0, volume = 0;
};

Totals totals(const ShapePointer& body, int tries = 20000) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> draw(0, 1);
  Totals sums;
  for (const auto& piece : border_pieces(body)) {
    const Surface& surface = piece->surface();
    std::vector<double> fractions(static_cast<std::size_t>(surface.parameters())), point(body->dimensions()),
        normal(body->dimensions());
    for (int i = 0; i < tries; ++i) {
      for (double& fraction : fractions) fraction = draw(random);
      if (!surface.place(fractions.data(), point.data()) || !piece->on_border(point.data())) continue;
      piece->normal(point.data(), normal.data());
      sums.border += surface.measure() / tries;
      for (std::size_t d = 0; d < point.size(); ++d)
        sums.volume += surface.measure() / tries * normal[d] * point[d] / static_cast<double>(point.size());
    }
  }
  return sums;
}

void expect_totals(const ShapePointer& body, double border, double volume) {
  const Totals sums = totals(body);
  EXPECT_NEAR(sums.border, border, 0.01 * border);
  EXPECT_NEAR(sums.volume, volume, 0.02 * std::abs(volume) + 0.02);
}

TEST(BorderPiece, HolesHaveNormalsIntoThem) {
  const ShapePointer square = make_box({-1, -1}, {1, 1}), disk = make_ball({0.2, 0}, 0.3);
  expect_totals(intersect(square, complement(disk)), 8 + 2 * pi * 0.3, 4 - pi * 0.09);
}

TEST(BorderPiece, PartsOfOverlappingBodies) {
  const ShapePointer a = make_ball({0, 0}, 1), b = make_ball({1, 0}, 1);  // a third of each circle lies in the other
  const double lens = 2 * pi / 3 - std::sqrt(3.0) / 2;
  expect_totals(unite(a, b), 8 * pi / 3, 2 * pi - lens);
  expect_totals(intersect(a, b), 4 * pi / 3, lens);
  expect_totals(intersect(a, complement(b)), 2 * pi, pi - lens);
}

// Faces that lie in one another count once, or not at all where both sides are inside or both outside.
TEST(BorderPiece, SharedFaces) {
  const ShapePointer left = make_box({0, 0}, {1, 1}), right = make_box({1, 0}, {2, 1});
  expect_totals(unite(left, right), 6, 2);
  const ShapePointer whole = make_box({0, 0}, {2, 2}), corner = make_box({1, 1}, {2, 2});
  expect_totals(intersect(whole, complement(corner)), 8, 3);  // an L
  expect_totals(unite(whole, corner), 8, 4);
  expect_totals(intersect(whole, corner), 4, 1);
}

TEST(BorderPiece, InThreeDimensions) {
  const ShapePointer cube = make_box({-1, -1, -1}, {1, 1, 1}), ball = make_ball({0, 0, 1}, 0.5);
  expect_totals(intersect(cube, complement(ball)), 24 - pi * 0.25 + 2 * pi * 0.25, 8 - 2.0 / 3 * pi * 0.125);
}

// The share of each surface's points that bound the body, leaf by leaf.
std::vector<double> shares_on_border(const ShapePointer& body) {
  std::vector<double> shares;
  for (const auto& piece : border_pieces(body)) {
    int on = 0;
    const int tries = 4000;
    std::vector<double> fractions(static_cast<std::size_t>(piece->surface().parameters())), point(body->dimensions());
    std::mt19937_64 random(5);
    for (int i = 0; i < tries; ++i) {
      for (double& fraction : fractions) fraction = std::uniform_real_distribution<double>(0, 1)(random);
      piece->surface().place(fractions.data(), point.data());
      on += piece->on_border(point.data());
    }
    shares.push_back(static_cast<double>(on) / tries);
  }
  return shares;
}

// But for the few points that rounding, 1e-4 at coordinates of 1e9, does not tell from a corner.
void expect_shares(const ShapePointer& body, const std::vector<double>& expected) {
  const std::vector<double> shares = shares_on_border(body);
  ASSERT_EQ(shares.size(), expected.size());
  for (std::size_t s = 0; s < shares.size(); ++s)
    EXPECT_NEAR(shares[s], expected[s], 2e-3) << "surface " << s << " of a body from " << body->lower()[0];
}

// What lies on which side is told at any size and place: by each primitive with a step of its own.
TEST(BorderPiece, TinyHolesAndWideBodies) {
  for (const double x : {0.0, 1.0, 700.0, -999.0}) {
    const ShapePointer hole = make_ball({x, 0.3 * x}, 1e-6);
    for (const ShapePointer& wide : {make_box({-1e3, -1e3}, {1e3, 1e3}), make_ball({0, 0}, 2e3)}) {
      const ShapePointer body = intersect(wide, complement(hole));
      for (const double share : shares_on_border(body)) EXPECT_EQ(share, 1) << x;
      std::vector<double> point = {x + 1e-6, 0.3 * x}, normal(2);
      border_pieces(body).back()->normal(point.data(), normal.data());
      EXPECT_NEAR(normal[0], -1, 1e-5) << x;
    }
  }
  // half of a small circle about a point of a large one lies in it
  const ShapePointer disk = make_ball({0, 0}, 1e3), small = make_ball({1e3, 0}, 1e-4);
  EXPECT_NEAR(shares_on_border(intersect(disk, complement(small))).back(), 0.5, 0.02);
}

TEST(BorderPiece, FarFromTheOrigin) {
  for (const double far : {1e3, 1e6, -1e6, 1e9}) {
    const Motion there{1, {}, {far, -far}};
    const Motion turned{1, {0.6, -0.8, 0.8, 0.6}, {far, far}};
    for (const Motion& motion : {there, turned}) {
      const ShapePointer left = make_box({0, 0}, {1, 1})->moved(motion), right = make_box({1, 0}, {2, 1})->moved(motion);
      expect_shares(unite(left, right), {1, 0, 1, 1, 0, 1, 1, 1});
      const ShapePointer disk = make_ball({0.5, 0.5}, 0.3)->moved(motion);
      expect_shares(intersect(left, complement(disk)), {1, 1, 1, 1, 1});
    }
    // far by their own numbers, and moved back
    const Motion back{1, {}, {-far, 0}};
    const ShapePointer one = make_box({far, 0}, {far + 1, 1})->moved(back), two = make_box({1, 0}, {2, 1});
    expect_shares(unite(one, two), {1, 0, 1, 1, 0, 1, 1, 1});
  }
}

}  // namespace
}  // namespace jetpinn
