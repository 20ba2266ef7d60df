// Jet programs whose structure (targets, degrees, factors) is known at compile time; their coefficients stay run-time data.
//
// A program runs on the smallest structure of as many channels that has all its monomials (what it lacks gets the
// coefficient 0); every other program goes to the interpreter of activation_jet_dynamic.hpp.
#pragma once

#include "jetpinn/kernels/jet_program.hpp"

#include <array>

namespace jetpinn {

struct StaticMonomial {
  int target = 0, degree = 0;
  std::array<int, 4> factor{-1, -1, -1, -1};
};

// A value and `Channels - 1` first-order channels: nothing but the chain rule.
template <int Channels>
struct FirstOrderJet {
  static constexpr int channels = Channels, degree = Channels == 1 ? 0 : 1;
  static constexpr std::array<StaticMonomial, 0> monomials{};
};

// First-order channels 1..First, then Second channels, each with the squares of all of them: Burgers, heat (1, 1), wave and
// Navier-Stokes 2-D (2, 1), Boussinesq (3, 1), Poisson in d dimensions (d, 1).
template <int First, int Second>
struct SquaresJet {
  static constexpr int channels = 1 + First + Second, degree = 2;
  static constexpr std::array<StaticMonomial, First * Second> monomials = [] {
    std::array<StaticMonomial, First * Second> list{};
    for (int s = 0; s < Second; ++s) {
      for (int f = 0; f < First; ++f) list[s * First + f] = {1 + First + s, 2, {1 + f, 1 + f, -1, -1}};
    }
    return list;
  }();
};

// One second-order channel with all products of First directions: anisotropic diffusion.
template <int First>
struct QuadraticJet {
  static constexpr int channels = 2 + First, degree = 2;
  static constexpr std::array<StaticMonomial, First*(First + 1) / 2> monomials = [] {
    std::array<StaticMonomial, First*(First + 1) / 2> list{};
    int next = 0;
    for (int f = 0; f < First; ++f) {
      for (int g = f; g < First; ++g) list[next++] = {1 + First, 2, {1 + f, 1 + g, -1, -1}};
    }
    return list;
  }();
};

// 1, x, y, xx, xy, yy: plane elasticity, Monge-Ampere.
struct SecondOrderPlaneJet {
  static constexpr int channels = 6, degree = 2;
  static constexpr std::array<StaticMonomial, 3> monomials{
      StaticMonomial{3, 2, {1, 1, -1, -1}}, StaticMonomial{4, 2, {1, 2, -1, -1}}, StaticMonomial{5, 2, {2, 2, -1, -1}}};
};

// 1, x, xx, and an operator with xxx (KdV).
struct ThirdOrderJet {
  static constexpr int channels = 4, degree = 3;
  static constexpr std::array<StaticMonomial, 3> monomials{
      StaticMonomial{2, 2, {1, 1, -1, -1}}, StaticMonomial{3, 2, {1, 2, -1, -1}}, StaticMonomial{3, 3, {1, 1, 1, -1}}};
};

// 1, x, xx, xxx, and an operator with xxxx (Kuramoto-Sivashinsky).
struct FourthOrderJet {
  static constexpr int channels = 5, degree = 4;
  static constexpr std::array<StaticMonomial, 7> monomials{
      StaticMonomial{2, 2, {1, 1, -1, -1}}, StaticMonomial{3, 2, {1, 2, -1, -1}}, StaticMonomial{3, 3, {1, 1, 1, -1}},
      StaticMonomial{4, 2, {1, 3, -1, -1}}, StaticMonomial{4, 2, {2, 2, -1, -1}}, StaticMonomial{4, 3, {1, 1, 2, -1}},
      StaticMonomial{4, 4, {1, 1, 1, 1}}};
};

// 1, t, x, xx, xxx, and an operator with tt and xxxx (a vibrating beam).
struct BeamJet {
  static constexpr int channels = 6, degree = 4;
  static constexpr std::array<StaticMonomial, 8> monomials{
      StaticMonomial{3, 2, {2, 2, -1, -1}}, StaticMonomial{4, 2, {2, 3, -1, -1}}, StaticMonomial{4, 3, {2, 2, 2, -1}},
      StaticMonomial{5, 2, {1, 1, -1, -1}}, StaticMonomial{5, 2, {2, 4, -1, -1}}, StaticMonomial{5, 2, {3, 3, -1, -1}},
      StaticMonomial{5, 3, {2, 2, 3, -1}},  StaticMonomial{5, 4, {2, 2, 2, 2}}};
};

// 1, x, y, xx, xy, yy, xxx + xyy, xxy + yyy, and the biharmonic operator.
struct BiharmonicPlaneJet {
  static constexpr int channels = 9, degree = 4;
  static constexpr std::array<StaticMonomial, 27> monomials{
      StaticMonomial{3, 2, {1, 1, -1, -1}}, StaticMonomial{4, 2, {1, 2, -1, -1}}, StaticMonomial{5, 2, {2, 2, -1, -1}},
      StaticMonomial{6, 2, {1, 3, -1, -1}}, StaticMonomial{6, 2, {1, 5, -1, -1}}, StaticMonomial{6, 2, {2, 4, -1, -1}},
      StaticMonomial{6, 3, {1, 1, 1, -1}},  StaticMonomial{6, 3, {1, 2, 2, -1}},  StaticMonomial{7, 2, {1, 4, -1, -1}},
      StaticMonomial{7, 2, {2, 3, -1, -1}}, StaticMonomial{7, 2, {2, 5, -1, -1}}, StaticMonomial{7, 3, {1, 1, 2, -1}},
      StaticMonomial{7, 3, {2, 2, 2, -1}},  StaticMonomial{8, 2, {1, 6, -1, -1}}, StaticMonomial{8, 2, {2, 7, -1, -1}},
      StaticMonomial{8, 2, {3, 3, -1, -1}}, StaticMonomial{8, 2, {3, 5, -1, -1}}, StaticMonomial{8, 2, {4, 4, -1, -1}},
      StaticMonomial{8, 2, {5, 5, -1, -1}}, StaticMonomial{8, 3, {1, 1, 3, -1}},  StaticMonomial{8, 3, {1, 1, 5, -1}},
      StaticMonomial{8, 3, {1, 2, 4, -1}},  StaticMonomial{8, 3, {2, 2, 3, -1}},  StaticMonomial{8, 3, {2, 2, 5, -1}},
      StaticMonomial{8, 4, {1, 1, 1, 1}},   StaticMonomial{8, 4, {1, 1, 2, 2}},   StaticMonomial{8, 4, {2, 2, 2, 2}}};
};

template <class...>
struct JetStructureList {};

#ifdef JETPINN_FEW_JET_STRUCTURES   // sanitizers: each structure takes minutes to compile there, and
                                    // the interpreter serves every plan
using JetStructures = JetStructureList<FirstOrderJet<1>, SquaresJet<1, 1>>;
#else
using JetStructures =
    JetStructureList<FirstOrderJet<1>, FirstOrderJet<2>, FirstOrderJet<3>, FirstOrderJet<4>, FirstOrderJet<5>,
                     SquaresJet<1, 1>, SquaresJet<2, 1>, SquaresJet<3, 1>, SquaresJet<4, 1>, SquaresJet<10, 1>,
                     SquaresJet<2, 2>, QuadraticJet<2>, QuadraticJet<3>, SecondOrderPlaneJet, ThirdOrderJet, FourthOrderJet,
                     BeamJet, BiharmonicPlaneJet>;
#endif

}  // namespace jetpinn
