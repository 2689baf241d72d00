/**
 * Expressions in CEL, as Kubernetes 1.36 knows the language: rules of custom kinds, match conditions of webhooks, admission
 * policies, and the configuration of authentication and authorization.
 *
 * <p>A {@link io.keelson.apiserver.cel.CelEnvironment} says what an expression may name. It compiles a text into a {@link
 * io.keelson.apiserver.cel.CelExpression}, once, which any thread evaluates over values made by {@link
 * io.keelson.apiserver.cel.CelValues}: views of JSON that convert what is looked at. What an evaluation does is counted
 * and taken from a {@link io.keelson.apiserver.cel.CelBudget}; when that is used up, the evaluation ends, wherever it is.
 * The language itself is the library {@code dev.cel}; what it lacks of Kubernetes' functions is in {@code cel.functions}.
 */
@NullMarked
package io.keelson.apiserver.cel;

import org.jspecify.annotations.NullMarked;
