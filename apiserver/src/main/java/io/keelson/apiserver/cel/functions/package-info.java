/**
 * The functions that Kubernetes adds to CEL: lists, regular expressions, URLs, quantities, addresses, named formats,
 * semantic versions, and the language's own string functions where the library lacks them. Each class is a {@link
 * io.keelson.apiserver.cel.functions.FunctionSet}: what the compiler is told and what is run, side by side. Functions are
 * given what the compiler checked, fail with a {@link io.keelson.apiserver.cel.functions.FunctionFailure}, keep no state,
 * and run on any thread. What they cost is said with them, by the size of what they walk through.
 */
@NullMarked
package io.keelson.apiserver.cel.functions;

import org.jspecify.annotations.NullMarked;
