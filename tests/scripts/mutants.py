#!/usr/bin/env python3
"""Breaks the program in small ways and demands that the right test notices.

  mutants.py BUILD_FOLDER [NAME...]

Each mutant replaces one piece of text in one file. Only the sources that it names are compiled again, in a temporary folder in front
of the include path, and linked in place of what was built: neither the tree nor the build folder is touched. The test must pass as it
is and fail with the mutant. A mutant whose text is no longer found fails too: renew it together with the code.

A source that the build compiles beside others is compiled alone first, and linked in front of them: what it defines takes the place of
theirs, which is enough to be noticed. Only where nothing is noticed so, or the source has variables that there would be twice, all of
them are compiled again."""
import concurrent.futures
import dataclasses
import functools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
MODULE = "libjetpinn_libtorch.so"   # that programs load, in the build folder


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str          # below the root
    old: str           # occurs exactly once
    new: str
    program: str       # test program that notices ...
    filter: str        # ... in these GoogleTest cases
    sources: tuple = ()  # compiled again, below the root or the build folder; default: the file itself
    ranks: int = 1


KERNELS = "include/jetpinn/kernels/"
STORE = "src/io/checkpoint_store.cpp"
TANH = ("kernels/activation_jet_tanh.cpp",)   # made by CMake
AGAINST = "*JetsAgainstReference*/tanh_"   # cases of tests/unit/engine/jets_against_reference.cpp

GEOMETRY = "src/geometry/"

mutants = [
    Mutant("weights_of_rows_of_this_epoch", "src/sampling/streamed_weights.cpp", "read_window(epoch - 1, epoch, window, numbers.data())",
           "read_window(epoch, epoch, window, numbers.data())", "unit_sampling", "WeightsOfRows.Follow*"),
    Mutant("generation_in_one_place", "src/io/generation_file.cpp", "(generation % places_)", "(generation % 1)", "unit_io", "Generations.*"),
    Mutant("blocks_of_any_run", "src/io/generation_file.cpp", "place[] = {run, generation, block}", "place[] = {0 * run, generation, block}",
           "unit_io", "Generations.Blocks*"),
    Mutant("shares_by_one_look", "src/train/measured_shares.cpp", "both.push_back(std::max(now[r], before_[r]))", "both.push_back(now[r])",
           "unit_train", "MeasuredShares.Take*"),
    Mutant("weights_stay_behind_their_points", "src/balance/point_weights.cpp", "lambda_ = join_points(communicator, {column}, next).coordinates;",
           "lambda_.resize(join_points(communicator, {column}, next).coordinates.size(), 1.0);", "mpi_train", "DealingOverRanks.What*", ranks=2),
    Mutant("a_few_images_told_as_taken", "src/classify/image_gate.cpp", "controller_.account(told_rate());",
           "controller_.account(static_cast<double>(images.size()) / 16);", "mpi_classify", "ImageGate.AFew*"),
    Mutant("image_weights_too_large", "src/classify/image_gate.cpp", "push_back(share * importance_weight", "push_back(importance_weight",
           "mpi_classify", "ImageGate.Weights*"),
    Mutant("image_blocks_counted_twice", "src/classify/image_engine.cpp", "std::fill(gradient.begin(), gradient.end(), 0.0);", "",
           "mpi_classify", "ImageEngine.*"),
    Mutant("images_mirrored_beside_themselves", "src/vision/augment.cpp", "width - 1 - moved", "width - moved", "unit_vision", "Augment.*"),
    Mutant("nccl_called_too_early", "src/comm/nccl_sums.cpp", "if (called_ && !routes_.ready(called_)) return;", "", "mpi_comm",
           "NcclSync.Whole*", ranks=2),
    Mutant("nccl_before_its_numbers", "src/comm/nccl_sums.cpp",
           "if (sum.legs == 0) routes_.check_cuda(library.stream_wait_event(routes_.sums(), sum.ready, 0));", "", "mpi_comm", "NcclSync.Whole*", ranks=2),
    Mutant("nccl_back_before_the_sum", "src/comm/nccl_sync.cpp", "routes_->check_cuda(library.stream_wait_event(routes_->out(), slab.summed, 0));",
           "", "mpi_comm", "NcclSync.Whole*", ranks=2),
    Mutant("normals_of_a_table_as_long_as_stored", "src/sampling/stored_normals.cpp", "component /= length;", "component /= 1;",
           "unit_sampling", "StoredNormals.*:Streamed.Normals*"),
    Mutant("streamed_normals_as_long_as_stored", "src/sampling/streamed_points.cpp",
           "for (const std::size_t c : normal_) lying[c * count + i] = row[c];", "", "unit_sampling", "Streamed.Normals*"),
    Mutant("last_block_of_vtk_as_long_as_the_others", "src/io/vtk_bytes.cpp", "&& blocks->last != 0;", "&& false;", "unit_io", "VtkTable.*"),
    Mutant("equal_scores_chosen_by_every_rank", "src/sampling/adaptive_choice.cpp",
           "left -= static_cast<std::int64_t>(of_ranks[static_cast<std::size_t>(rank)]);", ";", "mpi_sampling",
           "AdaptiveChoice.TheLargest*", ranks=3),
    Mutant("sketch_without_powers", "src/ablate/low_rank_svd.cpp", "power < sketch_powers;", "power < 0;", "unit_ablate",
           "LowRankSvd.Sketch*"),
    Mutant("second_pass_forgets_the_first", "src/ablate/column_block.cpp", "start_ = r_;", "start_ = inverse_;", "unit_ablate", "ColumnBlock*Two*"),
    Mutant("angles_alone_tell_the_condition", "src/ablate/column_block.cpp", "if (!serves(", "if (false && !serves(", "unit_ablate", "ColumnBlock*Angles*"),
    Mutant("damaged_result_served", "src/ablate/result_cache.cpp", "whole.substr(0, line) == hex(hash_of(whole.substr(line + 1)))", "true", "unit_ablate",
           "ResultCache.Damage*"),
    Mutant("damaged_features_served", "src/ablate/feature_cache.cpp", "if (file.valid() && !file.check())", "if (false && !file.check())", "unit_ablate",
           "FeatureCache.Damage*"),
    Mutant("shape_of_the_spectrum_told_by_its_fourth_moment", "src/ablate/weight_generator.cpp", "-2 * M_PI / 3, 2 * M_PI / 3}", "-2 * M_PI / 3, 0.5}",
           "unit_ablate", "WeightGenerator.Norms*"),
    Mutant("chosen_alike", "src/sampling/adaptive_choice.cpp", "std::log(densities[i])", "std::log(1.0)", "mpi_sampling", "AdaptiveChoice.*Density"),
    Mutant("joined_points_of_one_rank", "src/sampling/joined_points.cpp", "put_row(next[r], place - wanted[own].begin, joined);",
           "put_row(from[r].data(), place - wanted[own].begin, joined);", "mpi_sampling", "JoinedPoints.*", ranks=3),
    Mutant("importance_without_weights", "src/train/adaptive_points.cpp", "share * std::max(1.0, threshold", "1 + 0 * std::max(1.0, threshold", "mpi_train",
           "AdaptivePoints.Importance*"),
    Mutant("harmful_round_kept", "src/train/adaptive_points.cpp", "parameters = before_parameters_;", "", "mpi_train",
           "AdaptivePoints.AHarmful*"),
    Mutant("rounds_not_saved", "src/train/adaptive_points.cpp", '{"adaptive/rounds", &rounds_},', "", "mpi_train", "AdaptiveRun.IsExact*"),
    Mutant("growth_without_end", "src/train/adaptive_points.cpp", "times_points(*settings_.most, static_cast<double>(first_[which])) - assembly_.counts[terms_[which]],",
           "assembly_.counts[terms_[which]],", "mpi_train", "AdaptivePoints.Refinement*"),
    Mutant("gate_winds_up", "src/gate/rate_controller.cpp", "if (!outwards) integral_ = std::clamp(moved, lowest, highest);", "integral_ = moved;",
           "unit_gate", "RateController.*"),
    Mutant("gate_of_each_rank_alone", "src/gate/selection.cpp", "std::int64_t at = before + start;", "std::int64_t at = start + 0 * before;",
           "unit_gate", "Selection.*"),
    Mutant("gate_of_terms_that_are_gone", "src/config/window_config.cpp", "  leave_out_of_gate(root, term);\n", "", "unit_config",
           "WindowConfig.AGateForgets*"),
    Mutant("gate_scores_not_saved", "src/train/gated_points.cpp", 'column("before", part.scores.before);', "", "mpi_train", "ResumeTest.GatedRuns*"),
    Mutant("border_shared_face_twice", GEOMETRY + "border_piece.cpp", "std::none_of(earlier_", "true || std::none_of(earlier_",
           "unit_geometry", "BorderPiece.*"),
    Mutant("border_both_sides_inside", GEOMETRY + "border_piece.cpp", "on_border_of(*near_, point);", "within(*near_, point);",
           "unit_geometry", "BorderPiece.*"),
    Mutant("border_normal_inwards", GEOMETRY + "border_piece.cpp", "if (!sides(leave, point).ahead) return;",
           "if (sides(leave, point).ahead) return;", "unit_geometry", "BorderPiece.*"),
    Mutant("border_step_of_the_point_alone", GEOMETRY + "primitive.cpp", "border_room(error + rounding(point))", "1e-8",
           "unit_geometry", "BorderPiece.*"),
    Mutant("alternatives_not_compared", GEOMETRY + "alternatives.cpp", "may_overlap(*earlier.whole, piece) && !cut_off(", "false && !cut_off(",
           "unit_geometry", "*AlternativesShareNothing"),
    Mutant("alternative_dropped_for_one_surface", GEOMETRY + "alternatives.cpp", "std::all_of(inner.pieces", "std::any_of(inner.pieces",
           "unit_geometry", "*AlternativesShareNothing:*InOnePiece"),
    Mutant("alternatives_counted_twice", GEOMETRY + "piece_filter.cpp", "if (is_in_other(*piece.earlier[e], piece, point) &&",
           "if (false &&", "unit_geometry", "*AlternativesShareNothing"),
    Mutant("earlier_condition_forgotten", GEOMETRY + "piece_filter.cpp", "(!earlier_[e] || (*earlier_[e])(point) != 0)", "true",
           "unit_geometry", "*AlternativesShareNothing"),
    Mutant("face_beside_a_hole", GEOMETRY + "piece_filter.cpp", "if (piece.flat && !piece.flat->holds(point)) return false;", "",
           "unit_config", "config_geometry.a_face_of_the_box*"),
    Mutant("trials_of_a_border_not_shared", GEOMETRY + "piece_measure.cpp", "if (of_border == Tried::not_yet) of_border", "of_border",
           "unit_geometry", "*AskABorderOnce"),
    Mutant("partners_anywhere", "src/problem/problem.cpp", "      require_partners(text, term);\n", "", "unit_config",
           "config_geometry.linked_points*"),
    Mutant("interface_normal_out_of_the_domain", GEOMETRY + "box_region.cpp", "piece.border->other ? nullptr : ", "", "unit_config",
           "config_geometry.*"),
    Mutant("drawn_again_in_the_same_order", "src/sampling/sobol.cpp", "attempt == 0 ? index : order_(index)", "index",
           "unit_sampling", "Sobol.*"),
    Mutant("nodes_that_count_alike", "src/sampling/quadrature_points.cpp", "weight *= parts_[p].axes[k].weight(node);",
           "weight /= static_cast<double>(parts_[p].axes[k].nodes()), (void)node;", "unit_sampling", "QuadraturePoints.*"),
    Mutant("terms_of_the_log_without_quadrature", "include/jetpinn/engine/point_columns.hpp", "if (points.quadrature_columns == 0) return {};",
           "if (points.quadrature_columns >= 0) return {};", "unit_train", "QuadratureOfTerms.LossesAre*", ("src/engine/jets_engine.cpp",)),
    Mutant("placed_normal_inwards", "src/sampling/placed_points.cpp", "= normal[columns.axes[k]];", "= -normal[columns.axes[k]];",
           "unit_sampling", "PlacedPoints.*"),
    Mutant("normal_derivative_without_the_first", "src/expr/parser_vectors.cpp",
           "for (std::size_t k = 0; k < by.size(); ++k)", "for (std::size_t k = 1; k < by.size(); ++k)",
           "unit_expr", "Attributes.*"),
    Mutant("linked_points_have_the_first_normal", "src/sampling/placed_points.cpp", "fill_site(*this, linked.get(),",
           "fill_site(*this, faces.get(),", "unit_sampling", "PlacedPoints.*"),
    Mutant("ellipsoid_not_by_area", GEOMETRY + "surface.cpp", "fractions[parameters() - 1] * most_ <= stretch(unit.data())", "true",
           "unit_geometry", "*EveryShape*"),
    Mutant("border_of_all_space", GEOMETRY + "piece.cpp", "(!part.domain || part.border->within(*part.domain, place.data()))", "true",
           "unit_geometry", "ShapeRegion.*"),
    Mutant("mesh_sign_of_the_face_alone", GEOMETRY + "mesh_shape.cpp", "return mesh.side_normals[t][number];", "return mesh.face_normals[t];",
           "unit_geometry", "MeshShape.*"),
    Mutant("mesh_corners_without_angles", GEOMETRY + "triangle_mesh.cpp", "std::atan2(length(cross(one, other)), dot(one, other))", "1", "unit_geometry",
           "MeshShape.*:TriangleMesh.*"),
    Mutant("mesh_flat_triangles_block_the_view", GEOMETRY + "triangle_mesh.cpp", "if (side != longest_[t]) return seen(across_[longest_[t]], depth + 1);",
           "return mesh_.face_normals[t];", "unit_geometry", "MeshShape.*"),
    Mutant("mesh_points_not_by_area", GEOMETRY + "mesh_shape.cpp", "area_up_to_.push_back(sum += own_->mesh.areas[static_cast<std::size_t>(t)]);",
           "area_up_to_.push_back(sum += own_->mesh.areas[static_cast<std::size_t>(t)] * 0 + 1);", "unit_geometry", "Primitives/EveryShape.*"),
    # Adjoints and derivatives of the activation
    Mutant("activation_derivative_sign", KERNELS + "activation_function.hpp", "s[3] = d * (T(6) * a2 - T(2));", "s[3] = d * (T(6) * a2 + T(2));",
           "unit_engine", AGAINST + "burgers", TANH),
    Mutant("activation_adjoint_sign", KERNELS + "activation_jet_kernels.hpp", "zbar[0] += s[n + 2] * q[n + 1];", "zbar[0] -= s[n + 2] * q[n + 1];",
           "unit_engine", AGAINST + "burgers", TANH),
    Mutant("activation_adjoint_factor", KERNELS + "activation_jet_kernels.hpp", "T(times) * k[i] * (slope", "k[i] * (slope",
           "unit_engine", "*GradientCheck.FiniteDifferences*/jets_burgers", TANH),
    Mutant("interpreter_adjoint_sign", KERNELS + "activation_jet_dynamic.hpp", "value[u] += slopes.s[u][m.degree + 1] * hbar[u] * product;",
           "value[u] -= slopes.s[u][m.degree + 1] * hbar[u] * product;", "unit_engine", AGAINST + "four_coordinates", TANH),
    Mutant("bias_dropped", KERNELS + "activation_jet_kernels.hpp", "memo<T>(z[0] + bias)", "memo<T>(z[0] + T(0) * bias)",
           "unit_engine", AGAINST + "burgers", TANH),
    Mutant("bias_gradient_dropped", KERNELS + "activation_jet_kernels.hpp", "      bias_gradient += zbar[0];\n", "",
           "unit_engine", AGAINST + "burgers", TANH),
    # Order six
    Mutant("sixth_derivative_sign", KERNELS + "activation_function.hpp", "s[6] = d * a * (T(28) +", "s[6] = d * a * (T(-28) +",
           "unit_engine", AGAINST + "triharmonic", TANH),
    Mutant("seventh_derivative_sign", KERNELS + "activation_function.hpp", "s[7] = d * (T(106) +", "s[7] = d * (T(-106) +",
           "unit_engine", AGAINST + "triharmonic", TANH),
    # Linked points and squared means
    Mutant("pair_ignored", "src/sampling/linked_points.cpp", "std::fill_n(second.begin()", "if (false) std::fill_n(second.begin()",
           "unit_sampling", "LinkedPoints.*"),
    Mutant("audit_looks_at_the_first_place", "src/audit/interfaces.cpp", "one.site == 0 ? place : linked(place);", "place;",
           "unit_audit", "AuditInterfaces.*"),
    Mutant("coefficient_of_the_first_place", "src/audit/coefficients.cpp", "k < pair.size() && leaf.site == 1", "k < pair.size() && leaf.site == 2",
           "unit_audit", "AuditCoefficients.*"),
    Mutant("gradient_of_a_squared_mean_halved", "src/train/squared_means.cpp", "+= 2 * weight * m * sums[i];", "+= weight * m * sums[i];",
           "mpi_train", "SquaredMeans.*", ranks=2),
    Mutant("mean_also_squared_at_points", "src/train/objective.cpp", "engine_->leave_out(squared_means_.terms());", "engine_->leave_out({});",
           "mpi_train", "SquaredMeans.*", ranks=2),
    # Parameters of a problem
    Mutant("parameter_in_the_laplacian", "src/expr/names.cpp", "for (int d = 0; d < differentiable(); ++d)",
           "for (int d = 0; d < static_cast<int>(coordinates.size()); ++d)", "unit_problem", "Parameters.*"),
    Mutant("parameter_has_faces", "src/problem/set_reader.cpp", "problem_.upper, text_.coordinates.size());", "problem_.upper, problem_.upper.size());",
           "unit_problem", "Parameters.*"),
    Mutant("parameter_range_changes_in_a_stage", "src/problem/stage_constants.cpp", 'check(bound, "the range of a parameter");', "(void)bound;",
           "unit_problem", "Parameters.*"),
    # Neurons that go
    Mutant("mean_of_a_neuron_lost", "src/compress/unit_groups.cpp", "mean[static_cast<std::size_t>(unit)] * effective_weight",
           "0 * mean[static_cast<std::size_t>(unit)] * effective_weight", "unit_compress", "Mlp/ConstantUnitsOf.*"),
    Mutant("score_adds_the_mean", "src/compress/unit_scores.cpp", "sum -= statistics_.mean", "sum += statistics_.mean", "unit_compress",
           "Kinds/UnitScoresOf.*"),
    Mutant("gates_narrower_than_blocks", "src/compress/width_plan.cpp", "rounded(left[groups.width_of_group[g]]", "rounded(left[g]", "unit_compress",
           "WidthPlan.*"),
    # Windows
    Mutant("edge_in_two_windows", "src/problem/windows.cpp", "piece.lower[c()] > lower ||", "piece.lower[c()] >= lower ||", "unit_problem", "Windows.*"),
    Mutant("windows_weighed_alike", "src/train/trained_values.cpp", "const double weight = knows > 0 ? precision(fit) : 1;", "const double weight = 1;",
           "unit_train", "CombineValues.*"),
    Mutant("mean_of_each_window", "src/problem/windows.cpp", "if (windows < 2) return;", "if (windows < 9) return;", "unit_problem", "Windows.LeaveAMean*"),
    Mutant("error_of_windows_that_disagree", "src/train/trained_values.cpp", "if (combined.birge_ratio > 1) combined", "if (false) combined",
           "unit_train", "CombineValues.*"),
    Mutant("mean_known_exactly", "src/train/trained_values.cpp", "std::max(means[at] * means[at], apart * apart)", "means[at] * means[at]", "unit_train",
           "SamplingErrors.*"),
    Mutant("linked_normals_of_one_stage", "src/problem/problem.cpp", "return std::any_of(problem_.variants.begin(), problem_.variants.end(),",
           "return std::any_of(problem_.variants.begin(), problem_.variants.begin() + 1,", "unit_problem", "Place.LinkedPoints*"),
    Mutant("trained_number_taken_for_a_coordinate", "src/problem/windows.cpp", "      if (leaf.op == Op::trainable) return theta_at_start(leaf.index);\n", "",
           "unit_problem", "Windows.*"),
    Mutant("transform_at_the_start_unseen", "src/problem/windows.cpp", "const double share = d == c() ? 0 :", "const double share = false ? 0 :",
           "unit_problem", "Windows.*"),
    Mutant("edge_in_the_later_window", "src/network/network.cpp", "std::lower_bound(edges.begin() + 1", "std::upper_bound(edges.begin() + 1",
           "unit_engine", "WindowEngines.*"),
    Mutant("window_with_parameters_of_the_first", "src/engine/window_engine.cpp", "parameters + offsets_[w]", "parameters", "unit_engine", "WindowEngines.*"),
    Mutant("last_state_added", "src/config/window_config.cpp", '") - " +', '") + " +', "unit_config", "WindowConfig.*"),
    Mutant("held_parameter_of_a_table_ignored", "src/infer/predict.cpp", "std::fill_n(column, count, *value);", "std::fill_n(column, count, 0.0);",
           "mpi_infer", "Predict.AParameterIsHeldAtAValue"),
    Mutant("xdmf_axes_from_the_fastest", "src/infer/xdmf_export.cpp", "Shape(box.count.rbegin(), box.count.rend())", "Shape(box.count.begin(), box.count.end())",
           "unit_infer", "XdmfExport.*"),
    Mutant("xdmf_order_of_the_table_ignored", "src/infer/xdmf_export.cpp", "if (a >= slower || ", "if (", "unit_infer", "XdmfExport.*"),
    Mutant("xdmf_frames_from_one_place", "src/infer/xdmf_export.cpp", "together ? frame * rows.count() : frame", "0 * frame", "unit_infer", "XdmfExport.*"),
    Mutant("noise_of_a_table_ignored", "src/train/verdict.cpp", "<= near_noise * noise", "<= 0 * noise",
           "unit_train", "Verdict.ATable*"),
    Mutant("rows_of_other_values_compared", "src/infer/evaluate.cpp", "      if (!chosen()) continue;\n", "",
           "mpi_infer", "Evaluate.OfAFileTheRowsWithTheValueOfAParameterCount"),
    Mutant("schema_demands_nothing", "src/config/json_schema.cpp", "    if (required(child)) names.push_back(name);\n", "", "unit_config", "JsonSchema.*"),
    # The rest of the jets engine
    Mutant("output_bias_dropped", "src/kernels/edge_layers.cpp", "(c == 0 ? bias[f] : T(0))", "T(0)", "unit_engine", AGAINST + "value"),
    Mutant("bias_in_every_channel", "src/kernels/edge_layers.cpp", "(c == 0 ? bias[f] : T(0))", "bias[f]", "unit_engine", AGAINST + "burgers"),
    Mutant("point_coefficient_dropped", "src/kernels/jet_coefficients.cpp", "slot < 0 ? constant : constant * slots[slot * stride + p]", "constant",
           "unit_engine", AGAINST + "varying_coefficients"),
    Mutant("weights_of_one_residual_for_all", "include/jetpinn/engine/point_columns.hpp", "(given == 1 ? 0 : k)", "0 * k",
           "unit_engine", AGAINST + "navier_stokes", ("src/engine/jets_engine.cpp",)),
    Mutant("orders_of_channels_mixed", "src/plan/operator_space.cpp", "{ return alpha.order == order; }", "{ return alpha.order <= order; }",
           "unit_plan", "OperatorSpace.OrdersAreSpannedOneByOne"),
    Mutant("pivot_of_two_channels", "src/plan/operator_space.cpp", "return taken.count(alpha) == 0;", "return alpha.order > 0;",
           "unit_plan", "OperatorSpace.*:JetPlan.*"),
    # Weights that follow the training
    Mutant("balanced_weights_ignored", "include/jetpinn/sampling/point_set.hpp", "return own_weight_at(k, i) * balanced;", "return own_weight_at(k, i);",
           "unit_engine", "JetsEngine.TellsResidualsAndTakesBalancedWeights", ("src/engine/jets_engine.cpp",)),
    Mutant("residuals_of_the_wrong_points", "src/engine/jets_engine.cpp", "residuals_known_(static_cast<int>(t), first, n, told_.data());",
           "residuals_known_(static_cast<int>(t), 0, n, told_.data());", "unit_engine", "JetsEngine.TellsResidualsAndTakesBalancedWeights"),
    Mutant("a_chunk_waits_for_itself", "src/balance/causal_weights.cpp", "    weights_[static_cast<std::size_t>(i)] = std::exp(-tolerance() * before);\n    before += counts[i] > 0 ? squares[i] / counts[i] : 0;",
           "    before += counts[i] > 0 ? squares[i] / counts[i] : 0;\n    weights_[static_cast<std::size_t>(i)] = std::exp(-tolerance() * before);",
           "unit_balance", "CausalWeights.*"),
    Mutant("sizes_with_their_weights", "src/balance/loss_balance.cpp", "sizes[t] /= weights_[t];", "sizes[t] /= 1;", "unit_balance", "LossBalance.*"),
    Mutant("loss_of_the_config_balanced", "src/balance/loss_balance.cpp", "weighted[t] / own.term_weight;", "weighted[t];", "unit_balance", "LossBalance.*"),
    Mutant("weights_of_a_batch_for_all", "src/balance/point_weights.cpp", "    row += block.count;\n", "    row += next == evaluated.begin() ? 0 : block.count;\n", "unit_balance",
           "PointWeights.*"),
    Mutant("weights_are_forgotten", "src/train/session.cpp", "  if (balance) append(all, \"balance\", balance->state());\n", "", "mpi_train",
           "ResumeTest.BalancedRunsGoOnExactly"),
    Mutant("failed_search_told_at_its_trial", "src/train/session_balance.cpp", "if (!report.skipped && report.loss != objective->agreed().loss) {", "if (false) {",
           "unit_train", "SessionTest.ASearchThatFailed*"),
    Mutant("squared_mean_without_its_weight", "src/train/distributed_linearization.cpp", "    one.point.weight_columns = static_cast<int>(mean.weights.size());\n", "",
           "mpi_train", "*LinearizedMeans.ASquaredMean*"),
    Mutant("a_weight_may_vanish", "src/balance/term_weights.cpp", "std::max(std::exp(weight - largest), least);", "std::exp(weight - largest);",
           "unit_balance", "TermWeights.*"),
    Mutant("points_of_other_terms_sampled", "src/balance/loss_balance.cpp", "parts_[t].balanced ? wanted : 0", "wanted", "unit_balance", "LossBalance.*"),
    # Several networks and regions of equations
    Mutant("fields_in_the_order_of_the_text", "src/network/run_networks.cpp", "  std::sort(numbers.begin(), numbers.end());\n", "", "unit_network",
           "RunNetworks.*"),
    Mutant("two_networks_of_a_field", "src/config/relations.cpp", "!owned.insert(field.text).second)", "owned.insert(field.text).second && false)", "unit_config",
           "schema_network.fields_belong_to_one_network"),
    Mutant("network_beside_networks", "src/config/complete.cpp", 'root.erase(several ? "network" : "networks");', "(void)several;", "unit_config",
           "schema_network.resolved_text*"),
    Mutant("features_of_all_networks", "src/infer/portable_network.cpp", "features.push_back(end - member.first_feature);",
           "features.push_back(end);",
           "unit_infer", "NetworkFile.SeveralNetworks*"),
    Mutant("equation_on_a_face", "src/problem/set_reader.cpp", "if (problem_.graph[id].op == Op::equal) refuse();", "(void)id;", "unit_problem",
           "FieldRegion.RefusesWhatIsNoRegion"),
    Mutant("conditions_give_meaning", "src/problem/field_region.cpp", "if (!term.equation || !holds_field", "if (!holds_field", "unit_problem", "FieldRegion.*"),
    Mutant("region_of_one_equation", "src/problem/field_region.cpp", "region.pieces.push_back(piece);", "region.pieces = {piece};", "unit_problem", "FieldRegion.*"),
    Mutant("compared_without_a_meaning", "include/jetpinn/infer/evaluate.hpp", "return left_out.empty() || !left_out[row];", "return row < values.size() || true;",
           "mpi_infer", "Evaluate.AFieldOfARegion*", ("src/infer/evaluate.cpp",)),
    Mutant("residual_without_its_scale", "src/train/scales.cpp", "problem_.graph.constant(scales[k]));", "problem_.graph.constant(1));", "unit_train", "ScaleProblem.*"),
    Mutant("smallest_of_the_demands", "src/train/scales.cpp", "value > proposal.value)", "value > 0)", "unit_train", "ScaleProblem.*"),
    Mutant("sizes_of_coordinates_forgotten", "src/train/monomials.cpp", "      monomial.factor /= coordinates_", "      monomial.factor /= 1 + 0 * coordinates_", "unit_train", "Monomials.*"),
    Mutant("rounding_as_a_size", "src/train/monomials.cpp", "if (is_rounding(graph_, id, points_)) return 0;", "", "unit_train", "Monomials.*"),
    Mutant("unit_without_its_power", "src/problem/size_with_unit.cpp", "return std::pow(*size, power_here());", "return power_here(), *size;", "unit_problem", "SizeWithUnit.*"),
    Mutant("trained_number_without_its_scale", "src/expr/trained_number.cpp", "  return scale * theta;", "  return theta;", "unit_problem", "Scales.*"),
    Mutant("overlap_of_one_field", "src/audit/interfaces.cpp", "      if (!first) {\n", "      if (true) {\n", "unit_audit", "AuditInterfaces.*"),
    Mutant("condition_far_from_equations", "src/audit/interfaces.cpp", "if (is_near(one.region, read)) continue;", "if (is_near(one.region, read) || true) continue;",
           "unit_audit", "AuditInterfaces.*"),
    Mutant("mean_over_points_elsewhere", "src/infer/evaluate.cpp", "means[c] / static_cast<double>(columns_[c].points);", "means[c] / static_cast<double>(points_);",
           "mpi_infer", "Evaluate.AFieldOfARegion*"),
    # Networks for small devices, and how well statements are met
    Mutant("zeros_written", "src/compress/edge_file.cpp", "2 * kept <= size", "2 * kept < 0 * size", "unit_compress", "EdgeFile.ZerosAreNotWritten"),
    Mutant("damage_not_looked_for", "include/jetpinn/edge/file_reader.hpp", "if (Xxh3::of(data_, bytes - 8) != ", "if (read_u64(data_ + bytes - 8) != ",
           "unit_compress", "EdgeFile.DamageIsFound", ("src/compress/edge_file.cpp", "tests/unit/compress/edge_file.cpp")),
    Mutant("violations_of_the_largest", "src/train/physics.cpp", "violation_share * known(sizes[k]))", "violation_share * whole_size(sizes))", "unit_train", "Physics.*"),
    Mutant("change_of_next_to_nothing", "src/train/physics.cpp", "std::max(before.mean, violation_share * before.size)", "before.mean", "unit_train", "Physics.*"),
    Mutant("statements_paired_by_position", "src/train/physics.cpp", "return other.name == term.name;", "return &term - a.terms.data() == &other - b.terms.data();", "unit_train", "Physics.Statements*"),
    Mutant("statements_drawn_by_position", "src/train/physics.cpp", "numbers.empty() ? t : numbers[t]", "numbers.empty() ? t : t", "unit_train", "Physics.Statements*"),
    Mutant("rows_outside_learned", "src/app/measurement_stream.cpp", "if (inside) {", "if (true) {", "unit_app", "MeasurementStreams.*"),
    Mutant("zeros_learn", "src/compress/adapt.cpp", "fixed_[i] ? 0 : gradient", "gradient", "unit_compress", "Adapt.ZerosStayZero"),
    Mutant("inequality_of_no_size", "src/expr/summands.cpp", 'op == op_of("min") || ', "", "unit_expr", "Summands.*"),
    # What a profile knows
    Mutant("queue_not_doubted", "src/profile/summary.cpp", "if (summary.kept_off.queued >= crowded) {", "if (summary.kept_off.queued > 1) {", "unit_profile", "summary.*"),
    Mutant("rate_above_the_peak_believed", "src/profile/summary.cpp", "if (kernel.roofline.max > 1)", "if (kernel.roofline.max > 100)", "unit_profile", "summary.*"),
    Mutant("overflow_counts_not_told", "include/jetpinn/train/rank_sum.hpp", "exact_sum_.integers() : sent_entries()", "exact_sum_.entries() * ExactSum::limbs : sent_entries()",
           "mpi_train", "DistributedObjective.TellsHowManyBytesAnEvaluationSums", ("src/train/objective.cpp",)),
    Mutant("every_rank_measures_alone", "src/train/engine_maker.cpp", "  options.ranks = &communicator_;\n", "", "mpi_train",
           "EngineMaker.EveryRankTakesWhatTheFirstOneMeasured", ranks=2),
    # What a scaling study promises
    Mutant("contradicted_sentence_said", "src/scale/scale_study.cpp", "if (!study.model_is_good() || contradiction(study, ranks)) {", "if (!study.model_is_good()) {",
           "unit_scale", "ScaleStudy.*"),
    Mutant("promises_of_a_model_that_misses", "src/scale/scale_study.cpp", "return model && std::abs(largest_miss()->error) <= good_error;", "return model.has_value();",
           "unit_scale", "ScaleStudy.*"),
    Mutant("split_of_another_run", "src/scale/scale_study.cpp", "return {runs[n / 2]};", "return {runs[0]};", "unit_scale", "ScaleStudy.*"),
    Mutant("gradient_scale", "src/engine/jets_engine.cpp", "const double scale = 1.0 / static_cast<double>(points.global_count);",
           "const double scale = 0.5 / static_cast<double>(points.global_count);", "unit_engine", AGAINST + "advection"),
    Mutant("point_of_a_chunk_reused", "src/engine/jets_engine.cpp", "sweeper.forward(stream, {&points, at, n}, sample_);",
           "sweeper.forward(stream, {&points, at > 0 ? at - 1 : 0, n}, sample_);", "unit_engine", AGAINST + "advection"),
    # Groups of a term's inputs
    Mutant("trainable_adjoint_dropped", "src/engine/tape_columns.cpp", "sum += adjoint[i];", "sum += 0 * adjoint[i];",
           "unit_engine", "*TermGroups*/trainables"),
    Mutant("trained_bound_without_slope", "src/expr/trained_number.cpp", "return (*upper - *lower) * (s / (1 + s)) / (1 + s);",
           "return (*upper - *lower) * (s / (1 + s));", "unit_expr", "TrainedNumber.SlopeIsThatOfTheValue"),
    Mutant("expressions_see_another_value", "src/expr/trained_number.cpp", "graph.multiply(graph.constant(*upper - *lower), share)",
           "share", "unit_expr", "TrainedNumber.ExpressionsSeeItsValue"),
    Mutant("own_rate_ignored", "src/optim/own_rates.cpp", "matrix.learning_rate / stage_rate", "1.0", "unit_optim", "OwnRates.*"),
    Mutant("numbers_apart_by_rounding", "src/optim/standard_deviations.cpp", "bool known = marginal.are_independent();",
           "bool known = true;", "unit_optim", "StandardDeviations.AreUnknownWhereTheResidualsDoNotTell"),
    Mutant("network_held_for_deviations", "src/optim/standard_deviations.cpp", "d[i] -= length * along[i], rest", "rest", "unit_optim",
           "StandardDeviations.AreThoseOfTheWholeCovariance"),
    Mutant("one_variance_for_all_terms", "src/optim/standard_deviations.cpp", "variances[static_cast<std::size_t>(t)]", "variances[0]",
           "unit_optim", "StandardDeviations.AreThoseOfTheWholeCovariance"),
    Mutant("trained_coefficient_dropped", "src/kernels/coefficient_adjoint.cpp", "      sums[m] += product;", "      sums[m] += T(0) * product;",
           "unit_engine", "*TermGroups*/heat"),
    Mutant("trained_feature_dropped", "src/layer/feature_columns.cpp", "slotbar[i] += part.factor", "slotbar[i] += 0 * part.factor",
           "unit_engine", "*TermGroups*/relaxation"),
    Mutant("trained_slot_not_cleared", "src/engine/jet_sweep.cpp", "  columns_.slots().begin_reverse(stream);\n", "", "unit_engine", "*TermGroups*/heat"),
    Mutant("sites_swapped", "src/engine/tape_columns.cpp", "fields_.stride + input.site * count_;   //",
           "fields_.stride + (program_.sites - 1 - input.site) * count_;   //", "unit_engine", "*TermGroups*/flux_jump"),
    Mutant("second_site_where_the_first_is", "src/layer/point_columns.cpp", "range.column({InputGroup::coordinate, d, site}",
           "range.column({InputGroup::coordinate, d, 0}", "unit_engine", "*TermGroups*/periodic"),
    Mutant("coefficient_of_the_other_point", "src/plan/jet_plan.cpp", "if (field.site == 0) return parts;", "if (field.site >= 0) return parts;",
           "unit_plan", "TermInputs.LinkedPoints*"),
    Mutant("tape_adjoint_sign", KERNELS + "tape_operators.hpp", "return r.add(r.gb, [&](int i) { return -(r.at(r.g, i) * r.at(r.h, i) / r.at(r.b, i)); });",
           "return r.add(r.gb, [&](int i) { return r.at(r.g, i) * r.at(r.h, i) / r.at(r.b, i); });", "unit_kernels", "Tape.ReverseAgrees*",
           ("src/kernels/tape_tile.cpp",)),
    Mutant("symbolic_derivative_sign", KERNELS + "functions.hpp", 'return g.negate(g.multiply(g.call("sin", n.a), n.da));',
           'return g.multiply(g.call("sin", n.a), n.da);', "unit_expr", "Differentiate.AgreesWithFiniteDifferences", ("src/expr/differentiate.cpp",)),
    Mutant("curl_sign", "src/expr/parser_vectors.cpp", "return graph_.subtract(first, along(of[i], by[j], begin));",
           "return graph_.add(first, along(of[i], by[j], begin));", "unit_expr", "ParserVectors.OperatorsTakeTheSpaceCoordinates"),
    Mutant("curl_turned", "src/expr/parser_vectors.cpp", "y = component(2, 0)", "y = component(0, 2)", "unit_expr", "ParserVectors.OperatorsTakeTheSpaceCoordinates"),
    Mutant("time_is_space", "src/expr/names.cpp", "if (d != time) space", "space", "unit_expr", "ParserVectors.*"),
    Mutant("vector_subtracted_reversed", "src/expr/parser_vectors.cpp", "return subtract ? graph_.subtract(left, right)", "return subtract ? graph_.subtract(right, left)",
           "unit_expr", "Parser*:Expression*"),
    Mutant("vector_of_another_length", "src/expr/parser_vectors.cpp", "if (operand.value.components.size() == wanted && wanted > 0)",
           "if (operand.value.components.size() >= wanted && wanted > 0)", "unit_expr", "ParserVectors.ErrorsHaveTheirPlace*"),
    Mutant("weights_of_texts", "src/problem/term_weights.cpp", "list.size() == residuals) return;", "list.size() == text.residuals.size()) return;",
           "unit_problem", "problem.a_vector_is_a_list_of_residuals"),
    Mutant("reference_bias_dropped", "src/libtorch/layer_twin.cpp", "in.inputs[0] + in.blocks[0]",
           "in.inputs[0] + 0 * in.blocks[0]", "unit_engine", "*ExactDerivatives*reference"),
    # Layers
    Mutant("gate_without_cross_terms", "src/kernels/jet_gate.cpp", "if constexpr (m.degree == 2) f(", "if constexpr (m.degree == 0) f(",
           "unit_engine", AGAINST + "modified_mlp_burgers"),
    Mutant("gate_overwrites_other_shares", "src/layer/gate.cpp", "sweep.writes = !u_.adds;", "sweep.writes = true;", "unit_engine",
           AGAINST + "modified_mlp_burgers"),
    Mutant("encoder_not_kept", "src/layer/buffer_plan.cpp", "kept.include(0);", "", "unit_layer", "BufferPlan.OverwritesNothing*"),
    Mutant("checkpoint_not_kept", "src/layer/buffer_plan.cpp", "          include(again_at(c));\n", "", "unit_layer",
           "BufferPlan.OverwritesNothingOfWhatIsRecomputed"),
    Mutant("segment_recomputed_too_late", "src/layer/buffer_plan.cpp", "again.span.include(again_at(l));", "", "unit_layer",
           "BufferPlan.OverwritesNothingOfWhatIsRecomputed"),
    Mutant("plan_forgets_what_is_kept_below", "src/layer/recompute_plan.cpp", "{below.kept + from_there + own.kept_anyway",
           "{from_there + own.kept_anyway", "unit_layer", "RecomputePlan.*"),
    Mutant("layer_takes_another_place", "src/layer/buffer_plan.cpp", "free_after[b] >= wish.span.from", "free_after[b] > wish.span.from",
           "unit_layer", "BufferPlan.OverwritesNothing*"),
    Mutant("way_around_overwrites", "src/layer/linear.cpp",
           "shapes.input_gradient;\n    added.kind = ProductKind::add;", "shapes.input_gradient;", "unit_engine",
           AGAINST + "piratenet_burgers"),
    Mutant("tangent_of_a_product_lost", KERNELS + "activation_tangent_point.hpp", "all += share;", "", "unit_engine",
           "*JetsAgainstReference.Tangents/tanh_burgers", ("src/kernels/activation_tangent.cpp",)),
    Mutant("scale_without_gradient", "src/layer/factorised.cpp", "scale[i % layer_.units] += factors_.slope * product;",
           "scale[i % layer_.units] += 0;",
           "unit_engine", "*JetsAgainstReference*mlp_factorised*"),
    Mutant("slope_without_the_bias", "src/layer/factorised.cpp", 'const bool has_bias = layer.kind == "activation";', "const bool has_bias = false;",
           "unit_layer", "Factorised.*"),
    Mutant("slope_of_the_bias_without_gradient", "src/layer/factorised.cpp", "if (slope) *slope += product;",
           'if (slope && layer_.kind != "activation") *slope += product;', "unit_engine", "*JetsAgainstReference*mlp_slope*"),
    # Sparse matrices
    Mutant("sparse_gradient_sign", "src/kernels/tile_rows.cpp", "*gradient++ += row.dot(", "*gradient++ -= row.dot(", "unit_engine",
           AGAINST + "sparse_burgers"),
    Mutant("sparse_adjoint_untransposed", "src/layer/sparse.cpp", "backward_ = tile_rows(pattern, true);", "backward_ = tile_rows(pattern, false);",
           "unit_engine", AGAINST + "sparse_burgers"),
    Mutant("masked_output_bias_lost", "src/layer/whole_matrix.cpp", "places.push_back(pattern.weights() + i);", "places.push_back(i);",
           "unit_engine", AGAINST + "sparse_burgers"),
    Mutant("bitmap_shifted", "src/kernels/sparse_formats.cpp", "__builtin_ctzll(bits) * Sums::points", "__builtin_ctzll(bits) % 63 * Sums::points",
           "unit_kernels", "TileProducts/*"),
    Mutant("outputs_cut_off", "src/compress/magnitude_pruning.cpp", "keep_paths(layer.pattern, own, varying[l], units, needed[l]);", "",
           "unit_compress", "MagnitudePruning.*"),
    Mutant("weights_that_lead_nowhere_kept", "src/compress/serving_weights.cpp", "if (--readers_[layer][at.input] == 0 && layer > 0)",
           "if (--readers_[layer][at.input] == 0 && layer > 99)", "unit_compress", "MagnitudePruning.*"),
    Mutant("slower_format_of_the_same_size", "src/compress/format_choice.cpp", "std::pair(of.bytes.total, of.seconds)", "std::pair(of.bytes.total, 0.0)",
           "unit_compress", "FormatChoice.*"),
    Mutant("hash_of_the_number_of_weights", "src/network/pattern_file.cpp", "words.insert(words.end(), bits.begin(), bits.end());",
           "words.push_back(block.size());", "unit_network", "PatternFile.*"),
    Mutant("rounding_allowed_twentyfold", "src/compress/rounding_share.cpp", "sizes_[at] += std::abs(product);",
           "sizes_[at] += 20 * std::abs(product);", "unit_compress", "RoundingShare/*"),
    Mutant("biases_stay_where_weights_go_back", "src/compress/rewinding.cpp", "layer.bias = earlier.bias;", "", "unit_compress", "Rewinding.*"),
    Mutant("rates_fall_late_behind_a_step", "src/config/later_stages.cpp", "rate.at[k] - done", "rate.at[k] - 0 * done", "unit_config",
           "LaterStages.Rates*"),
    Mutant("curvature_of_one_order", "include/jetpinn/edge/program.hpp", "if (from[m][1] != 0 && from[n][2] != 0)", "if (m <= n && from[m][1] != 0 && from[n][2] != 0)",
           "unit_compress", "EdgeFile.DerivativesOfWhat*", ("tests/unit/compress/edge_file.cpp",)),
    Mutant("curvature_of_a_gate_lost", "include/jetpinn/edge/body.hpp", "+ share_of_second[2] * (second[1] - first[1])", "",
           "unit_compress", "EdgeFile.DerivativesByEvery*", ("tests/unit/compress/edge_file.cpp",)),
    Mutant("rows_of_another_block", "src/kernels/tile_rows.cpp", "i / row_block * row_block + *row", "*row", "unit_kernels", "TileProducts/*"),
    Mutant("derivatives_of_what_is_not_taken", "include/jetpinn/edge/program.hpp", "if (by[n] == 0 && chooses(step.operation->slope)) continue;", "",
           "unit_compress", "EdgeFile.DerivativesOfWhat*", ("tests/unit/compress/edge_file.cpp",)),
    Mutant("compressed_rows_of_inputs", "src/compress/csr_network.cpp", "static_cast<std::int32_t>(place / outputs)",
           "static_cast<std::int32_t>(place % outputs)", "unit_compress", "CsrMatrix.*"),
    Mutant("difference_that_is_none_forgotten", "src/bench/sparse_speed.cpp", "largest.take(difference);",
           "if (difference >= 0) largest.take(difference);", "unit_bench", "ConversionReport.*"),
    Mutant("window_half_forgotten", "src/kernels/attention_pattern.cpp", "(options.window + 1) / 2", "(options.window + 1) / 1",
           "unit_kernels", "SparseAttentionChoice.*"),
    Mutant("outputs_not_scaled_back", "src/kernels/sparse_attention.cpp", "store<T>(s.factors + lane, factor);",
           "store<T>(s.factors + lane, splat<T>(T(1)));", "unit_kernels", "SparseAttention/*"),
    Mutant("adjoint_of_scores_without_its_mean", "src/kernels/sparse_attention_reverse.cpp", "p * (load<T>(s.slopes + at) - sum)",
           "p * load<T>(s.slopes + at)", "unit_kernels", "SparseAttention*"),
    Mutant("last_of_equal_tiles", "include/jetpinn/kernels/attention_items.hpp", "if (pattern.near(tile, key) || ordered(score) != cut) continue;",
           "if (ordered(score) != cut) continue;", "unit_kernels", "DeviceAttention.*", ("src/kernels/device_attention.cpp",)),
    Mutant("copy_in_the_place_of_others", "src/app/pruned_folder.cpp", "if (lies_there(target))", "if (false)", "unit_app", "PrunedFolder.*"),
    Mutant("read_that_fails_is_zeros", "src/io/hdf5_disk.cpp", "if (code != 0) disk.note(code);", "", "unit_io", "Hdf5Output.*"),
    Mutant("output_inside_the_run", "src/io/run_folder.cpp", "if (!inside && !around) return;", "if (!inside || !around) return;", "unit_io", "RunFolder.*"),
    Mutant("alpha_without_gradient", KERNELS + "jet_mix_point.hpp", "share += bar * (f - x);", "", "unit_engine",
           AGAINST + "piratenet_burgers", ("src/kernels/jet_mix.cpp",)),
    # The first fit of the last layer
    Mutant("fit_steps_away", "src/train/first_fit.cpp", "-= change[i];", "+= change[i];", "mpi_train",
           "FirstFit.IsTheLeastSquaresSolution"),
    Mutant("fit_without_weights", "src/train/distributed_linearization.cpp", "const double factor = weight * residual;", "const double factor = residual;",
           "mpi_train", "FirstFit.NormalEquationsAreThoseOfAllRows"),
    Mutant("fit_that_does_not_help_taken", "src/train/first_fit.cpp", "fit.taken = fit.after < fit.before;", "fit.taken = true;",
           "mpi_train", "FirstFit.IsNotTakenWhereItDoesNotHelp"),
    Mutant("start_from_fitted_over", "src/train/session.cpp", "if (setup_.start_parameters.empty()) begin_with_fit();", "begin_with_fit();",
           "mpi_train", "FirstFit.ANetworkFromAnotherRunIsLeftAlone"),
    Mutant("odd_rows_lost_in_bf16", "src/runtime/bf16_kernels.cpp", "even * even_of(b[j]) + odd * odd_of(b[j])", "even * even_of(b[j])", "unit_runtime",
           "Bf16Kernels.MultiplyAsPlainLoopsDo"),
    Mutant("rows_of_a_gradient_unscaled", "src/runtime/bf16_kernels.cpp", "sizes[static_cast<std::size_t>(r)] = of_integers(exponent);",
           "sizes[static_cast<std::size_t>(r)] = 1;", "unit_runtime", "Bf16Kernels.SumOverRows*"),
    Mutant("narrow_products_measured", "src/runtime/product.cpp", "> libxsmm_block", ">= libxsmm_block", "unit_runtime",
           "ProductChoice.OnlyWide*"),
    Mutant("libtorch_on_two_threads", "src/libtorch/algebra.cpp", "at::set_num_threads(1);", "at::set_num_threads(2);", "unit_libtorch",
           "LibtorchAlgebra.*"),
    Mutant("basis_in_rising_order", "src/libtorch/algebra.cpp", "at::flip(std::get<1>(at::linalg_eigh(matrix)), {1})",
           "std::get<1>(at::linalg_eigh(matrix)).clone()", "unit_runtime", "Eigenbasis.*"),
    Mutant("ridge_left_out", "src/runtime/symmetric_solve.cpp", "+= ridge * largest;", "+= 0 * ridge * largest;", "unit_runtime",
           "SymmetricSolve.*"),
    # Linearisations
    Mutant("values_overwritten_between_sweeps", "src/layer/buffer_plan.cpp", "always.include(2 * static_cast<int>(plan_.passes.size()));", "",
           "unit_layer", "BufferPlan.ALinearisationKeepsItsValues"),
    Mutant("forward_swept_again", "src/engine/jet_linearization.cpp", "if (swept_) return;", "", "unit_engine", "JetLinearization.CountsItsSweeps"),
    Mutant("row_of_another_residual", "src/engine/jet_linearization.cpp", "tape_reverse_of(point, k, 1);", "tape_reverse_of(point, 0, 1);",
           "unit_engine", "*NetworkLinearization.ProductsAreThoseOfTheRows/mlp_flow"),
    Mutant("tangent_reads_other_coefficients", "src/layer/activation.cpp", "sweep.coefficients = points_.interpreted(tile.first);",
           "sweep.coefficients = points_.interpreted(0);", "unit_engine", "*NetworkLinearization.ProductsAreThoseOfTheRows/*varying"),
    Mutant("gauss_newton_without_weights", "src/train/distributed_linearization.cpp", "weigh(chunk, 1, changes.data());", "",
           "mpi_train", "*LinearizationOverRanks.IsThatOfAllRows/jets", ranks=2),
    Mutant("gradients_of_terms_in_one", "src/train/distributed_linearization.cpp", "sum.add(chunk.term * size, size,", "sum.add(0 * size, size,",
           "mpi_train", "*LinearizationOverRanks.IsThatOfAllRows/jets", ranks=2),
    Mutant("products_of_one_rank", "src/train/distributed_linearization.cpp",
           "  sum.exchange();\n  sum.throw_if_failed();\n  std::copy_n", "  sum.throw_if_failed();\n  std::copy_n",
           "mpi_train", "*LinearizationOverRanks.IsThatOfAllRows/jets", ranks=2),
    Mutant("failure_not_told", "src/train/rank_sum.cpp", "  if (failure_) put(failed_entry(), 1);\n", "",
           "mpi_train", "DistributedLinearization.OneRanksError*", ranks=2),
    Mutant("matrices_turned", "src/train/network_layout.cpp", "block.size() / columns, columns,", "columns, block.size() / columns,",
           "unit_train", "NetworkLayout.*"),
    # Devices
    Mutant("queue_runs_at_once", "src/runtime/emulated_device.cpp", ": waiting_.push_back(std::move(work));",
           ": waiting_.push_back(std::move(work));\n  if (!recording_) run_until(given());", "unit_runtime",
           "EmulatedDevice.WhoDoesNotWaitReadsTheOldValues"),
    Mutant("device_memory_left_open", "src/runtime/emulated_device.cpp", "device_.protect(PROT_NONE);", ";", "unit_runtime",
           "EmulatedDevice.TheHostCannotTouchItsMemory"),
    Mutant("wait_runs_too_little", "src/runtime/emulated_device.cpp", "  run_until(pieces);", "  run_until(pieces - 1);",
           "unit_runtime", "EmulatedDevice.*"),
    Mutant("minor_versions_of_a_driver_count", "src/runtime/device_choice.cpp", "facts.driver / 1000 < facts.runtime / 1000",
           "facts.driver < facts.runtime", "unit_runtime", "CudaObstacle.*"),
    Mutant("ranks_do_not_share_a_cards_memory", "src/runtime/device_choice.cpp", "free_bytes / std::max(ranks, 1)", "free_bytes",
           "unit_runtime", "CudaCards.*"),
    Mutant("last_run_of_a_sum_lost", KERNELS + "column_sums.hpp", "run < runs; ++run", "run + 1 < runs; ++run", "unit_kernels",
           "DeviceJets.*", ("src/kernels/device_jets.cpp",)),
    Mutant("point_coefficient_of_another_point", KERNELS + "jet_items.hpp", "slots[slot[m] * stride + p]",
           "slots[slot[m] * stride]", "unit_kernels", "DeviceJets.*", ("src/kernels/device_jets.cpp",)),
    Mutant("squares_of_one_point_lost", KERNELS + "tape_items.hpp", "squares[2 * p] = weighted;", "squares[2 * p] = p ? weighted : 0;",
           "unit_kernels", "DeviceTape.*", ("src/kernels/device_tape.cpp",)),
    Mutant("event_not_waited_for", "include/jetpinn/layer/staged.hpp",
           "here_.data(), static_cast<std::int64_t>(here_.size()));\n      stream.record().wait();",
           "here_.data(), static_cast<std::int64_t>(here_.size()));", "unit_engine",
           "*JetsAgainstReference.TheEmulatedDeviceIsTheHost/tanh_kdv",
           ("src/engine/jets_engine.cpp", "src/engine/jet_linearization.cpp")),
    Mutant("gradient_flushed_twice_on_a_device", KERNELS + "parameter_items.hpp", "    from[k] = 0;\n", "", "unit_engine",
           "JetsEngine.SameBitsEveryTime", ("src/layer/linear.cpp", "src/layer/input.cpp")),
    Mutant("gradient_of_a_device_not_summed", "src/train/objective.cpp",
           "if (communicator_.size() == 1) return Gradient::alone_there;", "return Gradient::alone_there;", "mpi_train",
           "DistributedObjective.TrainingOnADeviceIsThatOfTheHost", ranks=2),
    Mutant("gradient_of_a_device_by_way_of_the_host", "src/train/objective.cpp", "return shared ? evaluate_at(",
           "return false ? evaluate_at(", "mpi_train", "DistributedObjective.AStepOnADeviceCopiesNumbersAlone"),
    Mutant("card_not_waited_for", "src/comm/nccl_sync.cpp",
           "routes_->check_cuda(library.stream_wait_event(routes_->in(), slab.computed, 0));", "", "mpi_comm",
           "NcclSync.WhatLiesOnACardIsSummedThere", ranks=2),
    Mutant("trained_coefficient_dropped_on_a_device", "src/kernels/device_coefficients.cpp", "monomial.slot * sweep.stride",
           "0 * sweep.stride", "unit_kernels", "CoefficientAdjoint.IsWhatASlotChanges"),
    Mutant("column_not_sent_to_the_device", "src/engine/tape_columns.cpp", "    copy(stream, column, there_ + at, count_);\n", "", "unit_engine",
           "*TermGroups.TheEmulatedDeviceIsTheHost*"),
    Mutant("second_site_not_sent_to_the_device", "src/layer/point_columns.cpp", "      else copy(stream, from, to, range.count);",
           "      else if (site == 0) copy(stream, from, to, range.count);", "unit_engine", "*TermGroups.TheEmulatedDeviceIsTheHost*"),
    Mutant("last_number_of_a_run_lost", KERNELS + "vector_items.hpp", "row < end; ++row) all = By", "row + 1 < end; ++row) all = By",
           "unit_kernels", "DeviceVectors.*", ("src/kernels/device_vectors.cpp",)),
    Mutant("vector_on_its_way_written_over", "src/optim/placed_vector.cpp", "  values();\n  sent_.wait();\n", "  values();\n",
           "unit_optim", "PlacedVectorTest.WhatIsOnItsWayIsNotWrittenOver"),
    Mutant("state_not_fetched_before_a_checkpoint", "src/optim/placed_vector.cpp",
           "  device_->download(there_, here_.data(), size_);\n", "", "unit_optim", "OptimizerOnADevice.GoesOnFromWhatWasCaptured"),
    Mutant("restored_state_not_sent", "src/optim/placed_vector.cpp", "  current_ = Current::here;\n  return here_;",
           "  current_ = device_ ? Current::both : Current::here;\n  return here_;", "unit_optim",
           "OptimizerOnADevice.GoesOnFromWhatWasCaptured"),
    Mutant("gradient_not_sent_to_the_device", "src/optim/optimizer.cpp",
           "gradient.device->upload(gradient_here_.data(), gradient.there, n).wait();", "", "unit_optim",
           "OptimizerOnADevice.TakesTheStepsOfTheHost"),
    Mutant("weights_of_the_recording", "include/jetpinn/engine/point_columns.hpp", "[&points, given, first, n](T* weights)",
           "[points, given, first, n](T* weights)", "unit_engine", "EvaluationGraphs.TakeBalancedWeights",
           ("src/engine/jets_engine.cpp",)),
    Mutant("numbers_of_the_recording", "src/engine/tape_columns.cpp", "[this](T* values) {",
           "[this, numbers_ = numbers_](T* values) {", "unit_engine", "EvaluationGraphs.TakeWhatTheHostChanges"),
    Mutant("points_of_a_graph_not_counted", "src/engine/evaluation_graphs.cpp", "{points.global_count, ", "{", "unit_engine",
           "EvaluationGraphs.AreRecordedAnewWhereTheEvaluationIsAnother"),
    Mutant("replay_before_the_last_is_done", "src/runtime/emulated_device.cpp", "    device_.run_until(last_);", "    //",
           "unit_runtime", "EmulatedGraph.AReplayWaitsForTheOneBefore"),
    Mutant("quadrature_of_the_first_chunk", "include/jetpinn/engine/point_columns.hpp", "points.quadrature_at(first + i)",
           "points.quadrature_at(i)", "unit_engine", "JetsEngine.WeightsOfAQuadratureAreThoseOfEachChunk", ("src/engine/jets_engine.cpp",)),
    Mutant("queue_left_full_by_what_throws", "src/engine/jets_engine.cpp", "      finish_queued();\n      throw;", "      throw;", "unit_engine",
           "JetsOnDevice.LeavesNothingToDoWhereItThrows"),
    Mutant("cotangents_not_sent_to_the_device", "src/engine/jet_linearization.cpp",
           "    term_.residuals.give(stream_);\n    all_.add_to", "    all_.add_to", "unit_engine",
           "JetsOnDevice.ALinearisationTakesEveryChunksCotangents"),
    # Network
    Mutant("input_scale", "src/network/network.cpp", "coordinate, 2 / length, ", "coordinate, 1 / length, ",
           "unit_network", "Network.LinearFeaturesSpanMinusOneToOne"),
    Mutant("period", "src/network/network.cpp", "2 * pi / length", "pi / length",
           "unit_network", "Network.PeriodicCoordinatesBecomeCosineAndSine"),
    Mutant("initial_weights_repeat", "src/network/initial_values.cpp", "static_cast<std::uint64_t>(first + i)",
           "static_cast<std::uint64_t>(i % 64)", "unit_network", "Glorot.*"),
    # Points
    Mutant("monitor_measure_dropped", "src/geometry/box_region.cpp", "measures[p] *= units_[d];", "measures[p] *= 1;", "unit_train", "Monitors.*"),
    Mutant("monitor_corner_counts_as_face", "src/geometry/box_region.cpp", "    if (dimension(p) < most) continue;\n", "", "unit_train", "Monitors.*"),
    Mutant("monitor_mean_without_measure", "src/train/monitors.cpp", "if (kind == MonitorKind::mean) values_[m] /= measures_[m];", "", "unit_train", "Monitors.*"),
    Mutant("monitor_of_one_rank", "src/train/monitors.cpp", 'communicator.gather_rows("monitors", parts), ones', "parts, ones", "mpi_train", "Monitors.*", ranks=2),
    Mutant("epoch_ignored", "src/train/term_points.cpp", "static_cast<std::uint32_t>(term), epoch}", "static_cast<std::uint32_t>(term), 0 * epoch}",
           "unit_train", "SessionTest.EpochsShareNoPoint"),
    Mutant("resampling_skipped", "src/train/training_points.cpp", "if (!resampling_is_due(step)) return false;",
           "if (step >= 0) return false;", "unit_train", "SessionTest.Resampling*"),
    Mutant("resampling_reuses_points", "src/train/training_points.cpp", "  ++epoch_;\n", "",
           "unit_train", "SessionTest.Resampling*"),
    # Conditions that always hold
    Mutant("hard_value_of_the_first", "src/problem/hard_conditions.cpp", "if (!fault(condition.value)) return condition.value;", "return condition.value;",
           "unit_config", "hard_conditions.*"),
    Mutant("hard_part_of_a_face", "src/problem/hard_conditions.cpp", "if (counts && evaluate(graph_, piece.condition, point.data()) == 0) refuse();", "(void)counts;",
           "unit_config", "hard_conditions.*"),
    Mutant("hard_border_on_the_wrong_side", "src/problem/hard_conditions.cpp", "outside ? Shape::Where::outside : Shape::Where::inside", "Shape::Where::inside",
           "unit_config", "hard_conditions.*"),
    Mutant("chains_of_a_polygon_alike", GEOMETRY + "primitives.cpp", "right ? smooth_disjunction(graph, parts) : smooth_conjunction(graph, parts)", "smooth_conjunction(graph, parts)",
           "unit_geometry", "*Smooth*"),
    # Scores of cells
    Mutant("cells_halved_where_points_are_not", "src/sampling/residual_cells.cpp", "paths[i] >> (63 - level) & 1", "i & 1", "mpi_sampling", "ResidualCells.*"),
    # Tables that are streamed
    Mutant("segments_in_one_order", "src/sampling/segment_order.cpp", "no_segment, static_cast<std::uint64_t>(epoch))[0]", "no_segment, 0 * static_cast<std::uint64_t>(epoch))[0]",
           "unit_sampling", "SegmentOrder.*"),
    Mutant("rows_of_a_segment_in_order", "src/sampling/segment_order.cpp", "static_cast<std::int64_t>(order(i));", "static_cast<std::int64_t>(i);",
           "unit_sampling", "SegmentOrder.*"),
    Mutant("streamed_blocks_by_place", "src/sampling/streamed_points.cpp", "{slots_[s] * block_points,", "{static_cast<std::int64_t>(s) * block_points,",
           "unit_sampling", "Streamed.*"),
    Mutant("streamed_rows_outside_pass", "src/sampling/streamed_points.cpp", "if (!bring_inside(", "if (false && !bring_inside(", "unit_sampling", "Streamed.*"),
    Mutant("float_rows_from_the_wrong_place", "src/io/open_table.cpp", "piece->offset + from * static_cast<std::int64_t>(sizeof(float))",
           "piece->offset + from * static_cast<std::int64_t>(sizeof(double))", "unit_io", "Open.*"),
    Mutant("changed_table_goes_unnoticed", "src/io/open_table.cpp", "now.bytes != bytes_ || now.written_ns != written_ns_", "now.bytes != bytes_", "unit_io", "Open.*"),
    # Mini-batches
    Mutant("batches_never_shuffled", "src/sampling/block_batches.cpp", "order(static_cast<std::uint64_t>(batch))", "batch",
           "unit_sampling", "BlockBatches.*"),
    Mutant("batches_of_one_epoch", "src/sampling/block_batches.cpp", "static_cast<std::uint64_t>(epoch))[0]", "0 * static_cast<std::uint64_t>(epoch))[0]",
           "unit_sampling", "BlockBatches.*"),
    Mutant("batches_of_terms_alike", "src/sampling/block_batches.cpp", "random_words({seed_, term_, 0}", "random_words({seed_, 0 * term_, 0}",
           "unit_sampling", "BlockBatches.*"),
    Mutant("batch_with_the_mean_of_all", "src/sampling/point_set.cpp", "  some.global_count = rows_of(blocks);\n", "",
           "unit_train", "StepBatchesTest.GradientsOfBatches*"),
    Mutant("batch_of_other_rows", "src/sampling/point_set.cpp", "runs.push_back({local, block.count});", "runs.push_back({0, block.count});",
           "unit_sampling", "PointSet.*"),
    Mutant("gate_knows_places_alone", "src/train/gated_points.cpp", "points_id_ = fingerprint(all, Hashed::all);", "points_id_ = fingerprint(all, Hashed::coordinates);",
           "mpi_train", "GatedPoints.ScoresOfOtherColumns*"),
    Mutant("segments_that_save_nothing", "src/train/recompute.cpp", "planned.with(segments) < planned.kept() ? segments", "true ? segments", "unit_train",
           "Recompute.SegmentsThatSaveNothing*"),
    Mutant("batch_ignored", "src/train/session.cpp", "objective->use(batches.take(points.set(), step));", "batches.take(points.set(), step);", "mpi_train",
           "StepBatchesOverRanks.*"),
    Mutant("loss_of_the_last_batch_left", "src/train/session_end.cpp", "  objective->use(points.set());\n  const Objective::Value last", "  const Objective::Value last",
           "mpi_train", "StepBatchesOverRanks.ASummary*"),
    Mutant("best_batch_kept", "src/train/session.cpp", "compared.loss = batches.ended_average();", "", "unit_train", "SessionTest.StagesOfBatches*"),
    Mutant("batch_loss_not_saved", "src/train/session.cpp", '  append(all, "batches", batches.state());\n', "", "mpi_train",
           "StepBatchesOverRanks.ARunGoesOn*"),
    Mutant("all_points_counted_as_seen", "src/train/step_batches.cpp", "  left_out_ += assembly_.points();\n", "  left_out_ = 0;\n", "mpi_train",
           "StepBatchesOverRanks.ASummary*"),
    Mutant("window_of_a_stall_without_a_loss", "src/train/stopping.cpp", " || std::isinf(window_best_)", "", "unit_train", "Stopping.*"),
    Mutant("point_reused", "src/sampling/sampler.cpp", "static_cast<std::uint64_t>(first + i)", "static_cast<std::uint64_t>((first + i) & ~1)",
           "unit_sampling", "Sampler.PointsAreDistinct*"),
    Mutant("points_depend_on_the_block", "src/sampling/sampler.cpp", "static_cast<std::uint64_t>(first + i)", "static_cast<std::uint64_t>(i)",
           "unit_sampling", "Sampler.APointDependsOnItsIndexAlone"),
    # Ranks
    Mutant("allreduce_skipped", "src/train/rank_sum.cpp", "start_rest(values_, 1);", "void();",
           "mpi_train", "DistributedObjective.IsTheLossOverAllPoints", ranks=2),
    Mutant("exact_allreduce_skipped", "src/train/rank_sum.cpp",
           "start_rest(exact_sum_.exchange(), ExactSum::limbs)", "void(exact_sum_.exchange())",
           "mpi_train", "DistributedObjective.KeepsEveryBitAtLevelRanks", ranks=2),
    Mutant("rest_of_a_card_not_summed", "src/train/rank_sum.cpp", "if (card_ && sent_from_ > 0)", "if (card_ && sent_from_ > shared_)", "mpi_train",
           "RankSum.EntriesOnACardAreSummedWhereTheyLie"),
    Mutant("early_piece_dropped", "src/train/rank_sum.cpp", "      setting_.sync.start_together(stream_, {&part, 1});\n", "",
           "mpi_train", "DistributedObjective.IsTheLossOverAllPoints", ranks=2),
    Mutant("early_piece_told_too_soon", "src/engine/jets_engine.cpp", "ready_(network_.first_parameter(layer));",
           "ready_(network_.first_parameter(layer > 0 ? layer - 1 : 0));",
           "unit_engine", "JetsEngine.FinalEntriesStayAsTheyAre"),
    Mutant("hierarchy_without_a_way_back", "src/comm/hierarchical_sync.cpp", "stage == Transfer::back && routes_.node_size > 1", "false",
           "mpi_comm", "*SumsAndGivesEveryRankTheSameBits/hierarchical_0", ranks=2),
    Mutant("hierarchy_without_the_network", "src/comm/hierarchical_sync.cpp", "stage == Transfer::network && routes_.nodes > 1", "false",
           "mpi_comm", "*SumsAndGivesEveryRankTheSameBits/hierarchical_1", ranks=2),
    Mutant("mean_over_own_points", "src/engine/jets_engine.cpp", "const double scale = 1.0 / static_cast<double>(points.global_count);",
           "const double scale = 1.0 / static_cast<double>(points.local_count);", "mpi_train",
           "DistributedObjective.IsTheLossOverAllPoints", ranks=3),
    # Checkpoints
    Mutant("checkpoint_file_hash_ignored", "src/io/checkpoint_manifest.cpp", "hash != manifest.file_hash", "hash == 1", "mpi_io", "Damage.FlippedBitsAreFound", ranks=2),
    Mutant("checkpoint_values_not_hashed", "src/io/state_file.cpp", "if (hash != record.hash)", "if (false)", "mpi_io",
           "Checkpoint.AnotherRankFinds*", ranks=2),
    Mutant("checkpoint_not_verified", STORE, "verify(written, state_hash);", "", "mpi_io", "Checkpoint.AnotherRankFinds*", ranks=2),
    Mutant("checkpoint_verified_by_its_writer", STORE, "std::min(1, communicator_.size() - 1)", "0", "mpi_io", "Checkpoint.AnotherRankFinds*", ranks=2),
    Mutant("checkpoint_no_patience", STORE, "constexpr int tries = 10;", "constexpr int tries = 1;", "mpi_io", "Checkpoint.FilesThatAppearLate*", ranks=2),
    Mutant("checkpoint_of_differing_ranks", STORE, "if (holders.size() == 1) return {};", "if (holders.size() > 0) return {};", "mpi_io",
           "Checkpoint.RankWithAnotherState*", ranks=3),
    Mutant("checkpoint_majority_ignored", STORE, "majority ? most->first : hashes[0]", "hashes[0]", "mpi_io", "Checkpoint.RankWithAnotherState*", ranks=3),
    Mutant("checkpoint_oldest_first", "src/io/checkpoint_folder.cpp", "a.step > b.step", "a.step < b.step", "mpi_io", "Checkpoint.NewestTwo*"),
    Mutant("checkpoint_aside_lost", "src/io/checkpoint_folder.cpp", "else rename(path(name), path(place));", "else remove(name);", "unit_io",
           "Folder.WhatDeadProcessesLeft*"),
    Mutant("checkpoint_best_removed", "src/io/checkpoint_folder.cpp", " && sound[k].name != best", "", "unit_io", "Folder.BestStays"),
    Mutant("checkpoint_later_steps_stay", "src/io/checkpoint_folder.cpp", "entry.step > step", "entry.step < 0", "unit_io", "Folder.LaterSteps*"),
    Mutant("checkpoint_rejected_stays", STORE, "rejected_ = search.rejected_names;", "rejected_ = std::vector<std::string>();", "mpi_io", "Damage.RejectedOneIsSetAside*"),
    # Columns whose rows the ranks share
    Mutant("stored_point_lost_on_resume", "src/base/state.cpp", "    value.read(run.first, run.count, out);", "    value.read(run.first, run.count - 1, out);",
           "mpi_train", "StoredRun.IsExactAfterEveryStep", ranks=2),
    Mutant("stored_rows_of_another_rank", "src/base/state.cpp", "    value.read(run.first, run.count, out);", "    value.read(0, run.count, out);",
           "mpi_io", "Columns.WhatIsSavedIsLoaded*", ranks=3),
    Mutant("stored_column_swapped", "src/train/training_points.cpp", 'add("data/" + names.data[k], points.data, k);', 'add("data/" + names.data[k], points.data, 0);',
           "unit_train", "StoredTrainingPoints.*"),
    Mutant("column_file_hash_ignored", "src/io/column_file.cpp", "if (found[0] != hash)", "if (false)", "mpi_io", "ColumnDamage.FlippedBits*", ranks=2),
    Mutant("column_values_not_hashed", "src/io/column_file.cpp", "check_hash(file, columns[k], found[k]);", ";", "mpi_io", "Columns.ARowThatNoRankHolds*", ranks=2),
    Mutant("column_place_not_hashed", "src/io/state_file.cpp", "static_cast<std::uint64_t>(first + row));", "std::uint64_t{0});", "unit_io", "StateFile.HashesOfColumns*"),
    Mutant("column_room_not_reserved", "src/io/column_file.cpp", "  hdf5::reserve_file(path);\n", "", "mpi_io", "Columns.FullDisk*", ranks=2),
    Mutant("stored_weight_forgotten", "src/train/term_points.cpp", "column[i] *= brought[i];", "column[i] *= 1;", "unit_train", "StoredTerm.Weights*"),
    Mutant("stored_columns_not_planned", "src/train/term_points.cpp", "static_cast<std::int64_t>(columns.attributes.size() + columns.data.size())",
           "static_cast<std::int64_t>(columns.attributes.size())", "unit_train", "MemoryPlan.CountsEveryStoredColumn"),
    # Tables of measurements
    Mutant("sigma_not_squared", "src/problem/term_weights.cpp", "graph.power(term.table->sigmas[k], 2)", "term.table->sigmas[k]", "unit_train", "Table.ResidualsAreDividedBySigma"),
    Mutant("row_held_out_trained_on", "src/train/table_rows.cpp", "(away ? held_out : trained).push_back(row);",
           "if (away) held_out.push_back(row);\n    trained.push_back(row);", "unit_train", "Table.*HeldOut:Table.HoldsOut*"),
    Mutant("row_on_the_border_left_out", "src/geometry/border.cpp", "place[d] <= upper[d] + room[d]", "place[d] <= upper[d]", "unit_geometry", "Border.*"),
    Mutant("validation_without_sigma", "src/train/evaluations.cpp", "residual[i] / (sigma ? (*sigma)(i) : 1)", "residual[i]", "unit_train", "Evaluations.Validate*"),
    Mutant("rows_between_points_taken", "src/sampling/stored_points.cpp", "row_of(first + done + i) - begin)];", "i)];", "unit_sampling", "Stored.SomeRows*"),
    Mutant("tool_torn_apart", "src/train/table_rows.cpp", "std::bit_cast<std::int64_t>(value + 0.0), share)", "std::int64_t{7}, share)",
           "unit_train", "Table.HoldsOutRowsOfEqual*:Table.Group*"),
    Mutant("spread_about_zero", "src/train/held_out_fit.cpp", "sums.spread += (value[i] - mean) * (value[i] - mean);", "sums.spread += value[i] * value[i];",
           "unit_train", "Evaluations.MeasuredFields*"),
    Mutant("r2_about_zero", "src/infer/evaluate.cpp", "spreads[c] += (column.values[i] - mean) * (column.values[i] - mean);", "spreads[c] += column.values[i] * column.values[i];",
           "mpi_infer", "Evaluate.TakesTheFiles*", ranks=2),
    # The machining twin
    Mutant("size_effect_lost", "src/twin/machining_model.cpp", "std::pow(h, -cut.size_exponent)", "std::pow(h, cut.size_exponent)", "unit_twin", "MachiningModel.*"),
    Mutant("heat_stored_twice", "src/twin/machining_model.cpp", "fastest_growth * time_constant;", "2 * fastest_growth * time_constant;", "unit_twin", "MachiningModel.Growth*"),
    Mutant("tool_not_changed", "src/twin/machining_rows.cpp", "if (tool != of_tool_.tool) change_tool(tool);", "if (tool > of_tool_.tool) change_tool(tool);", "unit_twin", "MachiningRows.ARow*"),
    # Regions
    Mutant("normal_points_inwards", "src/geometry/box_region.cpp", "normal[face->axis] = face->low ? -1 : 1;", "normal[face->axis] = 1;", "unit_geometry", "BoxRegion.*"),
    Mutant("face_measured_as_the_domains", "src/geometry/box_region.cpp", "face.measure *= (face.upper[d] - face.lower[d]) / units_[d];", "face.measure *= 1;",
           "unit_geometry", "BoxRegion.TheSurface*"),
    Mutant("checkpoint_manifest_hash_ignored", "src/io/checkpoint_manifest.cpp", "if (text != begin + ending(begin))", "if (false)", "unit_io",
           "CheckpointManifest.EveryFlippedBit*"),
    Mutant("checkpoint_follows_links", "src/io/hdf5.cpp", "link.type != H5L_TYPE_HARD", "false", "unit_io", "Hostile.Links"),
    Mutant("checkpoint_any_layout", "src/io/hdf5.cpp", "H5Pget_layout(layout.get()) != H5D_CONTIGUOUS || H5Pget_external_count(layout.get()) > 0 ||",
           "", "unit_io", "Hostile.OtherLayouts"),
    Mutant("state_item_unknown", "src/base/state.cpp", "fail(name, \"nothing takes it\");", ";", "unit_base", "State.UnknownItem*"),
    Mutant("state_item_length", "src/base/state.cpp", "static_cast<std::int64_t>(found.size()) == wanted",
           "static_cast<std::int64_t>(found.size()) == wanted || found.size() == 2 * wanted", "unit_base",
           "State.OtherTypesAndLengths*"),
    Mutant("other_parameters_unnoticed", "src/train/objective.cpp", "if (ranks * squares != sum * sum) return false;", "",
           "mpi_train", "DistributedObjective.NoticesARankWithOtherParameters", ranks=2),
    # Runs that go on
    Mutant("epoch_not_saved", "src/train/session.cpp", '  append(all, "", points.state());\n', "", "mpi_train", "Levels/Resume.*/run"),
    Mutant("best_network_not_saved", "include/jetpinn/train/best_network.hpp", '{"parameters", &parameters_.open()}, ', "", "mpi_train",
           "ResumeTest.TheBestNetwork*", ("src/train/session.cpp",)),
    Mutant("products_measured_again", "src/train/engine_maker.cpp", "    options.product_backend = known.choice;\n", "", "unit_train",
           "EngineMaker.KeepsARestoredChoice"),
    Mutant("checkpoint_hash_ignored", "src/io/checkpoint_manifest.cpp", "if (const std::uint64_t hash = hash_of_file(file); hash != manifest.file_hash)",
           "if (const std::uint64_t hash = hash_of_file(file); hash == 0)", "mpi_io", "*"),
    Mutant("step_of_a_stop_not_counted", "src/train/stopping.cpp", "const bool stall = options_.stall_steps > 0 && stalled(report.loss);",
           "const bool stall = !agreed.stop_requested && options_.stall_steps > 0 && stalled(report.loss);", "unit_train",
           "Stopping.AStepThatIsStoppedAtCountsForTheStall"),
    Mutant("interrupted_run_counts_as_ended", "src/train/run_end.cpp", "  if (!interrupted()) ended_by_", "  ended_by_", "unit_train", "RunEnd.*"),
    Mutant("snapshot_not_proved", "src/train/recovery.cpp", "  if (!report.skipped) {", "  if (true) {", "unit_train", "Recovery.*"),
    # Optimisers
    Mutant("adam_bias_correction", "src/optim/adam.cpp", "report.learning_rate / (1 - std::pow(b1, steps))", "report.learning_rate",
           "unit_optim", "Adam.*"),
    Mutant("warmup_dropped", "src/optim/schedule.cpp", "if (step < options.warmup) return", "if (step < 0 * options.warmup) return",
           "unit_optim", "Schedule.*"),
    Mutant("norms_not_summed", "src/optim/adaptive_rate.cpp", "squares_ += gradient_norm", "squares_ = gradient_norm", "unit_optim", "AdaptiveRate.*"),
    Mutant("stall_by_the_last_window", "src/optim/adaptive_rate.cpp", "lowest_ = std::min(lowest_, mean);", "lowest_ = mean;", "unit_optim",
           "AdaptiveRate.*"),
    Mutant("adaptive_rate_not_saved", "src/optim/adam.cpp", '  append(all, "schedule", adaptive_.state());\n', "", "unit_optim", "OptimizerState.*"),
    Mutant("piecewise_one_step_late", "src/optim/schedule.cpp", "options.at[k] <= step", "options.at[k] < step", "unit_optim", "Schedule.*"),
    Mutant("one_cycle_without_its_end", "src/optim/schedule.cpp", "  return between(options.start, options.end, (share - back)",
           "  return between(options.start, options.start, (share - back)", "unit_optim", "Schedule.*"),
    Mutant("decay_without_the_rate", "src/optim/weight_decay.cpp", "add_scaled(-rate * decay_,", "add_scaled(-decay_,", "unit_optim", "WeightDecay.*"),
    Mutant("coefficients_decay", "src/optim/weight_decay.cpp", "matrix.trained && matrix.of_network", "matrix.trained", "unit_optim", "WeightDecay.*"),
    Mutant("lbfgs_reason_missing", "src/optim/lbfgs.cpp", "report.finished = no_lower_loss(loss_);", "",
           "unit_optim", "All/LineSearches.SurviveAnObjective*/lbfgs"),
    Mutant("stage_constants_not_derived", "src/problem/stage_constants.cpp", "evaluate_constants(texts))", "evaluate_constants(text.constants))", "unit_problem",
           "StageConstants.*"),
    Mutant("definitions_not_followed", "src/problem/stage_constants.cpp", "names.insert(definition);", "void();", "unit_problem", "StageConstants.*"),
    Mutant("monitors_keep_their_constants", "src/train/assembly.cpp", "problem->monitors[m].value = now.monitors[m];", "void();", "unit_train", "Assembly.*"),
    Mutant("best_of_another_loss", "src/train/best_network.cpp", "  loss_ = std::numeric_limits<double>::infinity();\n", "", "unit_train", "BestNetwork.*"),
    Mutant("setback_under_other_constants", "src/train/stage_ends.cpp", "return a.constants == b.constants &&", "return", "unit_train", "StageEnds.*"),
    Mutant("setback_of_other_weights", "src/train/stage_ends.cpp", " && a.weights == b.weights", "", "unit_train", "StageEnds.*"),
    Mutant("stage_keeps_weights", "src/train/assembly.cpp", "problem->terms[t].weights = now.weights[t];", "void();", "unit_train", "Assembly.*"),
    Mutant("weights_of_stages_unseen", "src/train/term_points.cpp", "    check_weights(assembly, assembly.stage_points(stage).chosen, t, term);\n  }", "  }", "unit_train", "Assembly.*"),
    Mutant("stage_has_points_of_the_run", "src/train/assembly.cpp", "static_cast<StagePoints&>(*this) = choices[choice];", "void();", "unit_train", "Assembly.*"),
    Mutant("stage_points_are_the_present_ones", "src/train/assembly.cpp", "return choices.empty() ? *this : choices[", "return true ? *this : choices[", "unit_train",
           "Assembly.*"),
    Mutant("points_of_the_stage_before", "src/train/session_stages.cpp", "if (change.weights || change.points) make_points(change.points);", "if (change.weights) make_points(change.points);",
           "mpi_train", "*StageChanges.AStageBeginsWithItsPoints*"),
    Mutant("independent_points_of_the_stage_before", "src/train/evaluations.cpp", "choice_ == assembly_.choice &&", "", "unit_train", "*Evaluations.*"),
    Mutant("independent_weights_of_the_stage_before", "src/train/evaluations.cpp", "variants[assembly_.variant].weights == variants[variant_].weights", "true",
           "unit_train", "*Evaluations.*"),
    Mutant("points_seen_of_the_last_stage", "src/train/step_batches.cpp", "left_out_ += evaluations * more;", "static_cast<void>(evaluations * more);", "unit_train",
           "StepBatchesTest.*"),
    Mutant("memory_of_the_first_stage", "src/train/memory_plan.cpp", "most.*number = std::max(most.*number, bytes.*number);",
           "most.*number = most.*number > 0 ? most.*number : bytes.*number;", "unit_train", "MemoryPlan.*"),
    Mutant("grid_of_a_stage_resampled", "src/config/relations_training.cpp", "    check_stage_sampling(root, stage, i, terms);\n", "", "unit_config", "config_errors.*"),
    Mutant("stage_resamples_as_the_run", "src/sampling/sampling_options.cpp", "own.resample_every.value_or(choice.resample_every)", "choice.resample_every",
           "unit_sampling", "SamplingOptions.*"),
    Mutant("stage_weights_without_sigma", "src/problem/term_weights.cpp", "state(text, weights, columns, term);\n  divide_by_sigmas(term);\n",
           "state(text, weights, columns, term);\n", "unit_problem", "StageWeights.*"),
    Mutant("stage_weights_of_other_constants", "src/problem/problem.cpp", "problem_.symbols.constants[name] = without_fields_.constants[name] = value;",
           "problem_.symbols.constants[name] = value;", "unit_problem", "StageWeights.*"),
    Mutant("means_keep_their_weights", "src/train/session_stages.cpp", "  objective->use(squared_means(assembly));\n", "", "mpi_train", "*StageChanges.AStageTrains*"),
    Mutant("room_of_the_first_stage", "src/train/session.cpp", "  points.make_room();\n", "", "mpi_train", "*StageChanges.OfWeightsOfStored*"),
    Mutant("balance_of_another_loss", "src/balance/loss_balance.cpp", "  first_.clear();\n  last_.clear();\n", "", "unit_balance", "LossBalance.*"),
    Mutant("dense_without_its_scaling", "src/optim/broyden_update.cpp", "const double keep = 1 / factors.tau,", "const double keep = 1,",
           "unit_optim", "BroydenUpdate.TwoSquaresAreTheFormula"),
    Mutant("dense_other_theta", "src/optim/broyden_update.cpp", "std::max((r - 1) / a, std::min(", "std::max((r - 1) / a, std::max(",
           "unit_optim", "BroydenUpdate.*"),
    Mutant("dense_direction_of_the_old_matrix", "src/optim/dense_quasi_newton.cpp",
           "    matrix_.carry_over(trial_gradient_.data(), w.data());\n", "", "unit_optim", "*DenseQuasiNewtonTest.*"),
    Mutant("dense_without_curvature", "src/optim/dense_quasi_newton.cpp", "if (curved && c.yhy > 0 && c.sbs > 0) {", "if (true) {",
           "unit_optim", "*DenseQuasiNewtonTest.AStepWithoutCurvatureLeavesTheMatrix*"),
    Mutant("dense_matrix_kept_after_a_roll_back", "src/optim/dense_quasi_newton.cpp", "  filled_ = 0;\n  rate_factor_", "  rate_factor_",
           "unit_optim", "*DenseQuasiNewtonTest.RestartForgetsTheMatrix*"),
    Mutant("dense_update_forgotten_by_a_checkpoint", "src/optim/shared_matrix.cpp", '          {"q", RealSlice{q_.data(), size_}}};', "  };",
           "unit_optim", "OptimizerState.WhatIsRestoredGoesOnBitForBit"),
    Mutant("dense_rows_of_one_rank", "src/optim/shared_matrix.cpp", 'if (ranks_) ranks_->gather_shares("direction", products_.data(), begin_, 2);',
           "", "mpi_optim", "DenseQuasiNewton.*", ranks=2),
    # SOAP
    Mutant("soap_first_gradient_twice", "src/optim/soap.cpp", "if (adam_.steps() > 1) part", "part", "unit_optim", "Soap.TakesTheSteps*"),
    Mutant("soap_moment_left_in_the_old_basis", "src/optim/soap.cpp", "    part.basis.rotate(basis, moment_.data() + part.begin, first.data() + part.begin);\n", "",
           "unit_optim", "Soap.TakesTheSteps*"),
    Mutant("soap_basis_never_follows", "src/optim/soap.cpp", "if (adam_.steps() % options_.precondition_frequency == 0) refresh();", "", "unit_optim", "Soap.*"),
    Mutant("soap_second_moment_out_of_order", "src/optim/kronecker_basis.cpp", "    take_columns(between_.data(), order, rows_, second);\n", "",
           "unit_optim", "*Kronecker.PutsAMoment*"),
    Mutant("soap_columns_of_the_smallest_first", "src/optim/kronecker_basis.cpp", "> expected[static_cast<std::size_t>(b)]", "< expected[static_cast<std::size_t>(b)]",
           "unit_optim", "Soap.TakesTheSteps*"),
    Mutant("soap_basis_of_a_vector", "src/optim/soap.cpp", " || matrix.rows == 1", "", "unit_optim", "Soap.*"),
    Mutant("soap_statistics_forgotten_by_a_checkpoint", "src/optim/soap.cpp", '  all.push_back({"statistics", RealSlice{statistics_.data(), numbers}});\n', "",
           "unit_optim", "OptimizerState.WhatIsRestoredGoesOnBitForBit"),
    Mutant("soap_bases_of_one_rank", "src/optim/soap.cpp", '  ranks_->broadcast("basis", next_.data(), static_cast<std::int64_t>(next_.size() * sizeof(double)));\n', "",
           "mpi_optim", "Soap.*", ranks=2),
    # Natural gradient
    Mutant("natural_gradient_twice_as_long", "src/optim/natural_gradient.cpp", "for (double& g : right) g /= 2;", "", "unit_optim", "NaturalGradient.*"),
    Mutant("natural_damping_never_falls", "src/optim/natural_gradient.cpp", "for (bool on = found; on && damping > 2 * damping_factor * least_damping;) {",
           "for (bool on = false; on;) {", "unit_optim", "NaturalGradient.SolvesLinearResiduals*"),
    Mutant("natural_damping_never_grows", "src/optim/natural_gradient.cpp", "while (!found && damping < most_damping) {",
           "while (false) {", "unit_optim", "NaturalGradient.DampsWhere*"),
    Mutant("natural_step_that_raises_the_loss", "src/optim/natural_gradient.cpp", "!(value.loss < loss_)) return false;", "false) return false;",
           "unit_optim", "NaturalGradient.*"),
    Mutant("natural_damping_forgotten_by_a_checkpoint", "src/optim/natural_gradient.cpp", '          {"damping", &damping_},\n', "",
           "unit_optim", "OptimizerState.WhatIsRestoredGoesOnBitForBit"),
    Mutant("natural_loss_kept_for_other_points", "src/optim/natural_gradient.cpp", "objective_changed() { started_ = 0; }",
           "objective_changed() {}", "unit_optim", "NaturalGradient.KeepsItsDamping*"),
    Mutant("natural_system_with_more_unknowns", "include/jetpinn/optim/natural_gradient.hpp", "return parameters <= places;",
           "return parameters >= places;", "unit_train", "GaussNewtonMemory.*", ("src/train/gauss_newton_memory.cpp",)),
    Mutant("normal_matrix_without_weights", "src/train/distributed_linearization.cpp", "pack_row(row, size, root_weight(chunk.at(k, i)),",
           "pack_row(row, size, 1.0,", "mpi_train", "*LinearizationOverRanks.NormalMatrix*"),
    Mutant("kernel_without_weights", "src/train/distributed_linearization.cpp", "column[p * side] = root_weight(at) * row[p];",
           "column[p * side] = row[p];", "mpi_train", "*LinearizationOverRanks.KernelIs*"),
    Mutant("kernel_of_own_panels", "src/train/distributed_linearization.cpp", "double* panel = mine ? panel_of(next) : other.data();",
           "double* panel = numbers.empty() ? other.data() : panel_of(0);", "mpi_train", "*LinearizationOverRanks.KernelIs*"),
    Mutant("kernel_places_of_one_block", "src/train/distributed_linearization.cpp", "before + kernel_panels(block.first, residuals_of(t)) + k",
           "before + k", "mpi_train", "*LinearizationOverRanks.KernelIs*"),
    Mutant("tile_below_the_diagonal_lost", "src/train/tile_triangle.cpp", "row[j / side * area + j % side]", "row[j % side]", "unit_train", "TileTriangle.*"),
    Mutant("panel_not_cleared", "src/train/tile_triangle.cpp", "    std::fill(target + count, target + TileTriangle::side, 0.0);\n", "", "unit_train",
           "TileTriangle.*"),
    Mutant("solution_not_told", "src/optim/solve_on_root.cpp", "  ranks->broadcast(phase, x.data(), size * static_cast<std::int64_t>(sizeof(double)));\n", "",
           "mpi_train", "NaturalGradient.*", ranks=2),
    Mutant("stage_precision_ignored", "include/jetpinn/train/options.hpp", "stage.precision.value_or(stage.optimizer.searches",
           "std::optional<Precision>().value_or(stage.optimizer.searches", "unit_train", "SessionTest.StagesComputeInTheirPrecision",
           ("src/train/current_stage.cpp",)),
    Mutant("blocks_shared_out", "src/scale/scaling.cpp", "static_cast<double>(points) * static_cast<double>(most) / static_cast<double>(blocks)",
           "static_cast<double>(points) / ranks", "unit_scale", "Scaling.RanksAreDealtWholeBlocks"),
    Mutant("latency_lost_in_the_scatter", "src/scale/scaling.cpp", "profiled ? std::vector{std::pair",
           "false ? std::vector{std::pair", "unit_scale", "Scaling.ProfiledParts*"),
    # What the benchmarks verify
    Mutant("prediction_without_bias", KERNELS + "activation_jet_kernels.hpp", "memo<T>(z[0] + bias)", "memo<T>(z[0] + T(0) * bias)",
           "unit_bench", "BenchPredict.EveryResultIsVerified*", TANH),
    Mutant("point_depends_on_its_piece", "src/sampling/sampler.cpp", "fractions_of(static_cast<std::uint64_t>(first + i)",
           "fractions_of(static_cast<std::uint64_t>(i)", "unit_bench", "BenchGenerate.EveryMethodAndTermIsVerified"),
    Mutant("table_column_twice", "src/io/point_table.cpp", "values + static_cast<std::int64_t>(c) * stride", "values + 0 * stride",
           "unit_bench", "BenchIo.*"),
    Mutant("dense_update_of_rank_one", "src/optim/shared_matrix.cpp", " + q_i[r] * load(v.q + j);", ";", "unit_bench", "BenchUpdate.HoldsOnePass*"),
    # The profile's conclusions
    Mutant("files_of_the_mean_rank", "src/profile/bottleneck_rules.cpp", 'part.files = share(max_of(s, "checkpoint")', 'part.files = share(mean_of(s, "checkpoint")',
           "unit_profile", "bottleneck.*"),
    Mutant("all_waiting_is_imbalance", "src/profile/bottleneck_rules.cpp", "part.late_rank = share(std::min(waited, excess));", "part.late_rank = share(waited);",
           "unit_profile", "bottleneck.*"),
    Mutant("start_up_counts_as_steps", "src/profile/bottleneck_rules.cpp", "part.time = std::max(s.wall_s.mean - s.startup_s, 0.0);", "part.time = s.wall_s.mean;",
           "unit_profile", "bottleneck.*"),
    Mutant("faults_of_loading_count", "src/profile/rank_totals.cpp", "if (!holds_startup(record))", "if (true)", "unit_profile", "rank_totals.*"),
    Mutant("trace_steps_overlap", "src/profile/trace_export.cpp", "event.begin = std::max(event.begin, floor_);", "", "unit_profile", "trace_export.*"),
    Mutant("trace_children_stick_out", "src/profile/trace_export.cpp", "event.end = std::min(event.end, ends_.back());", "{}", "unit_profile", "trace_export.*"),
    Mutant("queue_for_a_core_ignored", "src/profile/bottleneck_rules.cpp", "return s.kept_off.queued >= s.others_queued + off_core;", "return false;",
           "unit_profile", "bottleneck.sums_that_stall_belong_to_the_rank_that_queues*"),
    Mutant("labels_unescaped", "src/profile/prometheus.cpp", "if (letter == '\\\\' || letter == '\"') text += '\\\\';", "", "unit_profile", "prometheus.*"),
    Mutant("half_a_line_is_a_record_lost", "src/profile/profile_reader.cpp", "if (!ended || !line.empty()) each(line, ++number, !ended);", "if (!ended) each(line, ++number, !ended);",
           "unit_profile", "profile_reader.*"),
    Mutant("noise_is_slower", "src/profile/profile_compare.cpp", "if (quantile(b, 0.1) > quantile(a, 0.9)) return Verdict::slower;", "if (middle_b > middle_a) return Verdict::slower;",
           "unit_profile", "judge.*:compare.*"),
]


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


class Build:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.commands = {}

    def commands_of(self, program):
        """Commands of one program's objects and of its link, as ninja would run them in the build folder."""
        if program not in self.commands:
            done = run(["ninja", "-C", str(self.folder), "-t", "commands", program])
            if done.returncode:
                raise RuntimeError(done.stdout.strip())
            self.commands[program] = [line for line in done.stdout.splitlines() if line and not line.startswith("ninja:")]
        return self.commands[program]

    def program(self, name):
        return self.folder / "tests" / name

    def command_for(self, program, source):
        """The command that compiles a source, and the file that includes it beside others where it is not compiled alone."""
        batch = None
        for line in self.commands_of(program):
            compiled = re.search(r" -c (\S+)$", line)
            if compiled and pathlib.Path(compiled.group(1)) == source:
                return line, None
            if compiled and "/Unity/" in compiled.group(1) and f'"{source}"' in pathlib.Path(compiled.group(1)).read_text():
                batch = line, pathlib.Path(compiled.group(1))
        return batch or (None, None)

    def link(self, program, place, replaced, beside=()):
        """Links the program into `place`, and beside it the module that it loads, where that has one of the objects. The names of
        `replaced` are those of objects of the build; those in `beside` stay. The new objects stand in front of all others: of an inline
        function that several objects hold, the first one counts."""
        linked = set()
        for output in (f"tests/{program}", MODULE):
            command = next((line for line in reversed(self.commands_of(program)) if re.search(rf"-o {output}(\s|$)", line)), None)
            if command is None:   # the program loads no module
                continue
            command = re.sub(rf"-o {output}(?=\s|$)", f"-o {shlex.quote(str(place / pathlib.Path(output).name))}", command)
            here = [built for built in replaced if re.search(rf"(?<=\s){re.escape(built)}(?=\s)", command)]
            linked |= set(here)
            if output == MODULE and not here:
                continue
            first = re.search(r"(?<=\s)\S+\.o(?=\s)", command).start()
            new = " ".join(shlex.quote(str(replaced[built])) for built in here)
            command = f"{command[:first]}{'-Wl,--allow-multiple-definition ' if beside else ''}{new} {command[first:]}"
            for built in set(here) - set(beside):
                command = re.sub(rf"(?<=\s){re.escape(built)}(?=\s)", "", command)
            done = run(command, shell=True, cwd=self.folder)
            if done.returncode:
                return done
        if missing := set(replaced) - linked:
            raise RuntimeError(f"{missing} is not linked into {program}")
        return done

    def compile(self, program, source, place, alone):
        """Compiles one source with the files under `place` in front of the tree's; `alone`: also where the build joins it to others.
        Returns (object in the build, object made, whether the first holds others too, result)."""
        copy = place / source
        original = next(path for path in (root / source, self.folder / source) if path.exists())
        command, batch = self.command_for(program, original)
        if command is None:
            raise RuntimeError(f"no object of {program} is made from {source}")
        built = re.search(r" -o (\S+)", command).group(1)
        made = place / (source.replace("/", "_") + ".o")
        compiled = copy if copy.exists() else original
        if batch and not alone:   # the others as they are
            joined = place / (source.replace("/", "_") + ".joined.cpp")
            joined.write_text(batch.read_text().replace(f'"{original}"', f'"{compiled}"'))
            compiled = joined
        command = re.sub(r" -o \S+ -c \S+$", f" -o {made} -c {compiled}", command)
        command = re.sub(r" -MD -MT \S+ -MF \S+", "", command)
        command = command.replace(" -I", f" -I{place / 'include'} -I", 1)
        return built, made, bool(batch and alone), run(command, shell=True, cwd=self.folder)


def holds_variables(object_file):
    """Whether an object has variables of its own: the others in the same object of the build would go on with theirs."""
    for line in run(["objdump", "-t", str(object_file)]).stdout.splitlines():   # value, flags, section, size, name
        symbol = re.match(r"[0-9a-f]+ [lg].{5}O (\.t?bss|\.t?data(?!\.rel))\S*\s+[0-9a-f]+ (?:\.hidden )?(\S+)", line)
        if symbol and symbol.group(2) != "_ZStL8__ioinit":   # of <iostream>
            return True
    return False


def run_test(program, mutant):
    command = [str(program), "--gtest_brief=1", f"--gtest_filter={mutant.filter}"]
    if mutant.ranks > 1:
        command = ["mpirun", "-n", str(mutant.ranks), "--oversubscribe", "--bind-to", "none"] + command
    try:
        # The module beside the program, where there is one, comes before that of the build.
        return run(command, timeout=300, env=dict(os.environ, LD_LIBRARY_PATH=f"{program.parent}:{os.environ.get('LD_LIBRARY_PATH', '')}"))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "took more than 300 s")


@functools.lru_cache(maxsize=None)
def wrong_without(program, mutant):
    """Empty when the test is there and passes as it is, else what is wrong. One mutant stands for all with its cases."""
    if not program.exists():
        return f"{program} is not built"
    listed = run([str(program), "--gtest_list_tests", f"--gtest_filter={mutant.filter}"]).stdout
    if not any(line.startswith("  ") for line in listed.splitlines()):
        return f"{mutant.program} has no case {mutant.filter}"
    before = run_test(program, mutant)
    return f"the test fails without the mutant:\n{before.stdout[-2000:]}" if before.returncode else ""


def wrong_with(build, mutant, place, alone):
    """Builds and runs the mutant: empty when it was noticed, None when it has to be built with its neighbours, else what is wrong."""
    replaced, beside = {}, []
    for source in mutant.sources or (mutant.file,):
        built, made, is_beside, done = build.compile(mutant.program, source, place, alone)
        if done.returncode:
            return f"does not compile:\n{done.stdout[-2000:]}"
        if is_beside and (built in replaced or holds_variables(made)):
            return None
        replaced[built] = made
        beside += [built] if is_beside else []
    done = build.link(mutant.program, place, replaced, beside)
    if done.returncode:
        return None if beside else f"does not link:\n{done.stdout[-2000:]}"
    after = run_test(place / mutant.program, mutant)
    if after.returncode and ("FAILED" in after.stdout or "rank " in after.stdout):
        return ""
    if beside:
        return None
    if after.returncode == 0:
        return f"survives: {mutant.program} {mutant.filter} passes"
    return f"ends without a failed case (status {after.returncode}):\n{after.stdout[-2000:]}"


def judge(build, mutant):
    """Empty when the mutant was noticed, else what went wrong."""
    text = (root / mutant.file).read_text()
    if text.count(mutant.old) != 1:
        return f"{mutant.file} holds its text {text.count(mutant.old)} times, not once: renew the mutant"
    same_cases = Mutant("", "", "", "", mutant.program, mutant.filter, ranks=mutant.ranks)
    if wrong := wrong_without(build.program(mutant.program), same_cases):
        return wrong
    for alone in (True, False):
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            place = pathlib.Path(folder)
            (place / mutant.file).parent.mkdir(parents=True)
            (place / mutant.file).write_text(text.replace(mutant.old, mutant.new))
            wrong = wrong_with(build, mutant, place, alone)
        if wrong is not None:
            return wrong
    raise RuntimeError("its neighbours were not compiled again")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = Build(sys.argv[1])
    if not shutil.which("ninja"):
        print("not run: ninja is not installed")
        return 77
    os.environ.setdefault("OMPI_ALLOW_RUN_AS_ROOT", "1")
    os.environ.setdefault("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
    os.environ.setdefault("JETPINN_SOURCE_DIR", str(root))
    os.environ["CCACHE_DISABLE"] = "1"   # the folders have other names each time
    chosen = [m for m in mutants if not sys.argv[2:] or m.name in sys.argv[2:]]
    for program in {m.program for m in chosen}:
        build.commands_of(program)   # before there are threads
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        judged = {workers.submit(judge, build, mutant): mutant for mutant in chosen}
        for done in concurrent.futures.as_completed(judged):
            wrong = str(done.exception() or done.result())
            failures += bool(wrong)
            print(f"{judged[done].name}: {wrong or 'noticed'}", flush=True)
    return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
