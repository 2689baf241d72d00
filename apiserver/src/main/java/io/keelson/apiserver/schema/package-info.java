/**
 * What fields a kind has: types, defaults, merge keys and rules, for built-in kinds out of the published types of
 * Kubernetes, for custom ones out of their definitions, in one form ({@link io.keelson.apiserver.schema.Schema}). What
 * works on objects by their schema lives here too: unknown fields, pruning, defaults, types and rules.
 */
@NullMarked
package io.keelson.apiserver.schema;

import org.jspecify.annotations.NullMarked;
