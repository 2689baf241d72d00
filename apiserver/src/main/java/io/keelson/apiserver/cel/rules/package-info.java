/**
 * The rules of custom kinds: {@code x-kubernetes-validations}, stated at any place of a schema. {@link
 * io.keelson.apiserver.cel.rules.RuleCompiler} compiles those of one place, {@link io.keelson.apiserver.cel.rules.ObjectRules}
 * all of a schema, once, and holds objects to them; a schema without rules has none of this. {@link
 * io.keelson.apiserver.cel.rules.RuleMetrics} times both.
 */
@NullMarked
package io.keelson.apiserver.cel.rules;

import org.jspecify.annotations.NullMarked;
