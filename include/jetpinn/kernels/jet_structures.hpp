// Jet programs whose structure (targets, degrees, factors) is known at compile time; their coefficients stay run-time data.
//
// A program is matched by its sorted list of monomials; every other program goes to the interpreter of activation_jet_dynamic.hpp.
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
// Navier-Stokes 2-D (2, 1), Boussinesq (2, 2), Poisson in d dimensions (d, 1).
template <int First, int Second>
struct SquaresJet {
  static constexpr int channels = 1 + First + Second, degree = 2;
  static constexpr std::array<StaticMonomial, First * Second> monomials = [] {
    std::array<StaticMonomial, First * Second> list{};
    for (int s = 0; s < Second; ++s) {
      for (int f = 0; f < First; ++f) {
        list[s * First + f].target = 1 + First + s;
        list[s * First + f].degree = 2;
        list[s * First + f].factor = {1 + f, 1 + f, -1, -1};
      }
    }
    return list;
  }();
};

// 1, x, xx, and an operator with xxx (KdV).
struct ThirdOrderJet {
  static constexpr int channels = 4, degree = 3;
  static constexpr std::array<StaticMonomial, 3> monomials{
      StaticMonomial{2, 2, {1, 1, -1, -1}}, StaticMonomial{3, 2, {1, 2, -1, -1}}, StaticMonomial{3, 3, {1, 1, 1, -1}}};
};

// 1, x, xx, xxx, and an operator with xxxx (Kuramoto-Sivashinsky); WithSecond: xx is part of that operator too.
template <bool WithSecond>
struct FourthOrderJet {
  static constexpr int channels = 5, degree = 4;
  static constexpr std::array<StaticMonomial, 7 + WithSecond> monomials = [] {
    std::array<StaticMonomial, 7 + WithSecond> list{};
    list[0] = {2, 2, {1, 1, -1, -1}};
    list[1] = {3, 2, {1, 2, -1, -1}};
    list[2] = {3, 3, {1, 1, 1, -1}};
    int next = 3;
    if (WithSecond) list[next++] = {4, 2, {1, 1, -1, -1}};
    list[next++] = {4, 2, {1, 3, -1, -1}};
    list[next++] = {4, 2, {2, 2, -1, -1}};
    list[next++] = {4, 3, {1, 1, 2, -1}};
    list[next++] = {4, 4, {1, 1, 1, 1}};
    return list;
  }();
};

template <class...>
struct JetStructureList {};

using JetStructures =
    JetStructureList<FirstOrderJet<1>, FirstOrderJet<2>, FirstOrderJet<3>, FirstOrderJet<4>, SquaresJet<1, 1>, SquaresJet<2, 1>,
                     SquaresJet<3, 1>, SquaresJet<2, 2>, ThirdOrderJet, FourthOrderJet<false>, FourthOrderJet<true>>;

}  // namespace jetpinn
